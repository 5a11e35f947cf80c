"""`/kb approve ID`: use a proposed phrasing from now on. `/kb approve INT-… [public]`: answer with a write-up."""

from bot.commands.articles import not_in_state, write_up_meant
from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import IllegalTransition, InvalidInput
from bot.interventions import review
from bot.interventions.reviewers import tell_author
from bot.model.documents import Document
from bot.model.knowledge import Phrasing
from bot.model.tickets import Intervention
from bot.model.values import Audience
from bot.phrasings import approved, phrasing_named

PUBLIC = ("public", "publique")
INTERNAL = ("internal", "interne")


async def run(turn: Turn, argument: str) -> Document:
    if meant := await write_up_meant(turn, argument, "command.kb.approve"):
        return await approve_write_up(turn, *meant)
    phrasing = await phrasing_meant(turn, argument, "command.kb.approve")
    turn.uow.knowledge.save(approved(phrasing))
    article = await turn.uow.knowledge.article(phrasing.article_id)
    title = article.title if article else phrasing.article_id
    undo = turn.typed("kb.reject", phrasing.reference)
    return turn.document("kb.approved", text=phrasing.text, title=title, undo=undo)


async def approve_write_up(turn: Turn, one: Intervention, word: str) -> Document:
    """It is an article from now on: for members of the organisation, unless the curator says that it is for all."""
    if word.lower() not in ("", *PUBLIC, *INTERNAL):
        raise how_to_use(turn, "command.kb.approve")
    audience = Audience.PUBLIC if word.lower() in PUBLIC else Audience.INTERNAL if word else None
    try:
        done = await review.approve(turn.uow, one, turn.services.texts, turn.known.person.id, turn.now, audience)
    except IllegalTransition as error:
        raise not_in_state(turn, one) from error
    await tell_author(turn, done, "write_up.tell_approved", title=done.title)
    undo = turn.typed("kb.withdraw", done.reference)
    told = turn.say(f"audience.{done.audience}")
    blocks = [turn.paragraph("write_up.approved", reference=done.reference, title=done.title, audience=told, undo=undo)]
    if done.audience is Audience.INTERNAL:
        command = turn.typed("kb.approve", done.reference, "public")
        blocks.append(turn.paragraph("write_up.make_public", command=command))
    return Document(tuple(blocks))


async def phrasing_meant(turn: Turn, argument: str, usage: str) -> Phrasing:
    """The phrasing that the argument names. Raises InvalidInput, in the speaker's language."""
    if not argument:
        raise how_to_use(turn, usage)
    try:
        return await phrasing_named(turn.uow.knowledge, argument)
    except InvalidInput as error:
        raise InvalidInput(turn.say("kb.phrasing.unknown", reference=argument[:40])) from error


COMMAND = Command("kb", "approve", run, aliases=("approuver", "accepter"), right="curator")
