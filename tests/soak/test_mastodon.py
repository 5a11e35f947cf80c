"""Three hundred posts on Mastodon (or GUICHET_SOAK_POSTS) while everything fails that can, to one desk and to two at
once, on servers with a stream and without one."""

import asyncio
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.mastodon import FakeMastodon, Quirks
from tests.faults.posts import Posters
from tests.faults.running import OnMastodon
from tests.faults.trouble import CUT_EVERY, kill, ready
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
        mastodon.api.rate = 0
        mastodon.accepts()
        crowd = Posters(mastodon, POSTS, seed)
        desks = [OnMastodon(mastodon, home, database=database) for home in homes]
        try:
            for desk in desks:
                desk.start()
            for desk in desks:
                await ready(desk)
            await mastodon.until(lambda: mastodon.called("GET /api/v1/timelines/tag/{tag}"), PATIENCE, "a first look")
            await crowd.rehearse(PATIENCE)
            with capsys.disabled():
                print("rehearsed")
            faults = mastodon.faults
            faults.copies = faults.poll_copies = 3
            faults.limit_every, faults.lose_every, faults.cut_every = refused, 10, CUT_EVERY
            async with asyncio.TaskGroup() as group:
                group.create_task(crowd.talk(90, PATIENCE))
                group.create_task(kill(desks, 90, 6, crowd.random, faults.happened))
                group.create_task(restart(mastodon, 90, 3, crowd.random))
            with capsys.disabled():
                print(f"all was said after {time.monotonic() - crowd.began:.0f} s")
            await crowd.answered(PATIENCE)
            crowd.check()
            assert not [line for desk in desks for line in desk.crashes]
        finally:
            for desk in desks:
                desk.end()
    with capsys.disabled():
        print(crowd.figures())


async def restart(mastodon: FakeMastodon, seconds: float, times: int, dice: random.Random) -> None:
    for _ in range(times):
        await asyncio.sleep(seconds / (times + 1) * dice.uniform(0.7, 1.3))
        await mastodon.restart(pause=dice.uniform(0.2, 2.0))
        mastodon.faults.happened["server restarted"] += 1
