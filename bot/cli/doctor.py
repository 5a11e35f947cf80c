"""`guichet doctor`: is every part well, and if not, what is to be done."""

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import click

from bot.app import SAMPLES_ORIGIN, Desk, open_desk, own_index, server_index
from bot.articles import stale_translations
from bot.categories import Categories
from bot.checks import Check, check_home, check_ledger, check_mail, check_settings, check_translations
from bot.cli.common import print_json, run_async
from bot.cli.digest_checks import check_digest
from bot.cli.mail import mailer_of
from bot.cli.mastodon_checks import check_mastodon
from bot.cli.site_checks import check_site
from bot.cli.slack_checks import check_slack
from bot.devices import DeviceCatalogue
from bot.errors import (
    DatabaseDamaged,
    GuichetError,
    ModelUnavailable,
    PlatformUnavailable,
    SettingsError,
    StorageUnavailable,
    UpgradeNeeded,
)
from bot.settings import Settings, load_settings
from bot.sla.policies import SlaPolicies
from bot.sla.policy_words import hours_of
from bot.texts import Texts
from knowledge.dense.models import NONE, ModelStore
from knowledge.index.follower import is_current

MARKS = {"ok": "✓", "warning": "!", "broken": "✗"}


@click.command(name="doctor")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
@click.option("--slack", "test_slack", is_flag=True, help="Post a test message in each desk channel in Slack, too.")
def command(as_array: bool, test_slack: bool) -> None:
    """Check every part and say what to do. Exit status 1 if something is broken."""
    checks = run_async(examined(test_slack=test_slack))
    if as_array:
        print_json([{"part": c.part, "state": c.state, "finding": c.finding, "remedy": c.remedy} for c in checks])
    for check in () if as_array else checks:
        click.echo(f"{MARKS[check.state]} {check.part:<11} {check.finding}")
        if check.remedy:
            click.echo(f"  {'':<11} → {check.remedy}")
    if any(check.state == "broken" for check in checks):
        raise click.exceptions.Exit(1)


async def examined(*, test_slack: bool = False) -> list[Check]:
    try:
        settings = load_settings()
    except SettingsError as error:
        remedy = "correct the variable in the environment or in .env; .env.example has every setting"
        return [Check("settings", "broken", line, remedy) for line in str(error).splitlines()]
    checks = check_settings(os.environ, Path(".env"))
    if broken := [*check_files(settings)]:
        checks = [check for check in checks if check.state != "ok"] + broken
    checks.append(home := check_home(settings.home))
    if home.state != "broken" and not broken:
        checks += [check async for check in check_desk(settings, test_slack=test_slack)]
    return checks


def check_files(settings: Settings) -> Iterator[Check]:
    """What the settings point to: without these files nothing can be opened."""
    try:
        Texts.load(settings.texts)
    except SettingsError as error:
        remedy = "correct it, or set GUICHET_TEXTS to a folder with fr.po and en.po, or leave it unset"
        yield Check("settings", "broken", str(error), remedy)
    try:
        Categories.load(settings.categories)
    except SettingsError as error:
        remedy = "correct it, or set GUICHET_CATEGORIES to your file, or leave it unset for bot/categories.yaml"
        yield Check("settings", "broken", f"GUICHET_CATEGORIES: {error}", remedy)
    try:
        SlaPolicies.load(settings.sla, settings.timezone)
    except SettingsError as error:
        remedy = "correct it, or set GUICHET_SLA to your file, or leave it unset for bot/sla/policies.yaml"
        yield Check("settings", "broken", str(error), remedy)
    try:
        DeviceCatalogue.load(settings.devices)
    except SettingsError as error:
        remedy = "correct it, or set GUICHET_DEVICES to your file, or leave it unset"
        yield Check("settings", "broken", f"GUICHET_DEVICES: {error}", remedy)


async def check_desk(settings: Settings, *, test_slack: bool = False) -> AsyncIterator[Check]:
    """The database and what is in it; what cannot be opened is broken, and ends the look."""
    try:
        async with open_desk(settings) as desk:
            yield Check("database", "ok", "SQLite" if settings.is_sqlite else "PostgreSQL")
            yield Check("categories", "ok", f"{len(desk.categories.records())} categories")
            yield check_promises(settings, desk.categories)
            for check in check_ledger(await desk.storage.counts()):
                yield check
            yield await check_articles(desk)
            async with desk.storage.unit_of_work() as uow:
                yield check_translations(await stale_translations(uow.knowledge))
            yield await check_index(desk)
            yield await asyncio.to_thread(check_model, settings)
            yield check_mail(settings, await trouble_with_mail(settings))
            yield check_digest(settings)
            async for check in check_slack(desk, test=test_slack):
                yield check
            async for check in check_mastodon(settings):
                yield check
            async for check in check_site(settings):
                yield check
    except GuichetError as error:
        yield Check("database", "broken", str(error), remedy_of(error, settings))


