"""`/ticket claim T12`: take a ticket in hand. Of any number who try at once, exactly one gets it."""

from bot.commands.common import askers_place, not_possible, technician_of, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.model.documents import Document, Paragraph
from bot.model.values import TicketStatus
from bot.ports.storage import TicketFilter
from bot.tickets import lifecycle
from bot.tickets.cards import names_on


async def run(turn: Turn, argument: str) -> Document:
    ticket, _ = await ticket_and_rest(turn, argument, "command.ticket.claim")
    technician = technician_of(turn)
    if ticket.assignee_id == technician.id and ticket.status is not TicketStatus.OPEN and ticket.is_active:
        return await with_fields(turn, ticket, "ticket.claim.yours_already")
    if not ticket.is_active:
        raise not_possible(turn, ticket)
    try:
        change = lifecycle.claimed(ticket, technician.id, turn.known.person.id, turn.now)
    except IllegalTransition as error:
        raise InvalidInput(await too_late(turn, ticket.assignee_id is not None, ticket.reference)) from error
    # The save checks the version that was read: whoever comes second reads again and learns who was first.
    ticket = turn.save(change)
    place = await askers_place(turn, ticket)
    sentence = turn.services.texts(
        "ticket.claim.tell_asker", ticket.language, name=turn.known.person.name, reference=ticket.reference
    )
    turn.post(place, Document((Paragraph(sentence),)), language=ticket.language)
    return await with_fields(turn, ticket, "ticket.claim.done")


async def too_late(turn: Turn, has_assignee: bool, reference: str) -> str:
    """Who was first, and what is next for the one who was not."""
    ticket = await turn.uow.tickets.by_number(int(reference[1:]))
    assert ticket is not None
    waiting = await turn.uow.tickets.find(TicketFilter(statuses=(TicketStatus.OPEN,), unassigned=True), limit=1)
    following = turn.say("ticket.claim.next", reference=waiting[0].reference) if waiting else ""
    _, assignee = await names_on(turn, ticket)
    if has_assignee and assignee:
        return f"{turn.say('ticket.claim.taken', reference=reference, name=assignee)} {following}".strip()
    status = turn.say(f"status.{ticket.status}")
    return f"{turn.say('ticket.not_possible', reference=reference, status=status)} {following}".strip()


COMMAND = Command("ticket", "claim", run, aliases=("prendre", "take"))
