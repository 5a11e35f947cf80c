import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import IndexUnavailable
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.index import follower as following
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import CatchUp, IndexFollower
from knowledge.index.manifest import Manifest
from knowledge.index.port import Point, Scope, Writer
from knowledge.retrieval import HybridRetriever
from knowledge.sparse import VERSION, Vector
from tests.knowledge.memory import MemoryBase, article


class Crash(BaseException):
    """The process dies here: nothing catches it."""


class CrashingWriter:
    """Passes everything on to a real one, and dies before or after the n-th write."""

    def __init__(self, writer: Any, fuse: "Fuse") -> None:
        self._writer = writer
        self._fuse = fuse

    @property
    def manifest(self) -> Manifest:
        manifest: Manifest = self._writer.manifest
        return manifest

    async def search(self, *arguments: Any) -> Any:
        return await self._writer.search(*arguments)

    def worth(self, *arguments: Any) -> Any:
        return self._writer.worth(*arguments)

    async def refresh(self) -> None:
        await self._writer.refresh()

    async def count(self) -> int:
        count: int = await self._writer.count()
        return count

    async def upsert(self, points: Sequence[Point]) -> None:
        with self._fuse:
            await self._writer.upsert(points)

    async def delete(self, articles: Collection[str], keep: Collection[str] = ()) -> None:
        with self._fuse:
            await self._writer.delete(articles, keep)

    async def save(self, manifest: Manifest) -> None:
        with self._fuse:
            await self._writer.save(manifest)

    async def rebuild(self, size: int = 0) -> Writer:
        with self._fuse:
            return CrashingWriter(await self._writer.rebuild(size), self._fuse)

    async def switch_to(self, generation: Any) -> None:
        with self._fuse:
            await self._writer.switch_to(generation._writer)

    async def close(self) -> None:
        await self._writer.close()


class Fuse:
    """Burns down by one before and one after every write."""

    def __init__(self, steps: int | None) -> None:
        self.left = steps

    def __enter__(self) -> None:
        self._step()

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._step()

    def _step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Crash


@pytest.fixture
def base() -> MemoryBase:
    base = MemoryBase()
    base.put(
        article("printer", "The printer is jammed", phrasings=("paper stuck in the machine",)),
        article("vpn", "How to connect the VPN"),
        article("badge", "Where to get a new badge", audience=Audience.INTERNAL),
    )
    return base


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[EmbeddedIndex]:
    opened = await EmbeddedIndex.open(tmp_path / "index")
    yield opened
    await opened.close()


async def best(index: Any, text: str, audience: Audience = Audience.INTERNAL) -> str | None:
    hits = (await HybridRetriever(index).search(Query(text, Language.EN, audience))).hits
    return hits[0].article_id if hits else None


async def test_a_new_index_takes_up_everything(base: MemoryBase, index: EmbeddedIndex) -> None:
    done = await IndexFollower(base.unit_of_work, index).catch_up()

    assert (done.indexed, done.removed, done.rebuilt) == (3, 0, True)
    assert await best(index, "connect to vpn") == "vpn"
    assert await best(index, "my paper is stuck") == "printer"


async def test_nothing_changed_is_one_look_at_the_version(base: MemoryBase, index: EmbeddedIndex) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    reads = base.reads

    assert await follower.catch_up() == CatchUp()
    assert base.reads == reads


async def test_only_what_changed_is_read_and_indexed(base: MemoryBase, index: EmbeddedIndex) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    base.put(*(article(f"filler-{number}") for number in range(60)))
    await follower.catch_up()
    base.put(article("vpn", "How to connect the tunnel"), article("screen", "The screen stays black"))
    base.withdraw("printer")

    done = await follower.catch_up()

    assert (done.indexed, done.removed, done.rebuilt) == (2, 1, False)
    assert await best(index, "connect the tunnel") == "vpn"
    assert await best(index, "black screen") == "screen"
    assert await best(index, "printer jammed paper") != "printer"
    assert await index.count() == 63


async def test_approved_phrasings_are_points_of_their_article(base: MemoryBase, index: EmbeddedIndex) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    assert await best(index, "zut flibuste") is None

    base.approve("vpn", "zut flibuste", Language.FR)
    assert (await follower.catch_up()).indexed == 1
    assert await best(index, "zut flibuste") == "vpn"

    base.phrasings.clear()
    base.number += 1
    await follower.catch_up()
    assert await best(index, "zut flibuste") is None


async def test_an_edit_of_the_audience_alone_is_followed(base: MemoryBase, index: EmbeddedIndex) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    assert await best(index, "connect the vpn", Audience.PUBLIC) == "vpn"

    base.put(article("vpn", "How to connect the VPN", audience=Audience.INTERNAL))
    await follower.catch_up()

    assert await best(index, "connect the vpn", Audience.PUBLIC) != "vpn"


async def test_progress_counts_up_to_the_end(base: MemoryBase, index: EmbeddedIndex) -> None:
    base.put(*(article(f"filler-{number}") for number in range(450)))
    seen: list[tuple[int, int]] = []

    await IndexFollower(base.unit_of_work, index).catch_up(lambda done, total: seen.append((done, total)))

    assert seen == [(200, 453), (400, 453), (453, 453)]


async def test_weights_are_computed_anew_when_texts_have_grown(base: MemoryBase, index: EmbeddedIndex) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    before = index.manifest.means[Vector.TEXT]

    base.put(article("long", "A long one", "Many words about it. " * 60))
    done = await follower.catch_up()

    assert done.rebuilt
    assert index.manifest.means[Vector.TEXT] > 2 * before
    assert (await follower.catch_up()) == CatchUp()


