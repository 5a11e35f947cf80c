"""The Slack adapter before the fake Slack, with an inbox that only keeps what it is given."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from adapters.slack.adapter import SlackAdapter
from adapters.slack.rooms import DeskChannels, SlackDesk
from bot.errors import StorageUnavailable
from bot.model.documents import Document, Paragraph
from bot.model.forms import Form, FormField
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, Incoming, IncomingClick, IncomingMessage, MessageKey, Quoted
from bot.model.values import Audience, Language
from bot.settings import Settings
from bot.texts import Texts
from tests.contract.rigs.rig import RecordingInbox
from tests.fakes.slack import FakeSlack

E = TypeVar("E")

RESOLVE = Form(
    "resolve",
    "Resolve T12",
    "Resolve",
    (FormField("message", "What was done", "text"), FormField("cause", "Cause", required=False)),
    Language.EN,
    subject="T12",
)
NEW_TICKET = Form("ticket_new", "New ticket", "Open", (FormField("text", "What about", "text"),), Language.EN)


@dataclass
class SmallReception:
    """A desk with one form; `known` are the conversations in which it has spoken, `live` those that go on."""

    known: set[ConversationRef] = field(default_factory=set)
    live: list[ConversationRef] = field(default_factory=list)
    quoted: Quoted | None = None
    pressed: IncomingClick | None = None
    is_down: bool = False

    async def form_of(self, click: IncomingClick) -> Form | None:
        self._look()
        self.pressed = click
        return RESOLVE if click.action == "resolve" else None

    async def new_ticket_form(self, author: Identity, quoted: Quoted | None = None, text: str = "") -> Form:
        self._look()
        self.quoted = quoted
        return NEW_TICKET

    async def problems_in(self, form: str, values: Mapping[str, str], author: Identity) -> dict[str, str]:
        self._look()
        return {"message": "Say what was done."} if values.get("message") == "?" else {}

    async def home(self, author: Identity, audience: Audience = Audience.PUBLIC) -> Document:
        self._look()
        return Document((Paragraph(f"Nothing waits for {author.name} ({audience})."),))

    async def language_of(self, author: Identity) -> Language:
        return Language.of(author.locale) or Language.EN

    async def knows(self, conversation: ConversationRef) -> bool:
        self._look()
        return conversation in self.known

    async def whose(self, conversation: ConversationRef) -> str | None:
        return None

    async def live_threads(self, platform: str, account: str, since: datetime) -> list[ConversationRef]:
        self._look()
        return self.live

    def _look(self) -> None:
        if self.is_down:
            raise StorageUnavailable("the database is away")


@dataclass
class Store(RecordingInbox):
    """Inbox, memory and outbox in one; `is_down`: the database cannot be reached. `keeps_not`: names that it
    cannot keep. `seconds` that storing takes."""

    is_down: bool = False
    keeps_not: set[str] = field(default_factory=set)
    seconds: float = 0.0
    names: dict[str, str] = field(default_factory=dict)
    sent: dict[UUID, Delivery] = field(default_factory=dict)
    over: set[MessageKey] = field(default_factory=set)  # what is handled and answered
    looks: int = 0  # whether something is over
    events: list[Incoming] = field(default_factory=list)
    received: int = 0

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        self._look()
        await asyncio.sleep(self.seconds)
        self.received += len(events)
        self.names |= reached or {}
        return sum([await super(Store, self).receive(event) for event in events])

    async def recall(self, name: str) -> str | None:
        self._look()
        return self.names.get(name)

    async def keep(self, name: str, value: str) -> None:
        self._look()
        if name in self.keeps_not:
            raise StorageUnavailable("the database is away")
        self.names[name] = value

    async def kept(self, prefix: str) -> dict[str, str]:
        self._look()
        return {name: value for name, value in self.names.items() if name.startswith(prefix)}

    async def forget(self, name: str) -> None:
        self._look()
        self.names.pop(name, None)

    async def state(self, id: UUID) -> Delivery | None:
        self._look()
        return self.sent.get(id)

    async def is_over(self, key: MessageKey) -> bool:
        self.looks += 1
        return key in self.over

    def _look(self) -> None:
        if self.is_down:
            raise StorageUnavailable("the database is away")

    @property
    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, IncomingMessage)]

    def last(self, kind: type[E]) -> E:
        return [event for event in self.events if isinstance(event, kind)][-1]


@dataclass
class Front:
    slack: FakeSlack
    adapter: SlackAdapter
    store: Store
    reception: SmallReception

    async def heard(self, kind: type[E], count: int = 1) -> E:
        """The last of a kind, once there are so many."""
        await self.slack.until(
            lambda: len([one for one in self.store.events if isinstance(one, kind)]) >= count, what=f"{count} {kind}"
        )
        return self.store.last(kind)

    async def introduced(self, kind: type[E], count: int = 1) -> E:
        event = await self.adapter.introduce(await self.heard(kind, count))  # type: ignore[arg-type]
        assert isinstance(event, kind)
        return event


def settings_for(slack: FakeSlack, **options: Any) -> Settings:
    values: dict[str, Any] = {
        "_env_file": None,
        "slack_bot_token": slack.bot_token,
        "slack_app_token": slack.app_token,
        "slack_signing_secret": slack.signing_secret,
        "slack_api_url": slack.api_url,
        "slack_ping_seconds": 0.5,
        "slack_http_bind": "127.0.0.1:0",
    }
    return Settings(**values | options)


def adapter_for(
    slack: FakeSlack,
    store: Store,
    reception: SmallReception,
    *,
    desk: str = "",
    ticks: Callable[[], float] = time.monotonic,
    **options: Any,
) -> SlackAdapter:
    channels = DeskChannels.of(desk, frozenset({"network"}))
    return SlackAdapter(
        settings_for(slack, **options),
        reception,
        store,
        store,
        Texts.load(),
        SlackDesk(channels=channels),
        lambda: datetime.now(UTC),
        is_over=store.is_over,
        ticks=ticks,
    )


@asynccontextmanager
async def listening(
    slack: FakeSlack, *, desk: str = "", store: Store | None = None, wait: bool = True, **options: Any
) -> AsyncIterator[Front]:
    """The adapter, connected."""
    store, reception = store or Store(), SmallReception()
    adapter = adapter_for(slack, store, reception, desk=desk, **options)
    running = asyncio.create_task(adapter.run(store))
    try:
        if wait:
            await until(lambda: adapter.is_listening or running.done(), "listening")
            if running.done():
                await running
        yield Front(slack, adapter, store, reception)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until(true: Callable[[], Any], what: str, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110  # what it waits for is another's
            await asyncio.sleep(0.01)