def remedy_of(error: GuichetError, settings: Settings) -> str:
    """What to do about a database that cannot be opened; nothing to add where the error itself says it."""
    match error:
        case DatabaseDamaged():
            return "move the file aside, then: guichet db restore FILE, from your last backup"
        case StorageUnavailable() if settings.is_sqlite:
            return "see that this user can read and write the file and its folder, and that the disk is not full"
        case StorageUnavailable():
            return (
                "see that the server runs and can be reached from here, and correct GUICHET_DATABASE_URL if it is wrong"
            )
        case UpgradeNeeded():
            return "guichet db upgrade"
        case _:
            return ""


def check_promises(settings: Settings, categories: Categories) -> Check:
    """What is promised of tickets, and in whose hours."""
    try:
        sla = SlaPolicies.load(settings.sla, settings.timezone, {category.slug for category in categories.records()})
    except SettingsError as error:
        return Check("promises", "broken", str(error), "correct it, or leave GUICHET_SLA unset")
    return Check("promises", "ok", "; ".join(f"{one.name}: {hours_of(one.calendar)}" for one in sla.policies))


async def check_articles(desk: Desk) -> Check:
    async with desk.storage.unit_of_work() as uow:
        counts = await uow.knowledge.count_by_language()
        samples = await uow.knowledge.catalogue(SAMPLES_ORIGIN)
    total = sum(counts.values())
    if not total:
        remedy = "guichet kb sync DIR loads yours; the first start loads samples"
        return Check("articles", "warning", "there are no articles", remedy)
    languages = ", ".join(f"{language} {count}" for language, count in sorted(counts.items()))
    if len(samples) == total:
        remedy = "guichet kb sync DIR loads your own"
        return Check("articles", "ok", f"{total} sample articles ({languages})", remedy)
    return Check("articles", "ok", f"{total} articles ({languages})")


async def check_index(desk: Desk) -> Check:
    """Whether the index can be opened and is in step; the process that has it open keeps it so by itself."""
    if desk.settings.qdrant_url:
        return await check_server(desk)
    try:
        async with own_index(desk, "doctor") as index:
            if index is None:
                return Check("index", "ok", f"in use by {desk.lock.holder()}")
            current = await is_current(desk.storage.unit_of_work, index)
    except GuichetError as error:
        return Check("index", "broken", str(error), f"remove {desk.index_directory}: it is made anew from the database")
    if not current:
        return Check("index", "ok", "behind the articles; the next start brings it up to date")
    return Check("index", "ok", "in step with the articles")


async def check_server(desk: Desk) -> Check:
    """Whether the Qdrant server answers, and has the articles."""
    index = server_index(desk.settings)
    try:
        await index.refresh()
        current = await is_current(desk.storage.unit_of_work, index)
        points = await index.count()
    except GuichetError as error:
        remedy = (
            "see that it runs and can be reached from here; correct GUICHET_QDRANT_URL or _API_KEY if they are wrong"
        )
        return Check("index", "broken", str(error), remedy)
    finally:
        await index.close()
    state = "in step with the articles" if current else "behind the articles; a running desk brings it up to date"
    return Check("index", "ok", f"Qdrant server, {points} points, {state}")


async def trouble_with_mail(settings: Settings) -> str | None:
    """Why mail cannot be handed in, if it cannot; nothing is sent."""
    if (mailer := mailer_of(settings)) is None:
        return None
    try:
        async with mailer.connected():
            return None
    except PlatformUnavailable as error:
        return str(error)


def check_model(settings: Settings) -> Check:
    """Whether the embedding model that is meant is there, whole, and how fast it is; without one, words must do."""
    wanted = settings.embedding_model
    try:
        model = ModelStore(settings.home).chosen(wanted)
        if model is None:
            remedy = "" if wanted.lower() == NONE else "guichet model install lets questions find what they mean, too"
            return Check("model", "ok", "none: articles are found by their words", remedy)
        embedder = model.embedder()
        embedder.warm()
        took = [timed(lambda: embedder.embed(["How do I reset my password?"])) for _ in range(9)]
    except ModelUnavailable as error:
        return Check(
            "model", "warning", f"{error}: answering by words alone", f"guichet model install {wanted}".strip()
        )
    finding = f"{model.manifest.name}, {model.manifest.precision}, {statistics.median(took) * 1000:.1f} ms a question"
    return Check("model", "ok", finding)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
