"""Keeps an index in step with the database. The rows are the truth; the index is brought to them, never the reverse.

Every step can be interrupted anywhere: what was there goes on answering, and the next call finishes the work. Several
processes may each follow one database, each with an index of its own.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Protocol, Self

from bot.errors import IndexUnavailable, ModelUnavailable
from bot.model.knowledge import Article, BaseVersion, Phrasing
from knowledge import thresholds
from knowledge.dense import Embedder, Embedders
from knowledge.index.manifest import Indexed, Manifest
from knowledge.index.points import Ask, Entry, Prepared, mean_lengths, points, prepare, stamp
from knowledge.index.port import KnowledgeIndex, Writer
from knowledge.sparse import VERSION

BATCH = 200  # articles read and indexed at a time
SAMPLED = 2000  # articles from which mean lengths are taken: all of them in most bases
ASKED = 400  # articles from which thresholds are estimated anew after changes
DRIFT = 0.2  # of a mean length, beyond which weights are computed anew
SETTLED = 0.05  # of the articles may change before thresholds are estimated anew

log = logging.getLogger(__name__)

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
    """`catch_up` brings the index to the rows; `embed_anew`, which takes long, gives it another model's embeddings."""

    def __init__(
        self, unit_of_work: Callable[[], Work], index: KnowledgeIndex, embedders: Embedders | None = None
    ) -> None:
        self._unit_of_work = unit_of_work
        self._index = index
        self._embedders = embedders
        self._lock = asyncio.Lock()
        self._embedding = False

    async def catch_up(self, progress: Progress | None = None) -> CatchUp:
        """Bring the index to the state of the database; one look at a version number when nothing has changed.

        An index made anew has words only, unless the model of the one before is there still: `embed_anew` does the
        rest. Raises IndexUnavailable if the index cannot be written, nor made anew; StorageUnavailable.
        """
        async with self._lock:
            began = time.perf_counter()
            await self._index.refresh()
            base = await self._base()
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

    @property
    def wants_embedding(self) -> bool:
        """The index has the embeddings of another model than the one that is wanted now, or none."""
        wanted = self._embedders.wanted if self._embedders else None
        return self._index.manifest.model != (wanted.name if wanted else None)

    async def embed_anew(self, progress: Progress | None = None) -> CatchUp:
        """Make the index again with the embeddings of the model that is wanted, or without any if none is.

        What there is goes on answering, and `catch_up` goes on bringing it up to date, until the new one is complete.
        Raises ModelUnavailable, IndexUnavailable, StorageUnavailable; the index is then as it was.
        """
        began = time.perf_counter()
        embedder = self._embedders.wanted if self._embedders else None
        self._embedding = True
        try:
            generation = await self._generation(await self._wanted(await self._base()), embedder, progress or _silent)
            async with self._lock:
                await self._bring(generation, await self._wanted(await self._base()), embedder, _silent)
                await self._index.switch_to(generation)
        finally:
            self._embedding = False
        indexed = len(generation.manifest.articles)
        return CatchUp(indexed=indexed, rebuilt=True, ms=(time.perf_counter() - began) * 1000)

    async def _base(self) -> str:
        async with self._unit_of_work() as work:
            return _state(await work.knowledge.base_version())

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
        try:
            done = await self._bring(self._index, wanted, self._embedder_of_the_index(), progress)
        except ModelUnavailable as error:
            log.warning("articles are indexed by their words only for now: %s", error)
            done = await self._bring(self._index, wanted, None, progress)
        if _drifted(self._index.manifest) and not self._embedding:  # which makes the index anew already
            return await self._rebuild(wanted, _silent)
        return done

    async def _bring(self, writer: Writer, wanted: _Wanted, embedder: Embedder | None, progress: Progress) -> CatchUp:
        """Index what has changed and remove what is gone, in a generation that has most of it."""
        manifest = writer.manifest
        if manifest.model and not embedder:
            # Some articles would have embeddings and some not: none are used from here on.
            manifest = replace(manifest, model=None, unsettled=len(manifest.articles))
        changed = [id for id, mark in wanted.stamps.items() if _stamp(manifest, id) != mark]
        removed = [id for id in manifest.articles if id not in wanted.stamps]
        done = 0
        for ids in _batches(changed):
            prepared = await self._prepare(ids, wanted)
            await writer.upsert(await asyncio.to_thread(points, prepared, manifest.means, embedder))
            await writer.delete(ids, keep=[each.stamp for each in prepared])
            manifest = _noted(manifest, ids, prepared)
            await writer.save(manifest)
            done += len(ids)
            progress(done, len(changed) + len(removed))
        for ids in _batches(removed):
            await writer.delete(ids)
            manifest = _noted(manifest, ids, ())
            await writer.save(manifest)
            done += len(ids)
            progress(done, len(changed) + len(removed))
        if manifest.unsettled > SETTLED * len(manifest.articles):
            sample = await self._prepare(_sample(list(manifest.articles), ASKED), wanted)
            estimated = await thresholds.estimate(writer, sample, embedder)
            manifest = replace(manifest, thresholds=estimated, unsettled=0)
        await writer.save(replace(manifest, base=wanted.base))
        return CatchUp(indexed=len(changed), removed=len(removed))

    async def _rebuild(self, wanted: _Wanted, progress: Progress) -> CatchUp:
        """Into a generation beside the one that answers."""
        before = self._index.manifest.articles
        try:
            generation = await self._generation(wanted, self._embedder_of_the_index(), progress)
        except ModelUnavailable as error:
            log.warning("the index is made anew with words only for now: %s", error)
            generation = await self._generation(wanted, None, progress)
        await self._index.switch_to(generation)
        removed = sum(id not in wanted.stamps for id in before)
        return CatchUp(indexed=len(generation.manifest.articles), removed=removed, rebuilt=True)

    async def _generation(self, wanted: _Wanted, embedder: Embedder | None, progress: Progress) -> Writer:
        ids = sorted(wanted.stamps)
        sample = {each.entry.article.id: each for each in await self._prepare(_sample(ids, SAMPLED), wanted)}
        means = mean_lengths(each.lengths for each in sample.values())
        size = embedder.size if embedder else 0
        generation = await self._index.rebuild(size)
        manifest = Manifest(means=means, model=embedder.name if embedder else None, size=size)
        for at, batch in enumerate(_batches(ids)):
            rest = [id for id in batch if id not in sample]
            prepared = [sample[id] for id in batch if id in sample] + await self._prepare(rest, wanted)
            await generation.upsert(await asyncio.to_thread(points, prepared, means, embedder))
            manifest = _noted(manifest, batch, prepared)
            progress(min((at + 1) * BATCH, len(ids)), len(ids))
        await generation.save(manifest)
        estimated = await thresholds.estimate(generation, list(sample.values()), embedder)
        await generation.save(replace(manifest, base=wanted.base, thresholds=estimated, unsettled=0))
        return generation

    def _embedder_of_the_index(self) -> Embedder | None:
        model = self._index.manifest.model
        return self._embedders.get(model) if self._embedders and model else None

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
