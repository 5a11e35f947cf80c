"""`/kb review`: what waits for a curator: phrasings proposed, and how many gaps are open."""

from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.gaps import current_gaps
from bot.model.documents import Block, Document, Fields, plain
from bot.texts import Inline

PAGE = 10


async def run(turn: Turn, argument: str) -> Document:
    proposed = await turn.uow.knowledge.proposed_phrasings(200)
    gaps = await current_gaps(turn.uow, turn.services.grouper, turn.now)
    open_ones = sum(gap.needs_attention for gap in gaps)
    blocks: list[Block] = []
    if proposed:
        articles = await turn.uow.knowledge.articles({one.article_id for one in proposed})
        items = tuple(
            (one.reference, f"« {plain(one.text)} » → {plain(articles[one.article_id].title)}")
            for one in proposed[:PAGE]
            if one.article_id in articles
        )
        title = turn.say("kb.review.phrasings", shown=len(items), count=len(proposed))
        blocks.append(Fields(items, title=title))
        blocks.append(turn.paragraph("kb.review.how", reference=Inline(proposed[0].reference)))
    if open_ones:
        blocks.append(turn.paragraph("kb.review.gaps", count=open_ones))
    return Document(tuple(blocks)) if blocks else turn.document("kb.review.none")


COMMAND = Command("kb", "review", run, aliases=("relire", "révision", "revision"), right="curator")
