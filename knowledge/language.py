"""Which of the desk's two languages a document, or a query of an evaluation, is in."""

from functools import cache
from typing import TYPE_CHECKING

from bot.model.values import Language

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LOOKED_AT = 2000  # characters; more does not change the verdict


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 0.3 s: only once a text needs it

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages([language.value for language in Language])
    return identifier


def detect(text: str, default: Language = Language.EN) -> Language:
    """French or English; `default` for a text without a letter."""
    sample = text[:LOOKED_AT]
    if not any(map(str.isalpha, sample)):
        return default
    return Language(_identifier().classify(sample)[0])
