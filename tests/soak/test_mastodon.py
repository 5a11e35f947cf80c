"""Three hundred posts on Mastodon (or GUICHET_SOAK_POSTS) while everything fails that can, to one desk and to two at
once, on servers with a stream and without one."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.mastodon import FakeMastodon, Quirks
from tests.faults.posts import Posters
from tests.faults.running import OnMastodon
from tests.faults.trouble import everything_at_once_on_mastodon, hearing
from tests.homes import copy_home
from tests.ledger.crowd import indexed_homes

pytestmark = pytest.mark.soak

POSTS = int(os.environ.get("GUICHET_SOAK_POSTS", "300"))
PATIENCE = 900.0  # seconds, on a machine that has much to do
# What a server is like, how many characters a post may have, and which calls it refuses: every third. Who does not say
# for how long is left alone for five seconds and more: there, every twentieth.
SERVERS: dict[str, tuple[Callable[[], Quirks], int, int]] = {
    "streams": (Quirks, 500, 3),
    "no streams": (lambda: Quirks(streaming="none"), 1_000, 3),
    "pleroma": (Quirks.pleroma, 5_000, 20),
}
EACH = pytest.mark.parametrize("kind", SERVERS)


@EACH
async def test_one_desk_on_sqlite(
    kind: str, sampled_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    await survive(kind, (tmp_path / "home",), "", capsys)


@EACH
async def test_two_desks_on_one_postgresql(
    kind: str, postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await survive(kind, await indexed_homes(postgres_url, tmp_path, 2), postgres_url, capsys)


async def survive(kind: str, homes: tuple[Path, ...], database: str, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.randrange(1_000_000)
    with capsys.disabled():
        print(f"\n{kind}, {len(homes)} desks, seed {seed}")
    quirks, characters, refused = SERVERS[kind]
    async with FakeMastodon(quirks=quirks(), max_characters=characters, seed=seed).running() as mastodon:
        crowd = Posters(mastodon, POSTS, seed)
        replicas = (OnMastodon(mastodon, home, database=database) for home in homes)
        async with hearing(mastodon, *replicas, patience=PATIENCE) as desks:
            await crowd.rehearse(PATIENCE)
            await everything_at_once_on_mastodon(
                crowd, desks, seconds=90, kills=6, restarts=3, refused=refused, patience=PATIENCE
            )
            with capsys.disabled():
                print(f"all was said after {time.monotonic() - crowd.began:.0f} s")
            await crowd.answered(PATIENCE)
            crowd.check()
    with capsys.disabled():
        print(crowd.figures())
