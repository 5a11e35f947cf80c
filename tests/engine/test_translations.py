"""An article and its translation are one answer, in the reader's language throughout."""

from bot.engine.retrieval import Candidate, one_per_translation
from bot.model.knowledge import Article, Hit
from bot.model.values import Audience, Language


def candidate(id: str, language: Language, score: float, confidence: float, heading: str, of: str | None) -> Candidate:
    article = Article(id, "docs", id, "text", language, "hardware/printers", Audience.PUBLIC, "1", translation_of=of)
    return Candidate(article, Hit(id, "1", score, confidence, heading=heading), score)


def test_the_reader_s_language_is_shown_with_its_own_section_and_the_better_score() -> None:
    english = candidate("jam.en", Language.EN, 0.9, 0.8, "What to do", None)
    other = candidate("toner.en", Language.EN, 0.7, 0.6, "What to do", None)
    french = candidate("jam.fr", Language.FR, 0.5, 0.4, "Que faire", "jam.en")
    first, second = one_per_translation([english, other, french], Language.FR)
    assert (first.article.id, first.hit.article_id, first.hit.heading) == ("jam.fr", "jam.fr", "Que faire")
    assert (first.score, first.confidence) == (0.9, 0.8)
    assert second is other
