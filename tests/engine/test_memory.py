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


async def test_what_starts_alike_is_found_together_and_forgotten_one_by_one(storage: SqlStorage) -> None:
    memory = KeptInStorage(storage)
    for name in (
        "slack/T1/cue/a",
        "slack/T1/cue/é",
        "slack/T1/cue",
        "slack/T1/cuf",
        "slack/T10/cue/a",
        "slack/T1/cue/%",
    ):
        await memory.keep(name, name[-1])
    alike = {"slack/T1/cue/a": "a", "slack/T1/cue/é": "é", "slack/T1/cue/%": "%"}
    assert await memory.kept("slack/T1/cue/") == alike
    for _ in range(2):
        await memory.forget("slack/T1/cue/a")
    del alike["slack/T1/cue/a"]
    assert await memory.kept("slack/T1/cue/") == alike
    assert await memory.kept("discord/") == {}
    await asyncio.gather(*(memory.forget("slack/T1/cue/%") for _ in range(4)))
    assert await memory.recall("slack/T1/cue/%") is None


async def test_of_many_who_keep_one_name_at_once_nobody_fails(storage: SqlStorage) -> None:
    memory = KeptInStorage(storage)
    values = [str(number) for number in range(8)]
    await asyncio.gather(*(memory.keep("name", value) for value in values))
    assert await memory.recall("name") in values
