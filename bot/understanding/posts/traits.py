"""What can be seen of a post: phrases that mean something, its words and their parts, how it is written."""

import html
import re
from dataclasses import dataclass, field
from functools import cache

from bot.model.values import Language
from bot.understanding.lexicon import lexicon, phrases
from bot.understanding.normalise import BOUNDARY, Token
from bot.understanding.phrases import Evidence, Phrases

LONGEST_POST = 1_500  # characters read: three times what most instances allow

_ACCOUNT, _LINK, _MONEY, _PERCENT, _TAG = "atuser", "alink", "amoney", "apercent", "ahash"
_SHOWN = {_ACCOUNT: "@…", _LINK: "a link", _MONEY: "a sum", _PERCENT: "a percentage", _TAG: "#"}

# Accounts, links and sums are worth knowing, which ones they are is not: a model must not learn the name of a company.
_STAND_INS = (
    (re.compile(r"<user>|(?<![\w/@])@\w[\w.-]{0,60}(?:@[\w-]{1,60}(?:\.[\w-]{1,60}){0,4})?", re.IGNORECASE), _ACCOUNT),
    (re.compile(r"<url>|\bhttps?://\S{1,500}|\bwww\.\S{1,500}", re.IGNORECASE), _LINK),
    (
        re.compile(
            r"[£$€]\s?\d[\d.,]{0,12}(?:k|m|bn)?\b|\b\d[\d.,]{0,12}\s?(?:[€£$]|(?:euros?|quid|pounds?|dollars?|bucks)\b)",
            re.IGNORECASE,
        ),
        _MONEY,
    ),
    (re.compile(r"\b\d{1,9}\s?%"), _PERCENT),
    (re.compile(r"#(?=\w)"), _TAG),
)
# "do n't" and "i 'm", as some programs write them; "3hrs" and "b/c", as people do.
_SPELT = (
    (re.compile(r"(\w) n['’]t\b", re.IGNORECASE), r"\1n't"),
    (re.compile(r"(\w) ?['’] ?(s|t|m|re|ve|ll|d)\b", re.IGNORECASE), r"\1'\2"),
    (re.compile(r"(?<=\d)(?=(?:hrs?|hours?|mins?|days?|wks?|weeks?|mths?|months?|yrs?|years?)\b)", re.IGNORECASE), " "),
    (re.compile(r"\bb/c\b", re.IGNORECASE), "because"),
)
_TAGGED, _HUMP = re.compile(r"#\w{1,100}"), re.compile(r"(?<!#[a-z])(?<=[a-z])(?=[A-Z][a-z])")  # #WorstServiceEver
_GLAD = frozenset("😍💕❤💗💛💚🖤💖🎉🥳👏🙌👍😊😎🔥🥰💪🥺🎁😋🤯✨😘♥💜🐶🍻😏")
_CROSS = frozenset("😡😭😢😩😤🙄😠🤬😞😔💔😐😒👎🤦🙃😟🤮😖💀")
_WRITTEN = {
    "an exclamation mark": re.compile(r"!"),
    "a question mark": re.compile(r"\?"),
    "a question at the end": re.compile(r"\?\W{0,20}$"),
    "!! or ??": re.compile(r"[!?]{2}"),
    "words in quotes": re.compile(r"[\"“«][^\"”»\n]{2,80}[\"”»]"),
    "several sentences": re.compile(r"\w ?[.!?]+\s+\S[^.!?\n]{0,300}[.!?]"),
    "dots": re.compile(r"\.\.|…"),
    "a sad face": re.compile(r"[:;]-?[(/](?!/)"),
    "a glad face": re.compile(r"[:;]-?[)D](?!\w)"),
    "initials at the end": re.compile(r"(?:\^|\s/)[A-Za-z]{2,10}\s{0,3}$"),
}
_SHOUTED = re.compile(r"\b[A-ZÀ-Ý]{3,}\b")

# What says that something went wrong: the more of it, the likelier a complaint.
_TROUBLE = "waiting still_not repeated failure ignored promise reproach money leaving anger disappointed".split()
# What means one thing to an organisation and another among friends.
_TWO_SIDED = frozenset((*_TROUBLE, *"negation question help_wanted sarcasm praise thanks you me".split()))
_WORD, _PAIR, _FIRST, _PART = 0.6, 0.6, 0.4, 0.3  # how loudly these speak beside a phrase
_PARTS = (4, 5)  # letters


@dataclass(frozen=True, slots=True)
class Traits:
    """`values` by the trait's key; `sources` tells of each key what in the post it stands for."""

    values: dict[str, float] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    @property
    def addressed(self) -> bool:
        """Whether an account is named."""
        return "t:accounts" in self.values

    def add(self, key: str, source: str, value: float = 1.0) -> None:
        if value:
            self.values.setdefault(key, value)
            self.sources.setdefault(key, source)


@cache
def post_phrases(language: Language) -> Phrases:
    """Of one language alone: "the" drinks nobody in English, and a "chat" purrs in French."""
    return phrases(("posts",), lexicon().normaliser, (language.value, "any"))


