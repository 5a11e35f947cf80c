"""Keeps an index in step with the database. The rows are the truth; the index is brought to them, never the reverse.

Every step can be interrupted anywhere: what was there goes on answering, and the next call finishes the work. Several
processes may each follow one database, each with an index of its own.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from bot.errors import IndexUnavailable
from bot.model.knowledge import Article, BaseVersion, Phrasing
from knowledge import thresholds
from knowledge.index.manifest import Indexed, Manifest
from knowledge.index.points import Ask, Entry, Prepared, mean_lengths, points, prepare, stamp
from knowledge.index.port import KnowledgeIndex, Point
from knowledge.sparse import VERSION, MeanLengths

BATCH = 200  # articles read and indexed at a time
SAMPLED = 2000  # articles from which mean lengths are taken: all of them in most bases
ASKED = 400  # articles from which thresholds are estimated anew after changes
DRIFT = 0.2  # of a mean length, beyond which weights are computed anew
SETTLED = 0.05  # of the articles may change before thresholds are estimated anew

Progress = Callable[[int, int], None]  # articles done, articles to do


class Rows(Protocol):
    """What is read of the `Knowledge` repository."""

    async def base_version(self) -> BaseVersion: ...

    async def catalogue(self, origin: str | None = None) -> dict[str, str]: ...

    async def articles(self, ids: Collection[str]) -> dict[str, Article]: ...

    async def approved_phrasings(self, article_ids: Collection[str] | None = None) -> list[Phrasing]: ...


class Work(Protocol):
    """A unit of work, as far as it is needed here."""

    @property
    def knowledge(self) -> Rows: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What a call did: articles indexed and removed, whether the index was made anew."""

    indexed: int = 0
    removed: int = 0
    rebuilt: bool = False
    ms: float = 0.0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The database at one moment: its state, the articles with their stamps, and the phrasings learnt."""

    base: str
    stamps: Mapping[str, str]
    learnt: Mapping[str, tuple[Ask, ...]]


class IndexFollower:
    def __init__(self, unit_of_work: Callable[[], Work], index: KnowledgeIndex) -> None:
        self._unit_of_work = unit_of_work
        self._index = index
        self._lock = asyncio.Lock()

    async def catch_up(self, progress: Progress | None = None) -> CatchUp:
        """Bring the index to the state of the database; one look at a version number when nothing has changed.

        Raises IndexUnavailable if the index cannot be written, nor made anew; StorageUnavailable.
        """
        async with self._lock:
            began = time.perf_counter()
            async with self._unit_of_work() as work:
                base = _state(await work.knowledge.base_version())
            if base == self._index.manifest.base and not _outdated(self._index.manifest):
                return CatchUp()
            wanted = await self._wanted(base)
            report = progress or _silent
            if _outdated(self._index.manifest):
                done = await self._rebuild(wanted, report)
            else:
                try:
                    done = await self._update(wanted, report)
                except IndexUnavailable:  # damaged while in use: everything it had is in the database
                    done = await self._rebuild(wanted, report)
            return replace(done, ms=(time.perf_counter() - began) * 1000)

    async def _wanted(self, base: str) -> _Wanted:
        """Read after `base` was: if rows change in between, the next call will see another base and look again."""
        async with self._unit_of_work() as work:
            catalogue = await work.knowledge.catalogue()
            learnt: dict[str, tuple[Ask, ...]] = {}
            for phrasing in await work.knowledge.approved_phrasings():
                learnt[phrasing.article_id] = (*learnt.get(phrasing.article_id, ()), (phrasing.text, phrasing.language))
        learnt = {id: tuple(sorted(asks)) for id, asks in learnt.items()}
        stamps = {id: stamp(id, revision, learnt.get(id, ())) for id, revision in catalogue.items()}
        return _Wanted(base, stamps, learnt)

    async def _update(self, wanted: _Wanted, progress: Progress) -> CatchUp:
        manifest = self._index.manifest
        changed = [id for id, mark in wanted.stamps.items() if _stamp(manifest, id) != mark]
        removed = [id for id in manifest.articles if id not in wanted.stamps]
        done = 0
        for ids in _batches(changed):
            prepared = await self._prepare(ids, wanted)
            await self._index.upsert(await asyncio.to_thread(_points, prepared, manifest.means))
            await self._index.delete(ids, keep=[each.stamp for each in prepared])
            manifest = _noted(manifest, ids, prepared)
            await self._index.save(manifest)
            done += len(ids)
            progress(done, len(changed) + len(removed))
        for ids in _batches(removed):
            await self._index.delete(ids)
            manifest = _noted(manifest, ids, ())
            await self._index.save(manifest)
            done += len(ids)
            progress(done, len(changed) + len(removed))
        if _drifted(manifest):
            return await self._rebuild(wanted, _silent)
        if manifest.unsettled > SETTLED * len(manifest.articles):
            sample = await self._prepare(_sample(list(manifest.articles), ASKED), wanted)
            manifest = replace(manifest, thresholds=await thresholds.estimate(self._index, sample), unsettled=0)
        await self._index.save(replace(manifest, base=wanted.base))
        return CatchUp(indexed=len(changed), removed=len(removed))

    async def _rebuild(self, wanted: _Wanted, progress: Progress) -> CatchUp:
        """Into a generation beside the one that answers."""
        before = self._index.manifest.articles
        ids = sorted(wanted.stamps)
        sample = {each.entry.article.id: each for each in await self._prepare(_sample(ids, SAMPLED), wanted)}
        means = mean_lengths(each.lengths for each in sample.values())
        generation = await self._index.rebuild()
        manifest = Manifest(means=means)
        for at, batch in enumerate(_batches(ids)):
            rest = [id for id in batch if id not in sample]
            prepared = [sample[id] for id in batch if id in sample] + await self._prepare(rest, wanted)
            await generation.upsert(await asyncio.to_thread(_points, prepared, means))
            manifest = _noted(manifest, batch, prepared)
            progress(min((at + 1) * BATCH, len(ids)), len(ids))
        await generation.save(manifest)
        estimated = await thresholds.estimate(generation, list(sample.values()))
        await generation.save(replace(manifest, base=wanted.base, thresholds=estimated, unsettled=0))
        await self._index.switch_to(generation)
        removed = sum(id not in wanted.stamps for id in before)
        return CatchUp(indexed=len(manifest.articles), removed=removed, rebuilt=True)

    async def _prepare(self, ids: Sequence[str], wanted: _Wanted) -> list[Prepared]:
        """As the rows are now; those that have gone meanwhile are left out."""
        prepared: list[Prepared] = []
        for batch in _batches(ids):
            async with self._unit_of_work() as work:
                rows = await work.knowledge.articles(batch)
            entries = [
                Entry(rows[id], wanted.learnt.get(id, ())) for id in batch if id in rows and not rows[id].withdrawn
            ]
            prepared += await asyncio.to_thread(_prepared, entries)
        return prepared


async def is_current(unit_of_work: Callable[[], Work], index: KnowledgeIndex) -> bool:
    """Whether the index is in step with the database."""
    async with unit_of_work() as work:
        base = _state(await work.knowledge.base_version())
    return base == index.manifest.base and not _outdated(index.manifest)


def _state(version: BaseVersion) -> str:
    """The count too: a database restored from a backup may come to the same number another way."""
    return f"{version.number}/{version.articles}"


def _outdated(manifest: Manifest) -> bool:
    """New, damaged, or made by another version of the encoder."""
    return not manifest.means or manifest.encoder != VERSION


def _stamp(manifest: Manifest, id: str) -> str | None:
    known = manifest.articles.get(id)
    return known.stamp if known else None


def _prepared(entries: Sequence[Entry]) -> list[Prepared]:
    return [prepare(entry) for entry in entries]


def _points(prepared: Sequence[Prepared], means: MeanLengths) -> list[Point]:
    return [point for each in prepared for point in points(each, means)]


def _noted(manifest: Manifest, ids: Iterable[str], prepared: Iterable[Prepared]) -> Manifest:
    """The manifest once these articles are in the index as prepared, and those not prepared are gone."""
    ids = set(ids)
    articles = {id: entry for id, entry in manifest.articles.items() if id not in ids}
    articles |= {each.entry.article.id: Indexed(each.stamp, each.lengths) for each in prepared}
    return replace(manifest, articles=articles, unsettled=manifest.unsettled + len(ids))


def _drifted(manifest: Manifest) -> bool:
    now = mean_lengths(entry.lengths for entry in manifest.articles.values())
    return bool(manifest.articles) and any(
        abs(now[vector] - mean) > DRIFT * mean for vector, mean in manifest.means.items()
    )


def _sample(ids: Sequence[str], most: int) -> list[str]:
    """Evenly spread."""
    step = max(len(ids) / most, 1.0)
    return [ids[int(at * step)] for at in range(min(len(ids), most))]


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _silent(done: int, total: int) -> None:
    pass
