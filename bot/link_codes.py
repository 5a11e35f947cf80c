"""One-time codes with which one person's identities on several platforms are linked."""

import hashlib
import re
import secrets
from datetime import timedelta

DIGITS = 8
GOOD_FOR = timedelta(minutes=10)
MOST_WRONG = 5  # wrong codes that a person may type in WINDOW
WINDOW = timedelta(hours=1)


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def shown(code: str) -> str:
    """In two halves, as people read it."""
    return f"{code[: DIGITS // 2]} {code[DIGITS // 2 :]}"


def typed(text: str) -> str | None:
    """The code that somebody typed, spaces and hyphens aside; None if it is none."""
    code = re.sub(r"[\s.\u2010-\u2015-]+", "", text[:60])
    return code if len(code) == DIGITS and code.isascii() and code.isdecimal() else None


def hashed(code: str, secret: str = "") -> str:
    """What is stored. Slow on purpose: whoever reads the database cannot try all codes while one is good, not even
    without the desk's own `secret`."""
    salt = f"guichet.link.code\0{secret}".encode()
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()
