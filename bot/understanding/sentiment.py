"""How the person feels, from words, emphasis and a little irony. A fault by itself is neutral."""

import re
from dataclasses import dataclass

from bot.model.values import Sentiment
from bot.understanding.phrases import Evidence

_SHOUTED = re.compile(r"\b[A-ZÀ-Ý]{3,}\b")
_EXCLAIMED = re.compile(r"[!?]{3,}|!!|(?:![^!\n]{0,200}){3}")
_MANY_SHOUTED = 4


@dataclass(frozen=True, slots=True)
class Mood:
    sentiment: Sentiment
    words: tuple[str, ...] = ()


def sentiment(text: str, evidence: Evidence) -> Mood:
    """Very negative takes a strong word, or several weaker ones together with emphasis: it opens a ticket at once."""
    strong = evidence.of("sentiment.very_negative")
    negative = evidence.of("sentiment.negative", "sentiment.ironic")
    positive = evidence.of("sentiment.positive")
    words = tuple(dict.fromkeys(hit.words for hit in (*strong, *negative)))
    if strong:
        return Mood(Sentiment.VERY_NEGATIVE, words)
    emphasis = bool(_EXCLAIMED.search(text)) + (len(_SHOUTED.findall(text)) >= _MANY_SHOUTED)
    distinct = _apart([(hit.first, hit.last) for hit in negative])
    if distinct >= 3 or (distinct >= 2 and emphasis):
        return Mood(Sentiment.VERY_NEGATIVE, words)
    if negative:
        return Mood(Sentiment.NEGATIVE, words)
    if emphasis and not positive and evidence.has("intent.fault_strong", "escalation.complaint", "urgency.wholly"):
        return Mood(Sentiment.NEGATIVE, ("emphasis",))
    if positive and not evidence.has("intent.fault_strong", "escalation.complaint"):
        return Mood(Sentiment.POSITIVE, tuple(hit.words for hit in positive[:2]))
    return Mood(Sentiment.NEUTRAL)


def _apart(spans: list[tuple[int, int]]) -> int:
    """How many of the spans do not overlap one counted before."""
    count, end = 0, -1
    for first, last in sorted(spans):
        if first >= end:
            count, end = count + 1, last
    return count
