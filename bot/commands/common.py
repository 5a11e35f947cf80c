"""What several commands need: finding the ticket that was meant, and telling the asker."""

import re

from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.conversations import Conversation
from bot.model.documents import Document
from bot.model.people import Technician
from bot.model.tickets import Ticket
from bot.texts import Inline
from bot.tickets.cards import names_on, ticket_fields

_REFERENCE = re.compile(r"^#?t?(\d{1,9})\b(?:\s*[:,]|\s+[-–](?=\s))?\s*", re.IGNORECASE)


async def ticket_and_rest(turn: Turn, argument: str, usage: str) -> tuple[Ticket, str]:
    """The ticket named first in the argument, and what follows it.

    An employee sees only their own tickets: somebody else's is as unknown as one that does not exist. Raises
    InvalidInput.
    """
    match = _REFERENCE.match(argument)
    if match is None:
        raise how_to_use(turn, usage)
    ticket = await turn.uow.tickets.by_number(int(match[1]))
    if ticket is None or not (turn.technician or ticket.asker_id == turn.known.person.id):
        raise InvalidInput(turn.say("status.unknown", reference=f"T{int(match[1])}"))
    return ticket, argument[match.end() :].strip()


def how_to_use(turn: Turn, command: str) -> InvalidInput:
    """The usage line of a command, for who left something out."""
    return InvalidInput(turn.say("command.usage", usage=Inline(turn.say(f"{command}.usage"))))


def technician_of(turn: Turn) -> Technician:
    """The technician who speaks; the table has checked the right already."""
    assert turn.technician is not None
    return turn.technician


async def with_fields(turn: Turn, ticket: Ticket, key: str, /, **values: object) -> Document:
    """A sentence, and the ticket as it now is."""
    asker, assignee = await names_on(turn, ticket)
    sentence = turn.paragraph(key, reference=ticket.reference, **values)
    return Document((sentence, ticket_fields(turn, ticket, asker, assignee, turn.language)))


async def askers_place(turn: Turn, ticket: Ticket) -> Conversation:
    """The conversation in which the asker is."""
    for place in await turn.uow.tickets.places(ticket.id):
        if place.side == "asker" and (found := await turn.uow.conversations.get(place.conversation_id)):
            return found
    found = await turn.uow.conversations.get(ticket.conversation_id)
    assert found is not None, "a ticket keeps its conversation"
    return found


def not_possible(turn: Turn, ticket: Ticket) -> InvalidInput:
    """The sentence for a step that the ticket's status does not allow."""
    status = turn.say(f"status.{ticket.status}")
    return InvalidInput(turn.say("ticket.not_possible", reference=ticket.reference, status=status))