def traits(post: str, language: Language) -> Traits:
    """Everything that is seen of a post. What phrases mean is common to the languages, words are of one."""
    post = html.unescape(post[:LONGEST_POST])
    text = _with_stand_ins(post)
    tokens = lexicon().normaliser.tokens(text)
    evidence = post_phrases(language).find(tokens, text)
    seen = Traits()
    addressed = any(token.text == _ACCOUNT for token in tokens)
    _of_phrases(seen, evidence, addressed)
    _of_writing(seen, post, text, tokens)
    first = next((token.text for token in tokens if token.text not in (_ACCOUNT, _TAG, BOUNDARY, "?")), "")
    if first:
        seen.add(f"{language}.f:{first}", f"begins “{_shown(first)}”", _FIRST)
    _of_words(seen, tokens, language)
    return seen


def without_accounts(post: str) -> str:
    """The post as it would be with no account named."""
    return " ".join(_STAND_INS[0][0].sub(" ", post).split())


def _with_stand_ins(text: str) -> str:
    text = _TAGGED.sub(lambda tag: _HUMP.sub(" ", tag[0]), text)
    for pattern, name in _STAND_INS:
        text = pattern.sub(f" {name} ", text)
    for pattern, joined in _SPELT:
        text = pattern.sub(joined, text)
    return text


def _of_phrases(seen: Traits, evidence: Evidence, addressed: bool) -> None:
    served = evidence.has("posts.service")
    for name, hits in evidence.hits.items():
        group = name.removeprefix("posts.")
        words = max((hit.words for hit in hits), key=len)
        source = f"{group.replace('_', ' ')} “{_shown(words)}”"
        seen.add(f"c:{group}", source)
        if len({hit.first for hit in hits}) > 1:
            seen.add(f"cc:{group}", source)
        if group in _TWO_SIDED:
            seen.add(f"{'a' if addressed else 'n'}:{group}", source)
            if served:
                seen.add(f"s:{group}", source)
    trouble = [found[0] for group in _TROUBLE if (found := evidence.of(f"posts.{group}"))]
    told = ", ".join(f"{hit.group.removeprefix('posts.').replace('_', ' ')} “{_shown(hit.words)}”" for hit in trouble)
    for count in range(1, len(trouble) + 1):
        seen.add(f"k:{count}", f"trouble ({told})")
        if addressed:
            seen.add(f"ka:{count}", f"trouble ({told})")


def _of_writing(seen: Traits, post: str, text: str, tokens: list[Token]) -> None:
    words = [token.text for token in tokens]
    for name, pattern in _WRITTEN.items():
        if pattern.search(post):
            seen.add(f"t:{name}", name)
    seen.add("t:accounts", "an account named", 0.5 * (_ACCOUNT in words))
    seen.add("t:several", "several accounts named", float(words.count(_ACCOUNT) > 1))
    seen.add("t:addressed", "begins with an account", float(words[:1] == [_ACCOUNT]))
    seen.add("t:link", "a link", float(_LINK in words))
    seen.add("ta:link", "a link", float(_LINK in words and _ACCOUNT in words))  # a picture, rather than an article
    seen.add("t:tags", "hashtags", min(words.count(_TAG), 3) / 3)
    seen.add("t:tiny", "hardly a word", float(_ACCOUNT in words and len(words) <= 3))
    seen.add("t:length", "its length", min(len(words), 40) / 40)
    seen.add("t:long", "its length", float(len(words) > 18))
    seen.add("t:short", "its length", float(len(words) < 6))
    shouted = len(_SHOUTED.findall(post.replace("<USER>", "").replace("<URL>", "")))
    seen.add("t:shouted", "capitals", min(shouted, 4) / 4)
    seen.add("t:glad", "a glad emoji", float(not _GLAD.isdisjoint(text)))
    seen.add("t:cross", "a cross emoji", float(not _CROSS.isdisjoint(text)))


def _of_words(seen: Traits, tokens: list[Token], language: Language) -> None:
    before = "^"
    for token in tokens:
        if token.text in (BOUNDARY, "?"):
            before = "^"
            continue
        word = "0" if token.text.isdigit() else token.text
        if word == before == _ACCOUNT:
            continue
        if word not in _SHOWN:
            seen.add(f"{language}.w:{word}", f"“{word}”", _WORD)
        pair = word if before == "^" else f"{before} {word}"
        seen.add(f"{language}.b:{before} {word}", f"“{_shown(pair)}”", _PAIR)
        if len(word) > 3 and word.isalpha() and word not in _SHOWN:
            edged = f" {word} "
            for length in _PARTS:
                for start in range(len(edged) - length + 1):
                    seen.add(f"{language}.h:{edged[start : start + length]}", f"“{word}”", _PART)
        before = word


def _shown(words: str) -> str:
    for name, shown in _SHOWN.items():
        words = words.replace(name, shown)
    return " ".join(words.replace("“", "").replace("”", "").split())  # what is between “ and ” is theirs
