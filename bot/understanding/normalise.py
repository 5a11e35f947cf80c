"""One way to read text for every rule: lower case, accents folded, contractions and chat shortcuts spelt out.

`tokens("J'ai un PB avec l'imprimante !")` reads as j ai un probleme avec l imprimante and a boundary. Each token
remembers where it stood, so that whatever fires can be quoted in the person's own words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

LONGEST_TOKEN = 40  # no word of a lexicon is longer: what follows in a token cannot matter

_TOKEN = re.compile(
    r":[a-z0-9_+\-]{1,30}:(?!\w)"  # :+1:
    r"|\d{1,2}[:hH]\d{2}(?!\w)"  # 9:30, 14h30
    r"|[^\W_]+"
    r"|[.!?;…]+|\n[ \t\r]*\n"
    r"|:-?[()]"
    r"|[☀-➿⬀-⯿\U0001f17f-\U0001f19a\U0001f300-\U0001f3fa\U0001f400-\U0001faff]"  # emoji, without skin tones
)
_LONG_RUN = re.compile(r"([a-z])\1{2,}")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "’": "'", "‘": "'", "ʼ": "'"})
_APOSTROPHES = "'’‘ʼ`´"
_IS_AFTER = frozenset(("it", "that", "what", "where", "there", "here", "who", "how", "when", "he", "she", "nothing"))
_ENDINGS = {"re": "are", "ve": "have", "ll": "will"}
_NEGATED = {"can": ("can", "not"), "won": ("will", "not"), "shan": ("shall", "not"), "ain": ("is", "not")}

BOUNDARY = "."


class Token(NamedTuple):
    """`text` as rules see it (BOUNDARY between sentences, "?" where one asks); `start` and `end` in the original."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents, ligatures written out, one kind of apostrophe."""
    text = text.lower()
    if text.isascii():
        return text
    text = text.translate(_LIGATURES)
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


class Normaliser:
    """`shortcuts` maps a token to what it stands for ("svp" to "s il vous plait"); `doubles` are words whose double
    letter survives an elongation ("hellllo" is hello, "pleeease" is please)."""

    def __init__(self, shortcuts: Mapping[str, str], doubles: Iterable[str] = ()) -> None:
        self._shortcuts = {fold(short): tuple(fold(full).split()) for short, full in shortcuts.items()}
        self._doubles = {_LONG_RUN.sub(r"\1", re.sub(r"(.)\1", r"\1", word)): word for word in map(fold, doubles)}

    def tokens(self, text: str) -> list[Token]:
        """Everything a rule may look at, in order."""
        found: list[Token] = []
        for match in _TOKEN.finditer(text):
            start, end = match.span()
            raw = match.group()
            if raw[0] in ".!?;…\n":
                found.append(Token("?" if "?" in raw else BOUNDARY, start, end))
                continue
            word = self._plain(raw)
            if start and found and text[start - 1] in _APOSTROPHES and found[-1].end == start - 1:
                word = _after_apostrophe(found, word, start, end)
                if not word:
                    continue
            if full := self._shortcuts.get(word):
                found.extend(Token(part, start, end) for part in full)
            elif word:
                found.append(Token(word, start, end))
        return found

    def words(self, text: str) -> list[str]:
        """The tokens' texts, without boundaries."""
        return [token.text for token in self.tokens(text) if token.text not in (BOUNDARY, "?")]

    def _plain(self, raw: str) -> str:
        word = fold(raw[:LONGEST_TOKEN])
        if _LONG_RUN.search(word):
            word = _LONG_RUN.sub(r"\1", word)
            word = self._doubles.get(word, word)
        return word


def _after_apostrophe(found: list[Token], word: str, start: int, end: int) -> str:
    """What follows an apostrophe, in full; empty when it was merged into the token before (don't: do not)."""
    before = found[-1]
    if word == "t" and before.text.endswith("n"):
        verb = _NEGATED.get(before.text, (before.text[:-1], "not"))
        found[-1:] = [Token(part, before.start, end) for part in verb if part]
        return ""
    if word == "s" and before.text in _IS_AFTER:
        return "is"
    if word == "m" and before.text == "i":
        return "am"
    return _ENDINGS.get(word, word)
