"""`/kb reject ID`: do not use a phrasing, nor propose it again. `/kb reject INT-… WHY`: make no article of it."""

from bot.commands.articles import not_in_state, write_up_meant
from bot.commands.kb_approve import phrasing_meant
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.interventions import review
from bot.interventions.reviewers import tell_author
from bot.model.documents import Document
from bot.model.tickets import Intervention
from bot.phrasings import rejected


async def run(turn: Turn, argument: str) -> Document:
    if meant := await write_up_meant(turn, argument, "command.kb.reject"):
        return await reject_write_up(turn, *meant)
    phrasing = await phrasing_meant(turn, argument, "command.kb.reject")
    turn.uow.knowledge.save(rejected(phrasing, turn.now))
    return turn.document("kb.rejected", text=phrasing.text, undo=turn.typed("kb.approve", phrasing.reference))


async def reject_write_up(turn: Turn, one: Intervention, why: str) -> Document:
    """Who wrote it is told why, and may write it anew."""
    if not why:
        raise InvalidInput(turn.say("write_up.reject_why", command=turn.typed("kb.reject", one.reference)))
    try:
        done = await review.reject(turn.uow, one, turn.known.person.id, turn.now, why)
    except IllegalTransition as error:
        raise not_in_state(turn, one) from error
    await tell_author(turn, done, "write_up.tell_rejected", title=done.title, why=done.remark)
    undo = turn.typed("kb.approve", done.reference)
    return turn.document("write_up.rejected", reference=done.reference, undo=undo)


COMMAND = Command("kb", "reject", run, aliases=("rejeter", "refuser"), right="curator")
