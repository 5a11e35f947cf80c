"""`/ticket undo T12`: take back the last claim, resolve, close, merge or not-a-request, within half a minute."""

from bot.commands.common import ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.model.documents import Document
from bot.model.tickets import Ticket
from bot.tickets import lifecycle
from bot.tickets.lifecycle import UNDO_WINDOW
from bot.tickets.merging import part
from bot.tickets.places import as_before_the_end, tell_askers


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.undo")
    events = await turn.uow.tickets.events(ticket.id)
    last = lifecycle.last_step(events)
    try:
        before = turn.save(lifecycle.undone(ticket, events, turn.known.person.id, turn.now))
    except IllegalTransition as error:
        seconds = int(UNDO_WINDOW.total_seconds())
        raise InvalidInput(turn.say("ticket.undo.nothing", reference=ticket.reference, seconds=seconds)) from error
    assert last is not None
    told = await take_back(turn, ticket, before, last.kind)
    return await with_fields(turn, before, f"ticket.undo.{last.kind}" if told else "ticket.undo.untold")


async def take_back(turn: Turn, ticket: Ticket, before: Ticket, kind: str) -> bool:
    """Let things be where the ticket was asked as they were before, and tell who was told; whether anybody was."""
    if kind == "merged" and ticket.merged_into_id and (into := await turn.uow.tickets.get(ticket.merged_into_id)):
        await part(turn, before, into)
        return True
    if kind != "claimed":
        await as_before_the_end(turn, before)
    return await tell_askers(turn, before, f"ticket.undo.{kind}.tell_asker")


COMMAND = Command("ticket", "undo", run, aliases=("annuler", "defaire", "défaire"))
