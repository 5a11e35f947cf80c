"""What a post wants of the desk."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bot.model.public import FoundBy
from bot.model.understanding import Understanding
from bot.model.values import Intent, Sentiment, Urgency
from bot.understanding.body import body
from bot.understanding.language import is_foreign
from bot.understanding.lexicon import lexicon, phrases
from bot.understanding.phrases import Phrases
from bot.understanding.posts.traits import traits
from bot.understanding.secrets import MASK

# foreign: in a language that the desk does not speak; nothing: no words; other: it asks for nothing.
Kind = Literal["complaint", "question", "praise", "insult", "greeting", "nothing", "foreign", "other"]
GRIEVANCES = ("refund", "dispute", "complaint")
ASKS = frozenset(Intent) - {Intent.COMPLAINT, Intent.SMALLTALK, Intent.OTHER}  # what one comes to a desk for
KIND = frozenset(("c:praise", "c:thanks", "t:glad", "t:a glad face"))  # traits of a post
LONGEST_INSULT = 8  # words: a complaint that is longer has a matter, whatever it calls people
_ASIDE = re.compile(r"(?<!\w)[@#][\w.@-]+|https?://\S+")  # handles, hashtags and addresses


@dataclass(frozen=True, slots=True)
class Reading:
    """`serious`: it takes a person at once, whatever is said to it."""

    kind: Kind
    understanding: Understanding
    serious: bool
    angry: bool
    personal: bool  # it shows what one does not show to everybody


def read(said: Understanding, found_by: FoundBy, declared: str | None = None, *, personal: bool = False) -> Reading:
    """`said`: what was understood of it as a post; `declared`: the language that its author names; `personal`: whether
    identifiers were found in it."""
    kind = kind_of(said, found_by, declared)
    insulting = insults(_words(said))
    urgent = said.urgency.rank >= Urgency.HIGH.rank or said.ticket_at_once is not None
    return Reading(
        kind=kind,
        understanding=said,
        serious=kind == "insult" or (kind == "complaint" and urgent) or (kind == "question" and _takes_a_person(said)),
        angry=insulting or said.sentiment is Sentiment.VERY_NEGATIVE or said.ticket_at_once == "sentiment",
        personal=personal or bool(said.secrets) or MASK in said.text,
    )


def kind_of(said: Understanding, found_by: FoundBy, declared: str | None = None) -> Kind:
    words = _words(said)
    if not any(map(str.isalpha, words)):
        return "question" if "?" in words and found_by == "mention" else "nothing"
    if is_foreign(words, declared):
        return "foreign"
    if insults(words) and not _has_a_matter(said) and (not said.complaint or len(words.split()) <= LONGEST_INSULT):
        return "insult"
    if said.complaint or said.ticket_at_once in GRIEVANCES:
        return "complaint"
    asks = "?" in words
    if _is_kind(said) and not asks and said.ticket_at_once is None:
        return "praise"
    if _is_question(said, found_by, asks):
        return "question"
    return "greeting" if said.greeting else "other"


def _words(said: Understanding) -> str:
    return _ASIDE.sub(" ", said.text).replace(MASK, " ").strip()


def _is_kind(said: Understanding) -> bool:
    """Whether it says so in words or signs: who is thanked for "nobody helps me!" is mocked."""
    if said.thanks:
        return True
    return said.sentiment is Sentiment.POSITIVE and not KIND.isdisjoint(traits(said.text, said.language).values)


def insults(text: str) -> bool:
    """Whether it calls somebody names."""
    said = body(text)
    return _insults().find(lexicon().normaliser.tokens(said), said).has("public.insult")


def _is_question(said: Understanding, found_by: FoundBy, asks: bool) -> bool:
    """Who names the account asks it; who only uses a hashtag asks the desk if it is about what the desk deals with."""
    if found_by == "mention":
        return asks or said.intent in ASKS or said.ticket_at_once is not None
    if asks:
        return said.intent in ASKS or said.category is not None
    if said.ticket_at_once in ("security", "cancellation"):
        return True
    return said.intent in (Intent.HOWTO, Intent.FAULT, Intent.SECURITY) and said.category is not None


def _has_a_matter(said: Understanding) -> bool:
    return said.category is not None or said.intent in ASKS


def _takes_a_person(said: Understanding) -> bool:
    """Of what is no complaint: a danger, the end of a contract, money, a wish for a person; not a word that is loud."""
    return said.ticket_at_once in ("security", "cancellation", "refund", "dispute", "complaint", "human", "urgent")


@cache
def _insults() -> Phrases:
    return phrases(("public",), lexicon().normaliser)
