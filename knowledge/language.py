"""Which of the desk's two languages a document, or a query of an evaluation, is in."""

from bot.model.values import Language
from bot.understanding.language import identifier

LOOKED_AT = 2000  # characters; more does not change the verdict


def detect(text: str, default: Language = Language.EN) -> Language:
    """French or English; `default` for a text without a letter."""
    sample = text[:LOOKED_AT]
    if not any(map(str.isalpha, sample)):
        return default
    return Language(identifier().classify(sample)[0])
