"""The hearing half before the fake server, with an inbox that only keeps what it is given."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.mastodon.api import Api
from adapters.mastodon.listening import Listening
from adapters.mastodon.translate import Here
from adapters.mastodon.troubles import mastodon_troubles
from bot.errors import StorageUnavailable
from bot.model.messages import Incoming, IncomingDeletion, IncomingMessage, MessageKey
from bot.settings import Settings
from bot.troubles import Troubles
from tests.fakes.mastodon import FakeMastodon

TAGS = ("printer", "acme")


@dataclass
class Store:
    """Inbox and memory in one, as the database is: what was reached is written with what was read, or neither is.
    `is_down`: it cannot be reached. `fails_at`: so many writes from now it is not there, once."""

    events: list[Incoming] = field(default_factory=list)
    keys: set[MessageKey] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    writes: int = 0
    received: int = 0  # events, those too that were known
    is_down: bool = False
    fails_at: int | None = None

    async def receive(self, *events: Incoming, reached: Mapping[str, str] | None = None) -> int:
        self._look(writes=True)
        self.received += len(events)
        new = list({event.key: event for event in events if event.key not in self.keys}.values())
        self.events += new
        self.keys |= {event.key for event in new}
        self.names |= reached or {}
        return len(new)

    async def recall(self, name: str) -> str | None:
        self._look()
        return self.names.get(name)

    async def keep(self, name: str, value: str) -> None:
        self._look(writes=True)
        self.names[name] = value

    async def kept(self, prefix: str) -> dict[str, str]:
        return {name: value for name, value in self.names.items() if name.startswith(prefix)}

    async def forget(self, name: str) -> None:
        self.names.pop(name, None)

    async def knows(self, key: MessageKey) -> bool:
        self._look()
        return key in self.keys

    @property
    def messages(self) -> list[IncomingMessage]:
        return [one for one in self.events if isinstance(one, IncomingMessage)]

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.messages]

    @property
    def deletions(self) -> list[IncomingDeletion]:
        return [one for one in self.events if isinstance(one, IncomingDeletion)]

    def _look(self, *, writes: bool = False) -> None:
        if writes:
            self.writes += 1
            if self.fails_at is not None:
                self.fails_at -= 1
                if self.fails_at < 0:
                    self.fails_at = None
                    raise StorageUnavailable("the database is away")
        if self.is_down:
            raise StorageUnavailable("the database is away")


@dataclass
class Clock:
    """Ours, which may be wrong."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def settings_for(server: FakeMastodon, **more: Any) -> Settings:
    given = {"mastodon_url": server.url, "mastodon_token": server.token, "mastodon_timeout": 5, **more}
    return Settings(**given)


def here_of(server: FakeMastodon) -> Here:
    shapes, bot = server.world.shapes, server.bot
    return Here("127.0.0.1", bot.id, bot.username, shapes.domain, frozenset({shapes.page(bot)}))


@dataclass
class Ears:
    """One process's."""

    server: FakeMastodon
    store: Store
    listening: Listening
    clock: Clock
    api: Api
    troubles: Troubles

    async def poll(self) -> int:
        return await self.listening.notifications(self.store) + await self.listening.hashtags(self.store)


@asynccontextmanager
async def ears(
    server: FakeMastodon,
    store: Store,
    *,
    tags: tuple[str, ...] = TAGS,
    seconds: float = 0.2,
    clock: Clock | None = None,
    ticks: Callable[[], float] = time.monotonic,
    **more: Any,
) -> AsyncIterator[Ears]:
    clock = clock or Clock()
    troubles = mastodon_troubles(clock)
    api = Api(settings_for(server), troubles)
    listening = Listening(
        api, here_of(server), tags, store, clock, troubles, seconds, knows=store.knows, ticks=ticks, **more
    )
    try:
        yield Ears(server, store, listening, clock, api, troubles)
    finally:
        await api.close()


@asynccontextmanager
async def listening(server: FakeMastodon, store: Store, **more: Any) -> AsyncIterator[Ears]:
    """While it runs, from when everything is read once."""
    async with ears(server, store, **more) as found:
        task = asyncio.create_task(found.listening.run(store))
        name = found.listening._notifications.name
        try:
            await server.until(lambda: name in store.names or task.done(), 10, "the first reading")
            yield found
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
