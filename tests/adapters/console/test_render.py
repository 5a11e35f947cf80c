import re
import time
from datetime import date

import pytest

from adapters.console.render import Heading, Surface, body, buttons_of, delivered, echo, local_date, paint
from bot.model.documents import (
    Actions,
    Block,
    Button,
    Document,
    Fields,
    Image,
    Paragraph,
    Source,
    Sources,
    Steps,
    plain,
)
from bot.model.values import Language
from tests.contract.rigs.console import sentence

STUCK = 5.0  # seconds of work

PLAIN = Surface()
TERMINAL = Surface(width=80, styled=True, colour=True)
ESCAPES = re.compile("\x1b\\[[0-9;]*m")
FULL = Document(
    (
        Paragraph("Clear the **rear** paper path, then print `a page`. " * 4),
        Steps(
            ("Open the rear door.", "Pull the paper out in the direction in which it travels, with both hands. " * 2)
        ),
        Fields((("Status", "open"), ("Category", "hardware/printers")), title="T12"),
        Image("https://kb.example/door.png", "The rear door, open"),
        Sources((Source("a1", "Paper jam", date(2026, 10, 12)),)),
        Actions((Button("a", "It worked"), Button("b", "Next solution"), Button("c", "Talk to a human"))),
    )
)


def say(key: str, **values: str) -> str:
    return sentence(key, Language.EN, **values)


def shown(*blocks: Block, surface: Surface = PLAIN, hint: str | None = "Type a number.") -> str:
    return paint(body(Document(blocks), say, Language.EN, hint), surface)


def test_a_whole_delivery_without_style() -> None:
    heading = Heading("guichet → Ada", "12", ("shown again",))
    blocks = (Paragraph("Try **this**:"), Steps(("Open it.", "Close it.")), FULL.blocks[4], FULL.blocks[5])
    assert paint(delivered(heading, Document(blocks), say, Language.EN, "Type a number."), PLAIN) == (
        "guichet → Ada · #12 · shown again\n"
        "  Try this:\n"
        "\n"
        "  1. Open it.\n"
        "  2. Close it.\n"
        "\n"
        "  Source: Paper jam · reviewed 12 Oct 2026\n"
        "\n"
        "  [1] It worked  [2] Next solution  [3] Talk to a human\n"
        "  Type a number.\n"
        "\n"
    )


@pytest.mark.parametrize("width", [30, 40, 80, 100])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    heading = Heading("guichet → Ada", "12")
    output = paint(delivered(heading, FULL, say, Language.EN, "Type."), Surface(width, styled=True, colour=True))
    assert max(len(ESCAPES.sub("", line)) for line in output.splitlines()) <= width
    words = ESCAPES.sub("", output).split()
    assert all(word in words for word in ("rear", "travels,", "Category", "Status", "[3]"))


def test_steps_and_lists_hang_under_their_first_word() -> None:
    lines = shown(*FULL.blocks[1:2], Paragraph("• " + "word " * 30), surface=Surface(width=60)).splitlines()
    assert lines[1].startswith("2. Pull") and lines[2].startswith("   ") and not lines[2].startswith("    ")
    assert lines[-1].startswith("  word")


def test_without_style_there_are_no_colours_no_boxes_and_no_line_breaks_of_ours() -> None:
    output = shown(*FULL.blocks)
    assert "\x1b" not in output
    assert not re.search("[\u2500-\u257f]", output)
    assert ("Clear the rear paper path, then print a page. " * 4).strip() in output


def test_with_style_but_without_colour_there_is_no_colour() -> None:
    codes = ESCAPES.findall(shown(*FULL.blocks, surface=Surface(width=80, styled=True)))
    assert codes
    assert not any(re.search(r"\b(3[0-7]|4[0-7]|9[0-7]|38|48)\b", code) for code in codes)


def test_desk_and_employee_are_told_apart() -> None:
    desk, employee = (
        paint(delivered(Heading(label, "1", desk=desk), FULL, say, Language.EN, None), TERMINAL).splitlines()[0]
        for label, desk in (("guichet → desk", True), ("guichet → Ada", False))
    )
    assert ESCAPES.findall(desk)[0] != ESCAPES.findall(employee)[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("**bold** and *italic* and `code`", "bold and italic and code"),
        ("[here](https://kb.example/a)", "here (https://kb.example/a)"),
        ("<https://kb.example/a>", "https://kb.example/a"),
        ("[https://bank.example](https://evil.example)", "https://bank.example (https://evil.example)"),
        ("[run](javascript:alert)", "[run](javascript:alert)"),
        ("**[deep *er*](https://kb.example)**", "deep er (https://kb.example)"),
        ("a &lt; b <b>not bold</b>", "a &lt; b <b>not bold</b>"),
        (plain("*a* _b_ `c` [d](e) <f> #g | ~h \\i"), "*a* _b_ `c` [d](e) <f> #g | ~h \\i"),
        ("[bold]not rich mark-up[/bold] :smile:", "[bold]not rich mark-up[/bold] :smile:"),
        ("snake_case_name", "snake_case_name"),
        ("![a picture](https://kb.example/p.png)", "a picture"),
        ("one\n\n• two\n3. three", "one\n\n• two\n3. three"),
    ],
)
def test_inline_markdown(written: str, read: str) -> None:
    assert shown(Paragraph(written)) == f"{read}\n"


def test_buttons_break_between_and_are_numbered_across_blocks() -> None:
    first = Actions(tuple(Button("a", f"Choice number {n}") for n in range(1, 4)))
    lines = shown(
        first, Paragraph("or"), Actions((Button("b", "None of these"),)), surface=Surface(width=44)
    ).splitlines()
    assert lines == [
        "[1] Choice number 1  [2] Choice number 2",
        "[3] Choice number 3",
        "",
        "or",
        "",
        "[4] None of these",
        "Type a number.",
    ]


def test_buttons_that_cannot_be_pressed_are_not_shown() -> None:
    assert shown(Paragraph("Old."), *FULL.blocks[5:], hint=None) == "Old.\n"


def test_the_buttons_of_a_document_are_in_the_order_of_their_numbers() -> None:
    assert [button.action for button in buttons_of(FULL)] == ["a", "b", "c"]


def test_empty_blocks_leave_no_gaps() -> None:
    assert shown(Sources(()), Paragraph("Here."), Actions(()), Fields(())).strip() == "Here."


def test_fields_are_aligned_in_columns() -> None:
    assert shown(FULL.blocks[2]) == "T12\nStatus    open\nCategory  hardware/printers\n"


def test_sources_name_the_part_and_the_address() -> None:
    source = Source("a1", "Paper *jam*", None, link="https://kb.example/a_b", heading="Rear_door")
    assert shown(Sources((source,))) == "Source: Paper jam › Rear_door · https://kb.example/a_b\n"


def test_dates_are_in_the_readers_language() -> None:
    day = date(2026, 10, 12)
    assert (local_date(day, Language.EN), local_date(day, Language.FR)) == ("12 Oct 2026", "12 oct. 2026")


def test_a_long_line_is_echoed_in_short() -> None:
    assert len(paint(echo("x" * 6000), PLAIN)) < 210


@pytest.mark.parametrize(
    "hostile", ["[" * 50_000, "*a " * 30_000, "`" * 50_000, "![" * 20_000, "<" * 50_000, "**_" * 20_000, "a" * 100_000]
)
def test_hostile_mark_up_is_cheap(hostile: str) -> None:
    begun = time.thread_time()
    for text in (hostile, hostile[:3_999]):
        assert shown(Paragraph(text), Steps((text,)), surface=TERMINAL)
    assert time.thread_time() - begun < STUCK
