"""The word lists of `lexicons/*.yaml`, read once.

A file is a mapping of groups; a group lists patterns under `fr`, `en` or `any`, and what must not fire under `except`.
A group is known by its file and name, such as `urgency.high`; the file's own `except` holds for all its groups.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bot.understanding.normalise import Normaliser
from bot.understanding.phrases import Phrases

SENTENCE_FILES = ("intent", "urgency", "sentiment", "deadline", "escalation", "dialogue", "applications")
_LANGUAGES = ("fr", "en", "any")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`sentences` is looked for anywhere in a text; `whole` reads short messages from end to end."""

    normaliser: Normaliser
    sentences: Phrases
    whole: Phrases


@cache
def lexicon() -> Lexicon:
    """The product's own lexicon: package data, the same in every process."""
    spelling = read("spelling")
    normaliser = Normaliser(spelling["shortcuts"], spelling["doubles"])
    return Lexicon(normaliser, phrases(SENTENCE_FILES, normaliser), phrases(("whole",), normaliser))


def read(name: str) -> dict[str, Any]:
    """The content of one lexicon file."""
    text = resources.files("bot.understanding").joinpath("lexicons", f"{name}.yaml").read_text(encoding="utf-8")
    # Scalars as written: to this loader "no" and "off" are words, not booleans. It builds nothing but text.
    content: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    return content


def phrases(files: tuple[str, ...], normaliser: Normaliser, languages: tuple[str, ...] = _LANGUAGES) -> Phrases:
    """The groups of these files in these languages, ready to be looked for."""
    groups: dict[str, list[str]] = {}
    exceptions: dict[str, list[str]] = {}
    for file in files:
        for group, lists in read(file).items():
            if group == "except":
                exceptions[f"{file}."] = [str(pattern) for pattern in lists]
                continue
            name = f"{file}.{group}"
            groups[name] = [str(pattern) for language in languages for pattern in lists.get(language, ())]
            if "except" in lists:
                exceptions[name] = [str(pattern) for pattern in lists["except"]]
    return Phrases(groups, normaliser, exceptions)
