"""`guichet kb show`: an article's data."""

from datetime import date
from typing import Any

import click

from bot.app import open_desk
from bot.articles import ArticleSheet, sheet_of
from bot.cli.common import print_json, run_async
from bot.errors import InvalidInput
from bot.model.knowledge import Solution
from bot.settings import Settings, load_settings
from bot.solutions import rate, tries, wilson_lower


@click.command(name="show")
@click.argument("article")
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def command(article: str, as_object: bool) -> None:
    """Show for whom ARTICLE is, how people ask for it, how it has done, and whether a translation is stale.

    ARTICLE is an id as guichet kb search shows it, or the last part of one.
    """
    sheet = run_async(article_sheet(load_settings(), article))
    if as_object:
        return print_json(as_json(sheet))
    for name, value in lines(sheet):
        click.echo(f"{name:<12} {value}")
    for translation, source in sheet.stale:
        dates = f"{reviewed(translation.reviewed)} against {reviewed(source.reviewed)}"
        click.echo(f"! {translation.id} is older than its source {source.id}: reviewed {dates}")
    return None


async def article_sheet(settings: Settings, wanted: str) -> ArticleSheet:
    """Raises InvalidInput if there is no such article."""
    async with open_desk(settings) as desk, desk.storage.unit_of_work() as uow:
        sheet = await sheet_of(uow.knowledge, wanted)
    if sheet is None:
        raise InvalidInput(f"there is no article {wanted}; guichet kb search finds articles by what they are about")
    return sheet


def lines(sheet: ArticleSheet) -> list[tuple[str, str]]:
    article = sheet.article
    return [
        ("article", f"{article.id}{' (withdrawn)' if article.withdrawn else ''}"),
        ("title", article.title),
        ("origin", article.origin),
        ("language", article.language),
        ("audience", article.audience),
        ("category", article.category),
        ("reviewed", reviewed(article.reviewed)),
        ("applies to", ", ".join(article.applies_to) or "any model"),
        ("pair", ", ".join(one.id for one in sheet.pair) or "none"),
        ("success", success(sheet.solution)),
        ("time", took(sheet.solution)),
        *(("found by", text) for text in sheet.phrasings),
        *(("proposed", f"{one.text} ({one.reference})") for one in sheet.proposed),
    ]


def success(solution: Solution | None) -> str:
    """How often it worked: a share only where there are enough cases, with what it is at least."""
    if solution is None or not tries(solution):
        return "not known yet"
    share = rate(solution)
    if share is None:
        return f"worked {solution.successes}, did not {solution.failures}"
    lower = wilson_lower(solution.successes, tries(solution))
    return f"{share:.0%} of {tries(solution)}, at least {lower:.0%}"


def took(solution: Solution | None) -> str:
    """The mean time of the tickets on which it helped."""
    seconds = solution.resolution_seconds if solution else None
    return "not known yet" if seconds is None else f"{seconds / 3600:.1f} h from opened to resolved"


def reviewed(at: date | None) -> str:
    return at.isoformat() if at else "never"


def as_json(sheet: ArticleSheet) -> dict[str, Any]:
    article = sheet.article
    return {
        "id": article.id,
        "title": article.title,
        "origin": article.origin,
        "language": article.language,
        "audience": article.audience,
        "category": article.category,
        "reviewed": article.reviewed,
        "applies_to": article.applies_to,
        "withdrawn": article.withdrawn,
        "pair": [one.id for one in sheet.pair],
        "stale": [{"translation": translation.id, "source": source.id} for translation, source in sheet.stale],
        "phrasings": sheet.phrasings,
        "proposed": [{"id": one.reference, "text": one.text, "language": one.language} for one in sheet.proposed],
        "success_rate": rate(sheet.solution) if sheet.solution else None,
        "successes": sheet.solution.successes if sheet.solution else 0,
        "tries": tries(sheet.solution) if sheet.solution else 0,
        "resolution_seconds": sheet.solution.resolution_seconds if sheet.solution else None,
    }
