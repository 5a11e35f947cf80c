"""Slack, while everything fails that can: what people see is what they would see otherwise."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.slack import FakeSlack
from tests.faults.running import Running
from tests.faults.talks import Crowd
from tests.faults.trouble import everything_at_once, started
from tests.homes import copy_home


async def test_fifty_messages(sampled_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with FakeSlack().running() as slack:
        crowd = Crowd(slack, 50, seed=5)
        async with started(slack, Running(slack, tmp_path / "home", crowd.desk)) as desks:
            await crowd.rehearse()
            await everything_at_once(crowd, desks, seconds=12, kills=2, restarts=1)
            await crowd.answered(60)
            await asyncio.sleep(1)
            crowd.check()
    with capsys.disabled():
        print(f"\n{crowd.figures()}")
