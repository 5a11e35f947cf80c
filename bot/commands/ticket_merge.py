"""`/ticket merge T13 T12`: T13 is the same matter as T12; who asked is told, and answered from there."""

from bot.commands.common import (
    how_to_use,
    may_change,
    named_ticket,
    references_in,
    stepped,
    ticket_and_rest,
    with_fields,
)
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.tickets import TicketLink
from bot.tickets import lifecycle
from bot.tickets.places import askers_places, show_at, tell_askers


async def run(turn: Turn, argument: str) -> Document:
    ticket, rest = await ticket_and_rest(turn, argument, "command.ticket.merge")
    numbers = references_in(rest)
    if not numbers:
        raise how_to_use(turn, "command.ticket.merge")
    into = await named_ticket(turn, numbers[0])
    if into.id == ticket.id:
        raise InvalidInput(turn.say("ticket.link.itself", reference=ticket.reference))
    if not into.is_active:
        status = turn.say(f"status.{into.status}")
        raise InvalidInput(turn.say("ticket.not_possible", reference=into.reference, status=status))
    await may_change(turn, ticket)
    merged = stepped(turn, ticket, lambda: lifecycle.merged(ticket, into, turn.known.person.id, turn.now))
    turn.rely_on(into)
    turn.uow.tickets.add(TicketLink(ticket.id, into.id, "merged", turn.now, turn.known.person.id))
    turn.note_event(into, "absorbed", other=str(ticket.id))
    for place in await askers_places(turn, ticket):
        await show_at(turn, into, place)
    await tell_askers(turn, merged, "ticket.merge.tell_asker", into=into.reference)
    return await with_fields(turn, merged, "ticket.merge.done", into=into.reference, undo=True)


COMMAND = Command("ticket", "merge", run, aliases=("fusionner",))
