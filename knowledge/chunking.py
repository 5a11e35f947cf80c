"""What of an article is indexed as one piece: its sections, cut where they are long, lists and tables kept whole.

A table too long for that is cut between rows, and its header stands above each part.
"""

import re
from dataclasses import dataclass

from markdown_it.token import Token

from bot.markdown import LONGEST_BODY, markdown_parser

LONGEST = 1500  # characters of a chunk; what belongs together may be twice that before it is cut
OVERLAP = 200  # characters at most that a chunk repeats of the one before, so that no sentence loses its context

SHORTEST_SENTENCE, LONGEST_SENTENCE = 15, 400  # characters

_PAGE = re.compile(r"Page \d+")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|\n\s*\n|\n(?=\s*(?:[-*|]|\d+[.)])\s)")
_HEADING = re.compile(r"^ {0,3}(?:#|=+\s*$|-+\s*$)", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Chunk:
    """`position` counts from 0 within the article; `heading` is the nearest one above, None before the first."""

    position: int
    heading: str | None
    text: str


def is_page(heading: str | None) -> bool:
    """Whether a heading is no more than a page's number, as loaders of paged documents write it."""
    return bool(heading and _PAGE.fullmatch(heading))


def sentences(text: str) -> list[str]:
    """Of a page: what ends with a full stop, or is a line by itself; without the very short and the very long."""
    found = (" ".join(each.split()) for each in _SENTENCE_END.split(text))
    return [each for each in found if SHORTEST_SENTENCE <= len(each) <= LONGEST_SENTENCE]


@dataclass(frozen=True, slots=True)
class _Block:
    heading: str | None
    text: str
    whole: bool  # a list, a table or code
    header: str = ""  # of a table: its first row and the line below


def chunks(body: str) -> list[Chunk]:
    """At least one, so that an article without text is still found by its title."""
    if len(body) <= LONGEST and not _HEADING.search(body):  # most answers of a FAQ: nothing to parse
        return [Chunk(0, None, body.strip())]
    pieces: list[tuple[str | None, str]] = []
    heading: str | None = None
    current: list[str] = []
    whole = False  # whether the last part of `current` is
    for block in _blocks(body[:LONGEST_BODY]):
        if current and (block.heading != heading or _size(current) + len(block.text) > LONGEST):
            pieces.append((heading, "\n\n".join(current)))
            current = _tail(current, whole) if block.heading == heading else []
        heading = block.heading
        for part in _parts(block):
            if current and _size(current) + len(part) > 2 * LONGEST:
                pieces.append((heading, "\n\n".join(current)))
                current = [] if block.header else _tail(current, whole)
            current.append(part)
            whole = block.whole
    if current or not pieces:
        pieces.append((heading, "\n\n".join(current)))
    return [Chunk(position, heading, text) for position, (heading, text) in enumerate(pieces)]


def _size(parts: list[str]) -> int:
    return sum(map(len, parts))


def _tail(parts: list[str], whole: bool) -> list[str]:
    """The end of a chunk that the next one repeats: the last paragraph, or the end of it; of a list its last lines, of
    a table nothing, since half a row says nothing."""
    if not whole:
        last = parts[-1][-OVERLAP:]
        return [last if len(last) == len(parts[-1]) else last.partition(" ")[2]]
    if parts[-1].startswith("|"):
        return []
    kept: list[str] = []
    for line in reversed(parts[-1].split("\n")):
        if sum(map(len, kept)) + len(kept) + len(line) > OVERLAP:
            break
        kept.insert(0, line)
    return ["\n".join(kept)] if kept else []


def _parts(block: _Block) -> list[str]:
    """A block, or what must be cut of it: at line ends where there are any, else at spaces, else anywhere."""
    longest = 2 * LONGEST if block.whole else LONGEST
    if block.header and len(block.text) > longest and len(block.header) <= LONGEST:
        return [f"{block.header}\n{rows}" for rows in _cut(block.text[len(block.header) + 1 :], LONGEST)]
    return _cut(block.text, longest)


def _cut(text: str, longest: int) -> list[str]:
    parts = []
    while len(text) > longest:
        cut = max(text.rfind("\n", longest // 2, longest), 0) or max(text.rfind(" ", longest // 2, longest), 0)
        parts.append(text[: cut or longest])
        text = text[cut or longest :].lstrip()
    return [*parts, text]


def _blocks(body: str) -> list[_Block]:
    """The top-level blocks below their headings, as they are written. Headings themselves are not blocks."""
    lines = _LINE_END.split(body)  # as the parser counts them
    blocks: list[_Block] = []
    heading: str | None = None
    tokens = markdown_parser().parse(body)
    for at, token in enumerate(tokens):
        if token.level != 0 or token.map is None:
            continue
        if token.type == "heading_open":
            heading = _heading(tokens, at)
        elif text := "\n".join(lines[slice(*token.map)]).strip():
            header = "\n".join(text.split("\n", 2)[:2]) if token.type == "table_open" else ""
            blocks.append(_Block(heading, text, whole=token.type != "paragraph_open", header=header))
    return blocks


def _heading(tokens: list[Token], at: int) -> str:
    return " ".join(tokens[at + 1].content.split())
