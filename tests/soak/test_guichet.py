"""A chat in a terminal that somebody keeps ending the hard way."""

import random
from pathlib import Path

import pytest

from tests.ledger.crowd import copied
from tests.ledger.talks import check_home, check_shown, talk_and_kill

pytestmark = pytest.mark.soak


async def test_a_chat_that_is_killed_twenty_times(sampled_home: Path, tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    home = copied(sampled_home, tmp_path / "home")
    shown = talk_and_kill(home, random.Random(seed), kills=20)
    check_shown(shown)
    await check_home(home, shown)
    print(f"{len(shown)} posts, {sum(again for _, again in shown)} of them shown again")
