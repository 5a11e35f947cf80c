"""Three processes on one PostgreSQL, whose leader is killed twice. The long version is in `tests/soak`."""

from pathlib import Path

from storage.store import open_storage
from tests.jobs.replica import Life
from tests.jobs.survival import Survival


async def test_every_due_time_is_completed_once_whoever_is_killed(postgres_url: str, tmp_path: Path) -> None:
    storage = await open_storage(postgres_url)
    survival = Survival(storage, Life(postgres_url, str(tmp_path), lease_seconds=3, promise=4), replicas=3, seed=4)
    try:
        await survival.run(seconds=12, kills=2)
        print(await survival.check(kills=2))
    finally:
        survival.stop()
        await storage.close()
