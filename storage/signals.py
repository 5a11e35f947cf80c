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

from sqlalchemy import URL, Connection, text

from bot.ports.storage import Topic

_log = logging.getLogger(__name__)
_CHANNEL = "guichet"
_NOTIFY = text("SELECT pg_notify('guichet', :payload)")
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

    def __init__(self, url: URL, signals: Signals, again: float = 5.0) -> None:
        self._address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._signals = signals
        self._again = again
        self._task: asyncio.Task[None] | None = None
        self.name = uuid4().hex
        self.listening = asyncio.Event()

    def notify(self, connection: Connection, *topics: Topic) -> None:
        """Tell the other processes when this transaction commits."""
        for topic in topics:
            connection.execute(_NOTIFY, {"payload": f"{topic} {self.name}"})

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="guichet-listen")

    async def stop(self) -> None:
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
