"""Waking those who wait for something to be committed.

Inside a process by asyncio; between processes by PostgreSQL's NOTIFY. Where LISTEN does not work (a pooler that hands
each transaction to another session takes it and then stays silent) or there is SQLite, waiters see what other
processes did when their time is up.
"""

import asyncio
import logging
from contextlib import suppress
from uuid import uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import ARRAY, Text, bindparam, text

from bot.errors import StorageUnavailable
from bot.ports.storage import Topic
from storage.database import Database

_log = logging.getLogger(__name__)
_CHANNEL = "guichet"
_NOTIFY = text("SELECT pg_notify('guichet', payload) FROM unnest(:payloads) AS payload").bindparams(
    bindparam("payloads", type_=ARRAY(Text()))
)
_TOPICS: tuple[Topic, ...] = ("inbox", "outbox", "knowledge")


class Signals:
    """Counts the commits of each topic, so that a waiter knows whether it has missed one.

    What a waiter has seen is remembered by its task. A task that asks for the first time has seen what the latest
    return of anybody had, so that a sole consumer may wait in a fresh task each time.
    """

    def __init__(self) -> None:
        self._count = dict.fromkeys(_TOPICS, 0)
        self._returned = dict.fromkeys(_TOPICS, 0)
        self._seen: WeakKeyDictionary[asyncio.Task[object], dict[Topic, int]] = WeakKeyDictionary()
        self._waiters: dict[Topic, set[asyncio.Future[None]]] = {topic: set() for topic in _TOPICS}

    def changed(self, *topics: Topic) -> None:
        for topic in topics:
            self._count[topic] += 1
            for waiter in self._waiters[topic]:
                if not waiter.done():
                    waiter.set_result(None)

    async def wait(self, topic: Topic, timeout: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        seen = self._seen.setdefault(task, {})
        if seen.get(topic, self._returned[topic]) == self._count[topic]:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters[topic].add(waiter)
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(timeout):
                        await waiter
            finally:
                self._waiters[topic].discard(waiter)
        seen[topic] = self._returned[topic] = self._count[topic]


class Listener:
    """Hears on a connection of its own what other processes commit. Reconnects; gives up nothing but speed."""

    def __init__(self, database: Database, signals: Signals, again: float = 5.0) -> None:
        self._database = database
        self._address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._signals = signals
        self._again = again
        self._task: asyncio.Task[None] | None = None
        self._untold: set[Topic] = set()
        self._telling: asyncio.Task[None] | None = None
        self.name = uuid4().hex
        self.listening = asyncio.Event()

    def tell(self, *topics: Topic) -> None:
        """Tell the other processes that something was committed.

        After the commit and not in it: PostgreSQL lets one transaction with a NOTIFY commit at a time, all databases
        together. What comes while one notification is on its way goes with the next. A process that dies in between
        leaves the others to look for themselves.
        """
        self._untold.update(topics)
        if self._untold and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell(), name="guichet-tell")

    async def _tell(self) -> None:
        while self._untold:
            payloads = [f"{topic} {self.name}" for topic in sorted(self._untold)]
            self._untold.clear()
            with suppress(StorageUnavailable):
                await self._database.read(
                    lambda connection, told=payloads: connection.execute(_NOTIFY, {"payloads": told}).all()  # type: ignore[misc]
                )

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="guichet-listen")

    async def stop(self) -> None:
        if self._telling is not None:
            await self._telling
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        import psycopg  # only where there is a PostgreSQL: it would delay every other start

        while True:
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                _log.debug("not listening for changes: %s", type(error).__name__)
            finally:
                self.listening.clear()
            await asyncio.sleep(self._again)

    async def _listen(self) -> None:
        import psycopg

        connection = await psycopg.AsyncConnection.connect(
            self._address,
            autocommit=True,
            prepare_threshold=None,
            application_name="guichet-listen",
            connect_timeout=10,
        )
        async with connection:
            await connection.execute(f"LISTEN {_CHANNEL}".encode())
            self.listening.set()
            self._signals.changed(*_TOPICS)  # whatever was committed while nobody listened
            async for notice in connection.notifies():
                topic, _, sender = notice.payload.partition(" ")
                if sender != self.name and topic in _TOPICS:
                    self._signals.changed(topic)
