"""What a file is called where others see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attachments.names import LONGEST, extension_of, safe_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("error.png", "error.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\screen.png", "screen.png"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b.png", "ab.png"),
        ("line\nbreak\t.txt", "line break .txt"),
        ("\u202egnp.exe", "gnp.exe"),  # shown turned round it would read exe.png
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u200bb.pdf", "ab.pdf"),
        ("\ud800.png", "png"),
        ("תמונה.png", "תמונה.png"),
        ("صورة الشاشة.png", "صورة الشاشة.png"),
        ("写真 📎.png", "写真 📎.png"),
        ("👨‍👩‍👧.png", "👨‍👩‍👧.png"),
        ("e\u0301cran.png", "écran.png"),
        (" . hidden", "hidden"),
        ("trailing.png. . ", "trailing.png"),
        ("x" * 300 + ".docx", "x" * (LONGEST - 6) + "….docx"),
        ("x" * 300, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_names_are_made_safe(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@given(st.text(max_size=400))
def test_no_name_leads_anywhere(name: str) -> None:
    safe = safe_name(name)
    assert safe not in ("", ".", "..")
    assert len(safe) <= LONGEST
    assert not set(safe) & set("/\\\x00\n\r\u202e\u2066")
    assert safe_name(safe) == safe
    safe.encode()


@pytest.mark.parametrize(
    ("name", "extension"), [("a.PNG", "png"), ("a.tar.gz", "gz"), ("none", ""), (".bashrc", ""), ("a.", "")]
)
def test_the_extension_is_what_a_name_ends_in(name: str, extension: str) -> None:
    assert extension_of(name) == extension
