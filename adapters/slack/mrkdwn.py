"""Spans as Slack's mrkdwn, which has no escape for its marks.

Two invisible characters do without one. Slack takes a mark for formatting only at the edge of a word: next to a zero
width space it is one, inside a word or next to a word joiner it is not. So the former stands beside our marks where no
blank does, the latter around those that people wrote. What is sent is never looked through for names and addresses by
Slack (`verbatim`): a mention is not made by accident, and addresses are linked here.
"""

import re
from collections.abc import Iterable, Iterator

from adapters.slack.spans import APART, CODE, JOINED, Span, merged, words

_KINDS = {"*": "*", "_": "_", "~": "~", "`": "`", "＊": "*", "＿": "_", "｀": "`"}  # Slack knows the wide ones too
_KIND = re.compile(f"[{''.join(_KINDS)}]")
_QUOTE = re.compile(r"\s*[>＞]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_OPENS_AFTER = frozenset("([{")  # needs no zero width space between
_CLOSES_BEFORE = frozenset(".,;:!?)]}")


def escaped(text: str) -> str:
    """Plain text where Slack reads mrkdwn and its marks do no harm: no mention, no link."""
    return text.translate(_ESCAPES)


def width(text: str) -> int:
    """How much of a limit a text takes: UTF-16 units, the most that a server may count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def mrkdwn(parts: Iterable[Span]) -> str:
    """What is sent. Every `<` and `>` in it is a link's, every `&` an escape's."""
    return "\n".join("".join(_shown(list(_hoisted(line)))) for line in _by_line(parts))


def _by_line(parts: Iterable[Span]) -> Iterator[list[Span]]:
    """Slack's formatting ends with the line."""
    line: list[Span] = []
    for span in parts:
        first, *others = span.text.split("\n")
        line.append(span.of(first))
        for text in others:
            yield merged(line)
            line = [span.of(text)]
    yield merged(line)


def _hoisted(line: list[Span]) -> Iterator[Span]:
    """Blanks at the edge of what is formatted stand outside of it, or Slack does not format it."""
    last, blank = Span(""), ""
    for span in line:
        core = span.text.strip()
        start = span.text.index(core) if core else len(span.text)
        blank += span.text[:start]
        if core:
            yield _between(last, span, blank)
            yield span.of(core)
            last, blank = span, span.text[start + len(core) :]
    yield Span(blank)


def _between(left: Span, right: Span, blank: str) -> Span:
    marks = _common(left.marks, right.marks).replace(CODE, "")
    return Span(blank, marks, left.link if (left.link, left.marks) == (right.link, right.marks) else "")


def _common(left: str, right: str) -> str:
    """The outer marks that both have."""
    return "".join(one for at, one in enumerate(left) if right.startswith(left[: at + 1]))


def _shown(line: list[Span]) -> Iterator[str]:
    """Each span with its marks. Marks are left open from one span to the next where both have them."""
    line = merged(line)
    text = words(line)
    guarded = _guarded(line, text)
    opened = ""
    position = 0
    for span in line:
        stays = _common(opened, span.marks)
        closes, opens = opened[len(stays) :][::-1], span.marks[len(stays) :]
        yield closes
        left, right = text[max(0, position - 1) : position], span.text[:1]
        if (closes and not right.isspace() and right not in _CLOSES_BEFORE) or (
            opens and left and not left.isspace() and (closes or left not in _OPENS_AFTER)
        ):
            yield APART
        yield opens
        yield _one(span, position, guarded)
        opened = span.marks
        position += len(span.text)
    yield opened[::-1]


def _one(span: Span, start: int, guarded: frozenset[int]) -> str:
    if span.link and span.link == span.text:
        return f"<{escaped(span.link)}>"
    shown = escaped(span.text)
    if not guarded.isdisjoint(range(start, start + len(span.text))):
        guard = (
            f"{JOINED}{escaped(one)}{JOINED}" if at in guarded else escaped(one)
            for at, one in enumerate(span.text, start)
        )
        shown = "".join(guard).replace(JOINED * 2, JOINED)
    return f"<{escaped(span.link)}|{shown}>" if span.link else shown


def _guarded(line: list[Span], text: str) -> frozenset[int]:
    """Where a character of the text would be taken for a mark.

    Not where it cannot be: alone in its line, inside a word, or between blanks. `snake_case` and `~/folder` go through
    as they are, since what is invisible is copied along.
    """
    ours = {mark for span in line for mark in span.marks}
    seen: dict[str, list[int]] = {}
    in_code: set[int] = set()
    edges: set[int] = set()
    position = 0
    for span in line:
        if position or span.marks:
            edges.add(position)
        if CODE in span.marks:
            in_code.update(range(position, position + len(span.text)))
        if span.link != span.text:
            for found in _KIND.finditer(span.text):
                seen.setdefault(_KINDS[found.group()], []).append(position + found.start())
        position += len(span.text)
        if span.marks:
            edges.add(position)
    guarded = {
        at
        for kind, places in seen.items()
        for at in places
        if at not in in_code
        if kind == CODE or ((len(places) > 1 or kind in ours) and _may_mark(text, at, edges))
    }
    if line and not line[0].marks and (quote := _QUOTE.match(line[0].text)):
        guarded.add(quote.end() - 1)
    return frozenset(guarded)


def _may_mark(text: str, at: int, edges: set[int]) -> bool:
    before = "|" if at in edges else text[max(0, at - 1) : at]
    after = "|" if at + 1 in edges else text[at + 1 : at + 2]
    within_word = before.isalnum() and after.isalnum()
    between_blanks = (not before or before.isspace()) and (not after or after.isspace())
    return not (within_word or between_blanks)
