"""A moment that presses, in the person's own words."""

from dataclasses import dataclass

from bot.understanding.phrases import Evidence


@dataclass(frozen=True, slots=True)
class Deadline:
    words: str
    near: bool  # within hours, or tomorrow


def deadline(evidence: Evidence) -> Deadline | None:
    """The most telling one: near before later, then the longest ("meeting at 9" rather than "at 9")."""
    for group in ("deadline.near", "deadline.later"):
        if hits := evidence.of(group):
            best = max(hits, key=lambda hit: (hit.last - hit.first, -hit.first))
            return Deadline(" ".join(best.words.split()), near=group == "deadline.near")
    return None
