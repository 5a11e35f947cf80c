"""`guichet digest`: what would be posted now."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from bot.app import now, open_desk
from bot.cli.common import one_of, run_async
from bot.cli.desk import services_at
from bot.digest.chart import chart_of, drawn
from bot.digest.gathering import WEEK, Days, Digest, Kind, gather
from bot.digest.posting import places_of, wording
from bot.digest.writing import Writer
from bot.errors import GuichetError, InvalidInput
from bot.model.documents import Document
from bot.model.messages import ConversationRef
from bot.model.values import Language
from bot.settings import Settings, load_settings
from jobs.post_digest import working_days, zone_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preview:
    message: Document
    details: Document | None
    alternative: str
    chart: bytes | None
    places: tuple[ConversationRef, ...]
    trouble: str  # why it could not be posted


@click.command(name="digest")
@click.option("--preview", is_flag=True, help="Print what would be posted now; nothing is.")
@click.option("--weekly", "kind", flag_value="weekly", default="weekly", help="That of the week; the default.")
@click.option("--daily", "kind", flag_value="daily", help="That of the days since the last working one.")
@click.option("--chart", type=click.Path(path_type=Path, dir_okay=False), help="Write the picture to this file, a PNG.")
@click.option("--lang", type=one_of(Language), help="Its language; otherwise the desk's.")
def command(preview: bool, kind: Kind, chart: Path | None, lang: str | None) -> None:
    """Show the digest: what is to be done, and how it went until yesterday.

    It is posted by itself, at GUICHET_DIGEST_WEEKLY and GUICHET_DIGEST_DAILY, where GUICHET_DIGEST_PLACE says. To post
    the one that is due today: guichet jobs run post_digest.
    """
    if not preview:
        raise InvalidInput("add --preview; to post the digest that is due today: guichet jobs run post_digest")
    settings = load_settings()
    found = run_async(made(settings, kind, Language(lang) if lang else settings.desk_language, draw=chart is not None))
    show(found)
    if chart and found.chart:
        try:
            chart.write_bytes(found.chart)
        except OSError as error:
            raise GuichetError(f"{chart} cannot be written: {error.strerror}") from error


async def made(settings: Settings, kind: Kind, language: Language, *, draw: bool) -> Preview:
    async with open_desk(settings) as desk:
        services, at, days = await services_at(desk), now(), days_until_yesterday(settings, kind)
        async with desk.storage.unit_of_work() as uow:
            digest: Digest = await gather(uow, services, kind, days, at)  # and nothing is kept
        say = wording(services, days.zone, language)
        writer = Writer(services.texts, say)
        chart = await drawn(chart_of(digest, say)) if draw else None
        places: tuple[ConversationRef, ...] = ()
        trouble = ""
        try:
            places = places_of(settings.digest_place, services.desk)
        except InvalidInput as error:
            trouble = str(error)
        return Preview(
            writer.message(digest), writer.details(digest), writer.alternative(digest), chart, places, trouble
        )


def days_until_yesterday(settings: Settings, kind: Kind) -> Days:
    zone, works = zone_of(settings), working_days(settings)
    today = now().astimezone(zone).date()
    first = today - (WEEK if kind == "weekly" else 1) * DAY
    while kind == "daily" and not works(first) and today - first < WEEK * DAY:
        first -= DAY
    return Days(first, today - DAY, zone)


def show(found: Preview) -> None:
    for document in filter(None, (found.message, found.details)):
        click.echo(document.text)
        click.echo()
    if found.details:
        click.echo(f"Picture: {found.alternative}")
    rooms = ", ".join(":".join((one.platform, one.room)) for one in found.places) or "no room"
    trouble = found.trouble or f"It goes to {rooms}."
    click.echo(f"Nothing was posted. {trouble}", err=True)
