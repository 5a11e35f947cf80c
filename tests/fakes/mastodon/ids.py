"""Ids as servers make them, and how they are ordered: snowflakes, ULIDs, Pleroma's flakes, small numbers."""

from datetime import datetime
from typing import Literal

Scheme = Literal["snowflake", "ulid", "flake", "small"]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _written(number: int, alphabet: str, length: int) -> str:
    """Padded, so that the order of the texts is the order of the numbers."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(reversed(digits))


def new_id(scheme: Scheme, at: datetime, number: int) -> str:
    """An id of something made `at`, the `number`-th there is. All but small ones say when it was made, to whoever
    sorts by them: a post that arrives late has an id among those of its time."""
    milliseconds = int(at.timestamp() * 1_000)
    match scheme:
        case "snowflake":
            return str((milliseconds << 16) | (number & 0xFFFF))
        case "ulid":
            return _written((milliseconds << 80) | number, _CROCKFORD, 26)
        case "flake":
            return _written((milliseconds << 64) | number, _BASE62, 18)
        case "small":
            return str(number)


def order(one: str) -> tuple[int, str]:
    """Sorts ids of one server: numbers as numbers, the rest as text."""
    return (int(one), "") if one.isdigit() else (0, one)
