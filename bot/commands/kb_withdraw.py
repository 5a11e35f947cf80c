"""`/kb withdraw ARTICLE|INT-… [WHY]`: answer nobody with it any more, until it is recalled."""

from dataclasses import replace

from bot.commands.articles import article_meant, not_in_state, write_up_meant
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.interventions import review
from bot.interventions.numbers import reference_in
from bot.interventions.reviewers import tell_author
from bot.model.documents import Document
from bot.model.tickets import Intervention


async def run(turn: Turn, argument: str) -> Document:
    if meant := await write_up_meant(turn, behind(argument), "command.kb.withdraw"):
        return await withdraw_write_up(turn, *meant)
    article = await article_meant(turn, argument)
    if article.withdrawn:
        raise InvalidInput(turn.say("kb.withdrawn_already", article=article.id))
    turn.uow.knowledge.put(replace(article, withdrawn=True))
    undo = turn.typed("kb.recall", article.id)
    return turn.document("kb.withdraw.done", title=article.title, article=article.id, undo=undo)


def behind(argument: str) -> str:
    """The reference of the write-up that an article's id names, in its place."""
    rest = argument.removeprefix(f"{review.ORIGIN}/")
    return rest if reference_in(rest) else argument


async def withdraw_write_up(turn: Turn, one: Intervention, why: str) -> Document:
    try:
        done = await review.withdraw(turn.uow, one, turn.services.texts, turn.known.person.id, turn.now, why)
    except IllegalTransition as error:
        raise not_in_state(turn, one) from error
    await tell_author(turn, done, "write_up.tell_withdrawn", title=done.title, why=done.remark or "–")
    undo = turn.typed("kb.recall", done.reference)
    return turn.document("kb.withdraw.done", title=done.title, article=done.reference, undo=undo)


COMMAND = Command("kb", "withdraw", run, aliases=("retirer",), right="curator")
