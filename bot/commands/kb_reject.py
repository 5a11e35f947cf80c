"""`/kb reject ID`: do not use a phrasing, nor propose it again."""

from dataclasses import replace

from bot.commands.kb_approve import phrasing_named
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.texts import Inline


async def run(turn: Turn, argument: str) -> Document:
    phrasing = await phrasing_named(turn, argument, "command.kb.reject")
    turn.uow.knowledge.save(replace(phrasing, approved=False, rejected_at=turn.now))
    return turn.document("kb.rejected", text=phrasing.text, undo=Inline(f"/kb approve {phrasing.reference}"))


COMMAND = Command("kb", "reject", run, aliases=("rejeter", "refuser"), right="curator")
