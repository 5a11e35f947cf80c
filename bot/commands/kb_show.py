"""`/kb show ARTICLE`: an article's data: for whom, about what, how people ask for it, and how it has done."""

from datetime import date, timedelta

from babel.dates import format_date, format_timedelta

from bot.articles import ArticleSheet, sheet_of
from bot.commands.common import how_to_use
from bot.commands.table import Command
from bot.engine.turn import Turn
from bot.errors import InvalidInput
from bot.model.documents import Document, Fields, Paragraph, plain
from bot.model.knowledge import Solution
from bot.solutions import rate, tries, wilson_lower

PHRASINGS = 12


async def run(turn: Turn, argument: str) -> Document:
    if not argument:
        raise how_to_use(turn, "command.kb.show")
    sheet = await sheet_of(turn.uow.knowledge, argument)
    if sheet is None or not turn.audience.may_read(sheet.article.audience):
        raise InvalidInput(turn.say("kb.article.unknown", article=argument[:80]))
    return Document(tuple(shown(turn, sheet)))


def shown(turn: Turn, sheet: ArticleSheet) -> list[Fields | Paragraph]:
    article = sheet.article
    items = [
        (turn.say("kb.field.article"), plain(article.id)),
        (turn.say("kb.field.origin"), plain(article.origin)),
        (turn.say("kb.field.language"), turn.say(f"language.{article.language}")),
        (turn.say("kb.field.audience"), turn.say(f"audience.{article.audience}")),
        (turn.say("field.category"), plain(turn.services.categories.name(article.category, turn.language))),
        (turn.say("kb.field.reviewed"), day(turn, article.reviewed)),
        (turn.say("kb.field.applies_to"), plain(", ".join(article.applies_to)) or turn.say("kb.any_model")),
    ]
    if sheet.pair:
        items.append((turn.say("kb.field.pair"), "\n".join(plain(other.id) for other in sheet.pair)))
    if sheet.solution and tries(sheet.solution):
        items.append((turn.say("kb.field.success"), success(turn, sheet.solution)))
    if sheet.solution and sheet.solution.resolution_seconds is not None:
        took = format_timedelta(timedelta(seconds=sheet.solution.resolution_seconds), locale=str(turn.language))
        items.append((turn.say("kb.field.time"), took))
    title = plain(article.title)
    if article.withdrawn:
        title = f"{title} ({turn.say('kb.withdrawn')})"
    blocks: list[Fields | Paragraph] = [Fields(tuple(items), title=title)]
    for translation, source in sheet.stale:
        values = {"translation": translation.id, "source": source.id}
        dates = {"reviewed": day(turn, translation.reviewed), "source_reviewed": day(turn, source.reviewed)}
        blocks.append(turn.paragraph("kb.stale", **values, **dates))
    if sheet.phrasings:
        lines = [f"« {plain(text)} »" for text in sheet.phrasings[:PHRASINGS]]
        blocks.append(Paragraph("\n".join([turn.say("kb.phrasings", count=len(sheet.phrasings)), *lines])))
    if sheet.proposed:
        blocks.append(turn.paragraph("kb.proposed", count=len(sheet.proposed)))
    return blocks


def success(turn: Turn, solution: Solution) -> str:
    """How often it worked: a share only where there are enough cases, with what it is at least."""
    share = rate(solution)
    if share is None:
        return turn.say("kb.success_few", worked=solution.successes, failed=solution.failures)
    lower = wilson_lower(solution.successes, tries(solution))
    return turn.say("kb.success", rate=percent(share), tries=tries(solution), lower=percent(lower))


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def day(turn: Turn, at: date | None) -> str:
    return format_date(at, "long", locale=str(turn.language)) if at else turn.say("kb.never")


COMMAND = Command("kb", "show", run, aliases=("voir", "afficher"))
