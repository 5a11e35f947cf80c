"""Where a message stands in the conversation: an everyday answer, a pick, thanks, "never mind", too vague, …"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.understanding.normalise import BOUNDARY, Token
from bot.understanding.phrases import Evidence, Phrases, covered

_LONGEST = 25  # words: what is longer says something of its own
_LONGEST_PICK = 8
_NUMBERS = tuple(f"whole.number_{number}" for number in range(1, 10))
_PLAIN_NUMBER = re.compile(r"[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The fields of Understanding of the same names."""

    feedback: Literal["yes", "no"] | None = None
    choice: int | None = None
    settled: bool = False
    thanks: bool = False
    greeting: bool = False
    new_question: bool = False
    vague: bool = False


def dialogue(tokens: Sequence[Token], text: str, sentences: Evidence, whole: Phrases) -> Dialogue:
    """`sentences` is what was found anywhere in the text; `whole` reads it from end to end."""
    words = [token for token in tokens if token.text not in (BOUNDARY, "?")]
    asks = any(token.text == "?" for token in tokens)
    settled = _settled_in_passing(sentences, words, asks)
    new_question = sentences.has("dialogue.new_question")
    if not words or len(words) > _LONGEST:
        return Dialogue(settled=settled, new_question=new_question)
    found = whole.find(words, text)

    def reads(*kinds: str) -> frozenset[str] | None:
        return covered(found, len(words), [f"whole.{kind}" for kind in kinds])

    polite = ("thanks", "greeting", "filler")
    thanks = greeting = False
    if (used := reads(*polite)) is not None:
        thanks, greeting = (
            "whole.thanks" in used,
            used <= {"whole.greeting", "whole.filler"} and "whole.greeting" in used,
        )
    feedback: Literal["yes", "no"] | None = None
    if not asks or not greeting:
        feedback = _feedback(reads("yes", *polite), reads("no", *polite), reads("yes", "no", *polite), found)
    settled = settled or (not asks and "whole.settled" in (reads("settled", "yes", *polite) or ()))
    if settled and feedback == "no":  # "no, it's fine": no more is wanted
        feedback = None
    vague = "whole.vague" in (reads("vague", *polite) or ())
    return Dialogue(feedback, _choice(words, found), settled, thanks and not greeting, greeting, new_question, vague)


def _feedback(
    yes: frozenset[str] | None, no: frozenset[str] | None, either: frozenset[str] | None, found: Evidence
) -> Literal["yes", "no"] | None:
    """No outweighs yes: "ok thanks but no" did not work. What begins with yes and ends in no is left to a human."""
    if no is not None and "whole.no" in no and not (yes is not None and "whole.yes" in yes):
        return "no"
    if yes is not None and "whole.yes" in yes:
        return "yes"
    if either is not None and "whole.no" in either:
        first_no = found.hits["whole.no"][0].first
        first_yes = found.hits["whole.yes"][0].first
        return "no" if first_no < first_yes or _only_polite(found, first_no) else None
    return None


def _only_polite(found: Evidence, before: int) -> bool:
    """Whether what comes before is politeness, such as "great thanks", rather than an answer."""
    answers = ("yes", "oui", "yep", "yeah", "ouais")
    return not any(hit.first < before and hit.words.lower() in answers for hit in found.of("whole.yes"))


def _choice(words: Sequence[Token], found: Evidence) -> int | None:
    """The one number that the whole message picks."""
    if len(words) > _LONGEST_PICK:
        return None
    numbers = {token.text for token in words if _PLAIN_NUMBER.fullmatch(token.text)}
    if len(words) == 1 and numbers:
        return int(words[0].text)
    used = covered(found, len(words), ["whole.choice", "whole.filler", "whole.thanks", *_NUMBERS])
    picked = [group for group in used or () if group in _NUMBERS]
    return int(picked[0].rpartition("_")[2]) if len(picked) == 1 else None


def _settled_in_passing(sentences: Evidence, words: Sequence[Token], asks: bool) -> bool:
    """Said in a longer message ("the printer works again, you can close the ticket"), without a but, without asking."""
    return (
        sentences.has("dialogue.settled_strong")
        and not sentences.has("dialogue.reversal")
        and not asks
        and len(words) <= _LONGEST
    )
