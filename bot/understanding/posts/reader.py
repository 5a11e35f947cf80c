"""A post is read: the learnt weights of its traits are added up."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from bot.model.values import Language, Sentiment, Urgency
from bot.understanding.posts.traits import Traits, traits
from bot.understanding.posts.verdict import Verdict

_REASONS = 4  # that are given for a verdict
_WORTH_SAYING = 0.15
_MARKS = re.compile(r"<user>|<url>|(?<![\w/@])@\w{2,}|(?<!\w)#[^\W\d]\w+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Scale:
    """A choice between `values`: each trait moves each of them, from where `start` has them."""

    values: tuple[str, ...]
    start: tuple[float, ...]
    weights: Mapping[str, Sequence[float]]

    def read(self, seen: Traits, least: str | None = None) -> str:
        """The likeliest; what is below `least`, which it cannot be, is as much a sign of `least`."""
        sums = list(self.start)
        for key, value in seen.values.items():
            for place, weight in enumerate(self.weights.get(key, ())):
                sums[place] += weight * value
        first = self.values.index(least) if least else 0
        chances = [math.exp(one - max(sums)) for one in sums]
        chances = [sum(chances[: first + 1]), *chances[first + 1 :]]
        return self.values[first + chances.index(max(chances))]


@dataclass(frozen=True, slots=True)
class Sum:
    """What speaks for a complaint, added up; `slope` and `intercept` turn that into its chance."""

    start: float
    weights: Mapping[str, float]
    slope: float
    intercept: float

    def of(self, seen: Traits) -> float:
        weights = self.weights
        return self.start + sum(weights[key] * value for key, value in seen.values.items() if key in weights)

    def chance(self, seen: Traits) -> float:
        return 1 / (1 + math.exp(-(self.slope * self.of(seen) + self.intercept)))


@dataclass(frozen=True, slots=True)
class PostReader:
    """A post that names an account speaks to somebody, a post that names none may be about anything: what tells a
    complaint in the one (`addressed`) is often small talk in the other (`open`)."""

    addressed: Sum
    open: Sum
    urgency: Scale
    sentiment: Scale

    @classmethod
    def load(cls) -> "PostReader":
        """The reader that ships with the package."""
        return _shipped()

    @classmethod
    def of(cls, learnt: Mapping[str, Any]) -> "PostReader":
        """From what `weights.json` holds."""
        addressed, unaddressed = (Sum(**learnt["complaint"][name]) for name in ("addressed", "open"))
        urgency, sentiment = (
            Scale(tuple(scale["values"]), tuple(scale["start"]), scale["weights"])
            for scale in (learnt["urgency"], learnt["sentiment"])
        )
        return cls(addressed, unaddressed, urgency, sentiment)

    def sum(self, seen: Traits) -> Sum:
        """The one that is meant for such a post."""
        return self.addressed if seen.addressed else self.open

    def read(self, post: str, language: Language) -> Verdict:
        """The same every time; offline; about a millisecond for a post."""
        return self.verdict(traits(post, language))

    def verdict(self, seen: Traits) -> Verdict:
        chance = self.sum(seen).chance(seen)
        complaint = chance >= 0.5
        urgency = Urgency(self.urgency.read(seen, Urgency.MEDIUM if complaint else None))
        return Verdict(
            complaint=complaint,
            chance=round(chance, 3),
            urgency=urgency,
            sentiment=Sentiment(self.sentiment.read(seen)),
            because=self._because(seen, complaint),
        )

    def _because(self, seen: Traits, complaint: bool) -> tuple[str, ...]:
        """What weighed most for the verdict, then the strongest that spoke against it."""
        weights = self.sum(seen).weights
        shares: dict[str, float] = defaultdict(float)
        for key, value in seen.values.items():
            shares[seen.sources[key]] += weights.get(key, 0.0) * value * (1 if complaint else -1)
        ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
        reasons = [source for source, share in ranked[:_REASONS] if share >= _WORTH_SAYING]
        against = [f"despite {source}" for source, share in ranked[-1:] if share <= -_WORTH_SAYING]
        return (*reasons, *against)


@cache
def _shipped() -> PostReader:
    text = resources.files("bot.understanding.posts").joinpath("weights.json").read_text(encoding="utf-8")
    return PostReader.of(json.loads(text))


def looks_like_a_post(text: str) -> bool:
    """Whether a text names an account, carries a hashtag or a stand-in for one (`<USER>`, `<URL>`), as posts do."""
    return bool(_MARKS.search(text))
