"""Mastodon, while everything fails that can: what people see is what they would see otherwise, and once."""

from pathlib import Path

import pytest

from tests.fakes.mastodon import FakeMastodon
from tests.faults.posts import Posters
from tests.faults.running import OnMastodon
from tests.faults.trouble import everything_at_once_on_mastodon, hearing
from tests.ledger.crowd import indexed_homes

PATIENCE = 240.0  # seconds, on a machine that has much to do


async def test_fifty_posts_to_two_desks_of_which_one_is_killed(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = await indexed_homes(postgres_url, tmp_path, 2)
    async with FakeMastodon(max_characters=1_000).running() as mastodon:
        crowd = Posters(mastodon, 50, seed=7)
        replicas = (OnMastodon(mastodon, home, database=postgres_url) for home in homes)
        async with hearing(mastodon, *replicas, patience=PATIENCE) as desks:
            await crowd.rehearse(PATIENCE)
            await everything_at_once_on_mastodon(
                crowd, desks, seconds=12, kills=1, restarts=1, refused=3, patience=PATIENCE
            )
            await crowd.answered(PATIENCE)
            crowd.check()
    with capsys.disabled():
        print(f"\n{crowd.figures()}")
