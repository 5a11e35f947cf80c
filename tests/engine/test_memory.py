"""What adapters keep is there for every process, and the last to keep a name wins."""

import asyncio

from bot.engine.memory import KeptInStorage
from storage.store import SqlStorage


async def test_what_was_kept_is_recalled(storage: SqlStorage) -> None:
    memory, other = KeptInStorage(storage), KeptInStorage(storage)
    assert await memory.recall("slack/T1/heard") is None
    await memory.keep("slack/T1/heard", "one")
    assert await other.recall("slack/T1/heard") == "one"
    await other.keep("slack/T1/heard", "two")
    await other.keep("slack/T1/heard", "two")
    assert await memory.recall("slack/T1/heard") == "two"
    assert await memory.recall("slack/T2/heard") is None


async def test_of_many_who_keep_one_name_at_once_nobody_fails(storage: SqlStorage) -> None:
    memory = KeptInStorage(storage)
    values = [str(number) for number in range(8)]
    await asyncio.gather(*(memory.keep("name", value) for value in values))
    assert await memory.recall("name") in values
