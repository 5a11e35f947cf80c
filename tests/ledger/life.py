"""One life of a desk process: the desk's real parts, on a platform made of two files, until it is killed.

What people say is appended to one file and heard by every process again from its beginning, as a platform delivers
again what was not acknowledged. What is posted is appended to the other, and on the disk when `send` returns.
"""

import asyncio
import json
import logging
import os
import signal
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.app import answering, engine, open_desk
from bot.cli.run import until_told
from bot.engine.background import in_background
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingMessage, MessageKey
from bot.model.values import Audience
from bot.ports.adapters import Inbox
from bot.settings import Settings
from tests.engine.desk import OneDeskRoom
from tests.ledger.watched import watched

ACCOUNT = "T"
POINTS = (
    "after inbox.receive",  # stored, not acknowledged
    "after inbox.claim",  # in hand, not handled
    "before tickets.active_of",  # in the middle of handling
    "before commit",
    "after commit",
    "after outbox.claim",  # `sending`, before the call
    "after call",  # posted, not yet `sent`
    "after outbox.sent",
)


@dataclass(frozen=True)
class Life:
    """`dies_at` one of POINTS, the `nth` time it is passed. `shared`: other processes serve the same database."""

    home: str
    said: str
    shown: str
    database: str | None = None
    shared: bool = False
    dies_at: str = ""
    nth: int = 1


class Files:
    """The platform."""

    platform = "test"
    accounts = frozenset({ACCOUNT})

    def __init__(self, life: Life, death: "Death") -> None:
        self._said = Path(life.said)
        self._shown = os.open(life.shown, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._death = death

    async def run(self, inbox: Inbox) -> None:
        heard = 0
        while True:
            lines = self._said.read_bytes().split(b"\n")[heard:-1]
            if lines:
                await inbox.receive(*map(message, lines))
                heard += len(lines)
            await asyncio.sleep(0.02)

    async def send(self, delivery: Delivery) -> str:
        line = {
            "conversation": delivery.conversation.key,
            "id": str(delivery.id),
            "key": delivery.key,
            "number": delivery.number,
            "repeated": delivery.repeated,
            "text": delivery.document.text,
            "by": os.getpid(),
        }
        os.write(self._shown, json.dumps(line).encode() + b"\n")
        os.fsync(self._shown)
        await self._death("after call", delivery)
        return f"post-{delivery.number}"


def message(line: bytes) -> IncomingMessage:
    said = json.loads(line)
    return IncomingMessage(
        key=MessageKey("test", ACCOUNT, "message", said["id"]),
        conversation=ConversationRef("test", ACCOUNT, said["room"]),
        author=Identity("test", ACCOUNT, said["room"], name=said["room"]),
        text=said["text"],
        sent_at=datetime.now(UTC),
        private=True,
        audience=Audience.INTERNAL,
    )


class Death:
    """Kills this process, as kill -9 does, the nth time it passes a point; calls that found nothing do not count."""

    def __init__(self, life: Life) -> None:
        self._at = life.dies_at
        self._left = life.nth

    async def __call__(self, point: str, detail: Any) -> None:
        if point == self._at and detail not in ([], 0):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


async def live(life: Life) -> None:
    death = Death(life)
    settings = Settings.model_validate(
        {
            "home": life.home,
            "database_url": life.database,
            "samples": False,
            "lease_seconds": 2,
            "sweep_seconds": 0.3,
        }
    )
    async with open_desk(settings) as opened:
        desk = replace(opened, storage=watched(opened.storage, death))
        adapter, rooms = Files(life, death), OneDeskRoom()
        if life.shared:
            deliverer = desk.deliverer([adapter])
            async with engine(desk, deliverer, rooms), in_background(deliverer.run()):
                await adapter.run(desk.receiver)
        else:
            async with answering(desk, [adapter], rooms, "test"):
                await adapter.run(desk.receiver)


def run(life: Life, log: str) -> None:
    logging.basicConfig(filename=log, format=f"%(asctime)s {os.getpid()} %(levelname)s %(message)s", force=True)
    asyncio.run(until_told(live(life)))
