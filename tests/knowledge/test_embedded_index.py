"""What is particular to the index inside this process: damage, locks and files."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import IndexUnavailable
from bot.model.values import Audience
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.index.port import Scope
from knowledge.sparse import SparseVector, Vector
from tests.contract.index.test_index import found
from tests.knowledge.memory import MemoryBase, article

MEMBERS = Scope(Audience.INTERNAL)


@pytest.fixture
def base() -> MemoryBase:
    base = MemoryBase()
    base.put(*(article(f"printer-{number}", f"Printer {number} is jammed") for number in range(5)))
    return base


@pytest.fixture
async def directory(base: MemoryBase, tmp_path: Path) -> Path:
    """An index of the base, closed in good order."""
    index = await EmbeddedIndex.open(tmp_path / "index")
    await IndexFollower(base.unit_of_work, index).catch_up()
    await index.close()
    return tmp_path / "index"


def every(pattern: str, damage: Callable[[Path], object]) -> Callable[[Path], None]:
    def apply(directory: Path) -> None:
        paths = list(directory.glob(pattern))
        assert paths
        for path in paths:
            damage(path)

    return apply


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\xff" * min(path.stat().st_size, 10_000))


DAMAGES = {
    "no pointer": every("current", Path.unlink),
    "pointer to nowhere": every("current", lambda path: path.write_text("g-gone")),
    "pointer outside": every("current", lambda path: path.write_text("../../etc")),
    "pointer of noise": every("current", overwrite),
    "no generation": every("g-*", shutil.rmtree),
    "no shard": every("g-*/shard", shutil.rmtree),
    "no segments": every("g-*/shard/segments", shutil.rmtree),
    "no manifest": every("g-*/manifest.json", Path.unlink),
    "half a manifest": every("g-*/manifest.json", cut),
    "manifest of another kind": every("g-*/manifest.json", lambda path: path.write_text('{"articles": []}')),
    "segment cut": every("g-*/shard/segments/*/segment.json", cut),
    "segment of noise": every("g-*/shard/segments/*/segment.json", overwrite),
    "payloads of noise": every("g-*/shard/segments/*/payload_storage/page_0.dat", overwrite),
    "vectors of noise": every("g-*/shard/segments/*/vector_storage-bm25_q/store/*.dat", overwrite),
    "deletions cut": every("g-*/shard/segments/*/vector_storage-bm25_q/deleted/status.dat", cut),
    "log cut": every("g-*/shard/wal/first-index", cut),
    "log of noise": every("g-*/shard/wal/open-1", overwrite),
    "configuration cut": every("g-*/shard/edge_config.json", cut),
    "ids of noise": every("g-*/shard/segments/*/*id_tracker.mappings", overwrite),
    "no term counts": every("g-*/terms", Path.unlink),
    "term counts cut": every("g-*/terms", cut),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_a_damaged_index_is_made_anew_from_the_database(
    base: MemoryBase, directory: Path, damage: Callable[[Path], None]
) -> None:
    damage(directory)
    asked = {Vector.QUESTION: SparseVector([1], [1.0])}

    index = await EmbeddedIndex.open(directory)
    await IndexFollower(base.unit_of_work, index).catch_up()

    assert set(index.manifest.articles) == set(base.rows)
    assert await index.count() == 5
    assert index.worth(asked)[Vector.QUESTION] > 0
    await index.close()
    again = await EmbeddedIndex.open(directory)
    assert (await IndexFollower(base.unit_of_work, again).catch_up()).indexed == 0
    await again.close()


async def test_term_counts_that_were_lost_are_counted_anew(directory: Path) -> None:
    asked = {vector: SparseVector(list(range(50)), [1.0] * 50) for vector in Vector}
    index = await EmbeddedIndex.open(directory)
    before = index.worth(asked)
    await index.close()
    every("g-*/terms", Path.unlink)(directory)

    index = await EmbeddedIndex.open(directory)
    assert index.worth(asked) == before
    await index.close()


async def test_generations_of_crashed_rebuilds_are_swept_away(directory: Path) -> None:
    (directory / "g-left-over" / "shard").mkdir(parents=True)

    index = await EmbeddedIndex.open(directory)

    assert not (directory / "g-left-over").exists()
    assert index.manifest.articles
    await index.close()


async def test_a_place_that_cannot_be_written_is_named_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(IndexUnavailable, match=r"file/index.*directory that this process may write"):
        await EmbeddedIndex.open(tmp_path / "file" / "index")


async def test_a_closed_index_says_so(directory: Path) -> None:
    index = await EmbeddedIndex.open(directory)
    await index.close()

    with pytest.raises(IndexUnavailable, match="closed"):
        await found(index, 1)


async def test_damage_found_while_searching_leads_to_a_new_index(
    base: MemoryBase, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = await EmbeddedIndex.open(directory)
    follower = IndexFollower(base.unit_of_work, index)
    with monkeypatch.context() as broken:
        broken.setattr("knowledge.index.shard.Shard.search", _fails)
        with pytest.raises(IndexUnavailable):
            await found(index, 1)

    assert (await follower.catch_up()).rebuilt
    assert len(index.manifest.articles) == 5
    await index.close()


def _fails(*arguments: object) -> None:
    raise IndexUnavailable("damaged")


async def test_an_index_has_one_owner(tmp_path: Path) -> None:
    first = await EmbeddedIndex.open(tmp_path / "index")
    with pytest.raises(IndexUnavailable, match="in use by another process"):
        await EmbeddedIndex.open(tmp_path / "index")
    await first.close()
    await (await EmbeddedIndex.open(tmp_path / "index")).close()
