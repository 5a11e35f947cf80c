"""Bytes of a document as text, in whatever encoding it was saved, or an error that says where it stops being text."""

import codecs
import re

from charset_normalizer import from_bytes

from bot.errors import LoadError

# UTF-32 first: its mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = "cp1252"  # what Windows writes in France and in Britain; Latin-1 is the same but for rare signs
# Beyond ASCII, what French and English are written with. In text of another encoding others stand in their place.
# What a page may say of itself: Python knows encodings that are none, and some that take for ever.
_DECLARABLE = re.compile(r"(?i)(?:iso-?8859-?\d{1,2}|windows-\d{3,4}|cp\d{3,4}|latin-?\d|macintosh|koi8-[ru]|us-ascii)")
_EXPECTED = frozenset("àâäæçéèêëîïñôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸáíóúß«»‘’“”–—…•·°§©®™€£²³½µ×±\xa0")
_UNEXPECTED = 0.05  # share of the others that may be there: a foreign name in a long text
_CHAOS = 0.2  # charset-normalizer's own measure of mess, above which it is not sure


def decoded(content: bytes, name: str, declared: str | None = None) -> str:
    """By its byte order mark, as UTF-8, as `declared` in the document, or as Windows-1252 where that makes sense.

    Raises LoadError naming the first byte that is not UTF-8.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError as error:
                raise LoadError(
                    name, f"is not the {encoding.upper()[:6]} it says it is (byte {error.start})"
                ) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        text = _declared(content, declared) or _western(content)
        if text is None:
            wrong = f"byte {error.start} is 0x{content[error.start]:02x}"
            raise LoadError(name, f"is not text in UTF-8 ({wrong}): save it as UTF-8") from error
        return text


def _declared(content: bytes, encoding: str | None) -> str | None:
    if not encoding or not _DECLARABLE.fullmatch(encoding):
        return None
    # As browsers do: who writes Latin-1 means what Windows makes of it.
    actual = _WESTERN if re.fullmatch(r"(?i)(?:iso-?8859-?1|latin-?1|us-ascii)", encoding) else encoding
    try:
        return content.decode(actual)
    except (LookupError, UnicodeError):
        return None


def _western(content: bytes) -> str | None:
    """None unless it reads as French or English: every file is *some* text in an encoding of one byte a character."""
    beyond_ascii = bytes(byte for byte in content if byte > 0x7F)
    try:
        signs = beyond_ascii.decode(_WESTERN)
    except UnicodeDecodeError:
        return None
    odd = sum(sign not in _EXPECTED for sign in signs)
    if odd > _UNEXPECTED * len(signs) or b"\0" in content:
        return None
    best = from_bytes(content, cp_isolation=[_WESTERN, "latin_1"]).best()
    return content.decode(_WESTERN) if best is not None and best.chaos < _CHAOS else None
