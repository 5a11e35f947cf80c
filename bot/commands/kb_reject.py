"""`/kb reject ID`: do not use a phrasing, nor propose it again."""

from bot.commands.kb_approve import phrasing_meant
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.phrasings import rejected
from bot.texts import Inline


async def run(turn: Turn, argument: str) -> Document:
    phrasing = await phrasing_meant(turn, argument, "command.kb.reject")
    turn.uow.knowledge.save(rejected(phrasing, turn.now))
    return turn.document("kb.rejected", text=phrasing.text, undo=Inline(f"/kb approve {phrasing.reference}"))


COMMAND = Command("kb", "reject", run, aliases=("rejeter", "refuser"), right="curator")
