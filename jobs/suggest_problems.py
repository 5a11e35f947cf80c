"""Tell the desk when several open tickets of the last hour read as if they had one cause, or like a known problem."""

from collections.abc import Callable, Sequence
from functools import partial

from bot.engine.services import Services
from bot.engine.work import Work
from bot.engine.working import working
from bot.model.documents import Document
from bot.model.tickets import Ticket
from bot.problems.suggesting import SUGGESTED, join_suggestion, suggestion, untold


async def suggest_problems(services: Services) -> int:
    """Suggest each group once, in every room of the desk; returns how many were new."""
    async with working(services, "") as work:
        joins, groups = await untold(work)
    language = services.policy.desk_language
    for problem, tickets in joins:
        await _tell(services, tickets, partial(join_suggestion, problem=problem, tickets=tickets, language=language))
    for group in groups:
        await _tell(services, group, partial(suggestion, group=group, language=language))
    return len(joins) + len(groups)


async def _tell(services: Services, group: Sequence[Ticket], document_of: Callable[[Work], Document]) -> None:
    first = min(group, key=lambda ticket: ticket.number)
    async with working(services, f"suggested:{first.id}") as work:
        for ref in services.desk.rooms:
            place = await work.place(ref)
            work.post(place, document_of(work), language=services.policy.desk_language, key=ref.key)
        for ticket in group:
            work.note_event(ticket, SUGGESTED, first=first.reference)
