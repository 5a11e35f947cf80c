"""`/kb recall ARTICLE|INT-…`: answer with what was withdrawn again."""

from dataclasses import replace

from bot.articles import GONE
from bot.commands.articles import article_meant, not_in_state, write_up_meant
from bot.commands.kb_withdraw import behind
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.interventions import review
from bot.model.documents import Document
from bot.model.tickets import Intervention


async def run(turn: Turn, argument: str) -> Document:
    if meant := await write_up_meant(turn, behind(argument), "command.kb.recall"):
        return await recall_write_up(turn, meant[0])
    article = await article_meant(turn, argument)
    if not article.withdrawn:
        raise InvalidInput(turn.say("kb.not_withdrawn", article=article.id))
    if article.revision == GONE:
        raise InvalidInput(turn.say("kb.document_gone", article=article.id))
    turn.uow.knowledge.put(replace(article, withdrawn=False))
    undo = turn.typed("kb.withdraw", article.id)
    return turn.document("kb.recall.done", title=article.title, article=article.id, undo=undo)


async def recall_write_up(turn: Turn, one: Intervention) -> Document:
    try:
        done = await review.recall(turn.uow, one, turn.services.texts, turn.known.person.id, turn.now)
    except IllegalTransition as error:
        raise not_in_state(turn, one) from error
    undo = turn.typed("kb.withdraw", done.reference)
    return turn.document("kb.recall.done", title=done.title, article=done.reference, undo=undo)


COMMAND = Command("kb", "recall", run, aliases=("rappeler", "rétablir", "retablir"), right="curator")
