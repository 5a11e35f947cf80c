"""From posts to weights: logistic regression on their traits, the same weights from the same posts every time."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bot.model.values import Sentiment, Urgency
from bot.understanding.posts.corpus import Post
from bot.understanding.posts.reader import PostReader
from bot.understanding.posts.traits import Traits, traits, without_accounts

WEIGHTS = Path(__file__).with_name("weights.json")

FOLDS = 5
SEED = 20261121
STRENGTH = 1.0  # inverse of the pull towards zero
_SEEN_IN = 2  # posts, for a trait to be learnt
_SEEN_IN_FOR_SCALES = 3
_FOR_SCALES = ("c:", "cc:", "t:", "k:", "en.w:", "fr.w:")  # what urgency and mood are told by
_DIGITS = 2  # kept of a weight
_LEAST, _LEAST_FOR_SCALES = 0.03, 0.05  # a weight below it is none
_TO_AN_ORGANISATION = frozenset("complaint irony question help praise thanks follow_up own_account".split())
# Of complaints, assumed: under a hashtag there is more small talk than trouble; who names the account of a company has
# trouble rather than not, as most have in Preotiuc-Pietro, Gaman and Aletras, "Automatically identifying complaints in
# social media", 2019.
SHARE_AMONG_OPEN, SHARE_AMONG_ADDRESSED = 0.15, 0.55
_CALM = {"urgency": (Urgency.LOW.value, Urgency.MEDIUM.value), "sentiment": (Sentiment.NEUTRAL.value,)}

Weighed = dict[str, float]
Learnt = dict[str, Any]


def seen_in(posts: Sequence[Post]) -> list[Traits]:
    return [traits(post.text, post.language) for post in posts]


def train(posts: Sequence[Post], seen: Sequence[Traits]) -> Learnt:
    """What `weights.json` holds. The chance is fitted to sums for authors that the sums' weights had not seen."""
    told: dict[str, list[tuple[float, bool]]] = {"addressed": [], "open": []}
    for learnt, tested in folds(posts, lambda post: f"{post.language} {post.author}"):
        reader = reader_of(fit_complaints([posts[i] for i in learnt], [seen[i] for i in learnt]))
        for i in tested:
            told["addressed" if seen[i].addressed else "open"].append(
                (reader.sum(seen[i]).of(seen[i]), posts[i].complaint)
            )
    complaints = fit_complaints(posts, seen)
    slope, intercept = platt(told["addressed"])
    moved = moved_to(SHARE_AMONG_ADDRESSED, [complaint for _, complaint in told["addressed"]])
    complaints["addressed"] |= {"slope": slope, "intercept": rounded(intercept + moved)}
    return {
        "complaint": complaints,
        "urgency": fit_scale(seen, [post.urgency for post in posts], tuple(Urgency)),
        "sentiment": fit_scale(seen, [post.sentiment for post in posts], tuple(Sentiment)),
    }


def fit_complaints(posts: Sequence[Post], seen: Sequence[Traits]) -> Learnt:
    """The weights for posts that name an account and for those that name none, the chance not fitted.

    Nearly every complaint of the corpus names an account. For posts under a hashtag, those written to an organisation
    are learnt from once more with the names taken out; there are not as many of them among such posts, though.
    """
    nameless = [
        (traits(without_accounts(post.text), post.language), post.complaint)
        for post, one in zip(posts, seen, strict=True)
        if one.addressed and post.kind in _TO_AN_ORGANISATION
    ]
    nameless += [(one, post.complaint) for post, one in zip(posts, seen, strict=True) if not one.addressed]
    moved = moved_to(SHARE_AMONG_OPEN, [complaint for _, complaint in nameless])
    return {
        "addressed": fit_complaint([post.complaint for post in posts], seen) | {"slope": 1.0, "intercept": 0.0},
        "open": fit_complaint([complaint for _, complaint in nameless], [one for one, _ in nameless])
        | {"slope": 1.0, "intercept": rounded(moved)},
    }


def fit_complaint(complaints: Sequence[bool], seen: Sequence[Traits]) -> Learnt:
    names, matrix = table([one.values for one in seen], _SEEN_IN)
    regression = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-4, intercept_scaling=10.0)
    model = regression.fit(matrix, complaints)
    weights = {name: rounded(weight) for name, weight in zip(names, model.coef_[0], strict=True)}
    return {
        "start": rounded(model.intercept_[0]),
        "weights": {name: weight for name, weight in weights.items() if abs(weight) >= _LEAST},
    }


def fit_scale(seen: Sequence[Traits], labels: Sequence[str], values: tuple[str, ...]) -> Learnt:
    values = tuple(value for value in values if value in set(labels))
    rows = [{key: value for key, value in one.values.items() if key.startswith(_FOR_SCALES)} for one in seen]
    names, matrix = table(rows, _SEEN_IN_FOR_SCALES)
    model = LogisticRegression(C=STRENGTH, max_iter=5_000, tol=1e-5).fit(matrix, [values.index(one) for one in labels])
    columns = {name: [rounded(weight) for weight in model.coef_[:, at]] for at, name in enumerate(names)}
    return {
        "values": [str(value) for value in values],
        "start": [rounded(one) for one in model.intercept_],
        "weights": {name: column for name, column in columns.items() if max(map(abs, column)) >= _LEAST_FOR_SCALES},
    }


def table(rows: Sequence[Weighed], least: int) -> tuple[list[str], Any]:
    """The traits seen in at least so many posts, in order of their names, and a row of their values for each post."""
    counts = Counter(key for row in rows for key in row)
    vectors = DictVectorizer()
    matrix = vectors.fit_transform([{key: v for key, v in row.items() if counts[key] >= least} for row in rows])
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")  # for liblinear
    return list(vectors.get_feature_names_out()), matrix


def folds(posts: Sequence[Post], group: Callable[[Post], str]) -> Iterator[tuple[list[int], list[int]]]:
    """Splits in which no group stands on both sides; drawn from a seed."""
    split = GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(posts, groups=[group(post) for post in posts])
    for learnt, tested in split:
        yield list(map(int, learnt)), list(map(int, tested))


def reader_of(complaints: Learnt) -> PostReader:
    """A reader of complaints alone."""
    calm = {name: {"values": values, "start": [0.0] * len(values), "weights": {}} for name, values in _CALM.items()}
    return PostReader.of({"complaint": complaints, **calm})


def platt(told: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Slope and intercept from a sum to a probability (Platt, "Probabilistic outputs for support vector machines")."""
    sums = [[one] for one, _ in told]
    model = LogisticRegression(C=100.0, tol=1e-8).fit(sums, [complaint for _, complaint in told])
    return rounded(model.coef_[0][0]), rounded(model.intercept_[0])


def moved_to(share: float, complaints: Sequence[bool]) -> float:
    """What to add to log-odds learnt from these to mean the same where this share of posts complains."""
    return log_odds(share) - log_odds(sum(complaints) / len(complaints))


def log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def rounded(number: float) -> float:
    return round(float(number), _DIGITS) + 0.0  # never -0.0


def as_text(learnt: Learnt) -> str:
    """One trait a line, so that a change can be read."""
    lines = json.dumps(learnt, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return lines.replace(',"', ',\n"') + "\n"
