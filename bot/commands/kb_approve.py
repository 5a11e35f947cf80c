"""`/kb approve ID`: use a proposed phrasing from now on."""

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.knowledge import Phrasing
from bot.phrasings import approved, phrasing_named
from bot.texts import Inline


async def run(turn: Turn, argument: str) -> Document:
    phrasing = await phrasing_meant(turn, argument, "command.kb.approve")
    turn.uow.knowledge.save(approved(phrasing))
    article = await turn.uow.knowledge.article(phrasing.article_id)
    title = article.title if article else phrasing.article_id
    undo = Inline(f"/kb reject {phrasing.reference}")
    return turn.document("kb.approved", text=phrasing.text, title=title, undo=undo)


async def phrasing_meant(turn: Turn, argument: str, usage: str) -> Phrasing:
    """The phrasing that the argument names. Raises InvalidInput, in the speaker's language."""
    if not argument:
        raise how_to_use(turn, usage)
    try:
        return await phrasing_named(turn.uow.knowledge, argument)
    except InvalidInput as error:
        raise InvalidInput(turn.say("kb.phrasing.unknown", reference=argument[:40])) from error


COMMAND = Command("kb", "approve", run, aliases=("approuver", "accepter"), right="curator")