async def test_an_index_of_another_encoder_is_made_anew(
    base: MemoryBase, index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    await index.save(replace(index.manifest, encoder=0))

    assert (await follower.catch_up()).rebuilt
    assert index.manifest.encoder == VERSION


async def test_another_database_with_the_same_version_number_is_noticed(base: MemoryBase, index: EmbeddedIndex) -> None:
    await IndexFollower(base.unit_of_work, index).catch_up()
    other = MemoryBase(number=base.number - 1)
    other.put(article("other", "Something else altogether"))

    await IndexFollower(other.unit_of_work, index).catch_up()

    assert set(index.manifest.articles) == {"other"}


async def test_an_engine_that_fails_while_writing_gets_a_new_index(
    base: MemoryBase, index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = IndexFollower(base.unit_of_work, index)
    await follower.catch_up()
    base.put(article("new", "Something new"))

    async def fails(points: Sequence[Point]) -> None:
        raise IndexUnavailable("damaged")

    monkeypatch.setattr(index, "upsert", fails)

    assert (await follower.catch_up()).rebuilt
    assert await best(index, "something new") == "new"


async def test_calls_at_the_same_time_do_the_work_once(base: MemoryBase, index: EmbeddedIndex) -> None:
    follower = IndexFollower(base.unit_of_work, index)

    done = await asyncio.gather(*(follower.catch_up() for _ in range(4)))

    assert sorted(each.indexed for each in done) == [0, 0, 0, 3]


async def test_two_processes_follow_one_database_each_with_an_index_of_its_own(
    base: MemoryBase, index: EmbeddedIndex, tmp_path: Path
) -> None:
    other = await EmbeddedIndex.open(tmp_path / "other")
    followers = [IndexFollower(base.unit_of_work, each) for each in (index, other)]
    await asyncio.gather(*(each.catch_up() for each in followers))
    base.put(article("new", "Something new"))

    await asyncio.gather(*(each.catch_up() for each in followers))

    assert await best(index, "something new") == await best(other, "something new") == "new"
    await other.close()


@pytest.mark.parametrize("rebuild", [False, True], ids=["update", "rebuild"])
async def test_a_crash_between_any_two_steps_loses_nothing(
    base: MemoryBase, tmp_path: Path, rebuild: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Die at each step in turn: what was indexed before still answers, and the next call finishes the work."""
    monkeypatch.setattr(following, "BATCH", 2)
    base.put(*(article(f"filler-{number}") for number in range(3)))
    steps = 0
    while True:
        directory = tmp_path / f"index-{steps}"
        mine = MemoryBase(rows=dict(base.rows), number=base.number)
        index = await EmbeddedIndex.open(directory)
        await IndexFollower(mine.unit_of_work, index).catch_up()
        if rebuild:
            await index.save(replace(index.manifest, encoder=0))
        mine.put(article("vpn", "How to connect the tunnel"), article("screen", "The screen stays black"))
        mine.put(article("filler-1", "Another title"))
        mine.withdraw("printer")
        fuse = Fuse(steps)
        try:
            await IndexFollower(mine.unit_of_work, CrashingWriter(index, fuse)).catch_up()
        except Crash:
            crashed = True
        else:
            crashed = False
        assert await best(index, "new badge") == "badge"
        await index.close()

        index = await EmbeddedIndex.open(directory)
        assert await best(index, "new badge") == "badge"
        await IndexFollower(mine.unit_of_work, index).catch_up()
        assert set(index.manifest.articles) == {id for id, row in mine.rows.items() if not row.withdrawn}
        assert await index.count() == 6  # one more, one less
        assert await best(index, "connect the tunnel") == "vpn"
        assert await best(index, "black screen") == "screen"
        found = await HybridRetriever(index).search(Query("printer jammed connect vpn", Language.EN, Audience.INTERNAL))
        assert "printer" not in {hit.article_id for hit in found.hits}
        await index.close()
        if not crashed:
            break
        steps += 1
    assert steps > 10


KILLED = """
import asyncio, os, sys
from pathlib import Path
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from tests.knowledge.memory import MemoryBase, article
from tests.knowledge.test_follower import CrashingWriter, Fuse

class Deadly(Fuse):
    def _step(self):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), 9)

async def main():
    base = MemoryBase()
    base.put(*(article(f"a{n}", f"Article number {n}") for n in range(300)))
    index = await EmbeddedIndex.open(Path(sys.argv[1]))
    await IndexFollower(base.unit_of_work, index).catch_up()
    base.put(*(article(f"a{n}", f"Changed number {n}") for n in range(250)))
    await IndexFollower(base.unit_of_work, CrashingWriter(index, Deadly(int(sys.argv[2])))).catch_up()

asyncio.run(main())
"""


@pytest.mark.parametrize("steps", [1, 3, 6])
async def test_a_killed_process_leaves_an_index_that_can_be_finished(tmp_path: Path, steps: int) -> None:
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", KILLED, str(tmp_path / "index"), str(steps)], capture_output=True
    )
    assert died.returncode == -9, died.stderr.decode()
    base = MemoryBase(number=1)
    base.put(*(article(f"a{n}", f"{'Changed' if n < 250 else 'Article'} number {n}") for n in range(300)))

    index = await EmbeddedIndex.open(tmp_path / "index")
    assert await best(index, "number 7") == "a7"
    await IndexFollower(base.unit_of_work, index).catch_up()

    assert await index.count() == 300
    assert await best(index, "changed number 7") == "a7"
    found = await index.search({}, Scope(Audience.INTERNAL))
    assert found == {}
    await index.close()
