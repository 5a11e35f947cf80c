"""People who talk to a desk that dies again and again, and what must be true of it in the end."""

import asyncio
import json
import random
import shutil
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM
from typing import Any

from sqlalchemy import Connection, Table, select

from bot.app import SAMPLES, SAMPLES_ORIGIN
from bot.categories import Categories
from bot.model.messages import MessageKey
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.sync import sync_folder
from storage.database import Database, connect
from storage.models.conversations import conversations, messages
from storage.models.ledger import inbox, outbox
from storage.models.tickets import tickets
from storage.store import open_storage
from storage.urls import database_url
from tests.ledger.life import ACCOUNT, Life
from tests.ledger.nursery import Child, Nursery

# Each has at least three articles to offer, so that the third no opens the ticket: lost or doubled noes would show.
QUESTIONS = (
    "my printer says the paper is jammed but there is none",
    "the vpn wont connect from home",
    "i forgot my password",
    "mon imprimante dit qu'il y a un bourrage mais il n'y a aucun papier coincé",
    "mon VPN ne se connecte pas depuis la maison",
    "la connexion wifi est très lente au bureau",
)
REST = ("no", "no", "no", "how do i set my out of office reply in outlook")
DEADLINE = 90.0  # seconds for what takes a few


@dataclass(frozen=True)
class Said:
    id: str
    room: str
    text: str


@dataclass
class Crowd:
    """`rooms` conversations, each of one person's own. What they say comes in an order that `seed` decides."""

    folder: Path
    rooms: int
    seed: int
    database: str
    shared: bool = False
    waiting: list[Said] = field(init=False)
    said: list[Said] = field(default_factory=list)
    database_read: Database = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        lines = {
            f"room{n}": [Said(f"{n}-{at}", f"room{n}", text) for at, text in enumerate((q, *REST))]
            for n, q in ((n, QUESTIONS[n % len(QUESTIONS)]) for n in range(self.rooms))
        }
        turns = [room for room, texts in lines.items() for _ in texts]
        self.random.shuffle(turns)
        self.waiting = [lines[room].pop(0) for room in turns]
        self.database_read = connect(database_url(self.database))
        (self.folder / "said.jsonl").touch()
        (self.folder / "shown.jsonl").touch()

    def say(self, count: int) -> None:
        """The next messages, all at once."""
        now, self.waiting = self.waiting[:count], self.waiting[count:]
        self.said += now
        with (self.folder / "said.jsonl").open("a") as file:
            file.writelines(json.dumps(vars(one)) + "\n" for one in now)

    def life(self, home: Path, dies_at: str = "", nth: int = 1) -> Life:
        said, shown = str(self.folder / "said.jsonl"), str(self.folder / "shown.jsonl")
        return Life(str(home), said, shown, self.database, self.shared, dies_at, nth)

    def shown(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "shown.jsonl").read_text().splitlines()]

    async def rows(self, table: Table) -> list[Any]:
        """All rows of a table in the order of its key."""

        def block(connection: Connection) -> list[Any]:
            return list(connection.execute(select(table).order_by(*table.primary_key)))

        return await self.database_read.read(block)

    async def is_quiet(self) -> bool:
        """Everything that was said is handled, and everything that came of it is delivered."""
        heard = [row for row in await self.rows(inbox) if row.event is not None]
        if len(heard) < len(self.said) or any(row.state in ("received", "processing") for row in heard):
            return False
        return not any(row.state in ("pending", "sending", "unknown") for row in await self.rows(outbox))

    async def until_quiet(self) -> None:
        deadline = time.monotonic() + DEADLINE
        while not await self.is_quiet():
            assert time.monotonic() < deadline, await self.state()
            await asyncio.sleep(0.1)

    async def state(self) -> str:
        return str([Counter(row.state for row in await self.rows(table)) for table in (inbox, outbox)])

    async def close(self) -> None:
        await self.database_read.close()

    async def check(self) -> None:
        """The promises."""
        heard = {row.key: row for row in await self.rows(inbox) if row.event is not None}
        assert set(heard) == set(map(key_of, self.said)), "a message was lost"
        assert {row.state for row in heard.values()} == {"done"}, await self.state()

        said_by_id = {heard[key_of(one)].id: one for one in self.said}
        all_messages = {row.id: row for row in await self.rows(messages)}
        assert {id: all_messages[id].text for id in said_by_id} == {id: one.text for id, one in said_by_id.items()}
        answers = Counter(row.in_reply_to for row in all_messages.values() if row.in_reply_to)
        assert answers == dict.fromkeys(said_by_id, 1), "not one answer to each message"

        deliveries = await self.rows(outbox)
        assert {row.state for row in deliveries} == {"sent"}, await self.state()
        answered: dict[str, list[Said]] = defaultdict(list)
        for row in deliveries:
            if (message := all_messages[row.message_id]).in_reply_to:
                answered[row.room].append(said_by_id[message.in_reply_to])
        spoken: dict[str, list[Said]] = defaultdict(list)
        for one in self.said:
            spoken[one.room].append(one)
        assert answered == spoken, "answers out of order"

        rooms = {row.id: row.room for row in await self.rows(conversations)}
        opened = Counter(rooms[row.conversation_id] for row in await self.rows(tickets))
        assert opened == dict.fromkeys(spoken, 1), "not one ticket to each conversation"
        self.check_shown({str(row.id): row for row in deliveries})

    def check_shown(self, deliveries: dict[str, Any]) -> None:
        shown = self.shown()
        assert {line["id"] for line in shown} == set(deliveries), "something was never shown"
        before: set[str] = set()
        for line in shown:
            assert line["id"] not in before or line["repeated"], f"shown again without a mark: {line}"
            before.add(line["id"])
        for room in {line["conversation"] for line in shown}:
            numbers = [line["number"] for line in shown if line["conversation"] == room]
            assert numbers == sorted(numbers), "shown out of order"


