"""Five hundred messages in Slack while everything fails that can, to one desk and to two at once."""

import random
from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.fakes.slack import FakeSlack
from tests.faults.running import Running
from tests.faults.talks import AS_PEOPLE_TYPE, AT_ONCE, Crowd
from tests.faults.trouble import everything_at_once, started
from tests.homes import copy_home
from tests.ledger.crowd import indexed_homes

pytestmark = pytest.mark.soak

MODES = pytest.mark.parametrize("mode", ["socket", "http"])


@MODES
async def test_one_desk_on_sqlite(
    mode: str, sampled_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    await survive(mode, (tmp_path / "home",), "", capsys)


@MODES
async def test_two_desks_on_one_postgresql(
    mode: str, postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await survive(mode, await indexed_homes(postgres_url, tmp_path, 2), postgres_url, capsys)


async def survive(mode: str, homes: tuple[Path, ...], database: str, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.randrange(1_000_000)
    binds = [f"127.0.0.1:{free_port()}" if mode == "http" else "" for _ in homes]
    urls = [f"http://{bind}/slack/events" for bind in binds if bind]
    async with FakeSlack(request_urls=urls, seed=seed).running() as slack:
        crowd = Crowd(slack, 500, seed, AS_PEOPLE_TYPE if len(homes) > 1 else AT_ONCE)
        replicas = (
            Running(slack, home, crowd.desk, bind=bind, database=database)
            for home, bind in zip(homes, binds, strict=True)
        )
        async with started(slack, *replicas) as desks:
            with capsys.disabled():
                print(f"\nseed {seed}")
            await crowd.rehearse()
            await everything_at_once(crowd, desks, seconds=120, kills=6, restarts=4)
            await crowd.answered(240)
            crowd.check()
            assert not [line for desk in desks for line in desk.crashes]
    with capsys.disabled():
        print(crowd.figures())
