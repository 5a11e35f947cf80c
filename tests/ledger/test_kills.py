"""kill -9, again and again, on SQLite: nothing lost, nothing doubled, everything in order."""

from pathlib import Path

from tests.ledger.crowd import MOMENT, Crowd, Kills, copied, finish, kill_and_restart
from tests.ledger.nursery import Nursery

POINTS = ("before commit", "after call", "before tickets.active_of", "after outbox.claim", "after commit", MOMENT)


async def test_a_desk_that_is_killed_at_every_step_loses_and_doubles_nothing(
    sampled_home: Path, tmp_path: Path, nursery: Nursery
) -> None:
    home = copied(sampled_home, tmp_path / "home")
    crowd = Crowd(tmp_path, rooms=8, seed=1, database=f"sqlite:///{home / 'guichet.db'}")
    kills = Kills(crowd, nursery, POINTS)
    await kill_and_restart(kills, (home,), 6)
    await finish(kills, (home,))
    await crowd.check()
    await crowd.close()
    assert kills.deaths == dict.fromkeys(POINTS, 1)
