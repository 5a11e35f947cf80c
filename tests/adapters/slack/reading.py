"""mrkdwn as Slack's readers see it: which characters, how formatted, and where they lead."""

import re
from dataclasses import dataclass
from typing import Literal

APART, JOINED = "\u200b", "\u2060"
KINDS = {"*": "*", "＊": "*", "_": "_", "＿": "_", "~": "~", "`": "`", "｀": "`"}
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
TOKEN = re.compile(r"<(?P<link>[^<>|]*)(?:\|(?P<label>[^<>]*))?>|&(?:amp|lt|gt);|[^<>&]")

Edges = Literal["few", "many"]


@dataclass(frozen=True)
class Read:
    """One character. `marks`: those in effect, without order; blanks have none."""

    text: str
    marks: frozenset[str] = frozenset()
    link: str = ""


@dataclass(frozen=True)
class Token:
    text: str  # a character, or a label
    link: str = ""
    kind: str = ""  # of a character that may be a mark


def read(shown: str, edges: Edges) -> list[Read]:
    """`edges`: where words end: at the signs where they surely do, or at any that is no letter or digit.

    What is ours must be formatted with few of them, what is not must stay plain with many.
    """
    out: list[Read] = []
    for number, line in enumerate(shown.split("\n")):
        out += [Read("\n")] * bool(number)
        tokens = _tokens(line)
        assert not _is_quote(tokens), line
        out += _formatted(_without_code(tokens, edges), frozenset(), edges)
    return out


def _tokens(line: str) -> list[Token]:
    tokens = []
    position = 0
    while position < len(line):
        found = TOKEN.match(line, position)
        assert found, f"not escaped: {line[position : position + 20]!r}"
        position = found.end()
        shown = found.group()
        if found["link"] is not None:
            link = _decoded(found["link"])
            assert re.match(r"(?:https?://[^\s|<>]+|mailto:[^\s|<>]+)$", link), link
            label = found["label"]
            tokens.append(Token(link if label is None else label, link))
        else:
            tokens.append(Token(_decoded(shown), kind=KINDS.get(shown, "")))
    return tokens


def _decoded(text: str) -> str:
    return re.sub("&(?:amp|lt|gt);", lambda found: ENTITIES[found.group()], text)


def _is_quote(tokens: list[Token]) -> bool:
    shown = [token.text for token in tokens if not token.text.isspace()]
    return bool(shown) and shown[0] in (">", "＞") and not tokens[0].link


def _formatted(tokens: list[Token], marks: frozenset[str], edges: Edges) -> list[Read]:
    out: list[Read] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _end(tokens, at, edges) if token.kind else None
        if end is not None:
            out += _formatted(tokens[at + 1 : end], marks | {token.kind}, edges)
            at = end + 1
            continue
        at += 1
        if token.link:
            bare = token.text == token.link
            label = _plain(token.text, marks) if bare else _formatted(_tokens(token.text), marks, edges)
            out += [Read(one.text, one.marks, token.link) for one in label]
        elif token.text not in (APART, JOINED):
            out += _plain(token.text, marks)
    return out


def _without_code(tokens: list[Token], edges: Edges) -> list[Token]:
    """What stands in code is no mark of anything else."""
    out = list(tokens)
    at = 0
    while at < len(out):
        end = _end(out, at, edges) if out[at].kind == "`" else None
        if end is not None:
            out[at + 1 : end] = [Token(one.text, one.link) for one in out[at + 1 : end]]
            at = end
        at += 1
    return out


def _plain(text: str, marks: frozenset[str]) -> list[Read]:
    return [Read(one) if one.isspace() else Read(one, marks) for one in text]


def _end(tokens: list[Token], start: int, edges: Edges) -> int | None:
    kind = tokens[start].kind
    before, after = _at(tokens, start - 1), _at(tokens, start + 1)
    if not _is_edge(before, edges, "([{") or after is None or after.text.isspace() or after.kind == kind:
        return None
    for end in range(start + 2, len(tokens)):
        if tokens[end].kind != kind:
            continue
        last, following = tokens[end - 1], _at(tokens, end + 1)
        if not last.text.isspace() and _is_edge(following, edges, ".,;:!?)]}"):
            return end
    return None


def _at(tokens: list[Token], at: int) -> Token | None:
    return tokens[at] if 0 <= at < len(tokens) else None


def _is_edge(token: Token | None, edges: Edges, sure: str) -> bool:
    if token is None or token.text.isspace() or token.text == APART or token.kind:
        return True
    if token.text == JOINED:
        return False
    return bool(token.link) or not token.text[-1:].isalnum() if edges == "many" else token.text in sure
