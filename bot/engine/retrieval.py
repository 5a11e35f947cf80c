"""Retrieve: ask the index, then hold every hit against its article's row before anybody sees it."""

import re
from dataclasses import dataclass, replace

from bot.engine.turn import Turn
from bot.model.knowledge import Article, Hit, Solution, Thresholds
from bot.model.messages import Entities
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from bot.solutions import experience, quickness

SAME_CATEGORY = 0.25  # of a score, gained by articles of the category that the question is about
SAME_CODE = 0.5  # of a score, gained by articles that name the error code that the question names
CODE_IS_SURE = 0.8  # confidence at least, in such an article: a code says it all in a word or two
EXPERIENCE = 0.2  # of a score, by which a solution that is sure to work (or not to) gains (or loses)
QUICKNESS = 0.05  # of a score, gained by a solution that is sure to work and whose tickets are resolved at once
HITS = 12  # asked of the index, so that enough remain when translations and withdrawn articles are left out
# The runner-up's fused score, as a share of the winner's, up to which the winner stands alone. On public FAQ sets
# (English, Covid, French) answers given so were right in 90, 79 and 75 % of cases; without the rule in 85, 61 and 57 %.
STANDS_OUT = 0.9

_SEPARATORS = re.compile(r"[\s.:-]+")
_CODES = re.compile(r"[A-Za-z]{0,4}[-.: ]?\d[\w.-]*\w|[A-Za-z]{1,4}[-.]?\d")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may be shown to this reader, as its row is now."""

    article: Article
    hit: Hit
    score: float  # the hit's, in the light of experience and of what the question is about

    @property
    def confidence(self) -> float:
        return self.hit.confidence

    @property
    def certainty(self) -> float:
        """What is told of it: the probability of being right where that is known, else the confidence."""
        return self.confidence if self.hit.probability is None else self.hit.probability


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates, best first, and the confidence that the base asks for."""

    candidates: tuple[Candidate, ...]
    thresholds: Thresholds

    @property
    def confidence(self) -> float:
        return self.candidates[0].confidence if self.candidates else 0.0

    @property
    def certainty(self) -> float:
        return self.candidates[0].certainty if self.candidates else 0.0

    @property
    def is_confident(self) -> bool:
        """The best candidate may be given as the answer."""
        return bool(self.candidates) and self.confidence >= self.thresholds.answer

    @property
    def stands_out(self) -> bool:
        """The best candidate leaves the others behind."""
        if len(self.candidates) < 2:
            return True
        winner, runner_up = (one.score for one in self.candidates[:2])
        return runner_up <= STANDS_OUT * winner

    @property
    def suggestions(self) -> tuple[Candidate, ...]:
        return tuple(found for found in self.candidates if found.confidence >= self.thresholds.suggest)[:3]


async def find(turn: Turn, text: str, *, category: str | None = None, entities: Entities = Entities()) -> Found:
    """Search for `text` on behalf of the turn's reader; recorded as the step `retrieve`. Raises IndexUnavailable."""
    with turn.step("retrieve") as step:
        devices = entities.merged(turn.understanding.entities).devices
        query = Query(text, turn.language, turn.audience, devices=devices, category=category)
        retrieval = await turn.services.retriever.search(query, limit=HITS)
        rows = await turn.uow.knowledge.articles([hit.article_id for hit in retrieval.hits])
        readable = [hit for hit in retrieval.hits if may_show(rows.get(hit.article_id), turn.audience)]
        solutions = await turn.uow.knowledge.solutions([hit.article_id for hit in readable])
        about = category or turn.understanding.category
        codes = frozenset(map(bare, entities.merged(turn.understanding.entities).error_codes))
        ranked = []
        for hit in readable:
            article = rows[hit.article_id]
            worth = score(hit, article, solutions.get(hit.article_id), about)
            if codes and codes & codes_in(article):
                worth *= 1 + SAME_CODE
                hit = replace(hit, confidence=max(hit.confidence, CODE_IS_SURE))
            ranked.append(Candidate(article, hit, worth))
        ranked.sort(key=lambda one: one.score, reverse=True)
        candidates = tuple(one_per_translation(ranked, turn.language))
        thresholds = retrieval.thresholds
        if (threshold := turn.services.policy.answer_threshold) is not None:
            thresholds = Thresholds(threshold, min(threshold, thresholds.suggest), thresholds.calibrated)
        if about is None:
            # Nothing in the question points to anything the desk deals with: be slower to suggest.
            thresholds = replace(thresholds, suggest=(thresholds.suggest + thresholds.answer) / 2)
        step.outcome = "found" if candidates else "nothing"
        step.detail |= {
            "hits": [[found.article.id, round(found.confidence, 3)] for found in candidates[:5]],
            "refused": len(retrieval.hits) - len(readable),
            "answer_from": round(thresholds.answer, 3),
            "suggest_from": round(thresholds.suggest, 3),
        }
    return Found(candidates, thresholds)


def bare(code: str) -> str:
    """A code as it is compared: E-50, e50 and "E 50" are one."""
    return _SEPARATORS.sub("", code).lower()


def codes_in(article: Article) -> frozenset[str]:
    """What may be an error code in an article: anything with a figure in it."""
    return frozenset(map(bare, _CODES.findall(f"{article.title}\n{article.body}")))


def may_show(article: Article | None, reader: Audience) -> bool:
    """Whether an article, as its row is now, may be shown. The index may lag behind; the row decides."""
    return article is not None and not article.withdrawn and reader.may_read(article.audience)


def score(hit: Hit, article: Article, solution: Solution | None, about: str | None) -> float:
    """What orders the candidates: solutions that worked before rank higher, of these the quicker ones, and so do
    articles of the category that the question is about."""
    weight = 1 + EXPERIENCE * experience(solution) + QUICKNESS * quickness(solution) if solution else 1.0
    if about and about.split("/")[0] == article.category.split("/")[0]:
        weight *= 1 + SAME_CATEGORY
    return hit.score * weight


def one_per_translation(candidates: list[Candidate], language: Language) -> list[Candidate]:
    """Of an article and its translations keep one, in the reader's language if found, at the best one's place."""
    best: dict[str, Candidate] = {}
    for found in candidates:
        root = found.article.translation_of or found.article.id
        if root not in best:
            best[root] = found
        elif found.article.language is language and best[root].article.language is not language:
            first = best[root]
            # The place and the confidence are those of the matter; the section shown is one of the reader's language.
            surer = max(first.hit, found.hit, key=lambda hit: hit.confidence)
            hit = replace(found.hit, confidence=surer.confidence, probability=surer.probability)
            best[root] = replace(found, score=first.score, hit=hit)
    return list(best.values())
