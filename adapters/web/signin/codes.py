"""One-time codes: how they are made, and how they are kept."""

import hashlib
import hmac
import re
import secrets

ALPHABET = "BCDFGHJKMNPQRSTVWXZ23456789"  # without vowels, and without what looks like something else
LENGTH = 8  # 38 bits: five guesses at each of three codes in a quarter of an hour get nowhere


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """In two halves, as people read it."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def typed(text: str) -> str | None:
    """The code that somebody typed or pasted, spaces, hyphens and case aside; None if it is none."""
    code = re.sub(r"[\s\u2010-\u2015-]+", "", text[:100]).upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def hashed(key: str, email: str, code: str) -> str:
    """What is stored: of no use without the key, nor for another address."""
    return hmac.new(key.encode(), f"guichet.web.code\0{email}\0{code}".encode(), hashlib.sha256).hexdigest()


def fingerprint(key: str, address: str) -> str:
    """A network address in a form that tells two apart and no more."""
    return hmac.new(key.encode(), f"guichet.web.address\0{address}".encode(), hashlib.sha256).hexdigest()[:16]
