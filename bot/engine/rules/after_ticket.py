"""What is said once a ticket was opened, or is closed, where nothing else is asked: a yes, a no, that it is back."""

import re

from bot.engine.rules.pending import is_refusal
from bot.engine.rules.tickets import add_detail, go_on, is_new_question, open_here
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.documents import Actions, Button, Document
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind, TicketStatus
from bot.tickets.threads import tickets_asked_in

_AGAIN = re.compile(
    r"\b(again|still|(is|are|came|come|comes) back|not (yet )?(fixed|solved|settled|repaired)|encore|toujours"
    r"|(de|a) nouveau|revien\w*|revenue?s?|recommenc\w*|pas (encore )?(regle|resolu|repare)e?s?)\b"
)

PLAIN_YES = frozenset(
    "yes,yeah,yep,yup,yea,ya,sure,absolutely,definitely,indeed,please,of,course,oui,ouais,ouaip,ouep,wi,volontiers,"
    "bien,sur,d,accord,s,il,vous,te,plait,svp,stp,thanks,thank,you,merci,ok,go,ahead,do,with,pleasure,avec,plaisir".split(
        ","
    )
)


async def after_ticket(turn: Turn) -> Answer | None:
    """No more to add; something to add; still not fixed; fixed by itself."""
    said = turn.understanding
    ticket = open_here(turn) if turn.matter.pending is None and said.feedback and not said.vague else None
    if ticket is None:
        return None
    if said.feedback == "no":
        if not is_refusal(turn):  # "it still does not work" belongs to the ticket
            return await add_detail(turn, ticket)
        return turn.chat("chat.nothing_to_add", reference=ticket.reference)
    if set(spoken(turn.text).split()) <= PLAIN_YES:
        return turn.chat("chat.go_on", reference=ticket.reference)
    settled = Button("settled", turn.say("button.settled"), ticket.reference)
    asked = turn.paragraph("chat.settled_by_itself", reference=ticket.reference)
    return Answer(AnswerKind.CHAT, Document((asked, Actions((settled,)))), turn.matter)


async def comes_back(turn: Turn) -> Answer | None:
    """A ticket of theirs that is closed is gone on with in a new one: by whatever they write in its thread; elsewhere
    where they say that it is not settled, or that it is back."""
    in_thread = turn.conversation.ref.thread is not None
    if turn.matter.pending is not None or turn.here or not any(map(str.isalpha, turn.text)):
        return None
    if not (in_thread or says_it_is_back(turn)):
        return None
    closed = await closed_here(turn)
    if closed is None or turn.understanding.new_question or turn.understanding.asks_status:
        return None
    return None if await is_new_question(turn, [closed]) else await go_on(turn, closed)


def says_it_is_back(turn: Turn) -> bool:
    if turn.understanding.feedback == "no":
        return not is_refusal(turn)
    return _AGAIN.search(spoken(turn.text)) is not None


async def closed_here(turn: Turn) -> Ticket | None:
    """The latest of their own that was answered in this conversation."""
    found = await tickets_asked_in(turn.uow, turn.conversation, turn.now)
    mine = [one for one in found if one.asker_id == turn.known.person.id and one.status is TicketStatus.CLOSED]
    return mine[0] if mine else None
