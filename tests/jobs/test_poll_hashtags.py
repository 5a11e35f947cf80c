"""Posts with the hashtags that are watched come by the job, once each, and how far was read is kept with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.mastodon.adapter import MastodonAdapter
from bot.engine.memory import KeptInStorage
from bot.ports.storage import Storage
from bot.settings import Settings
from jobs.poll_hashtags import poll_hashtags
from tests.fakes.mastodon import FakeMastodon
from tests.jobs.making import Stage


@asynccontextmanager
async def adapter_for(server: FakeMastodon, stage: Stage) -> AsyncIterator[MastodonAdapter]:
    settings = Settings.model_validate(
        {"mastodon_url": server.url, "mastodon_token": server.token, "mastodon_hashtags": "printer, acme"}
    )
    made = MastodonAdapter(settings, KeptInStorage(stage.storage), stage.clock)
    try:
        yield made
    finally:
        await made.close()


async def waiting(storage: Storage) -> int:
    """Messages in the inbox."""
    return sum((await storage.counts()).inbox.values())


async def test_posts_of_every_hashtag_come_once_over_runs_and_processes(stage: Stage) -> None:
    async with FakeMastodon().running() as server:
        bob = server.person("bob@elsewhere.example")
        await bob.says("long before #printer", ago=3_600)
        async with adapter_for(server, stage) as one:
            assert await poll_hashtags(stage.desk.services, [one]) == 0
            for number in range(3):
                await bob.says(f"{number} my #printer, my #acme")
            assert await poll_hashtags(stage.desk.services, [one]) == 3
            assert await poll_hashtags(stage.desk.services, [one]) == 0
        await bob.says("meanwhile #acme")
        async with adapter_for(server, stage) as another:
            assert await poll_hashtags(stage.desk.services, [another]) == 1
            assert await poll_hashtags(stage.desk.services, [another]) == 0
    assert await waiting(stage.storage) == 4


async def test_a_server_that_is_away_fails_no_run_and_nothing_is_lost(stage: Stage) -> None:
    async with FakeMastodon().running() as server:
        bob = server.person("bob@elsewhere.example")
        async with adapter_for(server, stage) as one:
            assert await poll_hashtags(stage.desk.services, [one]) == 0
            await bob.says("my #printer")
            server.faults.refuse("GET /api/v1/timelines/tag/{tag}", 422, "not today", times=2)
            assert await poll_hashtags(stage.desk.services, [one]) == 0
            assert [one.kind for one in one.troubles.present] == ["reading", "reading"]
            assert await poll_hashtags(stage.desk.services, [one]) == 1
            assert not one.troubles.present


async def test_platforms_without_hashtags_are_not_asked(stage: Stage) -> None:
    assert await poll_hashtags(stage.desk.services, [stage.desk.wire]) == 0
