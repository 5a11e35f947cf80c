"""From confidence to the probability that an answer is right, fitted on questions whose answer is known.

`probability = 1 / (1 + exp(-(slope * confidence + intercept)))` (Platt, "Probabilistic outputs for support vector
machines", 1999). How well the probabilities keep their word is told by the expected calibration error (Naeini et al.,
"Obtaining well calibrated probabilities using Bayesian binning", 2015), on questions that the fit has not seen.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.model.knowledge import Calibration, Thresholds
from bot.model.values import Language
from bot.ports.storage import UnitOfWorkFactory

Source = Literal["labelled", "leave_one_out"]

ENOUGH = 50  # questions with a known answer, below which a fit would be chance
FOLDS = 5
BINS = 10
EVEN = 0.5  # chance that the right article is among three suggestions, from which on they are shown
LEAST_ANSWERED = 0.2  # of the questions: a desk that answers fewer is none
SHRINKAGE = 100.0  # inverse strength of the prior on the slope: weak, but it keeps separable data finite


@dataclass(frozen=True, slots=True)
class Judged:
    """A question asked of the desk: the confidence in the first article, whether that was right, whether it left the
    others behind (else the desk suggests instead of answering), and whether the right one was among the first three. A
    question without an answer in the base has nothing right."""

    confidence: float
    right: bool
    stands_out: bool
    among_three: bool


@dataclass(frozen=True, slots=True)
class Fit:
    """`before` and `after`: the calibration error of the bare confidence and of the probability. `answered` and
    `wrong`: the share of the questions that get an answer at `answer`, and of those answers the share that is wrong.
    Where no threshold keeps to the wanted share, `reached` is False and the thresholds are those that there were."""

    slope: float
    intercept: float
    answer: float  # thresholds, as confidence
    suggest: float
    reached: bool
    before: float
    after: float
    auroc: float
    answered: float
    wrong: float
    questions: int


class Calibrations:
    """What is in force: as the database had it when last asked."""

    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work
        self._known: dict[tuple[Language, str], Calibration] = {}

    async def refresh(self) -> None:
        """Raises StorageUnavailable."""
        async with self._unit_of_work() as work:
            self._known = {(each.language, each.model): each for each in await work.knowledge.calibrations()}

    def of(self, language: Language, model: str) -> Calibration | None:
        """For questions in this language, found with this embedding model ("": by words alone)."""
        return self._known.get((language, model))


def fit(judged: Sequence[Judged], false_answers: float, now: Thresholds) -> Fit | None:
    """For one language. `false_answers` (0..1): the share of the answers given that may be wrong. `now`: the thresholds
    in force, as confidence. None if there are not ENOUGH questions, or nearly all went the same way."""
    right = [each.right for each in judged]
    if len(judged) < ENOUGH or min(sum(right), len(right) - sum(right)) < FOLDS:
        return None
    confidence = [each.confidence for each in judged]
    slope, intercept = fitted(confidence, right)
    unseen = [0.0] * len(judged)
    for fold in range(FOLDS):
        rest = [at for at in range(len(judged)) if at % FOLDS != fold]
        pair = fitted([confidence[at] for at in rest], [right[at] for at in rest])
        for at in range(fold, len(judged), FOLDS):
            unseen[at] = probability(confidence[at], *pair)
    answer = answer_threshold([each for each in judged if each.stands_out], false_answers)
    suggest = even_chance(*fitted(confidence, [each.among_three for each in judged]))
    given = _given(judged, answer)
    reached = len(given) >= LEAST_ANSWERED * len(judged)
    if not reached:
        answer, suggest = now.answer, now.suggest
        given = _given(judged, answer)
    return Fit(
        slope=slope,
        intercept=intercept,
        answer=answer,
        suggest=min(suggest, answer),
        reached=reached,
        before=calibration_error(confidence, right),
        after=calibration_error(unseen, right),
        auroc=auroc(judged),
        answered=len(given) / len(judged),
        wrong=sum(not each.right for each in given) / len(given) if given else 0.0,
        questions=len(judged),
    )


def fitted(confidence: Sequence[float], truth: Sequence[bool]) -> tuple[float, float]:
    """Slope and intercept. More confidence never means less: what few questions say otherwise is chance."""
    if len(set(truth)) == 1:
        return 0.0, math.inf if truth[0] else -math.inf
    from sklearn.linear_model import LogisticRegression  # takes a second to import, and little else needs it

    model = LogisticRegression(C=SHRINKAGE).fit([[each] for each in confidence], truth)
    return max(float(model.coef_[0][0]), 0.0), float(model.intercept_[0])


def _given(judged: Sequence[Judged], answer: float) -> list[Judged]:
    return [each for each in judged if each.stands_out and each.confidence >= answer]


def probability(confidence: float, slope: float, intercept: float) -> float:
    return 1 / (1 + math.exp(-max(min(slope * confidence + intercept, 50.0), -50.0)))


def calibrated(confidence: float, calibration: Calibration) -> float:
    """The probability that an article found with this confidence is right."""
    return probability(confidence, calibration.slope, calibration.intercept)


def answer_threshold(judged: Sequence[Judged], false_answers: float) -> float:
    """The lowest confidence from which on answers are wrong no more often than wanted, by the probabilities fitted to
    them (which vary less with chance than counts do); infinite if that cannot be had."""
    confidence = [each.confidence for each in judged]
    pair = fitted(confidence, [each.right for each in judged]) if judged else (0.0, 0.0)
    wrong, best = 0.0, math.inf
    for number, each in enumerate(sorted(confidence, reverse=True), 1):
        wrong += 1 - probability(each, *pair)
        if wrong / number <= false_answers:
            best = each
    return best


def even_chance(slope: float, intercept: float) -> float:
    """The confidence at which the fitted probability is EVEN; 0 if it always is, 1 if it never is."""
    if slope <= 0:
        return 0.0 if probability(0.0, 0.0, intercept) >= EVEN else 1.0
    return min(max((math.log(EVEN / (1 - EVEN)) - intercept) / slope, 0.0), 1.0)


def calibration_error(probabilities: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error in BINS of equal width: the mean distance between what was promised and what came."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for chance, truth in zip(probabilities, right, strict=True):
        bins[min(int(chance * BINS), BINS - 1)].append((chance, truth))
    return sum(abs(sum(chance for chance, _ in each) - sum(truth for _, truth in each)) for each in bins) / max(
        len(probabilities), 1
    )


def auroc(judged: Sequence[Judged]) -> float:
    """The probability that a right first article was given more confidence than a wrong one."""
    inside = [each.confidence for each in judged if each.right]
    outside = [each.confidence for each in judged if not each.right]
    wins = sum((more > less) + 0.5 * (more == less) for more in inside for less in outside)
    return wins / (len(inside) * len(outside)) if inside and outside else 0.5
