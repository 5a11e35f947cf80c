"""Fifty conversations, whose desk is killed again and again."""

import random
from pathlib import Path

import pytest

from tests.ledger.crowd import MOMENT, Crowd, Kills, copied, finish, indexed_homes, kill_and_restart
from tests.ledger.life import POINTS
from tests.ledger.nursery import Nursery

pytestmark = pytest.mark.soak


async def test_one_desk_on_sqlite(sampled_home: Path, tmp_path: Path, nursery: Nursery) -> None:
    home = copied(sampled_home, tmp_path / "home")
    database = f"sqlite:///{home / 'guichet.db'}"
    await survive(Crowd(tmp_path, rooms=50, seed=seed(), database=database), nursery, (home,))


async def test_two_desks_on_one_postgresql(postgres_url: str, tmp_path: Path, nursery: Nursery) -> None:
    homes = await indexed_homes(postgres_url, tmp_path, 2)
    crowd = Crowd(tmp_path, rooms=50, seed=seed(), database=postgres_url, shared=True)
    await survive(crowd, nursery, homes)


async def survive(crowd: Crowd, nursery: Nursery, homes: tuple[Path, ...]) -> None:
    kills = Kills(crowd, nursery, (*POINTS, MOMENT))
    await kill_and_restart(kills, homes, 45)
    await finish(kills, homes)
    await crowd.check()
    await crowd.close()
    again = sum(line["repeated"] for line in crowd.shown())
    print(f"{dict(kills.deaths)}, {len(crowd.shown())} posts, {again} of them marked as shown again")


def seed() -> int:
    number = random.randrange(1_000_000)
    print(f"seed {number}")
    return number
