"""Comparing texts as people compare them: without case, accents and punctuation."""

from bot.understanding.lexicon import lexicon


def spoken(text: str) -> str:
    """The words of a text, normalised, with single spaces."""
    return " ".join(lexicon().normaliser.words(text))
