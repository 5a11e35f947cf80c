import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.markdown import Section, parse

ARTICLE = """# The printer is jammed

Paper gets stuck when the tray is **too full**,
or damp.

It takes a minute.

## What to do

1. Open the lid, see [the manual](https://example.org).
   - the grey one
   - not the blue one

   `unplug` it first
2. Pull the paper out.

![the lid](lid.png)

3. Close the lid.

That is all.

## If it comes back

| Light | Meaning |
|---|---|
| red | call us |

> Ask for Ada.

```
net stop spooler
net start spooler
```

## Empty
"""


def test_an_article_is_taken_apart_into_intro_steps_and_sections() -> None:
    parsed = parse(ARTICLE)

    assert parsed.intro == "Paper gets stuck when the tray is **too full**, or damp.\n\nIt takes a minute."
    assert parsed.steps == (
        "Open the lid, see [the manual](https://example.org).\n• the grey one\n• not the blue one\n`unplug` it first",
        "Pull the paper out.",
        "Close the lid.",
    )
    assert parsed.sections == (
        Section("What to do", "![the lid](lid.png)\n\nThat is all."),
        Section(
            "If it comes back",
            "Light · Meaning\nred · call us\n\nAsk for Ada.\n\n`net stop spooler`\n`net start spooler`",
        ),
    )


def test_a_second_numbered_list_is_not_part_of_the_steps() -> None:
    parsed = parse("Intro.\n\n1. One\n2. Two\n\nOr:\n\n1. Another\n2. Way\n")

    assert parsed.intro == "Intro."
    assert parsed.steps == ("One", "Two")
    assert parsed.sections == (Section("", "Or:\n\n1. Another\n2. Way"),)


def test_text_without_structure_is_all_intro() -> None:
    parsed = parse("Just\ntext.\n\n- with\n- points")

    assert (parsed.intro, parsed.steps, parsed.sections) == ("Just text.\n\n• with\n• points", (), ())


def test_html_is_text() -> None:
    assert parse("Hello <script>alert(1)</script>").intro == "Hello <script>alert(1)</script>"
    assert parse("<div>\nHello\n</div>").intro == "<div> Hello </div>"


@given(st.text(alphabet=st.sampled_from("#>-*1. \n\t`|[]()!<>ab\\é\0"), max_size=200))
def test_any_text_can_be_taken_apart(text: str) -> None:
    parsed = parse(text)
    assert all(parsed.steps)
    assert all(section.text for section in parsed.sections)


@pytest.mark.parametrize(
    "text", [">" * 50_000, "- " * 50_000, "[(" * 50_000, "1. a\n" * 5_000, "*a_ " * 50_000, "`" * 50_001]
)
def test_hostile_text_takes_no_time(text: str) -> None:
    began = time.process_time()
    parse(text)
    assert time.process_time() - began < 2
