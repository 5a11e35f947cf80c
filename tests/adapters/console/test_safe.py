import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.safe import clean, one_line


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[38;2;1;2;3mred\x1b[?25l", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", "here"),
        ("\x1bPq#0;2;0;0;0\x1b\\text", "text"),
        ("\x1b(0text\x1bc", "text"),
        ("text\x1b", "text"),
        ("\x9b31mtext", "31mtext"),
        ("nul\x00 bell\x07 back\x08 delete\x7f", "nul bell back delete"),
        ("\u202eexe.gnp\u202c", "exe.gnp"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("\ufefftext\U000e0041", "text"),
        ("hidden\rshown", "hidden\nshown"),
        ("a\r\nb\u2028c\u2029d\x85e", "a\nb\nc\nd\ne"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("“typographic” quotes\u00a0: l’été 👩‍💻 日本語", "“typographic” quotes\u00a0: l’été 👩‍💻 日本語"),
        ("tab\tand\nnewline", "tab\tand\nnewline"),
    ],
)
def test_what_is_taken_out(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


def test_an_unfinished_escape_does_not_swallow_what_follows() -> None:
    assert clean("before \x1b]0;the rest of the sentence") == "before 0;the rest of the sentence"


def test_one_line() -> None:
    assert one_line(" a\r\n\x1b[2Jb\t c ") == "a b c"


@given(st.text(st.characters(), max_size=200) | st.text("\x1b[]PX;0m\x07\\\x9b\r\n a", max_size=60))
def test_nothing_that_drives_a_terminal_is_left_and_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert all(unicodedata.category(character) not in {"Cc", "Cs"} or character in "\n\t" for character in once)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", once)
    assert clean(once) == once
