"""Blocks of a Document as Block Kit's, each within Slack's limits."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from adapters.slack.addresses import safe_address
from adapters.slack.mrkdwn import mrkdwn, width
from adapters.slack.parting import parted
from adapters.slack.spans import Span, clean, linked, marked, spans, words
from bot.attachments.showing import file_path, size_text
from bot.model.documents import (
    Actions,
    Block,
    Button,
    Document,
    Fields,
    FileItem,
    Files,
    Image,
    Paragraph,
    Source,
    Sources,
    Steps,
)
from bot.model.values import Language
from bot.texts import Texts

Json = dict[str, Any]
Say = Callable[..., str]  # (key, language, **values): a sentence of the catalogue

LONGEST_TEXT = 3_000  # of a section
LONGEST_TITLE = 1_000
LONGEST_FIELD = 2_000
LONGEST_COLUMNS = 4_000  # of all fields of a section
LONGEST_ROW = 8_000  # of all buttons of a row as JSON
LONGEST_NOTE = 2_000  # of a context's element
MOST_FIELDS = 10  # of a section
MOST_BUTTONS = 25  # of a row
LONGEST_LABEL = 75
LONGEST_BLOCK_ID = 80  # with what JSON puts around it
LONGEST_VALUE = 2_000
LONGEST_ALTERNATIVE = 2_000
LONGEST_SHOWN = 200  # of what a picture shows, in the line that names it
_NARROW = 200  # characters; what is longer gets the whole width instead of a column
NOTHING = "…"  # Slack takes no message without text


@dataclass(frozen=True, slots=True)
class Part:
    """A block on its way, and what it says without marks."""

    block: Json
    says: str = ""

    @property
    def size(self) -> int:
        return _size(self.block) + LONGEST_BLOCK_ID

    @property
    def is_row(self) -> bool:
        return bool(self.block["type"] == "actions")


def parts(
    document: Document, *, language: Language, say: Say | None = None, pictures: bool = True, page: str = ""
) -> Iterator[Part]:
    """The blocks in their order; buttons are numbered through the document, since their ids must differ."""
    say = say or _shipped()
    first = 0
    for block in document.blocks:
        if isinstance(block, Actions):
            yield from _rows(block.buttons, first)
            first += len(block.buttons)
        else:
            yield from _shown(block, language, say, pictures, page)


def _shown(block: Block, language: Language, say: Say, pictures: bool, page: str) -> Iterator[Part]:
    match block:
        case Paragraph() | Steps():
            yield from _words(block)
        case Fields(items=items, title=title):
            yield from _fields(spans(title), items)
        case Sources(items=items):
            yield from _notes([_source(source, language, say) for source in items])
        case Files(items=items):
            yield from _notes([_file(item, language, say, page) for item in items])
        case Image(url=url, alternative=alternative):
            yield from _image(url, alternative, pictures)
        case _:
            return


@lru_cache(maxsize=256)
def _words(block: Paragraph | Steps) -> tuple[Part, ...]:
    """An article's are asked for again and again; nobody changes what a part holds."""
    if isinstance(block, Paragraph):
        return tuple(sections([spans(block.text)]))
    return tuple(sections([(Span(f"{number}. "), *spans(item)) for number, item in enumerate(block.items, 1)]))


@lru_cache(maxsize=1)
def _shipped() -> Texts:
    return Texts.load()


def _text(shown: str) -> Json:
    return {"type": "mrkdwn", "text": shown, "verbatim": True}


def sections(lines: Iterable[Sequence[Span]]) -> Iterator[Part]:
    """Lines together, in as few sections as hold them; one is parted only if it is too long for a section."""
    for group in _packed(lines, LONGEST_TEXT):
        yield Part({"type": "section", "text": _text(mrkdwn(group))}, words(group))


def _notes(lines: Iterable[Sequence[Span]]) -> Iterator[Part]:
    for group in _packed(lines, LONGEST_NOTE):
        yield Part({"type": "context", "elements": [_text(mrkdwn(group))]}, words(group))


def _packed(lines: Iterable[Sequence[Span]], longest: int) -> Iterator[tuple[Span, ...]]:
    group: tuple[Span, ...] = ()
    size = 0
    for piece in (piece for line in lines for piece in parted(line, longest)):
        added = width(mrkdwn(piece))
        if group and size + 1 + added > longest:
            yield group
            group, size = (), 0
        size += added + bool(group)
        group = (*group, *([Span("\n")] if group else []), *piece)
    if group:
        yield group


def _fields(title: Sequence[Span], items: Iterable[tuple[str, str]]) -> Iterator[Part]:
    """The title in bold, then columns; a long value stands below its label, as wide as the message."""
    head = parted(marked(title, "*"), LONGEST_TITLE)
    yield from sections(head[:-1])
    lead: Sequence[Span] = head[-1] if head else ()
    columns: list[tuple[Span, ...]] = []
    taken = 0
    for pair in (_pair(spans(label), spans(value)) for label, value in items):
        size = width(mrkdwn(pair))
        narrow = len(words(pair)) <= _NARROW and size <= LONGEST_FIELD
        if (lead or columns) and (not narrow or len(columns) == MOST_FIELDS or taken + size > LONGEST_COLUMNS):
            yield _columns(lead, columns)
            lead, columns, taken = (), [], 0
        if not narrow:
            yield from sections([pair])
        elif pair:
            columns.append(pair)
            taken += size
    if lead or columns:
        yield _columns(lead, columns)


