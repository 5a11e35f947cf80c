"""Which category a message points to, by the words of the category file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.model.values import Language
from bot.understanding.lexicon import read
from bot.understanding.normalise import Normaliser, Token
from bot.understanding.phrases import Evidence, Hit, Phrases

if TYPE_CHECKING:
    from bot.categories import Categories  # which reads text as this package does

_OTHER_LANGUAGE = 0.6  # a word of the other language counts, but less
_PER_WORD = 0.7  # an expression says more than a word
_GENERIC = 0.6  # what is found with any matter says little
_COMMON = 0.8
_DENIED = 0.3  # "it is not my printer, it is the VPN"
_CHILD = 0.3  # of equals, the more specific one


@dataclass(frozen=True, slots=True)
class Verdict:
    slug: str | None
    words: tuple[str, ...] = ()


class CategoryFinder:
    """Words of the tree, compiled once."""

    def __init__(self, categories: Categories, normaliser: Normaliser) -> None:
        self._categories = categories
        groups = {f"{slug} {language}": _plurals(words, normaliser) for slug, language, words in categories.words()}
        self._phrases = Phrases(groups, normaliser)
        lists = read("category")
        self._less = {
            " ".join(normaliser.words(word)): weight
            for name, weight in (("generic", _GENERIC), ("common", _COMMON))
            for word in lists[name]
        }
        self._not, self._between = frozenset(lists["not"]), frozenset(lists["between"])

    def find(self, tokens: Sequence[Token], text: str, language: Language) -> Verdict:
        """The family of categories with most evidence; in it, the deepest one with any; None where nothing points."""
        hits = _not_inside_longer(self._phrases.find(tokens, text))
        scores: dict[str, float] = defaultdict(float)
        quoted: dict[str, list[str]] = defaultdict(list)
        families: dict[str, float] = defaultdict(float)
        seen: set[tuple[str, str]] = set()
        for hit in sorted(hits, key=lambda hit: hit.first):
            slug, _, spoken = hit.group.partition(" ")
            words = " ".join(token.text for token in tokens[hit.first : hit.last])
            if (slug, words) in seen:
                continue
            seen.add((slug, words))
            weight = self._less.get(words, 1 + _PER_WORD * (hit.last - hit.first - 1))
            weight += _CHILD * slug.count("/")
            weight *= 1 if spoken == language or _said(hits, slug, language, hit) else _OTHER_LANGUAGE
            weight *= _DENIED if self._denied(tokens, hit) else 1
            scores[slug] += weight
            families[self._categories.top(slug)] += weight
            quoted[slug].append(hit.words)
        if not families:
            return Verdict(None)
        family = max(families, key=lambda top: families[top])  # of equals, the first mentioned
        within = [slug for slug in scores if self._categories.top(slug) == family]
        best = max(within, key=lambda slug: (slug.count("/"), scores[slug]))
        return Verdict(best, tuple(dict.fromkeys(words for slug in within for words in quoted[slug])))

    def _denied(self, tokens: Sequence[Token], hit: Hit) -> bool:
        """Whether "not my", "pas d'" or the like stands right before a single word."""
        before = [token.text for token in tokens[max(0, hit.first - 2) : hit.first]]
        return hit.last - hit.first == 1 and len(before) == 2 and before[0] in self._not and before[1] in self._between


def _plurals(words: Sequence[str], normaliser: Normaliser) -> list[str]:
    """The words as patterns, each word of an expression in the singular or the plural.

    Words that the file quotes may hold characters which patterns give a meaning: only their plain tokens are taken.
    """
    patterns = []
    for expression in words:
        tokens = normaliser.words(expression)
        if tokens:
            patterns.append(" ".join("|".join(dict.fromkeys(_forms(token))) for token in tokens))
    return patterns


def _forms(word: str) -> list[str]:
    if len(word) < 4 or not word.isalpha():
        return [word]
    return [word, word + "s", word[:-1]] if word.endswith("s") else [word, word + "s"]


def _said(hits: Sequence[Hit], slug: str, language: Language, hit: Hit) -> bool:
    """Whether the same place counts for the category in the message's own language, too."""
    group = f"{slug} {language}"
    return any(other.group == group and (other.first, other.last) == (hit.first, hit.last) for other in hits)


def _not_inside_longer(evidence: Evidence) -> list[Hit]:
    """Without the hits that lie inside a longer one: "wifi password" is not also "password"."""
    hits = sorted((hit for group in evidence.hits.values() for hit in group), key=lambda hit: hit.first - hit.last)
    kept: list[Hit] = []
    taken: dict[int, tuple[int, int]] = {}  # token -> the longest hit that holds it
    for hit in hits:
        outer = taken.get(hit.first)
        if outer and outer != (hit.first, hit.last) and outer[0] <= hit.first and hit.last <= outer[1]:
            continue
        kept.append(hit)
        for position in range(hit.first, hit.last):
            taken.setdefault(position, (hit.first, hit.last))
    return kept
