"""The language of a message: little words first, which chat is made of, then statistics for what they leave open."""

import copy
import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from bot.model.values import Language
from bot.understanding.lexicon import read

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_LONG_ENOUGH = 4  # words, for statistics to mean something
_SURE = 0.8
_READ = 600  # characters: more tells nothing new
_SURELY_FOREIGN = 0.9
_FRENCH_LETTERS = frozenset("éèêëàâçùûîïôœ")


@dataclass(frozen=True, slots=True)
class LanguageVerdict:
    language: Language
    reason: str


@cache
def _function_words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in read("language").items()}


@cache
def _of_all() -> "LanguageIdentifier":
    """The statistics, of which a process needs one copy: they take a second to read and 100 MB."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def identifier() -> "LanguageIdentifier":
    """The same for the languages of the desk alone; what is large they share."""
    made = copy.copy(_of_all())
    made.set_languages([language.value for language in Language])
    return made


def load() -> None:
    """Read the statistics now, rather than with the first message that needs them."""
    identifier()


def detect(
    text: str,
    words: Sequence[str],
    matters: Mapping[Language, Container[str]],
    *,
    previous: Language | None,
    locale: str | None,
    default: Language,
) -> LanguageVerdict:
    """`words` are the text's, normalised; `matters` are words of the desk's matters that only one language has.

    Where nothing tells, the conversation's language stays (`previous`), else that of the person's locale, else the
    default. A lone "oui" or "yes" does not overrule the conversation.
    """
    lists = _function_words()
    french = [word for word in words if word in lists["fr"]]
    english = [word for word in words if word in lists["en"]]
    accents = sum(char in _FRENCH_LETTERS for char in text[:_READ].lower())
    if len(french) + min(accents, 2) > len(english):
        return LanguageVerdict(Language.FR, f"words: {' '.join(french[:3]) or 'accents'}")
    if len(english) > len(french) + min(accents, 2):
        return LanguageVerdict(Language.EN, f"words: {' '.join(english[:3])}")
    said = {language: [word for word in words if word in matters[language]] for language in Language}
    if len(said[Language.FR]) != len(said[Language.EN]):
        language = max(Language, key=lambda language: len(said[language]))
        return LanguageVerdict(language, f"words: {' '.join(said[language][:3])}")
    if len(words) >= _LONG_ENOUGH:
        code, confidence = identifier().classify(text[:_READ])
        if confidence >= _SURE:
            return LanguageVerdict(Language(code), f"statistics: {confidence:.2f}")
    if previous:
        return LanguageVerdict(previous, "conversation")
    for language in Language:
        if any(word in lists[f"weak_{language.value}"] for word in words):
            return LanguageVerdict(language, "a single word")
    return LanguageVerdict(_of_locale(locale) or default, "locale" if _of_locale(locale) else "default")


def is_of_another_script(text: str) -> bool:
    """Whether most letters of a text are of none of the languages that are spoken here."""
    letters = [character for character in text[:_READ] if character.isalpha()]
    latin = sum("LATIN" in unicodedata.name(character, "") for character in letters)
    return latin * 2 < len(letters)


def is_foreign(text: str, declared: str | None = None) -> bool:
    """Whether a text is in a language that the desk does not speak: by its script, by statistics that are sure of it,
    or by less sure ones where its author says so (`declared`)."""
    if is_of_another_script(text) and any(map(str.isalpha, text)):
        return True
    if len(text.split()) < _LONG_ENOUGH:
        return False
    code, confidence = _of_all().classify(text[:_READ])
    says_so = bool(declared) and _of_locale(declared) is None
    return code not in tuple(Language) and (says_so or confidence >= _SURELY_FOREIGN)


def _of_locale(locale: str | None) -> Language | None:
    """fr-CA is fr; a locale of a language the desk does not speak is no help."""
    code = (locale or "").replace("_", "-").partition("-")[0].lower()
    return next((language for language in Language if language.value == code), None)
