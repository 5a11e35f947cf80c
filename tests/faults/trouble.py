"""What goes wrong: events that come three times, calls that are refused, answers and connections that are lost, servers
that go away, desks that are killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from tests.fakes.slack import FakeSlack
from tests.faults.running import Replica, Running
from tests.faults.talks import Crowd

CUT_EVERY = 5.0  # seconds


@asynccontextmanager
async def started(slack: FakeSlack, *desks: Running) -> AsyncIterator[Sequence[Running]]:
    """Desks that hear Slack, until the block ends."""
    try:
        for desk in desks:
            desk.start()
        for desk in desks:
            await ready(desk)
        await slack.until(lambda: slack.http.urls or len(slack.sockets.open) == len(desks), 20, "connections")
        yield desks
    finally:
        for desk in desks:
            desk.end()


async def ready(desk: Replica) -> None:
    async with asyncio.timeout(60):
        while not desk.is_ready:  # noqa: ASYNC110  # it is another process
            await asyncio.sleep(0.05)


async def everything_at_once(
    crowd: Crowd, desks: Sequence[Running], *, seconds: float, kills: int, restarts: int, revive: bool = True
) -> None:
    """The crowd talks for so many seconds. Meanwhile desks are killed, in turn, and the server goes away. `revive`: who
    is killed is started again."""
    faults = crowd.slack.faults
    faults.copies, faults.limit_every, faults.lose_every, faults.cut_every = 3, 3, 10, CUT_EVERY
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.talk(seconds))
        group.create_task(kill(desks, seconds, kills, crowd.random, faults.happened, revive=revive))
        group.create_task(_restart(crowd, seconds, restarts))


async def kill(
    desks: Sequence[Replica], seconds: float, kills: int, dice: Random, happened: Counter[str], *, revive: bool = True
) -> None:
    """So many times, one after the other, in about that many seconds."""
    for number in range(kills):
        await asyncio.sleep(seconds / (kills + 1) * dice.uniform(0.7, 1.3))
        desk = desks[number % len(desks)]
        await asyncio.to_thread(desk.kill)
        happened["killed"] += 1
        if revive:
            await asyncio.sleep(dice.uniform(0, 1))
            desk.start()
            await ready(desk)


async def _restart(crowd: Crowd, seconds: float, restarts: int) -> None:
    for _ in range(restarts):
        await asyncio.sleep(seconds / (restarts + 1) * crowd.random.uniform(0.7, 1.3))
        await crowd.slack.restart(pause=crowd.random.uniform(0.2, 1.0))
        crowd.slack.faults.happened["server restarted"] += 1
