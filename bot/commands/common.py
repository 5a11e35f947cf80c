"""What several commands need: finding the ticket that was meant, who may touch it, and showing it."""

import re
from collections.abc import Callable
from dataclasses import replace

from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.model.documents import Actions, Block, Button, Document
from bot.model.messages import IncomingMessage
from bot.model.people import Technician
from bot.model.tickets import Ticket
from bot.model.values import Role
from bot.texts import Inline
from bot.tickets.cards import names_on, ticket_fields
from bot.tickets.lifecycle import Change
from bot.tickets.threads import ticket_here
from bot.tickets.words import REFERENCE

_EXPLICIT = re.compile(r"^#?t\d{1,9}\b", re.IGNORECASE)


async def ticket_and_rest(turn: Turn, argument: str, usage: str) -> tuple[Ticket, str]:
    """The ticket named first in the argument, or else the one that the conversation is about, and what follows.

    An employee sees only their own tickets: somebody else's is as unknown as one that does not exist. Raises
    InvalidInput.
    """
    match = REFERENCE.match(argument)
    here = None if _EXPLICIT.match(argument) else await ticket_here(turn)
    if here is not None and is_known_to(turn, here):
        # In a ticket's thread a number that opens a sentence ("2 monitors") is no reference.
        return here, argument.strip()
    if match is None:
        raise how_to_use(turn, usage)
    return await named_ticket(turn, int(match[1])), argument[match.end() :].strip()


async def named_ticket(turn: Turn, number: int) -> Ticket:
    """Raises InvalidInput for one that does not exist, or is none of theirs."""
    ticket = await turn.uow.tickets.by_number(number)
    if ticket is None or not is_known_to(turn, ticket):
        raise unknown_ticket(turn, number)
    return turn.touched.get(ticket.id, ticket)


def unknown_ticket(turn: Turn, number: int) -> InvalidInput:
    key = "ticket.unknown" if turn.technician else "status.unknown"
    return InvalidInput(turn.say(key, reference=f"T{number}"))


def is_known_to(turn: Turn, ticket: Ticket) -> bool:
    """Whether who speaks may see it. What is answered where they write may be another's, of which theirs is part."""
    return turn.technician is not None or ticket.asker_id == turn.known.person.id


def references_in(text: str) -> list[int]:
    """The numbers of the tickets that a text lists: "T12 T13", "12, 13"."""
    return [int(number) for number in re.findall(r"#?[tT]?(\d{1,9})\b", text)]


def how_to_use(turn: Turn, command: str) -> InvalidInput:
    """The usage line of a command, for who left something out."""
    return InvalidInput(turn.say("command.usage", usage=Inline(turn.say(f"{command}.usage"))))


async def nothing_said(turn: Turn, ticket: Ticket, command: str, *, changes: bool = False) -> InvalidInput:
    """Why a command without words does nothing: of a button what stands in its way, if anything does, else how it is
    typed. `changes`: whether only some may give it; raises InvalidInput for the others."""
    if turn.is_click:
        if changes:
            await may_change(turn, ticket)
        if not ticket.is_active:
            return not_possible(turn, ticket)
    return how_to_use(turn, command)


def unknown_category(turn: Turn, word: str) -> InvalidInput:
    """The sentence for a word that is no category, with those there are."""
    categories = turn.services.categories
    known = ", ".join(categories.name(slug, turn.language) for slug in categories.top_level())
    return InvalidInput(turn.say("ticket.category.unknown", word=word[:60], known=known))


def technician_of(turn: Turn) -> Technician:
    """The technician who speaks; the table has checked the right already."""
    assert turn.technician is not None
    return turn.technician


async def may_change(turn: Turn, ticket: Ticket) -> None:
    """Only who has a ticket changes it; one that nobody has, everybody; a lead, each. Raises InvalidInput."""
    technician = technician_of(turn)
    if ticket.assignee_id not in (None, technician.id) and technician.role is Role.TECHNICIAN:
        _, assignee = await names_on(turn, ticket)
        raise InvalidInput(turn.say("ticket.not_yours", reference=ticket.reference, name=assignee or "?"))


def stepped(turn: Turn, ticket: Ticket, step: Callable[[], Change]) -> Ticket:
    """Take a step of the ticket's life. Raises InvalidInput with a sentence where its status does not allow it."""
    try:
        return turn.save(step())
    except IllegalTransition as error:
        raise not_possible(turn, ticket) from error


async def with_fields(
    turn: Turn, ticket: Ticket, key: str, /, *more: Block, undo: bool = False, **values: object
) -> Document:
    """A sentence, and the ticket as it now is, unless its card is at hand and says so. With `undo`, a button that takes
    the step back."""
    sentence = turn.paragraph(key, reference=ticket.reference, **values)
    fields: list[Block] = []
    if not has_card_at_hand(turn):
        asker, assignee = await names_on(turn, ticket)
        fields.append(ticket_fields(turn, ticket, asker, assignee, turn.language))
    buttons = [Actions((undo_button(turn, ticket),))] if undo else []
    return Document((sentence, *fields, *more, *buttons))


def has_threads(turn: Turn) -> bool:
    """Whether what is written under a ticket's card in this room reaches its asker."""
    return turn.in_desk and turn.services.desk.opens_forms(replace(turn.conversation.ref, thread=None))


def has_card_at_hand(turn: Turn) -> bool:
    """Whether the card is where the technician is: they pressed a button on it, put an emoji there, or are under it."""
    here = turn.conversation.ref
    if not (turn.in_desk and turn.services.desk.shows_cards(replace(here, thread=None))):
        return False
    return here.thread is not None or not isinstance(turn.event, IncomingMessage)


def undo_button(turn: Turn, ticket: Ticket) -> Button:
    return Button("ticket_undo", turn.say("button.undo"), ticket.reference)


def not_possible(turn: Turn, ticket: Ticket) -> InvalidInput:
    """The sentence for a step that the ticket's status does not allow."""
    status = turn.say(f"status.{ticket.status}")
    return InvalidInput(turn.say("ticket.not_possible", reference=ticket.reference, status=status))
