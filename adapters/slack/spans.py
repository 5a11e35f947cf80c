"""Inline Markdown taken apart: text of one look after another, and what each leads to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.slack.addresses import bare_addresses, is_misleading, safe_address
from bot.model.documents import unescaped

APART = "\u200b"  # zero width space: what is beside it is a word's edge to Slack
JOINED = "\u2060"  # word joiner: what is beside it is not
CODE = "`"

_ORDER = "*_~`"  # the marks, outermost first
_MARKS = {"strong": "*", "em": "_", "s": "~"}
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    f"{APART}{JOINED}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # ours, and changes of direction
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"  # byte order mark, annotations, tags
)
_LONGEST_PARSED = 4_000  # characters a line; mark-up in longer ones is not looked for


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one look. `marks`: those around it, in the order of nesting. `link`: an address that may be followed."""

    text: str
    marks: str = ""
    link: str = ""

    def of(self, text: str) -> "Span":
        """Another text that looks the same."""
        return Span(text, self.marks, self.link)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Entities stay as written: `plain` does not escape them, so a person's "&lt;" is meant literally.
    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    return parser.disable(["entity", "html_inline", "image"])


def clean(text: str) -> str:
    """Without control and invisible characters, among them those that are used here; newlines and tabs stay.

    Lone surrogates, which no encoding can carry, become U+FFFD.
    """
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain_spans(text: str) -> tuple[Span, ...]:
    """Text that is not Markdown; addresses in it can be followed."""
    return tuple(_linked([Span(clean(text))]))


@lru_cache(maxsize=512)
def spans(markdown: str) -> tuple[Span, ...]:
    """Inline Markdown, line by line; whatever the text, this neither raises nor takes long. Labels, sentences of the
    catalogue and headings of articles come again and again."""
    out: list[Span] = []
    for number, line in enumerate(clean(markdown).split("\n")):
        out += [Span("\n")] * bool(number)
        out += _linked(merged(_line_spans(line)))
    return tuple(merged(out))


def _line_spans(line: str) -> Iterator[Span]:
    if len(line) > _LONGEST_PARSED:
        yield Span(unescaped(line))
        return
    (parsed,) = _parser().parseInline(line)
    yield from _styled(parsed.children or [])


def _styled(tokens: Sequence[Token]) -> Iterator[Span]:
    marks: list[str] = []
    link, label = "", list[Span]()
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        if name in _MARKS:
            if edge == "open":
                marks.append(_MARKS[name])
            else:
                marks.remove(_MARKS[name])
        elif token.type == "link_open":
            link, label = safe_address(str(token.attrs.get("href", ""))), []
        elif token.type == "link_close":
            yield from linked(label, link)
            link, label = "", []
        else:
            is_code = token.type == "code_inline" and CODE not in token.content and not link
            around = {*marks, CODE} if is_code else set(marks)
            span = Span(token.content, _ordered(around), link)
            if link:
                label.append(span)
            else:
                yield span


def linked(label: Sequence[Span], link: str) -> Iterator[Span]:
    """A label that leads to a safe address, if there is one; without a label, the address itself.

    One that names another address is no link: the true address stands behind it.
    """
    text = words(label)
    if not link:
        yield from label
    elif not text.strip():
        yield Span(link, link=link)
    elif is_misleading(text, link):
        yield from (Span(span.text, span.marks) for span in label)
        yield from (Span(" ("), Span(link, link=link), Span(")"))
    else:
        yield from (Span(span.text, span.marks, link) for span in label)


def _linked(parts: Iterable[Span]) -> Iterator[Span]:
    """Bare addresses as links to themselves."""
    for span in parts:
        if span.link or CODE in span.marks:
            yield span
            continue
        done = 0
        for start, end in bare_addresses(span.text):
            if address := safe_address(span.text[start:end]):
                yield span.of(span.text[done:start])
                yield Span(span.text[start:end], span.marks, address)
                done = end
        yield span.of(span.text[done:])


def merged(parts: Iterable[Span]) -> list[Span]:
    out: list[Span] = []
    for span in parts:
        if out and (out[-1].marks, out[-1].link) == (span.marks, span.link) and not span.link:
            out[-1] = span.of(out[-1].text + span.text)
        elif span.text:
            out.append(span)
    return out


def _ordered(marks: set[str]) -> str:
    return "".join(mark for mark in _ORDER if mark in marks)


def words(parts: Iterable[Span]) -> str:
    """What one reads, without any mark."""
    return "".join(span.text for span in parts)


def marked(parts: Iterable[Span], mark: str) -> tuple[Span, ...]:
    """The same with one more mark around all of it."""
    return tuple(Span(span.text, _ordered({*span.marks, mark}), span.link) for span in parts)
