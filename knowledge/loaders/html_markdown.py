"""A tree of HTML as Markdown blocks. Text is escaped: the marks in the result are all made here.

The tree is walked without recursion, since a page may be nested as deeply as it is long.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from bs4 import Tag
from bs4.element import CData, NavigableString, PreformattedString

from bot.model.documents import plain
from knowledge.loaders.plain_text import guarded

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "p div section article main ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote pre figure "
    "figcaption address details summary hr body html fieldset".split()
) | frozenset(_HEADINGS)
_BOLD = frozenset({"strong", "b"})
_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)
DEEPEST_LIST = 4
MOST_COLUMNS = 50

_Event = tuple[str, Tag | str]


def markdown(root: Tag) -> str:
    """Headings, paragraphs, lists, tables and code of everything below `root`."""
    writer = _Writer()
    for event, what in _events(root):
        if isinstance(what, str):
            writer.text(what)
        elif event == "start":
            writer.start(what)
        else:
            writer.end(what)
    writer.flush()
    return writer.result()


def _events(root: Tag) -> Iterator[_Event]:
    """start and end of every tag and the texts between them, in order."""
    stack: list[tuple[Tag, Iterator[object]]] = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack:
                yield "end", tag
        elif isinstance(child, Tag):
            yield "start", child
            stack.append((child, iter(child.contents)))
        elif isinstance(child, CData) or (
            isinstance(child, NavigableString) and not isinstance(child, PreformattedString)
        ):
            yield "text", str(child)


@dataclass(slots=True)
class _List:
    ordered: bool
    number: int = 0


@dataclass(slots=True)
class _Writer:
    """Blocks that are ready, and the line that is being written."""

    blocks: list[tuple[str, str]] = field(default_factory=list)  # kind, text
    line: list[str] = field(default_factory=list)  # pieces of text, escaped only when the line is whole
    marks: list[tuple[int, str, str]] = field(default_factory=list)  # from which piece: bold or a link, and where to
    lists: list[_List] = field(default_factory=list)
    mark: str = ""  # of the list item whose first line is being written
    rows: list[list[str]] | None = None  # of the table that is being written
    tables: int = 0
    pre: int = 0

    def text(self, text: str) -> None:
        text = _CONTROL.sub(" ", text)
        self.line.append(text if self.pre else re.sub(r"\s+", " ", text))

    def start(self, tag: Tag) -> None:
        name = tag.name.lower()
        if name == "br":
            self._break()
        elif name in _BLOCKS:
            self._start_block(name, tag)
        elif name in _BOLD or name == "a":
            target = str(tag.get("href") or "") if name == "a" else ""
            self.marks.append((len(self.line), name, target))

    def end(self, tag: Tag) -> None:
        name = tag.name.lower()
        if name in _BOLD or name == "a":
            self._close(name)
        elif name in _BLOCKS:
            self._end_block(name)

    def flush(self, kind: str = "text") -> None:
        """End the line, if there is one."""
        said, self.line, self.marks = "".join(self.line), [], []
        if self.rows is not None:
            if said.strip():
                self._cell(said)
            return
        if kind == "code":
            if said.strip():
                self._add("code", _code(said))
            return
        lines = [_rendered(line) for line in said.split(_BREAK)]
        lines = [line for line in lines if line]
        if not lines:
            return
        if kind.startswith("h"):
            self._add("heading", "#" * int(kind[1]) + " " + " ".join(lines))
        elif self.lists:
            indent = "   " * min(len(self.lists) - 1, DEEPEST_LIST)
            first = f"{indent}{self.mark}" if self.mark else f"{indent}   "
            self._add("item", first + guarded(" ".join(lines)))
            self.mark = ""
        else:
            self._add("text", "  \n".join(map(guarded, lines)))

    def result(self) -> str:
        parts: list[str] = []
        before = ""
        for kind, text in self.blocks:
            parts += ["\n" if kind == before == "item" else "\n\n", text]
            before = kind
        return "".join(parts[1:]).strip("\n")

    def _add(self, kind: str, text: str) -> None:
        self.blocks.append((kind, text))

    def _break(self) -> None:
        self.line.append("\n" if self.pre else _BREAK)

    def _start_block(self, name: str, tag: Tag) -> None:
        if name == "table":
            self.flush()
            self.tables += 1
            if self.tables == 1:
                self.rows = []
        elif self.rows is not None:
            if name == "tr" and self.tables == 1:
                self.flush()
                self.rows.append([])
            elif name in ("td", "th") and self.tables == 1:
                self.flush()
                if not self.rows:
                    self.rows.append([])
                self.rows[-1].append("")
            else:
                self.line.append(" ")
        else:
            self.flush()
            if name in ("ul", "ol"):
                self.lists.append(_List(name == "ol"))
            elif name == "li":
                self._item()
            elif name == "pre":
                self.pre += 1

    def _item(self) -> None:
        if not self.lists:
            self.lists.append(_List(ordered=False))  # one outside a list
        here = self.lists[-1]
        here.number += 1
        self.mark = f"{here.number}. " if here.ordered else "- "

    def _end_block(self, name: str) -> None:
        if name == "table":
            self.flush()
            self.tables = max(0, self.tables - 1)
            if self.tables == 0 and self.rows is not None:
                rows, self.rows = self.rows, None
                self._table(rows)
        elif self.rows is not None:
            self.flush() if name in ("td", "th") and self.tables == 1 else self.line.append(" ")
        elif name in _HEADINGS:
            self.flush(name)
        elif name == "pre":
            self.flush("code")
            self.pre = max(0, self.pre - 1)
        else:
            self.flush()
            if name in ("ul", "ol") and self.lists:
                self.lists.pop()
                self.mark = ""

    def _close(self, name: str) -> None:
        """Put marks around what was written since the tag began, if it is within one line."""
        while self.marks:
            at, what, target = self.marks.pop()
            if what != name:
                continue
            inner = "".join(self.line[at:])
            if inner.strip() and _BREAK not in inner and not self.pre and _MARK not in inner:
                kind = "b" if name in _BOLD else "a" + quote(target, safe="/:?&=#%+@,;~!$.-_")
                if kind == "b" or (_LINK.fullmatch(target) and len(target) < 2_000):
                    self.line[at:] = [f"{_MARK}{kind}{_MARK}{inner}{_MARK}"]
            return

    def _cell(self, said: str) -> None:
        assert self.rows is not None
        text = _rendered(said.replace(_BREAK, " "))
        if not self.rows:
            self.rows.append([])
        if not self.rows[-1]:
            self.rows[-1].append("")
        self.rows[-1][-1] = f"{self.rows[-1][-1]} {text}".strip()

    def _table(self, rows: list[list[str]]) -> None:
        rows = [row[:MOST_COLUMNS] for row in rows if any(row)]
        width = max(map(len, rows), default=0)
        if width < 2:  # there for the looks
            for row in rows:
                self._add("text", guarded(row[0]))
            return
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        self._add("table", "\n".join([lines[0], "|" + "---|" * width, *lines[1:]]))


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BREAK = "\x1e"  # separators of ASCII, which no text has any more; see _rendered
_MARK = "\x1f"
_PIECE = re.compile(f"{_MARK}(b|a[^{_MARK}]*){_MARK}([^{_MARK}]*){_MARK}")


def _rendered(line: str) -> str:
    """Inline Markdown: escaped, with the bold and the links that were marked."""
    parts: list[str] = []
    at = 0
    for match in _PIECE.finditer(line):
        parts += [_escaped(line[at : match.start()]), _styled(match[1], match[2])]
        at = match.end()
    parts.append(_escaped(line[at:]))
    return " ".join("".join(parts).split())


def _escaped(text: str) -> str:
    return plain(text.replace(_MARK, ""))


def _styled(kind: str, inner: str) -> str:
    before, after = " " * inner[:1].isspace(), " " * inner[-1:].isspace()
    text = _escaped(inner.strip())
    return f"{before}**{text}**{after}" if kind == "b" else f"{before}[{text}]({kind[1:]}){after}"


def _code(text: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`+", text))])
    return f"{fence}\n{text.strip(chr(10)).replace(_MARK, '').replace(_BREAK, chr(10))}\n{fence}"
