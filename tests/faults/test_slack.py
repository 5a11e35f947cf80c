"""Slack, while everything fails that can: what people see is what they would see otherwise.

Over HTTP nothing is cut, since there is no connection; Slack repeats what is not acknowledged instead.
"""

from pathlib import Path

import pytest

from tests.fakes.ports import free_port
from tests.fakes.slack import FakeSlack
from tests.faults.running import Running
from tests.faults.talks import AS_PEOPLE_TYPE, Crowd
from tests.faults.trouble import everything_at_once, started
from tests.homes import copy_home
from tests.ledger.crowd import indexed_homes

PATIENCE = 180.0  # seconds, on a machine that has much to do


async def test_fifty_messages_and_one_desk_that_is_killed_twice(
    sampled_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with FakeSlack().running() as slack:
        crowd = Crowd(slack, 50, seed=5)
        async with started(slack, Running(slack, tmp_path / "home", crowd.desk)) as desks:
            await crowd.rehearse()
            await everything_at_once(crowd, desks, seconds=6, kills=2, restarts=1)
            await crowd.answered(PATIENCE)
            crowd.check()
    with capsys.disabled():
        print(f"\n{crowd.figures()}")


async def test_fifty_messages_over_http_and_one_of_two_desks_that_dies_for_good(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = await indexed_homes(postgres_url, tmp_path, 2)
    binds = [f"127.0.0.1:{free_port()}" for _ in homes]
    async with FakeSlack(request_urls=[f"http://{bind}/slack/events" for bind in binds]).running() as slack:
        crowd = Crowd(slack, 50, seed=6, typing=AS_PEOPLE_TYPE)
        replicas = (
            Running(slack, home, crowd.desk, bind=bind, database=postgres_url)
            for home, bind in zip(homes, binds, strict=True)
        )
        async with started(slack, *replicas) as desks:
            await crowd.rehearse()
            await everything_at_once(crowd, desks, seconds=6, kills=1, restarts=1, revive=False)
            await crowd.answered(PATIENCE)
            crowd.check()
    with capsys.disabled():
        print(f"\n{crowd.figures()}")
