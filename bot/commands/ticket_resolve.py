"""`/ticket resolve T12 [--reason WHY] TEXT`: done; TEXT tells the asker what was done, and they are asked to confirm.

WHY is kept where there is nothing to write up: fixed, duplicate, no_reply, not_reproducible.
"""

import re

from bot.commands.common import may_change, nothing_said, stepped, technician_of, ticket_and_rest, with_fields
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Actions, Button, Document, Paragraph, plain
from bot.model.tickets import Ticket
from bot.tickets import lifecycle
from bot.tickets.cards import tell_desk
from bot.tickets.places import ask_whether_settled
from bot.tickets.words import RESOLUTION_REASONS

_REASON = re.compile(r"^--?(?:reason|motif|raison)[ =]+([\w-]+)\s*", re.IGNORECASE)


async def run(turn: Turn, argument: str) -> Document:
    ticket, text = await ticket_and_rest(turn, argument, "command.ticket.resolve")
    match = _REASON.match(text)
    reason = RESOLUTION_REASONS.get(match[1].lower().replace("-", "_")) if match else None
    text = text[match.end() :].strip() if match else text
    if not text or (match and reason is None):
        raise await nothing_said(turn, ticket, "command.ticket.resolve", changes=True)
    await may_change(turn, ticket)
    technician = technician_of(turn)
    done = stepped(
        turn,
        ticket,
        lambda: lifecycle.resolved(ticket, technician.id, turn.known.person.id, turn.now, text, reason),
    )
    was_told = await ask_whether_settled(turn, done, told(turn, done, text))
    if turn.is_unseen:
        await tell_desk(turn, done, "desk.resolved", name=turn.known.person.name, text=text)
    write_up = Button("ticket_write-up", turn.say("button.write_up"), done.reference)
    more = [] if reason else [Actions((write_up,))]
    key = "ticket.resolve.done" if was_told else "ticket.resolve.untold"
    return await with_fields(turn, done, key, *more, undo=True)


def told(turn: Turn, ticket: Ticket, text: str) -> Document:
    """What the asker reads: who says that it is done, what was done, and the question whether it is."""
    say, language = turn.services.texts, ticket.language
    buttons = (
        Button("confirm", say("button.confirm", language), ticket.reference, "primary"),
        Button("reopen", say("button.not_settled", language), ticket.reference),
    )
    head = say("ticket.resolve.tell_asker", language, name=turn.known.person.name, reference=ticket.reference)
    ask = Paragraph(say("ticket.resolve.ask", language))
    return Document((Paragraph(head), Paragraph(plain(text)), ask, Actions(buttons)))


COMMAND = Command("ticket", "resolve", run, aliases=("resoudre", "résoudre", "resolu", "résolu"))
