"""`/ticket claim T12`: take a ticket in hand. Of any number who try at once, exactly one gets it."""

from zoneinfo import ZoneInfo

from bot.commands.common import has_threads, not_possible, technician_of, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.tickets import Ticket
from bot.model.values import TicketStatus
from bot.tickets import lifecycle
from bot.tickets.cards import names_on
from bot.tickets.places import tell_askers
from bot.tickets.promises import by_when, promise
from bot.tickets.relay import next_waiting


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.claim")
    technician = technician_of(turn)
    if ticket.assignee_id == technician.id and ticket.status is not TicketStatus.OPEN and ticket.is_active:
        return await with_fields(turn, ticket, "ticket.claim.yours_already")
    if ticket.status is not TicketStatus.OPEN:
        raise InvalidInput(await too_late(turn, ticket))
    # The save checks the version that was read: whoever comes second reads again and learns who was first.
    ticket = turn.save(lifecycle.claimed(ticket, technician.id, turn.known.person.id, turn.now))
    if (answer_by := promise(ticket, "first_contact")) and answer_by > turn.now:
        asker = await turn.uow.people.person(ticket.asker_id)
        zone = ZoneInfo((asker.timezone if asker else None) or turn.services.policy.timezone)
        when = by_when(turn, answer_by, ticket.language, zone)
        told = await tell_askers(turn, ticket, "ticket.claim.tell_asker_by", name=turn.known.person.name, when=when)
    else:
        told = await tell_askers(turn, ticket, "ticket.claim.tell_asker", name=turn.known.person.name)
    done = "ticket.claim.done" if told else "ticket.claim.untold"
    key = f"{done}_here" if has_threads(turn) else done
    return await with_fields(turn, ticket, key, undo=True)


async def too_late(turn: Turn, ticket: Ticket) -> str:
    """Who was first, and what is next for the one who was not."""
    _, assignee = await names_on(turn, ticket)
    if ticket.is_active and assignee:
        why = turn.say("ticket.claim.taken", reference=ticket.reference, name=assignee)
        return f"{why} {await next_waiting(turn)}"
    return f"{not_possible(turn, ticket)} {await next_waiting(turn)}"


COMMAND = Command("ticket", "claim", run, aliases=("prendre", "take"))