def _pair(label: Sequence[Span], value: Sequence[Span]) -> tuple[Span, ...]:
    label, value = (tuple(one) if words(one).strip() else () for one in (label, value))
    return (*marked(label, "*"), *([Span("\n")] if label and value else []), *value)


def _columns(lead: Sequence[Span], columns: list[tuple[Span, ...]]) -> Part:
    texts = [mrkdwn(one) for one in columns]
    block: Json = {"type": "section"}
    if lead:
        block["text"] = _text(mrkdwn(lead))
    if texts:
        block["fields"] = [_text(text) for text in texts]
    says = "\n".join((*([words(lead)] if lead else []), *(words(one).replace("\n", ": ", 1) for one in columns)))
    return Part(block, says)


def _source(source: Source, language: Language, say: Say) -> tuple[Span, ...]:
    named = linked([Span(clean(source.title).replace("\n", " ") or source.id)], safe_address(source.link or ""))
    heading = [Span(f" › {words(spans(source.heading))}")] if source.heading else []
    reviewed = say("slack.reviewed", language, date=local_date(source.reviewed, language)) if source.reviewed else ""
    return (
        *spans(say("slack.source", language)),
        Span(" "),
        *named,
        *heading,
        *((Span(" · "), *spans(reviewed)) if reviewed else ()),
    )


def _file(item: FileItem, language: Language, say: Say, page: str) -> tuple[Span, ...]:
    """What a picture shows is told here where the picture itself is not brought to Slack."""
    name, shows = clean(item.name), ""
    if (item.problem or item.sensitive) and item.alternative:
        shows = f" · « {shortened(clean(item.alternative), LONGEST_SHOWN)} »"
    if item.problem:
        return (Span(f"📎 {name} · "), *spans(say(f"file.problem.{item.problem}", language)), Span(shows))
    link = safe_address(page + file_path(item)) if page else ""
    size = f" · {size_text(item.size, language)}" if item.size else ""
    hidden = (Span(" · "), *spans(say("file.sensitive", language))) if item.sensitive else ()
    return (Span("📎 "), Span(name, link=link), Span(size), *hidden, Span(shows))


def _image(url: str, alternative: str, pictures: bool) -> Iterator[Part]:
    address = safe_address(url)
    said = words(spans(alternative)).strip()
    if pictures and address.casefold().startswith("https:"):
        named = shortened(said, LONGEST_ALTERNATIVE) or NOTHING
        yield Part({"type": "image", "image_url": address, "alt_text": named}, said)
    else:
        yield from sections([tuple(linked([Span(said)], address))])


def _rows(buttons: Sequence[Button], first: int) -> Iterator[Part]:
    """A label that is too long for a button stands above it in full. A value that is too long cannot come back: such a
    button is left out."""
    usable = [(number, one) for number, one in enumerate(buttons, first) if width(one.value) <= LONGEST_VALUE]
    long = [one for _, one in usable if width(words(spans(one.label))) > LONGEST_LABEL]
    yield from sections([(Span("• "), *spans(one.label)) for one in long])
    row: list[Json] = []
    for element in (_button(one, number) for number, one in usable):
        if row and (len(row) == MOST_BUTTONS or _size(row) + _size(element) > LONGEST_ROW):
            yield _row(row)
            row = []
        row.append(element)
    if row:
        yield _row(row)


def _row(buttons: list[Json]) -> Part:
    return Part({"type": "actions", "elements": buttons}, " · ".join(f"[{one['text']['text']}]" for one in buttons))


def _button(button: Button, number: int) -> Json:
    element: Json = {
        "type": "button",
        "text": plain_text(words(spans(button.label)), LONGEST_LABEL),
        "action_id": f"{button.action}:{number}",
    }
    if button.value:
        element["value"] = button.value
    if button.style != "default":
        element["style"] = button.style
    return element


def shortened(text: str, longest: int) -> str:
    """At most `longest` wide, and no half escape at the end."""
    if width(text) <= longest:
        return text
    while width(text) >= longest:
        text = text[: len(text) - max(1, (width(text) - longest) // 2)]
    start = text.rfind("&", max(0, len(text) - 5))
    return (text[:start] if start >= 0 and ";" not in text[start:] else text) + "…"


def plain_text(text: str, longest: int) -> Json:
    """A text object that Slack shows as it is; never empty."""
    shown = " ".join(clean(text).split())
    return {"type": "plain_text", "text": shortened(shown, longest) or NOTHING, "emoji": True}


def _size(block: Any) -> int:
    return width(json.dumps(block, ensure_ascii=False))


def and_more() -> Part:
    """Something is missing here, or there is nothing to say."""
    return Part({"type": "section", "text": _text(NOTHING)}, NOTHING)


def local_date(day: date, language: Language) -> str:
    """12 Oct 2026, or 12 oct. 2026."""
    return format_date(day, "d MMM y", locale=language.value)
