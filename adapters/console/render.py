"""Documents as they look on a terminal: pure functions from what is to be said to what is to be printed.

Colours are the terminal's own sixteen, so that they suit a dark and a light background. A surface without style gets
text alone: no colours, no wrapping, nothing that stands in the way of searching a transcript.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Protocol

from babel.dates import format_date
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from adapters.console.markup import styled
from adapters.console.safe import one_line
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

_UNWRAPPED = 200_000  # columns
_BODY_INDENT = 2
_LABEL_WIDTH = 26


class Say(Protocol):
    """A sentence of the catalogue, in the language of what is being shown."""

    def __call__(self, key: str, **values: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Surface:
    """Where it is shown. `width` None: lines are as long as they are."""

    width: int | None = None
    styled: bool = False
    colour: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a document: whom it is for, its number, and what is special about it."""

    label: str
    number: str
    marks: tuple[str, ...] = ()
    desk: bool = False


def paint(renderable: RenderableType, surface: Surface) -> str:
    """The characters to print, ending in a newline."""
    width = surface.width or Measurement.get(*_measuring(), renderable).maximum
    console = Console(
        file=StringIO(),
        width=width,
        height=25,
        force_terminal=surface.styled,
        force_jupyter=False,
        color_system="standard" if surface.styled else None,
        no_color=not surface.colour,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as captured:
        console.print(renderable)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().split("\n")[:-1])


def _measuring() -> tuple[Console, ConsoleOptions]:
    console = Console(file=StringIO(), width=_UNWRAPPED, height=25, force_jupyter=False, markup=False, emoji=False)
    return console, console.options


def delivered(
    heading: Heading, document: Document, say: Say, language: Language, hint: str | None, page: str = ""
) -> Group:
    """A document under its heading. `hint` says how to press its buttons; None: they can no longer be pressed.

    `page`: the address of the web page, where there is one; files lie there.
    """
    shown = body(document, say, language, hint, page)
    return Group(heading_line(heading), Padding(shown, (0, 0, 1, _BODY_INDENT), expand=False))


def heading_line(heading: Heading) -> Text:
    rest = " · ".join(("", f"#{heading.number}", *(sentence(mark).plain for mark in heading.marks)))
    return Text.assemble(
        (sentence(heading.label).plain, "bold magenta" if heading.desk else "bold cyan"), (f" {one_line(rest)}", "dim")
    )


def sentence(text: str, style: str = "") -> Text:
    """A sentence of the catalogue on one line: values in it were escaped there, as Markdown is."""
    shown = styled(text)
    shown.stylize_before(style)
    return shown


def body(document: Document, say: Say, language: Language, hint: str | None, page: str = "") -> Group:
    """The blocks of a document, an empty line between any two."""
    parts: list[RenderableType] = []
    first_button = 1
    for block in document.blocks:
        if isinstance(block, Actions):
            shown: RenderableType | None = ButtonLine(block.buttons, first_button) if hint is not None else None
            first_button += len(block.buttons)
        elif isinstance(block, Files):
            shown = Group(*(file_line(item, say, language, page) for item in block.items))
        else:
            shown = _block(block, say, language)
        if shown is not None:
            parts += [Text(""), shown] if parts else [shown]
    if hint and first_button > 1:
        parts.append(sentence(hint, "dim"))
    return Group(*parts)


def buttons_of(document: Document) -> tuple[Button, ...]:
    """In the order of their numbers."""
    return tuple(button for block in document.blocks if isinstance(block, Actions) for button in block.buttons)


def echo(line: str) -> Text:
    """What was typed, where the terminal itself did not show it."""
    return Text(f"> {line if len(line) <= 200 else line[:199] + '…'}", style="dim")


def _block(block: Block, say: Say, language: Language) -> RenderableType | None:
    match block:
        case Paragraph(text=text):
            return _lines(text)
        case Steps(items=items):
            return _table(((Text(f"{number}.", style="dim"), _lines(item)) for number, item in enumerate(items, 1)), 1)
        case Sources(items=items) if items:
            return Group(*(_source(source, say, language) for source in items))
        case Fields(items=items, title=title):
            rows = _table(((styled(label), _lines(value)) for label, value in items), 2, labels=True)
            return Group(sentence(title, "bold"), rows) if title else rows
        case Image(alternative=alternative):
            return styled(f"[{alternative}]" if alternative else "")
        case _:
            return None


def file_line(item: FileItem, say: Say, language: Language, page: str) -> Text:
    """Its name and size, and where it lies or why it does not."""
    line = Text.assemble("📎 ", one_line(item.name))
    if item.problem:
        line.append(f" · {sentence(say(f'file.problem.{item.problem}')).plain}", style="dim")
    elif item.size:
        line.append(f" · {size_text(item.size, language)}", style="dim")
    if item.sensitive and not item.problem:
        line.append(f" · {sentence(say('file.sensitive')).plain}", style="dim")
    if item.alternative:
        line.append(f" · {one_line(item.alternative)}")
    return line.append(f" · {page}{file_path(item)}", style="dim") if page and not item.problem else line


def _lines(text: str) -> RenderableType:
    """Lines of a paragraph; those of a list hang under their first word."""
    parts: list[RenderableType] = []
    for line in text.splitlines() or [""]:
        if line.startswith(("• ", "- ")):
            parts.append(_table([(Text("•"), styled(line[2:]))], 1))
        else:
            parts.append(styled(line))
    return parts[0] if len(parts) == 1 else Group(*parts)


def _table(rows: Iterable[tuple[Text, RenderableType]], gap: int, *, labels: bool = False) -> Table:
    table = Table.grid(padding=(0, gap, 0, 0))
    if labels:
        table.add_column(style="dim", max_width=_LABEL_WIDTH, overflow="fold")
    else:
        table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _source(source: Source, say: Say, language: Language) -> Text:
    title = f"{source.title} › {source.heading}" if source.heading else source.title
    parts = [styled(title).plain]
    if source.reviewed:
        reviewed = say("console.reviewed", date=local_date(source.reviewed, language))
        parts.append(sentence(reviewed).plain)
    if source.link:
        parts.append(one_line(source.link))
    return sentence(say("console.source", source=" · ".join(parts)), "dim")


def local_date(day: date, language: Language) -> str:
    """12 Oct 2026, or 12 oct. 2026."""
    return format_date(day, "d MMM y", locale=language.value)


@dataclass(frozen=True, slots=True)
class ButtonLine:
    """Buttons with the numbers that press them, broken between buttons and never inside one that fits."""

    buttons: tuple[Button, ...]
    first: int

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        pieces = [piece.cell_len for piece in self._pieces()]
        return Measurement(max(pieces, default=0), sum(pieces) + 2 * len(pieces)).clamp(max_width=options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        line = Text()
        for piece in self._pieces():
            if line and line.cell_len + 2 + piece.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text.assemble(line, "  ", piece) if line else piece
        if line:
            yield line

    def _pieces(self) -> Iterator[Text]:
        for number, button in enumerate(self.buttons, self.first):
            yield Text.assemble((f"[{number}]", "bold"), " ", styled(button.label))
