"""From an article to the points that stand for it in an index."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from bot.model.knowledge import Article
from bot.model.values import Language
from knowledge import sparse
from knowledge.chunking import chunks, is_page, sentences
from knowledge.dense import Dense, Embedder, Embedding
from knowledge.index.manifest import Lengths
from knowledge.index.port import Kind, Point
from knowledge.sparse import MeanLengths, Terms, Vector

_NAMESPACE = uuid5(NAMESPACE_URL, "https://guichet.example/knowledge/point")

MOST_SENTENCES = 5000  # points of one manual

Ask = tuple[str, Language]  # a phrasing and its language


@dataclass(frozen=True, slots=True)
class Entry:
    """An article with the phrasings approved for it, apart from its own."""

    article: Article
    learnt: tuple[Ask, ...] = ()

    @property
    def phrasings(self) -> list[Ask]:
        """All of them, each once, the title left out."""
        own = [(text, self.article.language) for text in self.article.phrasings]
        seen = {self.article.title.casefold()}
        return [ask for ask in (*own, *self.learnt) if ask[0].strip() and not _seen(ask[0], seen)]


@dataclass(frozen=True, slots=True)
class Draft:
    """A point before its weights are known, for which the mean length of all texts must be. `texts` are for a model."""

    id: UUID
    kind: Kind
    terms: Mapping[Vector, Terms]
    texts: Mapping[Dense, str]
    chunk: int = 0
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entry with its drafts, and the stamp that they are made under."""

    entry: Entry
    stamp: str
    drafts: tuple[Draft, ...]
    lengths: Lengths

    @property
    def phrasing_drafts(self) -> tuple[Draft, ...]:
        """In the order of the entry's phrasings."""
        return tuple(draft for draft in self.drafts if draft.kind == "phrasing")


def stamp(id: str, revision: str, learnt: Iterable[Ask]) -> str:
    """Changes whenever what is indexed of the article changes; no two articles share one."""
    parts = [id, revision, *(f"{language}:{text}" for text, language in sorted(learnt))]
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def prepare(entry: Entry) -> Prepared:
    """One point with the title and the beginning of the text, one for each further chunk, one for each phrasing.

    The first one's text has the phrasings too: together they say more about what the article is for than each alone.
    The title of a manual says little, so each sentence of its pages is a point like a phrasing.
    """
    article, language = entry.article, entry.article.language
    mark = stamp(article.id, article.revision, entry.learnt)
    shown = "\n".join((article.title, *article.keywords))
    asked = "\n".join(text for text, spoken in entry.phrasings if spoken is language)
    drafts: list[Draft] = []
    for piece in chunks(article.body):
        first = piece.position == 0
        text = "\n".join(filter(None, (shown, asked if first else None, piece.heading, piece.text)))
        found = {Vector.TEXT: sparse.terms(Vector.TEXT, text, language)}
        read = {Dense.TEXT: "\n".join(filter(None, (article.title, piece.heading, piece.text)))}
        if first:
            found |= _asked(article.title, language)
            read[Dense.QUESTION] = article.title
        kind: Kind = "question" if first else "chunk"
        drafts.append(Draft(_id(mark, len(drafts)), kind, found, read, piece.position, piece.heading))
        if is_page(piece.heading):
            for sentence in sentences(piece.text)[: max(MOST_SENTENCES - len(drafts), 0)]:
                said, read = _asked(sentence, language), {Dense.QUESTION: sentence}
                drafts.append(Draft(_id(mark, len(drafts)), "sentence", said, read, piece.position, piece.heading))
    for phrasing, spoken in entry.phrasings:
        read = {Dense.QUESTION: phrasing}
        drafts.append(Draft(_id(mark, len(drafts)), "phrasing", _asked(phrasing, spoken), read))
    return Prepared(entry, mark, tuple(drafts), _lengths(drafts))


def _lengths(drafts: Iterable[Draft]) -> Lengths:
    counted = {vector: [0, 0] for vector in Vector}
    for draft in drafts:
        for vector, terms in draft.terms.items():
            counted[vector][0] += terms.length
            counted[vector][1] += 1
    return tuple((total, texts) for total, texts in counted.values())


def points(prepared: Sequence[Prepared], means: MeanLengths, embedder: Embedder | None = None) -> list[Point]:
    """Of several articles at once, since a model reads many texts faster together. Blocks. Raises ModelUnavailable."""
    drafts = [(each, draft) for each in prepared for draft in each.drafts]
    embeddings = _embeddings([draft for _, draft in drafts], embedder) if embedder else {}
    return [
        Point(
            id=draft.id,
            article_id=each.entry.article.id,
            revision=each.entry.article.revision,
            stamp=each.stamp,
            audience=each.entry.article.audience,
            language=each.entry.article.language,
            category=each.entry.article.category,
            applies_to=each.entry.article.applies_to,
            kind=draft.kind,
            chunk=draft.chunk,
            heading=draft.heading,
            vectors={vector: sparse.weighted(terms, means[vector]) for vector, terms in draft.terms.items()},
            embeddings=embeddings.get(draft.id, {}),
        )
        for each, draft in drafts
    ]


def _embeddings(drafts: Sequence[Draft], embedder: Embedder) -> dict[UUID, dict[Dense, Embedding]]:
    texts = [(draft.id, name, text) for draft in drafts for name, text in draft.texts.items()]
    found: dict[UUID, dict[Dense, Embedding]] = {}
    made = embedder.embed([text for _, _, text in texts])
    for (id, name, _), embedding in zip(texts, made, strict=True):
        found.setdefault(id, {})[name] = embedding
    return found


def mean_lengths(lengths: Iterable[Lengths]) -> dict[Vector, float]:
    """Of the texts of each vector, over any number of articles."""
    sums = [[0, 0] for _ in Vector]
    for article in lengths:
        for at, (total, texts) in enumerate(article):
            sums[at][0] += total
            sums[at][1] += texts
    return {vector: max(total / max(texts, 1), 1.0) for vector, (total, texts) in zip(Vector, sums, strict=True)}


def _asked(text: str, language: Language) -> dict[Vector, Terms]:
    return {vector: sparse.terms(vector, text, language) for vector in (Vector.QUESTION, Vector.CHARACTERS)}


def _seen(text: str, seen: set[str]) -> bool:
    key = text.casefold()
    known = key in seen
    seen.add(key)
    return known


def _id(mark: str, ordinal: int) -> UUID:
    return uuid5(_NAMESPACE, f"{mark}|{ordinal}")
