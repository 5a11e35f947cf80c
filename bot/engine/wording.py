"""Word an answer with the language model: from the retrieved passages alone, every claim cited, or not at all."""

import asyncio
import hashlib
import re
from datetime import timedelta

from bot.engine.retrieval import Found, may_show
from bot.engine.turn import Turn
from bot.errors import ModelError
from bot.model.documents import plain
from bot.model.knowledge import CachedAnswer
from bot.ports.language_model import LanguageModel, Passage

MOST_PASSAGES = 3
KEPT_FOR = timedelta(days=1)
_CITATION = re.compile(r"\[(\d+)\]")


async def worded(turn: Turn, model: LanguageModel, question: str, found: Found) -> tuple[str | None, str]:
    """The model's text with its citations, or None when the article's own words are to be shown; and how that came.

    None when the model fails, is late, cites nothing, or cites what it was not given. A cached answer is used only if
    every article it cites still stands as it was and may be read by this reader.
    """
    key = cache_key(turn, question)
    if cached := await cached_answer(turn, key):
        return cached, "cache"
    usable = [one for one in found.candidates if one.confidence >= found.thresholds.suggest][:MOST_PASSAGES]
    passages = tuple(Passage(one.article.id, one.article.title, one.article.body) for one in usable)
    seconds = turn.services.policy.model_timeout
    try:
        async with asyncio.timeout(seconds):
            answer = await model.answer(question, passages, turn.language, seconds)
    except (ModelError, TimeoutError) as error:
        return None, type(error).__name__
    cited = set(map(int, _CITATION.findall(answer.text)))
    if not cited or not cited <= set(range(1, len(passages) + 1)):
        return None, "uncited"
    text = plain_but_citations(answer.text)
    citations = tuple((usable[n - 1].article.id, usable[n - 1].article.revision) for n in sorted(cited))
    turn.uow.knowledge.cache(CachedAnswer(key, text, turn.audience, citations, turn.now + KEPT_FOR))
    return text, "model"


async def cached_answer(turn: Turn, key: str) -> str | None:
    cached = await turn.uow.knowledge.cached(key, turn.now)
    if cached is None or cached.audience is not turn.audience:
        return None
    rows = await turn.uow.knowledge.articles([id for id, _ in cached.citations])
    stands = all(
        may_show(row := rows.get(id), turn.audience) and row is not None and row.revision == revision
        for id, revision in cached.citations
    )
    return cached.text if stands else None


def cache_key(turn: Turn, question: str) -> str:
    devices = ",".join(turn.understanding.entities.devices)
    parts = (turn.audience, turn.language, devices, " ".join(question.lower().split()))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def plain_but_citations(text: str) -> str:
    """A model's text is not trusted with mark-up; only its citations stay readable."""
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", plain(text))
