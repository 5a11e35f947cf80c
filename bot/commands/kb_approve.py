"""`/kb approve ID`: use a proposed phrasing from now on."""

from dataclasses import replace

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.knowledge import Phrasing
from bot.texts import Inline

MOST = 5000


async def run(turn: Turn, argument: str) -> Document:
    phrasing = await phrasing_named(turn, argument, "command.kb.approve")
    turn.uow.knowledge.save(replace(phrasing, approved=True, rejected_at=None))
    article = await turn.uow.knowledge.article(phrasing.article_id)
    title = article.title if article else phrasing.article_id
    undo = Inline(f"/kb reject {phrasing.reference}")
    return turn.document("kb.approved", text=phrasing.text, title=title, undo=undo)


async def phrasing_named(turn: Turn, argument: str, usage: str) -> Phrasing:
    """The phrasing that the argument names, whatever was decided about it. Raises InvalidInput."""
    wanted = argument.strip().lower()
    if not wanted:
        raise how_to_use(turn, usage)
    for phrasing in await turn.uow.knowledge.learnt_phrasings(MOST):
        if wanted in (phrasing.reference, str(phrasing.id)):
            return phrasing
    raise InvalidInput(turn.say("kb.phrasing.unknown", reference=wanted[:40]))


COMMAND = Command("kb", "approve", run, aliases=("approuver", "accepter"), right="curator")
