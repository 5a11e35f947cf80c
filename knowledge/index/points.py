"""From an article to the points that stand for it in an index."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from bot.model.knowledge import Article
from bot.model.values import Language
from knowledge import sparse
from knowledge.chunking import chunks
from knowledge.index.port import Point
from knowledge.sparse import MeanLengths, Vector

_NAMESPACE = uuid5(NAMESPACE_URL, "https://guichet.example/knowledge/point")

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
    """A point before its weights are known: the text of each of its vectors."""

    id: UUID
    kind: Literal["question", "chunk", "phrasing"]
    language: Language
    texts: dict[Vector, str]
    chunk: int = 0
    heading: str | None = None


def stamp(id: str, revision: str, learnt: Iterable[Ask]) -> str:
    """Changes whenever what is indexed of the article changes; no two articles share one."""
    parts = [id, revision, *(f"{language}:{text}" for text, language in sorted(learnt))]
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def drafts(entry: Entry) -> Iterator[Draft]:
    """The title with the beginning of the text, one for each further chunk, one for each phrasing."""
    article = entry.article
    mark = stamp(article.id, article.revision, entry.learnt)
    pieces = chunks(article.body)
    keywords = " ".join(article.keywords)
    ordinal = 0
    for piece in pieces:
        text = "\n".join(filter(None, (article.title, keywords, piece.heading, piece.text)))
        texts = {Vector.TEXT: text}
        if piece.position == 0:
            texts |= {Vector.QUESTION: article.title, Vector.CHARACTERS: article.title}
        kind: Literal["question", "chunk"] = "chunk" if piece.position else "question"
        yield Draft(_id(mark, ordinal), kind, article.language, texts, piece.position, piece.heading)
        ordinal += 1
    for phrasing, language in entry.phrasings:
        texts = {Vector.QUESTION: phrasing, Vector.CHARACTERS: phrasing, Vector.TEXT: phrasing}
        yield Draft(_id(mark, ordinal), "phrasing", language, texts)
        ordinal += 1


def points(entry: Entry, mean_lengths: MeanLengths) -> list[Point]:
    article = entry.article
    mark = stamp(article.id, article.revision, entry.learnt)
    return [
        Point(
            id=draft.id,
            article_id=article.id,
            revision=article.revision,
            stamp=mark,
            audience=article.audience,
            language=draft.language,
            category=article.category,
            applies_to=article.applies_to,
            kind=draft.kind,
            chunk=draft.chunk,
            heading=draft.heading,
            vectors={
                vector: sparse.document(vector, text, draft.language, mean_lengths.get(vector, 1.0))
                for vector, text in draft.texts.items()
            },
        )
        for draft in drafts(entry)
    ]


class LengthCount:
    """The mean length of every vector's texts, counted as articles go by."""

    def __init__(self) -> None:
        self._terms = dict.fromkeys(Vector, 0)
        self._texts = dict.fromkeys(Vector, 0)

    def add(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            for draft in drafts(entry):
                for vector, text in draft.texts.items():
                    self._terms[vector] += sparse.length(vector, text)
                    self._texts[vector] += 1

    @property
    def means(self) -> dict[Vector, float]:
        return {vector: self._terms[vector] / max(self._texts[vector], 1) for vector in Vector}


def _seen(text: str, seen: set[str]) -> bool:
    key = text.casefold()
    known = key in seen
    seen.add(key)
    return known


def _id(mark: str, ordinal: int) -> UUID:
    return uuid5(_NAMESPACE, f"{mark}|{ordinal}")
