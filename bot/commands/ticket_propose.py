"""`/ticket propose T12 ARTICLE`: send a solution to the asker, who says with a button whether it worked."""

from bot.articles import pair_of
from bot.commands.articles import article_meant
from bot.commands.common import how_to_use, may_change, not_possible, ticket_and_rest
from bot.commands.table import Command
from bot.engine.retrieval import may_show
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document
from bot.model.knowledge import Article
from bot.model.tickets import Ticket
from bot.tickets.cards import names_on
from bot.tickets.proposals import propose


async def run(turn: Turn, argument: str) -> Document:
    ticket, wanted = await ticket_and_rest(turn, argument, "command.ticket.propose")
    if not wanted:
        raise how_to_use(turn, "command.ticket.propose")
    article = await for_asker(turn, ticket, await article_meant(turn, wanted))
    await may_change(turn, ticket)
    if not ticket.is_active:
        raise not_possible(turn, ticket)
    for one in await turn.uow.tickets.proposals_on(ticket.id):
        if one.article_id == article.id and one.proposed_by and one.helped is None:
            raise InvalidInput(turn.say("solution.waiting", title=article.title, reference=ticket.reference))
    await propose(turn, ticket, article)
    asker, _ = await names_on(turn, ticket)
    return turn.document("solution.sent", title=article.title, reference=ticket.reference, name=asker)


async def for_asker(turn: Turn, ticket: Ticket, article: Article) -> Article:
    """The article in the asker's language, if there is one that they may read. Raises InvalidInput."""
    if article.language is not ticket.language:
        others = await pair_of(turn.uow.knowledge, article)
        same = (one for one in others if one.language is ticket.language and may_show(one, ticket.audience))
        article = next(same, article)
    if not may_show(article, ticket.audience):
        raise InvalidInput(turn.say("solution.not_for_asker", title=article.title))
    return article


COMMAND = Command("ticket", "propose", run, aliases=("proposer",))
