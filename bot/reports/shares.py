"""Shares, and what they are worth."""

from dataclasses import dataclass

from bot.model.reports import Ratings, Spread
from bot.solutions import wilson_lower

MINIMUM = 20  # cases, of which a share is given
GOOD = (4, 5)
PROMOTERS, DETRACTORS = (9, 10), tuple(range(7))


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many. Of fewer than MINIMUM the counts have to do."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        return self.part / self.whole if self.whole >= MINIMUM else None

    @property
    def range(self) -> tuple[float, float] | None:
        """What the share of everybody may be, if these are a sample: Wilson's interval at 95 %."""
        if self.value is None:
            return None
        return wilson_lower(self.part, self.whole), 1 - wilson_lower(self.whole - self.part, self.whole)


def satisfied(ratings: Ratings) -> Share:
    """CSAT: how many of those who answered gave 4 or 5."""
    return Share(sum(ratings.scores.get(score, 0) for score in GOOD), ratings.answered)


def response(ratings: Ratings) -> Share:
    return Share(ratings.answered, ratings.sent)


def net_promoters(ratings: Ratings) -> float | None:
    """NPS: the share of 9 and 10 less the share of 0 to 6, in points from -100 to 100."""
    if ratings.answered < MINIMUM:
        return None
    good = sum(ratings.scores.get(score, 0) for score in PROMOTERS)
    bad = sum(ratings.scores.get(score, 0) for score in DETRACTORS)
    return 100 * (good - bad) / ratings.answered


def p90_of(spread: Spread) -> float | None:
    """A percentile is a share, too: of few cases it is only the slowest."""
    return spread.p90 if spread.count >= MINIMUM else None
