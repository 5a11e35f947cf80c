"""`/kb search TEXT`: which articles a question finds, and how surely."""

from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.retrieval import may_show
from bot.engine.turn import Turn
from bot.errors import IndexUnavailable, InvalidInput
from bot.model.documents import Document, Fields, plain
from bot.ports.knowledge import Query

SHOWN = 5


async def run(turn: Turn, argument: str) -> Document:
    if not argument:
        raise how_to_use(turn, "command.kb.search")
    # In the language of what is looked for, which need not be the speaker's.
    understood = turn.services.understander.understand(argument, previous=turn.language)
    query = Query(argument, understood.language, turn.audience, devices=understood.entities.devices)
    try:
        found = await turn.services.retriever.search(query)
    except IndexUnavailable as error:
        raise InvalidInput(turn.say("kb.search.unavailable")) from error
    rows = await turn.uow.knowledge.articles([hit.article_id for hit in found.hits])
    hits = [hit for hit in found.hits if may_show(rows.get(hit.article_id), turn.audience)][:SHOWN]
    if not hits:
        return turn.document("kb.search.none")
    items = tuple(
        (f"{100 * hit.confidence:.0f} %", f"**{plain(rows[hit.article_id].title)}** · {plain(hit.article_id)}")
        for hit in hits
    )
    answered = f"{100 * found.thresholds.answer:.0f} %"
    suggested = f"{100 * found.thresholds.suggest:.0f} %"
    return Document((Fields(items), turn.paragraph("kb.search.from", answer=answered, suggest=suggested)))


COMMAND = Command("kb", "search", run, aliases=("chercher", "recherche"))
