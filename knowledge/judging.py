"""Questions whose answer is known, asked of an index: what confidence is calibrated on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from knowledge.calibration import Judged
from knowledge.dense import Embedder
from knowledge.fusion import Ranked
from knowledge.index.points import Entry, prepare
from knowledge.index.port import Reader, Scope
from knowledge.retrieval import rank
from knowledge.thresholds import ranked_unwritten

ONE_IN_THREE = 2  # of the questions made from a base, those with an answer for each one without
EVERYBODY = Audience.INTERNAL  # who may read everything


@dataclass(frozen=True, slots=True)
class Known:
    """A question with the ids of the articles that answer it: none if nothing does."""

    text: str
    language: Language
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks an index. `families`: see `family`; `stands_out`: the runner-up's score, as a share of the winner's, up to
    which the winner stands alone."""

    index: Reader
    embedder: Embedder | None
    families: Mapping[str, frozenset[str]]
    stands_out: float

    async def labelled(self, known: Sequence[Known]) -> list[Judged]:
        scope = Scope(EVERYBODY)
        return [
            self._judged(await rank(self.index, each.text, each.language, scope, self.embedder), each.relevant)
            for each in known
        ]

    async def left_out(self, entries: Sequence[Entry], language: Language) -> list[Judged]:
        """Without labelled questions: each phrasing asked as if nobody had written it down; and, one for every two of
        those, titles asked with their article and its translations left out, which then nothing answers."""
        own = [entry for entry in entries if entry.article.language is language]
        found = []
        for entry in own:
            prepared = prepare(entry)
            for (text, spoken), draft in zip(entry.phrasings, prepared.phrasing_drafts, strict=True):
                if spoken is language:
                    ranked = await ranked_unwritten(self.index, prepared, text, draft, self.embedder)
                    found.append(self._judged(ranked, self.families[entry.article.id]))
        for entry in own[: len(found) // ONE_IN_THREE]:
            scope = Scope(EVERYBODY, without_articles=tuple(sorted(self.families[entry.article.id])))
            ranked = await rank(self.index, entry.article.title, language, scope, self.embedder)
            found.append(self._judged(ranked, frozenset()))
        return found

    def _judged(self, ranked: Sequence[Ranked], relevant: Collection[str]) -> Judged:
        first = one_a_family(ranked, self.families)[:3]
        return Judged(
            confidence=first[0].confidence if first else 0.0,
            right=bool(first) and first[0].best.article_id in relevant,
            stands_out=len(first) < 2 or first[1].score <= self.stands_out * first[0].score,
            among_three=any(one.best.article_id in relevant for one in first),
        )


def one_a_family(ranked: Sequence[Ranked], families: Mapping[str, frozenset[str]]) -> list[Ranked]:
    """The best of each article and its translations: the desk shows one."""
    best: dict[frozenset[str], Ranked] = {}
    for one in ranked:
        id = one.best.article_id
        best.setdefault(families.get(id, frozenset({id})), one)
    return list(best.values())


def family(articles: Mapping[str, Article]) -> dict[str, frozenset[str]]:
    """For each article, itself and those that it is a translation of, or that are translations of it."""
    members: dict[str, set[str]] = {}
    for id, article in articles.items():
        members.setdefault(article.translation_of or id, set()).add(id)
    return {id: frozenset(members[article.translation_of or id]) | {id} for id, article in articles.items()}
