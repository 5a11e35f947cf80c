"""A running desk in front of the fake Slack, and a record of what everybody in the workspace reads, step by step."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from adapters.slack import home as home_tab
from adapters.slack import pacing
from bot import app
from bot.app import Desk, answering, open_desk, services_of
from bot.attachments import carrying
from bot.cli import slack as wiring
from bot.cli.slack import SlackSide, heard, open_slack
from bot.engine.services import AllDesks, Services
from bot.model.messages import Identity
from bot.model.tickets import Ticket
from bot.model.values import Language, Role
from bot.ports.storage import TicketFilter
from bot.settings import Settings
from bot.technicians import appoint
from jobs.fetch_attachments import fetch_attachments
from storage.store import open_storage
from tests.fakes.ports import free_port
from tests.fakes.slack import Channel, FakeSlack, Message, Person, Seen, View
from tests.fakes.slack.rendering import lines, name_of, title_of

MANIFEST = Path(__file__).resolve().parents[3] / "deploy" / "slack-manifest.yaml"
BEGINS = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # a Monday
PATIENCE = 15.0  # seconds for everything that comes of one step
REST = 0.12  # seconds in which nothing happens once everything has
BUSY = (
    "select (select count(*) from inbox where state in ('received', 'processing'))"
    " + (select count(*) from outbox where state in ('pending', 'sending', 'unknown'))"
)
_TIME = re.compile(r"\b(\d{1,2}:\d)(\d)\b")
_LINKED = re.compile(r"/p\d{16}\b")
HOMES = ("Homes._show", "Homes._renew_of")
Mode = Literal["socket", "http"]


class Clock:
    """Slack's and the desk's: it goes as fast as any other, from `BEGINS` on. `forward`: time that passes at once."""

    def __init__(self, slack: FakeSlack) -> None:
        self._slack = slack
        self._ahead = BEGINS - datetime.now(UTC)
        self.forward()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def forward(self, **by: float) -> None:
        self._ahead += timedelta(**by)
        self._slack.state.ahead = round(self._ahead.total_seconds() * 1_000_000)


@dataclass
class Stage:
    """`record` is the transcript: who did what, and what stood anew or otherwise in Slack afterwards."""

    slack: FakeSlack
    desk: Desk
    side: SlackSide
    clock: Clock
    record: list[str] = field(default_factory=list)
    _stood: dict[tuple[str, str, str | None], str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        return services_of(self.desk, None, AllDesks(self.side.rooms))

    async def appointed(self, who: Person, role: Role = Role.TECHNICIAN) -> None:
        user = who.user
        identity = Identity("slack", self.slack.team.id, who.id, who.name, user.email, user.locale, user.tz)
        async with self.desk.storage.unit_of_work() as uow:
            await appoint(uow, identity, role)
            await uow.commit()

    async def tickets(self) -> list[Ticket]:
        async with self.desk.storage.unit_of_work() as uow:
            return list(await uow.tickets.find(TicketFilter(), limit=100))

    async def step(self, title: str, *does: Awaitable[Any]) -> Any:
        """Let it be done (several: all at once), wait until everything has come of it, and write down what did.
        Returned is what the last one returned."""
        self.record.append(f"\n## {title}")
        done = await asyncio.gather(*does)
        await self.settled()
        self.record += self._news()
        return done[-1] if done else None

    async def passes(self, title: str, **time: float) -> None:
        self.clock.forward(**time)
        self.record.append(f"\n## {title}")

    def shows(self, view: View | None, who: Person) -> View:
        """Write down what a form or a home has in it."""
        assert view is not None and not view.closed
        self.record.append(f"  ▢ {who.name} sees {_title(view)}")
        self.record += [f"      {line}" for line in _content(self.slack, view)]
        return view

    async def fetches_files(self) -> None:
        """As the job does now and then; and what was fetched is brought to where it was named."""
        assert self.side.adapter
        await fetch_attachments(self.services, [self.side.adapter])
        async with asyncio.timeout(PATIENCE):
            while is_at("Carrier._bring"):  # noqa: ASYNC110  # nothing tells of it
                await asyncio.sleep(0.02)

    def files(self, where: Channel, thread: Message | Seen) -> dict[str, bytes]:
        """By name, those that stand in a thread."""
        ids = [id for one in self.slack.messages(where, thread) for id in one.message.files]
        return {self.slack.state.files[id].name: self.slack.state.files[id].content for id in ids}

    async def settled(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.slack.quiet(REST, PATIENCE)
                changes = self.slack.world.changes
                if not (self._busy() or is_at(*HOMES)) and changes == self.slack.world.changes:
                    return
                await asyncio.sleep(0.02)

    def _busy(self) -> int:
        with closing(sqlite3.connect(self.desk.settings.home / "guichet.db")) as connection:
            return int(connection.execute(BUSY).fetchone()[0])

    def _news(self) -> list[str]:
        news = []
        stands = {
            (one.channel, one.ts, one.ephemeral_to): one
            for channel in self.slack.state.channels
            for one in self.slack.everything(channel)
        }
        for key in sorted(stands.keys() | self._stood.keys(), key=lambda key: key[1]):
            now, before = str(stands[key]) if key in stands else None, self._stood.get(key)
            if now == before:
                continue
            place = title_of(self.slack.state, self.slack.state.channels[key[0]])
            if now is None:
                first, *_ = str(before).strip().splitlines()
                news.append(f"  {place} | gone: {first}")
                del self._stood[key]
                continue
            first, *rest = now.strip().splitlines()
            news += [f"  {place} | {first}", *(f"      {line}" for line in rest)]
            self._stood[key] = now
        return news

    @property
    def transcript(self) -> str:
        """With times of day to five minutes, how long the play takes says nothing, and without messages' ids."""
        text = _TIME.sub(lambda found: f"{found[1]}{'5' if found[2] > '4' else '0'}", "\n".join(self.record))
        return _LINKED.sub("/p…", text).strip() + "\n"

    def last(self, button: str = "", *, seen_by: Person | None = None, where: Channel | None = None) -> Seen:
        """The bot's latest message with that button; `seen_by`: in their direct messages, or what only they see."""

        def counts(one: Seen) -> bool:
            theirs = seen_by is None or one.ephemeral_to == seen_by.name or one.channel == seen_by.dm().id
            return one.by_bot and (not button or button in one.buttons) and theirs

        places = [where.id] if where else list(self.slack.state.channels)
        found = [one for place in places for one in self.slack.everything(place) if counts(one)]
        assert found, f"nobody reads [{button}]"
        return max(found, key=lambda one: one.ts)

    def read_by(self, who: Person) -> str:
        """Everything that this person could read: their channels, what only they see, their home."""
        seen = [
            str(one)
            for channel in self.slack.state.channels.values()
            if who.id in channel.members
            for one in self.slack.everything(channel)
            if one.ephemeral_to in (None, name_of(self.slack.state, who.id))
        ]
        home = who.home()
        return "\n".join([*seen, *(_content(self.slack, home) if home else ())])


