"""Who said stop and writes on, in direct messages: no program answers, until they send start. A person is theirs for
the asking."""

from dataclasses import replace

from bot.engine.rules.clicks import clicked
from bot.engine.rules.pending import feedback
from bot.engine.rules.questions import matter_of
from bot.engine.rules.tickets import add_detail, open_here, press
from bot.engine.turn import Answer, Turn
from bot.engine.words import spoken
from bot.model.conversations import AwaitsConfirmation
from bot.model.documents import Paragraph
from bot.model.public import OptOut
from bot.model.values import AnswerKind, Language
from bot.public.opting_out import POLITE, is_direct, is_in_direct_room
from bot.tickets.opening import open_ticket
from bot.tickets.proposals import hear

LOOKED_BACK = 1000  # messages in which it is said once
_TO_A_PERSON = frozenset({"human", "confirm", "reopen", "settled", "solution_worked", "solution_failed"})
_HUMAN = frozenset("human,a human,person,a person,humain,un humain,une personne,quelqu un,somebody,someone".split(","))


async def heard(turn: Turn) -> Answer | None:
    """A rule. A yes or a no to a technician's question whether it is settled counts, a wish for a human is met, and
    what is written goes to the ticket that is open there, without a word; anything else is answered with one sentence
    since they said stop, and then with nothing."""
    out = await _said_stop(turn) if is_direct(turn) else None
    if out is None:
        return None
    turn.says_no_more = True
    answer = await feedback(turn) if isinstance(turn.matter.pending, AwaitsConfirmation) else None
    if answer is not None and answer.kind is AnswerKind.TICKET:
        return answer
    ticket = open_here(turn)
    if _wants_human(turn):
        return await press(turn, ticket, "human") if ticket else await _open(turn)
    if ticket is None:
        return await _once(turn, out)
    answer = await add_detail(turn, ticket)
    if turn.conversation.silenced:
        await hear(turn, ticket)
    return replace(answer, document=None)


async def pressed(turn: Turn, action: str, value: str) -> Answer | None:
    """The same for a number, which presses a button of what was said before: one that leads to a person does."""
    out = await _said_stop(turn) if is_in_direct_room(turn) else None
    if out is None:
        return None
    turn.says_no_more = True
    answer = await clicked(turn, action, value) if action in _TO_A_PERSON else None
    if answer is not None and answer.kind is AnswerKind.TICKET:
        return answer
    if answer is not None and action.startswith("solution_"):  # the technician reads it on the ticket
        return replace(answer, document=None)
    return await _once(turn, out)


async def _said_stop(turn: Turn) -> OptOut | None:
    who = turn.event.author
    return await turn.uow.public.opt_out(who.platform, who.account, who.native_id)


def _wants_human(turn: Turn) -> bool:
    return turn.understanding.wants_human or _bare(turn) in _HUMAN


def _bare(turn: Turn) -> str:
    return " ".join(word for word in spoken(turn.text).split() if word not in POLITE)


async def _open(turn: Turn) -> Answer:
    """About what they asked before, if that is what the human is for."""
    return await open_ticket(turn, "human", turn.matter if turn.matter.question else matter_of(turn))


async def _once(turn: Turn, out: OptOut) -> Answer:
    """That nothing is answered here, and what leads on. What they asked is what a human would be for."""
    matter = matter_of(turn) if _asks_something(turn) else turn.matter
    sentences = [Paragraph(turn.services.texts("public.left_alone", language)) for language in Language]
    said = await turn.uow.conversations.messages(turn.conversation.id, LOOKED_BACK)
    ours = [one for one in said if one.author == "bot" and one.document and one.sent_at >= out.since]
    if any(block in sentences for one in ours for block in (one.document.blocks if one.document else ())):
        return Answer(AnswerKind.CHAT, None, matter)
    return turn.chat("public.left_alone", matter=matter)


def _asks_something(turn: Turn) -> bool:
    said = turn.understanding
    small = said.greeting or said.thanks or said.vague or said.feedback is not None
    return is_direct(turn) and not small and not isinstance(turn.matter.pending, AwaitsConfirmation)
