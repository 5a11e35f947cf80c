"""Forms as they are shown, in the language of who reads them."""

from collections.abc import Collection, Mapping

from bot.engine.services import Services
from bot.forms.specs import FORMS, LONGEST_WORDS, FieldSpec, options
from bot.interventions.draft import draft_of, of_intervention
from bot.interventions.saving import is_settled, may_be_written_up, present_one
from bot.interventions.written import Draft
from bot.model.forms import Form, FormField
from bot.model.people import Technician
from bot.model.tickets import Ticket
from bot.model.values import Language, Role
from bot.ports.storage import UnitOfWork


def form(
    services: Services,
    name: str,
    language: Language,
    values: Mapping[str, str],
    *,
    subject: str = "",
    without: Collection[str] = (),
) -> Form:
    """A form with what stands in it at first. `without`: fields that are not asked for."""
    say = services.texts.plain
    key = name.replace("-", "_")
    fields = tuple(
        field(services, name, spec, language, values.get(spec.name, ""))
        for spec in FORMS[name].fields
        if spec.name not in without
    )
    return Form(
        name=name,
        title=say(f"form.title.{key}", language, reference=subject),
        submit=say(f"form.submit.{key}", language),
        fields=fields,
        language=language,
        subject=subject,
    )


def field(services: Services, form: str, spec: FieldSpec, language: Language, value: str) -> FormField:
    say = services.texts.plain
    offered = options(spec.offers, services.texts, services.categories, language)
    is_offered = spec.kind != "choice" or value in {each for each, _ in offered}
    own_hint = f"form.hint.{spec.name}.{form.replace('-', '_')}"
    hint = own_hint if services.texts.has(own_hint) else f"form.hint.{spec.name}"
    return FormField(
        name=spec.name,
        label=say(f"form.field.{spec.name}", language),
        kind=spec.kind,
        value=value[: spec.longest] if is_offered else "",
        options=offered,
        required=spec.required,
        longest=spec.longest,
        hint=say(hint, language) if services.texts.has(hint) else "",
        moment=spec.moment,
    )


async def ticket_form(
    services: Services, uow: UnitOfWork, name: str, ticket: Ticket, technician: Technician, language: Language
) -> Form | None:
    """A form about a ticket, filled in; None if there is nothing for this technician to fill in now."""
    values = await VALUES_OF[name](services, uow, ticket, technician) if name in VALUES_OF else _if_active(ticket)
    return None if values is None else form(services, name, language, values, subject=ticket.reference)


def may_change(ticket: Ticket, technician: Technician) -> bool:
    """Only who has a ticket changes it; one that nobody has, everybody; a lead, each."""
    return ticket.assignee_id in (None, technician.id) or technician.role is not Role.TECHNICIAN


def _if_active(ticket: Ticket) -> dict[str, str] | None:
    return {} if ticket.is_active else None


async def _note(services: Services, uow: UnitOfWork, ticket: Ticket, technician: Technician) -> dict[str, str] | None:
    return {}


async def _priority(
    services: Services, uow: UnitOfWork, ticket: Ticket, technician: Technician
) -> dict[str, str] | None:
    return {"priority": ticket.priority.value} if ticket.is_active else None


async def _snooze(services: Services, uow: UnitOfWork, ticket: Ticket, technician: Technician) -> dict[str, str] | None:
    return _if_active(ticket) if may_change(ticket, technician) else None


async def _resolve(
    services: Services, uow: UnitOfWork, ticket: Ticket, technician: Technician
) -> dict[str, str] | None:
    if not ticket.is_active or not may_change(ticket, technician):
        return None
    return learnt(await draft_of(uow, ticket, services.categories))


async def _write_up(
    services: Services, uow: UnitOfWork, ticket: Ticket, technician: Technician
) -> dict[str, str] | None:
    present = present_one(await uow.tickets.interventions(ticket.id), ticket)
    is_theirs = present is not None and present.author_id == technician.person_id
    if not may_be_written_up(ticket) or (present and is_settled(present)):
        return None
    if not is_theirs and not may_change(ticket, technician):
        return None
    draft = of_intervention(present) if present else await draft_of(uow, ticket, services.categories)
    return {"title": draft.title, "symptoms": draft.symptoms, **learnt(draft)}


def learnt(draft: Draft) -> dict[str, str]:
    """The parts that say what was learnt. A step that does not fit is left out as a whole."""
    steps, room = [], LONGEST_WORDS
    for step in draft.steps:
        room -= len(step) + 1
        if room < 0:
            break
        steps.append(step)
    return {"cause": draft.root_cause, "steps": "\n".join(steps), "keywords": ", ".join(draft.keywords)}


VALUES_OF = {
    "ticket_note": _note,
    "ticket_priority": _priority,
    "ticket_snooze": _snooze,
    "ticket_resolve": _resolve,
    "ticket_write-up": _write_up,
}
