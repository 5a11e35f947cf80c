"""A yes or a no after a ticket was opened, where nothing else is asked: each means something."""

from bot.engine.rules.pending import is_refusal
from bot.engine.rules.tickets import add_detail, open_here
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.documents import Actions, Button, Document
from bot.model.values import AnswerKind

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
