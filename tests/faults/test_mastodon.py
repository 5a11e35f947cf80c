"""Mastodon, heard by one of several processes that is killed again and again: everything is heard, and once.

The processes hear as `guichet run` does, and do nothing else, so that ten of them can be killed in a minute; in the end
a whole desk answers what they left.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from storage.store import SqlStorage, open_storage
from tests.fakes.mastodon import FakeMastodon, Status
from tests.fakes.ports import free_port
from tests.ledger.crowd import indexed_homes
from tests.ledger.guichet import Guichet, environment

KILLS = 10
MOST_POSTS = 300  # ten a second; then one
LISTENERS = 3
LEASE = "mastodon/127.0.0.1"
PATIENCE = 120.0  # seconds, on a machine that has much to do
QUESTION = "i forgot my password"
HEAR = """
import asyncio
from bot.app import open_desk
from bot.cli.mastodon import heard, open_mastodon
from bot.settings import load_settings

async def hear():
    async with open_desk(load_settings()) as desk, heard(desk, await open_mastodon(desk)):
        await asyncio.Event().wait()

asyncio.run(hear())
"""


def settings_of(mastodon: FakeMastodon, database: str) -> dict[str, str]:
    return {
        "GUICHET_MASTODON_URL": mastodon.url,
        "GUICHET_MASTODON_TOKEN": mastodon.token,
        "GUICHET_MASTODON_HASHTAGS": "printer",
        "GUICHET_MASTODON_POLL_SECONDS": "2",
        "GUICHET_DATABASE_URL": database,
        "GUICHET_ALLOW_SAMPLES": "true",
        "GUICHET_WEB_PORT": str(free_port()),
        "GUICHET_LEADER_SECONDS": "3",
    }


class Listener:
    """One process, started again whenever it was killed. What every life had to complain of is in `log`."""

    def __init__(self, home: Path, settings: dict[str, str]) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home = home
        self.environment = environment(home) | settings
        self.log = home.parent / f"{home.name}.log"

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", HEAR],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).parents[2],
            )

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        assert self.process.wait(PATIENCE) == -9


@asynccontextmanager
async def running(listeners: Sequence[Listener]) -> AsyncIterator[None]:
    try:
        for one in listeners:
            one.start()
        yield
    finally:
        for one in listeners:
            one.process.kill()
            one.process.wait()


async def at_work(storage: SqlStorage, listeners: Sequence[Listener]) -> Listener:
    """Who hears the server, once somebody does who is alive."""
    async with asyncio.timeout(PATIENCE):
        while True:
            lease = await storage.leases.holder(LEASE)
            for one in listeners:
                if lease and f":{one.process.pid}:" in lease.owner and one.is_alive:
                    return one
            assert all(one.is_alive for one in listeners), [one.log.read_text() for one in listeners]
            await asyncio.sleep(0.02)


async def talk(mastodon: FakeMastodon, said: list[Status], over: asyncio.Event) -> None:
    """Until it is over somebody says something new, in every way there is, some of it arriving late."""
    while not over.is_set():
        number = len(said)
        who = mastodon.person(f"caller{number}@elsewhere.example", language="en")
        if number % 4 == 0 and number < 40:
            said.append(await who.says(f"@guichet {QUESTION}", visibility="direct"))
        elif number % 4 == 1:
            said.append(await who.says("what a lovely #printer", ago=3 * (number % 5)))
        else:
            said.append(await who.says("@guichet good morning"))
        await asyncio.sleep(0.1 if number < MOST_POSTS else 1)


async def heard(storage: SqlStorage) -> Counter[str]:
    """How often each post stands in the inbox."""

    def block(connection: Connection) -> Counter[str]:
        keys = (key.split("\x1f") for key in connection.execute(text("select key from inbox")).scalars())
        return Counter(native_id for _, _, kind, native_id, _ in keys if kind == "message")

    return await storage._context.database.read(block)


async def test_who_hears_the_server_is_killed_ten_times_and_each_post_is_heard_and_answered_once(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home,) = await indexed_homes(postgres_url, tmp_path, 1)
    loop = asyncio.get_running_loop()
    async with FakeMastodon().running() as mastodon:
        mastodon.api.rate = 0
        mastodon.accepts()
        mastodon.faults.copies = mastodon.faults.poll_copies = 2
        settings = settings_of(mastodon, postgres_url)
        listeners = [Listener(tmp_path / f"listener{number}", settings) for number in range(LISTENERS)]
        storage = await open_storage(postgres_url, create=False)
        said: list[Status] = []
        async with running(listeners):
            await at_work(storage, listeners)
            await mastodon.until(lambda: len(mastodon.streams.connections) == 2, PATIENCE, "streams")
            looks = ("GET /api/v1/notifications", "GET /api/v1/timelines/tag/{tag}")
            await mastodon.until(lambda: all(map(mastodon.called, looks)), PATIENCE, "a first look")
            await mastodon.quiet(0.2)
            over, began, silence = asyncio.Event(), loop.time(), 0.0
            speaking = asyncio.create_task(talk(mastodon, said, over))
            for _ in range(KILLS):
                victim = await at_work(storage, listeners)
                await asyncio.sleep(0.3)
                victim.kill()
                killed = loop.time()
                victim.start()
                await at_work(storage, listeners)
                silence = max(silence, loop.time() - killed)
            over.set()
            await speaking
            seconds = loop.time() - began
            wanted = {status.id for status in said}
            async with asyncio.timeout(PATIENCE):
                while wanted - set(await heard(storage)):  # noqa: ASYNC110  # the database tells nobody
                    await asyncio.sleep(0.1)
        private = [status for status in said if status.visibility == "direct"]
        with Guichet(home, "run", "--no-console", settings=settings):
            await mastodon.until(lambda: all(mastodon.replies(one) for one in private), PATIENCE, "answers")
            await mastodon.quiet(1.0, PATIENCE)
        counted = await heard(storage)
        await storage.close()
    ours = {one.id for one in mastodon.posts()}  # which the inbox knows, so that it does not hear them
    assert set(counted) - ours == wanted
    assert set(counted.values()) == {1}
    assert [len(mastodon.replies(one)) for one in private] == [1] * len(private)
    complaints = "\n".join(one.log.read_text() for one in listeners)
    assert not re.search("Traceback|Error: ", complaints), complaints
    with capsys.disabled():
        print(
            f"\n{len(said)} posts in {seconds:.0f} s while {KILLS} listeners were killed; nobody listened for at most"
            f" {silence:.1f} s; {mastodon.streams.connected} streams; {os.cpu_count()} processors"
        )
