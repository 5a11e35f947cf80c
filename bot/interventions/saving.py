"""Keeping what a technician wrote up."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.interventions.numbers import next_reference
from bot.interventions.written import Draft
from bot.model.tickets import Intervention, Ticket


async def saved(work: Work, ticket: Ticket, draft: Draft, present: Intervention | None = None) -> Intervention:
    """A new write-up with a reference of its own, or `present` as the draft says it; either waits for a curator."""
    assert work.actor_id is not None
    if present is None:
        code = work.services.categories.code(ticket.category)
        reference = await next_reference(work.uow, work.now, ZoneInfo(work.services.policy.timezone), code)
        fresh = Intervention(reference, ticket.id, ticket.category, "", (), work.actor_id, work.now)
        one = saying(fresh, draft)
        work.uow.tickets.add(one)
    else:
        one = replace(saying(present, draft), state="draft", remark="", reviewed_by=None, reviewed_at=None)
        work.uow.tickets.save(one)
    work.note_event(ticket, "written_up", intervention=one.reference)
    return one


def saying(one: Intervention, draft: Draft) -> Intervention:
    return replace(
        one,
        title=draft.title,
        symptoms=draft.symptoms,
        root_cause=draft.root_cause,
        steps=draft.steps,
        keywords=draft.keywords,
        language=draft.language,
        screenshots=draft.screenshots,
        masked=draft.masked,
    )