def key_of(said: Said) -> str:
    return str(MessageKey("test", ACCOUNT, "message", said.id))


@dataclass
class Kills:
    """The deaths of a run: at each of `points` in turn, and in between at any moment. Each life hears some messages
    before it starts and some while it runs."""

    crowd: Crowd
    nursery: Nursery
    points: tuple[str, ...]
    deaths: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = self.crowd.random
        self._begun = 0

    def begin(self, home: Path) -> tuple[Child, str, float]:
        """A new process, where it is to die, and when it is killed if it has not done so by itself."""
        point = self.points[self._begun % len(self.points)]
        self._begun += 1
        often = 1 if point.startswith("after inbox") else 3
        child = self.nursery.start(self.crowd.life(home, point, self.random.randint(1, often)))
        patience = self.random.uniform(0.05, 0.6) if point == MOMENT else 10.0
        return child, point, time.monotonic() + patience

    def over(self, child: Child, point: str, deadline: float) -> bool:
        """Whether the life has ended, if need be by our hand."""
        if child.has_ended():
            assert child.status == -9, f"a process ended with {child.status}: {self.nursery.log.read_text()[-3000:]}"
            self.deaths[point] += 1
        elif time.monotonic() > deadline:
            assert child.kill() == -9
            self.deaths[MOMENT] += 1
        else:
            return False
        return True


MOMENT = "at any moment"


async def kill_and_restart(kills: Kills, homes: tuple[Path, ...], count: int) -> None:
    """Kill processes, one in each home, `count` times altogether; each is replaced at once."""
    crowd = kills.crowd
    share = -(-len(crowd.waiting) // (2 * (count + len(homes))))
    lives: list[tuple[Child, str, float]] = []
    ended = 0
    for home in homes:
        crowd.say(share)
        lives.append(kills.begin(home))
        crowd.say(share)
    while ended < count:
        await asyncio.sleep(0.02)
        for number, home in enumerate(homes):
            if kills.over(*lives[number]):
                ended += 1
                crowd.say(share)
                lives[number] = kills.begin(home)
                await asyncio.sleep(crowd.random.uniform(0, 0.2))
                crowd.say(share)
    for child, *_ in lives:
        child.kill()


async def finish(kills: Kills, homes: tuple[Path, ...]) -> None:
    """Let processes that nobody kills do the rest; they end in order when they are asked to."""
    kills.crowd.say(len(kills.crowd.waiting))
    children = [kills.nursery.start(kills.crowd.life(home)) for home in homes]
    await kills.crowd.until_quiet()
    for child in children:
        assert child.kill(SIGTERM) == 0, kills.nursery.log.read_text()[-3000:]


def copied(home: Path, to: Path) -> Path:
    shutil.copytree(home, to)
    return to


async def indexed_homes(database: str, folder: Path, count: int) -> tuple[Path, ...]:
    """Homes of replicas that share a database, each with an index of its own; the samples are in the database."""
    storage = await open_storage(database, create=False)
    first = folder / "home0"
    index = await EmbeddedIndex.open(first / "index")
    await sync_folder(storage.unit_of_work, SAMPLES, Categories.load(None), SAMPLES_ORIGIN)
    await IndexFollower(storage.unit_of_work, index).catch_up()
    await index.close()
    await storage.close()
    return (first, *(copied(first, folder / f"home{n}") for n in range(1, count)))
