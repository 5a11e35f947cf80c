"""Two processes on one PostgreSQL share the inbox and the outbox, and either may be killed at any time."""

from pathlib import Path

from tests.ledger.crowd import MOMENT, Crowd, Kills, finish, indexed_homes, kill_and_restart
from tests.ledger.nursery import Nursery

POINTS = ("before commit", "after call", "before tickets.active_of", "after outbox.claim", "after inbox.claim", MOMENT)


async def test_replicas_that_are_killed_lose_and_double_nothing(
    postgres_url: str, tmp_path: Path, nursery: Nursery
) -> None:
    homes = await indexed_homes(postgres_url, tmp_path, 2)
    crowd = Crowd(tmp_path, rooms=8, seed=2, database=postgres_url, shared=True)
    kills = Kills(crowd, nursery, POINTS)
    await kill_and_restart(kills, homes, 6)
    await finish(kills, homes)
    await crowd.check()
    await crowd.close()
    assert sum(kills.deaths.values()) == 6 and len(kills.deaths) > 3
    assert len({line["by"] for line in crowd.shown()}) > 2
