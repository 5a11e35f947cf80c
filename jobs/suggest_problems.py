"""Tell the desk when several open tickets of the last hour read as if they had one cause."""

from bot.engine.services import Services
from bot.engine.working import working
from bot.problems.suggesting import SUGGESTED, suggestion, suggestions, was_suggested


async def suggest_problems(services: Services) -> int:
    """Suggest each group once, in every room of the desk; returns how many were new."""
    async with working(services, "") as work:
        found = [group for group in await suggestions(work) if not await was_suggested(work, group)]
    for group in found:
        first = min(group, key=lambda ticket: ticket.number)
        async with working(services, f"suggested:{first.id}") as work:
            language = services.policy.desk_language
            for ref in services.desk.rooms:
                place = await work.place(ref)
                work.post(place, suggestion(work, group, language), language=language, key=ref.key)
            for ticket in group:
                work.note_event(ticket, SUGGESTED, first=first.reference)
    return len(found)
