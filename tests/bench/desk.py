"""The whole desk, as `bot.app` puts it together, on a platform that takes what it is given."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from bot.app import Desk, answering, open_desk
from bot.engine.services import NoDesk
from bot.model.knowledge import Article
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingMessage, MessageKey
from bot.model.values import Audience, Language
from bot.ports.adapters import ExternalId, Inbox
from bot.ports.storage import OutboxLedger
from bot.settings import Settings
from storage.store import SqlStorage
from storage.upgrade import upgrade
from tests.bench.figures import Timing, timed

PLATFORM, ACCOUNT = "bench", "bench"
PEOPLE = 200
PATIENCE = 30.0  # seconds for one answer
BATCH = 500  # articles written in one transaction


class NullAdapter:
    """Posts nothing, at once."""

    platform = PLATFORM
    accounts = frozenset({ACCOUNT})

    async def run(self, inbox: Inbox) -> None:
        return None

    async def send(self, delivery: Delivery) -> ExternalId:
        return f"posted-{delivery.number}"


class ToldOutbox:
    """The desk's outbox, which tells when a row is committed as sent."""

    def __init__(self, outbox: OutboxLedger) -> None:
        self._outbox = outbox
        self.awaited: dict[str, asyncio.Future[float]] = {}

    async def sent(self, delivery: Delivery, external_id: str, at: datetime) -> None:
        await self._outbox.sent(delivery, external_id, at)
        if waiting := self.awaited.pop(delivery.conversation.key, None):
            waiting.set_result(time.perf_counter())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._outbox, name)


class Asked:
    """People who ask, each question in a conversation of its own."""

    def __init__(self, desk: Desk, outbox: ToldOutbox, questions: Iterator[tuple[str, Language]]) -> None:
        self._receiver = desk.receiver
        self._outbox = outbox
        self._questions = questions
        self._numbers = itertools.count(time.time_ns())

    async def one(self) -> float:
        """Milliseconds from the platform's event to its answer being written down as sent."""
        text, _ = next(self._questions)
        number = next(self._numbers)
        event = IncomingMessage(
            key=MessageKey(PLATFORM, ACCOUNT, "message", str(number)),
            conversation=ConversationRef(PLATFORM, ACCOUNT, f"room-{number}"),
            author=Identity(PLATFORM, ACCOUNT, f"person-{number % PEOPLE}", name=f"Person {number % PEOPLE}"),
            text=text,
            sent_at=datetime.now(UTC),
            private=True,
            audience=Audience.INTERNAL,
        )
        sent: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._outbox.awaited[event.conversation.key] = sent
        began = time.perf_counter()
        await self._receiver.receive(event)
        return (await asyncio.wait_for(sent, PATIENCE) - began) * 1000

    async def one_by_one(self, many: int) -> Timing:
        with timed() as timing:
            for _ in range(many):
                timing.each.append(await self.one())
        return timing

    async def together(self, many: int, at_once: int) -> Timing:
        """Never more than `at_once` of them without an answer."""
        left = iter(range(many))

        async def person(timing: Timing) -> None:
            for _ in left:
                timing.each.append(await self.one())

        with timed() as timing:
            await asyncio.gather(*(person(timing) for _ in range(at_once)))
        return timing


def settings_of(home: Path, database: str | None = None) -> Settings:
    address = SecretStr(database) if database else None
    options: dict[str, Any] = {"home": home, "database_url": address, "samples": False, "_env_file": None}
    return Settings(**options)


async def fill(settings: Settings, articles: Sequence[Article]) -> None:
    """Write the articles into a new database: always in the same steps, so that one index fits all of them."""
    if not settings.is_sqlite:
        await upgrade(settings.database)
    async with open_desk(settings) as desk:
        for start in range(0, len(articles), BATCH):
            async with desk.storage.unit_of_work() as work:
                for article in articles[start : start + BATCH]:
                    work.knowledge.put(article)
                await work.commit()


@asynccontextmanager
async def open_for_questions(settings: Settings, questions: Iterator[tuple[str, Language]]) -> AsyncIterator[Asked]:
    async with open_desk(settings) as desk:
        storage = cast(SqlStorage, desk.storage)
        outbox = ToldOutbox(storage.outbox)
        storage.outbox = cast(OutboxLedger, outbox)
        async with answering(desk, [NullAdapter()], NoDesk(), "bench"):
            yield Asked(desk, outbox, questions)
