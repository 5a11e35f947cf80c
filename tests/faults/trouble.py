"""What goes wrong: events that come three times, calls that are refused, answers and connections that are lost, servers
that go away, desks that are killed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.slack import FakeSlack
from tests.faults.posts import Posters
from tests.faults.running import OnMastodon, Replica, Running
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


@asynccontextmanager
async def hearing(mastodon: FakeMastodon, *desks: OnMastodon, patience: float) -> AsyncIterator[Sequence[OnMastodon]]:
    """Desks, of which one hears Mastodon, until the block ends; none may have crashed by then."""
    mastodon.api.rate = 0
    mastodon.accepts()
    try:
        for desk in desks:
            desk.start()
        for desk in desks:
            await ready(desk)
        await mastodon.until(lambda: mastodon.called("GET /api/v1/timelines/tag/{tag}"), patience, "a first look")
        yield desks
        assert not [line for desk in desks for line in desk.crashes]
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
        group.create_task(_restart(crowd.slack, seconds, restarts, crowd.random))


async def everything_at_once_on_mastodon(
    crowd: Posters,
    desks: Sequence[Replica],
    *,
    seconds: float,
    kills: int,
    restarts: int,
    refused: int,
    patience: float,
) -> None:
    """The same there. `refused`: each such call is answered with 429. Whoever is in a conversation waits for an answer
    for so many seconds of `patience`."""
    mastodon, faults = crowd.mastodon, crowd.mastodon.faults
    faults.copies = faults.poll_copies = 3
    faults.limit_every, faults.lose_every, faults.cut_every = refused, 10, CUT_EVERY
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.talk(seconds, patience))
        group.create_task(kill(desks, seconds, kills, crowd.random, faults.happened))
        group.create_task(_restart(mastodon, seconds, restarts, crowd.random))


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


async def _restart(server: FakeSlack | FakeMastodon, seconds: float, restarts: int, dice: Random) -> None:
    for _ in range(restarts):
        await asyncio.sleep(seconds / (restarts + 1) * dice.uniform(0.7, 1.3))
        await server.restart(pause=dice.uniform(0.2, 1.0))
        server.faults.happened["server restarted"] += 1