def is_at(*doing: str) -> bool:
    """Whether the adapter does one of these meanwhile: no ledger tells of them."""
    return any(getattr(task.get_coro(), "__qualname__", "") in doing for task in asyncio.all_tasks())


def _title(view: View) -> str:
    return "their home" if view.view["type"] == "home" else f"«{view.view['title']['text']}»"


def _content(slack: FakeSlack, view: View) -> list[str]:
    found = []
    for block in view.view["blocks"]:
        if block["type"] == "actions":
            found.append(" ".join(f"[{one['text']['text']}]" for one in block["elements"]))
            continue
        said = "\n".join(lines(slack.state, [block])).splitlines()
        element = block.get("element", {})
        value = element.get("initial_value") or element.get("initial_option", {}).get("text", {}).get("text", "")
        hint = block.get("hint", {}).get("text", "")
        if block["type"] == "input":
            said = [f"{said[0]}{'' if block.get('optional') else ' *'}: {value}{f'  ({hint})' if hint else ''}"]
        found += said
    if view.view["type"] != "home":
        found.append(f"[{view.view['submit']['text']}] [{view.view['close']['text']}]")
    return found


@asynccontextmanager
async def open_stage(
    home: Path, mode: Mode, language: Language, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[FakeSlack, Settings]]:
    """A Slack, and the settings of a desk for it. The desk is opened once the people are there: see `playing`."""
    port = free_port()
    manifest = yaml.safe_load(await asyncio.to_thread(MANIFEST.read_text, "utf-8"))  # no other scope, event or command
    slack = FakeSlack(
        manifest=manifest, request_urls=[f"http://127.0.0.1:{port}/slack/events"] if mode == "http" else []
    )
    values: dict[str, Any] = {
        "_env_file": None,
        "home": home,
        "desk_language": language,
        "timezone": "Europe/Paris",
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "slack_mode": mode,
        "slack_http_bind": f"127.0.0.1:{port}",
        "slack_desk_channel": "support-desk",
        "allow_samples": True,
        "workers": 1,  # of two who press at once it is always the first who wins
        "survey_delay_minutes": 0,
        "sweep_seconds": 3600,  # what a job does is a step of the play
    }
    monkeypatch.setattr(pacing, "BURST", 1_000.0)
    monkeypatch.setattr(carrying, "LOOK", 0.1)
    monkeypatch.setattr(home_tab, "NEWS_AFTER", 0.05)
    async with slack.running():
        yield slack, Settings(**values)
        assert not [one.method for one in slack.calls if one.error == "missing_scope"]


@asynccontextmanager
async def playing(slack: FakeSlack, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The desk as `guichet run` puts it together, with Slack alone."""
    clock = Clock(slack)
    monkeypatch.setattr(app, "now", clock)
    monkeypatch.setattr(wiring, "now", clock)
    monkeypatch.setattr(app, "open_storage", partial(open_storage, clock=clock))
    async with open_desk(settings) as desk:
        side = await open_slack(desk, "")
        assert side.adapter is not None
        async with answering(desk, [side.adapter], AllDesks(side.rooms), "play"), heard(desk, side):
            stage = Stage(slack, desk, side, clock)
            await slack.until(lambda: side.adapter and side.adapter.is_listening, what="listening")
            await stage.settled()
            yield stage
