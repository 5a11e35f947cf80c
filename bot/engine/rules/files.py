"""Files without words, and files that were not taken."""

from dataclasses import replace

from bot.attachments.showing import refusals
from bot.engine.rules.tickets import add_detail, open_here
from bot.engine.turn import Answer, Turn
from bot.model.documents import Document
from bot.model.values import AnswerKind
from bot.tickets.relay import says_something


async def alone(turn: Turn) -> Answer | None:
    """A file and not a word: it belongs to the ticket that is open here; without one, words are asked for."""
    if not turn.own_files or says_something(turn.text):
        return None
    if not turn.brings_files:
        return Answer(AnswerKind.CHAT, Document(()), turn.matter)  # only why it was not taken
    if ticket := open_here(turn):
        return await add_detail(turn, ticket)
    if turn.matter.question:
        return turn.chat("file.kept")
    return turn.chat("file.what_about")


def not_taken(turn: Turn, answer: Answer) -> Answer:
    """Tell the person what of their files was not taken, and why; what they wrote was handled all the same."""
    said = refusals(turn.own_files, turn.services.texts, turn.language, turn.services.files.most_bytes)
    if not said:
        return answer
    blocks = answer.document.blocks if answer.document else ()
    return replace(answer, document=Document((*said, *blocks)))
