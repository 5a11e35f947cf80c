"""Keeping what a technician wrote up."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.interventions.numbers import next_reference
from bot.interventions.written import Draft
from bot.model.tickets import Intervention, Ticket
from bot.model.values import TicketStatus


def present_one(known: Sequence[Intervention], ticket: Ticket) -> Intervention | None:
    """The latest of a ticket's write-ups, if it is of the present resolution: a ticket that came back and was resolved
    anew may be written up anew, once a curator has decided about the first."""
    latest = known[-1] if known else None
    if latest and latest.state != "draft" and ticket.resolved_at and latest.at < ticket.resolved_at:
        return None
    return latest


def is_settled(one: Intervention) -> bool:
    """Whether it is the curator's now, and no longer its author's."""
    return one.state in ("approved", "withdrawn")


def may_be_written_up(ticket: Ticket) -> bool:
    return ticket.resolved_at is not None and ticket.status in (TicketStatus.RESOLVED, TicketStatus.CLOSED)


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
