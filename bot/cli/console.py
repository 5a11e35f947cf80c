"""The desk with a terminal: what `guichet run` and `guichet chat` put together."""

import asyncio
import logging
import os
import sys
from contextlib import suppress
from dataclasses import replace

from adapters.console.adapter import ConsoleAdapter
from adapters.console.rooms import ConsoleDesk
from adapters.console.speaker import Speaker, local_user
from adapters.console.terminal import claim_terminal
from adapters.web.places import WebDesk
from bot import __version__
from bot.app import SAMPLES_ORIGIN, Desk, answering, open_desk
from bot.cli import mastodon
from bot.cli.mail import mail_of
from bot.cli.mastodon import NO_MASTODON, MastodonSide, open_mastodon
from bot.cli.slack import NO_SLACK, SlackSide, heard, open_slack
from bot.cli.web import Page, open_page, serving
from bot.commands.catalogue import COMMANDS
from bot.commands.table import CommandTable
from bot.engine.services import AllDesks, DeskRooms
from bot.errors import SettingsError, StaleWrite
from bot.logs import set_up_logging
from bot.model.documents import Document, Paragraph
from bot.model.values import Language, Role
from bot.ownership import make_home
from bot.ports.adapters import ChatAdapter
from bot.settings import Settings
from bot.technicians import appoint
from bot.understanding.secrets import mask

log = logging.getLogger(__name__)


async def run_desk(settings: Settings, *, doing: str, console: bool) -> None:
    """`guichet run` and `guichet chat`: the desk with its platforms, and the console if there is one."""
    make_home(settings.home)
    if console:
        set_up_logging(settings.log_level, as_json=settings.log_json, file=settings.home / "logs" / "guichet.log")
        await run_console(settings, doing)
        return
    set_up_logging(settings.log_level, as_json=settings.log_json)
    async with open_desk(settings) as desk:
        desk.lock.refuse_a_second(doing)
        await refuse_samples(desk)
        page = await open_page(desk)
        slack = await open_slack(desk, page_address(settings))
        public = await open_mastodon(desk)
        async with (
            mastodon.heard(desk, public),
            answering(desk, adapters_of(desk, page, slack, public), rooms_of(None, page, slack), doing),
            serving(desk, page),
            heard(desk, slack),
        ):
            log.info("guichet %s is ready%s", __version__, f" on {page.adapter.address}" if page.adapter else "")
            await asyncio.Event().wait()


async def refuse_samples(desk: Desk) -> None:
    """Invented articles must not answer real people. Raises SettingsError."""
    settings = desk.settings
    if not (settings.uses_slack or settings.uses_mastodon) or settings.allow_samples:
        return
    async with desk.storage.unit_of_work() as uow:
        total = sum((await uow.knowledge.count_by_language()).values())
        samples = len(await uow.knowledge.catalogue(SAMPLES_ORIGIN))
    if total == samples and (samples or (settings.samples and settings.knowledge is None)):
        raise SettingsError(
            "GUICHET_ALLOW_SAMPLES: the desk is connected to a platform and knows only the sample articles: load your "
            "own with `guichet kb sync DIR`, or set it to true to try the desk with the samples"
        )


async def run_console(settings: Settings, doing: str) -> None:
    async with open_desk(settings) as desk:
        if doing == "run":
            desk.lock.refuse_a_second(doing)
            await refuse_samples(desk)
        user = local_user(os.environ)
        language = Language.of(user.locale) or settings.desk_language
        if "desk_language" not in settings.model_fields_set:
            # Whoever tries the desk on a terminal is both sides of it: the desk's room speaks their language, too.
            settings = settings.model_copy(update={"desk_language": language})
            desk = replace(desk, settings=settings)
        table = CommandTable(COMMANDS)
        with claim_terminal(settings.home) as terminal:
            adapter = ConsoleAdapter(
                terminal,
                desk.texts,
                language,
                settings.home,
                answered=desk.has_ended,
                mask=lambda text: mask(text).text,
                commands={
                    Speaker.EMPLOYEE: table.completions(None),
                    Speaker.TECHNICIAN: table.completions(Role.LEAD),
                },
                user=user,
                page=page_address(settings),
            )
            async with desk.storage.unit_of_work() as uow:
                await appoint(uow, user.identity(Speaker.TECHNICIAN), Role.LEAD)
                with suppress(StaleWrite):  # another console did the same just now
                    await uow.commit()
            page = await open_page(desk) if doing == "run" else Page()
            slack = await open_slack(desk, page_address(settings)) if doing == "run" else SlackSide()
            public = await open_mastodon(desk) if doing == "run" else NO_MASTODON
            adapters = [adapter, *adapters_of(desk, page, slack, public)]
            async with (
                mastodon.heard(desk, public),
                answering(desk, adapters, rooms_of(terminal.name, page, slack), doing),
                serving(desk, page),
                heard(desk, slack),
            ):
                if sys.stdin.isatty():
                    await adapter.show(await greeting(desk, language, page))
                await adapter.run(desk.receiver)


def page_address(settings: Settings) -> str:
    """Where people find the web page; empty where there is none, or nobody can say."""
    if settings.public_url:
        return settings.public_url
    return f"http://{settings.web_host}:{settings.web_port}" if settings.web and settings.web_port else ""


def adapters_of(desk: Desk, page: Page, slack: SlackSide, public: MastodonSide = NO_MASTODON) -> list[ChatAdapter]:
    """What this process delivers for, beside its terminal."""
    own: tuple[ChatAdapter | None, ...] = (page.adapter, slack.adapter, public.adapter)
    return [*(one for one in own if one), *mail_of(desk)]


def rooms_of(terminal: str | None, page: Page, slack: SlackSide = NO_SLACK) -> DeskRooms:
    """Technicians work on every terminal, on the page and in Slack; tickets are announced on the page and the terminal
    of this process, if it has them."""
    return AllDesks((ConsoleDesk(terminal), WebDesk(on=page.adapter is not None), *slack.rooms))


async def greeting(desk: Desk, language: Language, page: Page) -> Document:
    """What is loaded, a question to try, and where the page is."""
    async with desk.storage.unit_of_work() as uow:
        counts = await uow.knowledge.count_by_language()
    say = desk.texts
    values = {
        "version": __version__,
        "articles": sum(counts.values()),
        "french": counts.get(Language.FR, 0),
        "english": counts.get(Language.EN, 0),
        "database": "SQLite" if desk.settings.is_sqlite else "PostgreSQL",
    }
    key = "console.hello" if counts else "console.hello_empty"
    lines = [say(key, language, **values), say("console.try_it", language)]
    lines += [f"_{say('console.example', one)}_" for one in sorted(Language, key=lambda one: one is not language)]
    lines.append(say("console.ways_on", language))
    if page.adapter:
        lines.append(say("console.web", language, address=page.adapter.address))
    elif page.reason:
        lines.append(say("console.no_web", language, reason=page.reason))
    return Document(tuple(map(Paragraph, lines)))
