"""The index on a server: over the wire, with other processes, and while the server is gone."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from starlette.requests import Request
from starlette.responses import Response

from bot.errors import IndexUnavailable
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from bot.ports.storage import Storage
from knowledge.index import keeper as keeping
from knowledge.index import server_calls
from knowledge.index.follower import IndexFollower
from knowledge.index.keeper import IndexKeeper
from knowledge.index.manifest import Manifest
from knowledge.index.port import Scope
from knowledge.index.server import ServerIndex
from knowledge.index.server_generation import Layout
from knowledge.retrieval import HybridRetriever
from knowledge.sparse import SparseVector, Vector
from tests.contract.index.test_index import found, point
from tests.fakes.ports import free_port
from tests.fakes.qdrant import FakeQdrant, in_memory, running
from tests.knowledge.memory import MemoryBase, article

ONE = {Vector.QUESTION: SparseVector([1], [1.0])}
MEMBERS = Scope(Audience.INTERNAL)


@pytest.fixture
async def server() -> AsyncIterator[FakeQdrant]:
    async with running(FakeQdrant(in_memory())) as fake:
        yield fake


@asynccontextmanager
async def replica(server: FakeQdrant, timeout: float = 2.0, layout: Layout | None = None) -> AsyncIterator[ServerIndex]:
    index = ServerIndex.to(server.url, timeout=timeout, layout=layout)
    try:
        yield index
    finally:
        server.trouble = None
        await index.close()


async def test_what_one_process_writes_another_finds(server: FakeQdrant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.index.server.LOOK", 0.0)
    async with replica(server) as one, replica(server) as other:
        await one.refresh()
        await other.refresh()
        await one.upsert([point("a", 1)])
        await one.save(Manifest(base="1/1", means=dict.fromkeys(Vector, 1.0)))

        assert await found(other, 1) == ["a"]
        assert other.manifest.base == "1/1"
        assert other.worth(ONE) == one.worth(ONE)


async def test_a_switch_is_seen_by_a_process_that_was_searching_the_one_before(server: FakeQdrant) -> None:
    async with replica(server) as one, replica(server) as other:
        await one.refresh()
        await one.upsert([point("old", 1)])
        await one.save(Manifest(base="1/1"))
        assert await found(other, 1) == ["old"]
        generation = await one.rebuild(3)
        await generation.upsert([point("new", 1)])
        await generation.save(Manifest(base="2/1", model="m", size=3))
        await one.switch_to(generation)

        assert await found(other, 1) == ["new"]
        assert (other.manifest.base, other.manifest.model) == ("2/1", "m")
        collections = (await server.client.get_collections()).collections
        assert len(collections) == 1


async def test_what_a_dead_process_had_begun_is_swept_away_in_the_end(server: FakeQdrant) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=2)
    just_now = datetime.now(UTC) - timedelta(minutes=5)
    for begun in (long_ago, just_now):
        await server.client.create_collection(f"guichet-{begun:%Y%m%dT%H%M%S}-dead", vectors_config={})
    await server.client.create_collection("somebody-elses", vectors_config={})
    async with replica(server) as index:
        await index.refresh()
        await index.rebuild()

        left = {collection.name for collection in (await server.client.get_collections()).collections}
        assert "somebody-elses" in left
        assert f"guichet-{just_now:%Y%m%dT%H%M%S}-dead" in left
        assert f"guichet-{long_ago:%Y%m%dT%H%M%S}-dead" not in left


async def test_a_collection_of_somebody_else_is_left_alone(server: FakeQdrant) -> None:
    from qdrant_client import models

    await server.client.create_collection("theirs", vectors_config={})
    alias = models.CreateAlias(collection_name="theirs", alias_name="guichet")
    await server.client.update_collection_aliases([models.CreateAliasOperation(create_alias=alias)])
    async with replica(server) as index:
        with pytest.raises(IndexUnavailable, match="not one of guichet"):
            await index.refresh()


async def test_collections_are_laid_out_as_the_settings_say(server: FakeQdrant) -> None:
    async with replica(server, layout=Layout(shards=3, replicas=2, write_consistency=2)) as index:
        await index.refresh()
    (created,) = server.creations
    assert (created["shard_number"], created["replication_factor"], created["write_consistency_factor"]) == (3, 2, 2)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_passes_is_tried_again(server: FakeQdrant, status: int) -> None:
    refused = 0

    async def twice(request: Request) -> Response | None:
        nonlocal refused
        refused += 1
        return Response(status_code=status, headers={"retry-after": "0"}) if refused < 3 else None

    async with replica(server) as index:
        await index.refresh()
        server.trouble = twice
        assert await found(index, 1) == []
        assert refused >= 3


@pytest.mark.parametrize(
    ("status", "said"), [(400, "answers 400"), (401, "GUICHET_QDRANT_API_KEY"), (403, "refuses the key")]
)
async def test_what_does_not_pass_is_said_at_once(server: FakeQdrant, status: int, said: str) -> None:
    async def always(request: Request) -> Response:
        return Response(status_code=status)

    async with replica(server) as index:
        server.trouble = always
        with pytest.raises(IndexUnavailable, match=said):
            await index.refresh()
        assert len(server.asked) == 1


async def test_a_server_that_hangs_is_given_up_within_the_time_that_is_set(server: FakeQdrant) -> None:
    async def never(request: Request) -> Response:
        await asyncio.sleep(60)
        return Response()

    async with replica(server, timeout=0.3) as index:
        server.trouble = never
        began = time.monotonic()
        with pytest.raises(IndexUnavailable, match="in time"):
            await index.search(ONE, MEMBERS)
        assert time.monotonic() - began < 5


async def test_answers_that_are_no_json_are_the_servers_fault(server: FakeQdrant) -> None:
    async def nonsense(request: Request) -> Response:
        return Response(b"<html>", media_type="text/html")

    async with replica(server) as index:
        server.trouble = nonsense
        with pytest.raises(IndexUnavailable):
            await index.refresh()


async def test_nobody_is_there() -> None:
    index = ServerIndex.to(f"http://127.0.0.1:{free_port()}", key="very-secret-key", timeout=1.0)
    with pytest.raises(IndexUnavailable, match="cannot be reached") as caught:
        await index.search(ONE, MEMBERS)
    assert "very-secret-key" not in str(caught.value)
    assert index.manifest == Manifest()
    assert index.worth(ONE) == {Vector.QUESTION: 0.0}
    await index.close()


def test_the_wait_between_tries_is_bounded_whatever_the_server_asks() -> None:
    error = ResourceExhaustedResponse("Too Many Requests", 86400)
    assert server_calls.pause(1, error) == server_calls.LONGEST_PAUSE


async def test_a_death_in_the_middle_of_a_rebuild_leaves_what_was_there(server: FakeQdrant) -> None:
    base = MemoryBase()
    base.put(article("badge", "How to get a new badge"))
    async with replica(server) as index:
        await IndexFollower(base.unit_of_work, index).catch_up()
        generation = await index.rebuild()
        await generation.upsert([point("half", 1)])  # and here it dies: nobody closes it
    async with replica(server) as again:
        await IndexFollower(base.unit_of_work, again).catch_up()
        retriever = HybridRetriever(again)
        hits = (await retriever.search(Query("new badge", Language.EN, Audience.PUBLIC))).hits
        assert [hit.article_id for hit in hits] == ["badge"]


async def test_counts_that_do_not_fit_the_points_are_counted_anew(server: FakeQdrant) -> None:
    async with replica(server) as one:
        await one.refresh()
        await one.upsert([point("a", 1)])
        await one.save(Manifest(base="1/1"))
        await one.upsert([point("b", 1, 2)])  # and here it dies, before it saves
        expected = one.worth(ONE)
    async with replica(server) as other:
        await other.refresh()
        assert other.worth(ONE) == expected


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110  # what changes it is the code under test
            await asyncio.sleep(0.02)


async def test_a_server_that_is_gone_at_the_start_is_taken_up_when_it_comes(
    sqlite_storage: Storage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(keeping, "GONE_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "FOLLOW_SECONDS", 0.05)
    fake, port = FakeQdrant(in_memory()), free_port()
    index = ServerIndex.to(f"http://127.0.0.1:{port}", timeout=1.0)
    base = MemoryBase()
    base.put(article("badge", "How to get a new badge"))

    async def nothing() -> None:
        pass

    keeper = IndexKeeper(sqlite_storage, index, IndexFollower(base.unit_of_work, index), "me", nothing)
    await keeper.start()
    assert not keeper.is_well
    running_keeper = asyncio.create_task(keeper.run())
    retriever = HybridRetriever(index)
    question = Query("new badge", Language.EN, Audience.PUBLIC)
    try:
        with pytest.raises(IndexUnavailable):
            await retriever.search(question)
        for _ in range(2):  # it comes, and comes back with what it had
            async with running(fake, port):
                await until(lambda: keeper.is_well)
                assert [hit.article_id for hit in (await retriever.search(question)).hits] == ["badge"]
            with pytest.raises(IndexUnavailable):
                await retriever.search(question)
            await until(lambda: not keeper.is_well)
    finally:
        running_keeper.cancel()
        await asyncio.gather(running_keeper, return_exceptions=True)
        await index.close()


async def test_of_two_processes_one_writes(sqlite_storage: Storage, server: FakeQdrant) -> None:
    base = MemoryBase()
    base.put(article("badge", "How to get a new badge"))

    async def nothing() -> None:
        pass

    async with replica(server) as one, replica(server) as other:
        first = IndexKeeper(sqlite_storage, one, IndexFollower(base.unit_of_work, one), "first", nothing)
        second = IndexKeeper(sqlite_storage, other, IndexFollower(base.unit_of_work, other), "second", nothing)
        await first.start()
        server.asked.clear()
        await second.start()

        assert not [call for call in server.asked if call.startswith(("PUT", "DELETE"))]
        hits = (await HybridRetriever(other).search(Query("new badge", Language.EN, Audience.PUBLIC))).hits
        assert [hit.article_id for hit in hits] == ["badge"]
