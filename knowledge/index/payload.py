"""What of a point is stored beside its vectors: what engines filter by, and what a candidate is made of."""

from collections.abc import Mapping
from typing import Any

from bot.devices import spellings
from bot.model.values import Language
from knowledge.index.port import Candidate, Point

FILTERED = ("article", "audience", "categories", "models")
SHOWN = ("article", "revision", "language", "chunk", "heading")

Fields = tuple[str, str, Language, int, str | None]  # a Candidate without its score


def payload_of(point: Point) -> dict[str, object]:
    parts = point.category.split("/")
    payload: dict[str, object] = {
        "article": point.article_id,
        "revision": point.revision,
        "stamp": point.stamp,
        "audience": point.audience.value,
        "language": point.language.value,
        "categories": ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)],
        "kind": point.kind,
        "chunk": point.chunk,
    }
    if point.applies_to:
        payload["models"] = spellings(point.applies_to)
    if point.heading is not None:
        payload["heading"] = point.heading
    return payload


def fields_of(payload: Mapping[str, Any]) -> Fields:
    language = Language(payload["language"])
    return payload["article"], payload["revision"], language, payload["chunk"], payload.get("heading")


def rank(candidate: Candidate) -> tuple[float, str]:
    """Best first, ties in the order of article ids."""
    return -candidate.score, candidate.article_id
