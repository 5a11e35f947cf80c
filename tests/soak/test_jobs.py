"""Three processes on one PostgreSQL for two minutes, whose leader is killed -9 five times; and others whose leader is
suspended until somebody else leads, and then goes on as if nothing had been."""

import random
from pathlib import Path

import pytest

from storage.store import open_storage
from tests.jobs.replica import Life
from tests.jobs.survival import Survival

pytestmark = pytest.mark.soak


@pytest.mark.parametrize(("seconds", "losses", "suspending"), [(120, 5, False), (40, 3, True)], ids=["kill", "stop"])
async def test_jobs_survive_their_leaders(
    postgres_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    losses: int,
    suspending: bool,
) -> None:
    seed = random.randrange(1_000_000)
    storage = await open_storage(postgres_url)
    survival = Survival(storage, Life(postgres_url, str(tmp_path), lease_seconds=5), replicas=3, seed=seed)
    try:
        await survival.run(seconds, losses, suspending=suspending)
        figures = await survival.check(losses)
    finally:
        survival.stop()
        await storage.close()
    with capsys.disabled():
        print(f"\nseed {seed}: {figures}")
