"""A chat that is killed at random moments and started again, and what must be true of its home afterwards."""

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from storage.database import Database, connect
from storage.models.conversations import messages
from storage.models.knowledge import articles
from storage.models.ledger import inbox, outbox
from storage.urls import database_url
from tests.ledger.guichet import Guichet, headings

SCRIPT = (
    "my printer says the paper is jammed but there is none",
    "no",
    "no",
    "no",
    "how do i set my out of office reply in outlook",
    "thanks",
)


def talk_and_kill(home: Path, chance: random.Random, kills: int) -> list[tuple[int, bool]]:
    """Pipe the script into a chat as often as it is killed, and once more; the posts that were shown, in order."""
    shown: list[tuple[int, bool]] = []
    for left in range(kills, -1, -1):
        with Guichet(home, "chat") as chat:
            chat.says(*SCRIPT, end=True)
            if left:
                chat.until_lines(chance.randrange(0, 90))
                time.sleep(chance.choice((0, chance.uniform(0, 0.02))))
                chat.kill()
            else:
                assert chat.wait() == 0, chat.told()
            assert "Traceback" not in chat.told(), chat.told()
            shown += headings(chat.out)
    return shown


def check_shown(shown: list[tuple[int, bool]]) -> None:
    before: set[int] = set()
    for number, again in shown:
        assert number not in before or again, f"#{number} was shown again without a mark: {shown}"
        before.add(number)


async def check_home(home: Path, shown: list[tuple[int, bool]]) -> None:
    """Everything that was stored is handled, with one answer each, and everything was shown."""
    database = database_of(home)

    def block(connection: Connection) -> tuple[list[Any], list[Any], list[Any]]:
        heard = connection.execute(select(inbox).where(inbox.c.event.is_not(None))).all()
        return list(heard), list(connection.execute(select(outbox))), list(connection.execute(select(messages)))

    heard, deliveries, said = await database.read(block)
    await database.close()
    assert heard and {row.state for row in heard} == {"done"}
    answers = Counter(row.in_reply_to for row in said if row.in_reply_to)
    assert answers == dict.fromkeys([row.id for row in heard], 1)
    assert {row.state for row in deliveries} == {"sent"}
    assert {row.number for row in deliveries} == {number for number, _ in shown}


async def articles_in(home: Path) -> int:
    database = database_of(home)
    counting = select(func.count()).select_from(articles)
    count: int = await database.read(lambda connection: connection.execute(counting).scalar_one())
    await database.close()
    return count


def database_of(home: Path) -> Database:
    return connect(database_url(f"sqlite:///{home / 'guichet.db'}"))
