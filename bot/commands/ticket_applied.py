"""`/ticket applied T12 ARTICLE yes|no [WORDS]`: what came of a solution that the technician went through."""

import re

from bot.commands.articles import article_meant
from bot.commands.common import how_to_use, may_change, ticket_and_rest
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.model.documents import Document
from bot.tickets.proposals import new_proposal, record

_SAID = re.compile(
    r"(?P<article>.+?)\s+(?:(?P<yes>yes|oui|worked|ok|👍)|(?P<no>no|non|failed|ko|👎))(?:[\s,:]+(?P<words>.*))?$",
    re.IGNORECASE | re.DOTALL,
)


async def run(turn: Turn, argument: str) -> Document:
    ticket, rest = await ticket_and_rest(turn, argument, "command.ticket.applied")
    said = _SAID.fullmatch(rest)
    if said is None:
        raise how_to_use(turn, "command.ticket.applied")
    article = await article_meant(turn, said["article"])
    await may_change(turn, ticket)
    known = [one for one in await turn.uow.tickets.proposals_on(ticket.id) if one.article_id == article.id]
    proposal = known[-1] if known else await new_proposal(turn, ticket, article.id)
    if not known:
        turn.uow.tickets.add(proposal)
    await record(turn, ticket, proposal, helped=said["yes"] is not None, words=said["words"] or "")
    key = "solution.applied_worked" if said["yes"] else "solution.applied_failed"
    return turn.document(key, title=article.title, reference=ticket.reference)


COMMAND = Command("ticket", "applied", run, aliases=("applique", "appliqué", "essaye", "essayé"))
