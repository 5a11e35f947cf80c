"""Articles in pairs: which translation lags behind what it was translated from."""

from bot.model.knowledge import Article


def is_stale(translation: Article, source: Article) -> bool:
    """Whether the source was reviewed after its translation was.

    An article that is no translation of `source` is not stale, and neither is one whose source bears no date. A
    translation without a date is: nobody has looked at it since the source was reviewed.
    """
    if translation.translation_of != source.id or translation.withdrawn or source.withdrawn:
        return False
    if source.reviewed is None:
        return False
    return translation.reviewed is None or translation.reviewed < source.reviewed
