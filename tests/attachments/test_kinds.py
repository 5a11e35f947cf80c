"""A file is taken if it may come, and is what its name says."""

import pytest

from bot.attachments.kinds import BYTES, SHOWN, Kinds
from bot.file_settings import FILE_TYPES, PROGRAMS
from bot.settings import Settings
from tests.attachments.samples import DOCX, ELF, EXE, HTML, JPEG, OLE, PDF, PNG, SVG, zipped

KINDS = Kinds.of(FILE_TYPES)


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("a.png", PNG, "image/png"),
        ("A.PNG", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.pdf", PDF, "application/pdf"),
        ("a.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.doc", OLE, "application/msword"),
        ("a.zip", zipped("x"), "application/zip"),
        ("a.txt", b"hello", "text/plain"),
        ("a.txt", "été".encode("latin-1"), "text/plain"),
        ("a.csv", "a;b".encode("utf-16"), "text/csv"),
        ("9001", PNG, "image/png"),
        ("png", JPEG, "image/jpeg"),
        ("a.log", HTML, "text/plain"),  # words, and served as such
    ],
)
def test_what_is_taken(name: str, head: bytes, media_type: str) -> None:
    assert KINDS.media_type(name, head) == media_type


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.exe", EXE),
        ("a.png", EXE),
        ("a.png", JPEG),
        ("a.png", HTML),
        ("a.png", SVG),
        ("a.png", b""),
        ("a.svg", SVG),
        ("a.html", HTML),
        ("a.txt", EXE),
        ("a.txt", ELF),
        ("a.txt", PNG),
        ("a.txt", PDF),
        ("a.pdf", HTML),
        ("a.docx", OLE),
        ("a.doc", DOCX),
        ("a.zip", EXE),
        ("a.png.exe", PNG),
        ("9001", EXE),
        ("9001", PDF),
        ("9001", b"hello"),
        ("9001", SVG),
        ("", b""),
    ],
)
def test_what_is_not(name: str, head: bytes) -> None:
    assert KINDS.media_type(name, head) is None


def test_an_ending_of_ones_own_is_bytes_to_a_browser() -> None:
    kinds = Kinds.of(["xyz", "mp4"])
    assert kinds.media_type("a.xyz", b"anything") == BYTES
    assert kinds.media_type("a.xyz", EXE) is None  # known, and something else
    assert kinds.media_type("a.mp4", PNG) is None


def test_pictures_that_are_shown_hold_no_scripts() -> None:
    assert {"image/png", "image/jpeg", "image/gif", "image/webp"} == SHOWN


def test_no_program_is_taken_by_default_or_by_setting() -> None:
    assert not set(FILE_TYPES) & PROGRAMS
    with pytest.raises(ValueError, match="exe would run"):
        Settings(_env_file=None, file_types="png, exe")  # type: ignore[call-arg, arg-type]
    with pytest.raises(ValueError, match="none"):
        Settings(_env_file=None, file_types="../x")  # type: ignore[call-arg, arg-type]
    chosen = Settings(_env_file=None, file_types=".PNG, pdf png")  # type: ignore[call-arg, arg-type]
    assert chosen.file_types == ("png", "pdf")
    assert Settings(_env_file=None, file_types="").file_types == FILE_TYPES  # type: ignore[call-arg, arg-type]
