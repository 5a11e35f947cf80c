"""Who somebody is and how to reach them, taken out of texts that are kept for others to read.

Addresses and numbers are found by their shape. Names only where the text itself says that a name follows: after a
title, after "my name is", and below a closing; a name in the middle of a sentence is not recognised.
"""

import re
from collections.abc import Iterator

from bot.understanding.body import body
from bot.understanding.entities import without_identifiers
from bot.understanding.secrets import MASK, mask

_WORD = r"[A-ZÀ-ÖØ-Þ][\w’'-]{0,30}"
_NAME = rf"(?-i:{_WORD}(?:[ ](?:(?:de|du|la|le|van|von|der|el|al|d’)[ ])?{_WORD}){{0,2}})"
_TITLED = re.compile(
    rf"(?i)(?<!\w)(?:mme|mlle|m\.|mr\.?|mrs\.?|ms\.?|dr\.?|madame|monsieur|mister)[ ](?P<name>{_NAME})"
)
_INTRODUCED = re.compile(
    r"(?i)(?<!\w)(?:my name is|je m['’]appelle|mon nom est|i am called|contact(?:er)?|(?:name|nom)[ ]?:)[ ]"
    rf"(?P<name>{_NAME})"
)


def without_personal_data(text: str) -> str:
    """The text with secrets, identifiers and named people masked, the signature and the mail quoted below it gone."""
    return without_named_people(without_identifiers(mask(body(text)).text.strip()))


def without_named_people(text: str) -> str:
    """The text with the names masked that it says are names."""
    for pattern in (_TITLED, _INTRODUCED):
        text = pattern.sub(lambda match: match.group().removesuffix(match["name"]) + MASK, text)
    return text


def named_people(text: str) -> Iterator[tuple[int, int]]:
    """Where the names stand that the text says are names."""
    for pattern in (_TITLED, _INTRODUCED):
        yield from (match.span("name") for match in pattern.finditer(text))
