"""When a question is a new way to ask for an article, and what a curator makes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import SequenceMatcher

from bot.errors import InvalidInput
from bot.model.knowledge import Article, Phrasing
from bot.ports.storage import Knowledge
from bot.understanding.normalise import fold
from bot.understanding.secrets import MASK

FEWEST_WORDS = 3
MOST = 5000  # phrasings looked through, the newest
LONGEST = 200  # characters; a longer question tells a story, and a story is no phrasing
SAME_WORDS = 0.8  # share of their words that two texts have in common, from which they say the same
SAME_LETTERS = 0.9


def is_worth_proposing(text: str, article: Article, known: Iterable[Phrasing]) -> bool:
    """Whether a curator should see it: of a fair length, without anything masked, and nearly neither the title nor a
    phrasing of the article, be it approved, proposed or rejected."""
    if len(text) > LONGEST or MASK in text or len(words(text)) < FEWEST_WORDS:
        return False
    return not any(
        is_nearly(text, other) for other in (article.title, *article.phrasings, *(one.text for one in known))
    )


async def phrasing_named(knowledge: Knowledge, reference: str) -> Phrasing:
    """The phrasing of that reference, or id, whatever was decided about it. Raises InvalidInput."""
    wanted = reference.strip().lower()
    for phrasing in await knowledge.learnt_phrasings(MOST):
        if wanted in (phrasing.reference, str(phrasing.id)):
            return phrasing
    raise InvalidInput(f"there is no phrasing {wanted[:40]}; guichet kb review lists what waits")


def approved(phrasing: Phrasing) -> Phrasing:
    return replace(phrasing, approved=True, rejected_at=None)


def rejected(phrasing: Phrasing, at: datetime) -> Phrasing:
    return replace(phrasing, approved=False, rejected_at=at)


def is_nearly(first: str, second: str) -> bool:
    """Whether two texts say the same in nearly the same words; case, accents and punctuation do not count."""
    ones, others = words(first), words(second)
    if not ones or not others:
        return ones == others
    shared = len({*ones} & {*others}) / len({*ones} | {*others})
    return shared >= SAME_WORDS or SequenceMatcher(None, " ".join(ones), " ".join(others)).ratio() >= SAME_LETTERS


def words(text: str) -> Sequence[str]:
    return "".join(letter if letter.isalnum() else " " for letter in fold(text)).split()
