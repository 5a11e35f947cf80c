"""Three processes on one PostgreSQL for two minutes, whose leader is killed -9 five times."""

import random
from pathlib import Path

import pytest

from storage.store import open_storage
from tests.jobs.replica import Life
from tests.jobs.survival import Survival

pytestmark = pytest.mark.soak


async def test_jobs_survive_their_leaders(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.randrange(1_000_000)
    storage = await open_storage(postgres_url)
    survival = Survival(storage, Life(postgres_url, str(tmp_path), lease_seconds=5), replicas=3, seed=seed)
    try:
        await survival.run(seconds=120, kills=5)
        figures = await survival.check(kills=5)
    finally:
        survival.stop()
        await storage.close()
    with capsys.disabled():
        print(f"\nseed {seed}: {figures}")
