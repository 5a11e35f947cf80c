"""Which addresses a text may lead to, and what they are called."""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

LONGEST = 1_000  # characters as they are sent; a longer one is no link

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?::\d{1,5})?"
_WEB = re.compile(rf"https?://(?P<host>{_HOST})(?:[/?#]\S*)?", re.IGNORECASE)  # nobody's name before the host
_MAIL = re.compile(r"mailto:(?P<box>[^\s@?/]+@(?P<host>[A-Za-z0-9.-]+))(?:\?\S*)?", re.IGNORECASE)
_BARE = re.compile(rf"(?<![\w@])https?://(?>{_HOST})(?!\w)(?![^\s/?#]*@)(?:[/?#][^\s<>|\"`\\^{{}}]*)?", re.IGNORECASE)
_NAMED = re.compile(r"(?<=://)[^\s/?#]+|(?<![\w.-])(?:(?:[\w-]+\.)+[^\W\d_]{2,}|\d{1,3}(?:\.\d{1,3}){3})")
_TRAILING = ".,;:!?'*_~…»”’"
_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


def safe_address(address: str) -> str:
    """The address as a link of Slack's can carry it; empty if it may not be followed."""
    scheme, colon, rest = address.strip().partition(":")
    encoded = quote(scheme.lower() + colon + rest, safe="%;/?:@&=+$,-_.!~*'()#[]")
    usable = _WEB.fullmatch(encoded) or _MAIL.fullmatch(encoded)
    return encoded if usable and len(encoded) + 4 * encoded.count("&") <= LONGEST else ""


def is_misleading(label: str, address: str) -> bool:
    """Whether a label looks like another address than the safe one that it leads to."""
    shown = unicodedata.normalize("NFKC", label).casefold().strip()
    if mail := _MAIL.fullmatch(address):
        box, host = mail["box"].casefold(), mail["host"].casefold()
        return shown.removeprefix("mailto:") != box if "@" in shown else bool(_named(shown) - {host})
    web = _WEB.fullmatch(address)
    return bool(_named(shown) - {_host(web["host"].casefold()) if web else ""})


def _named(text: str) -> set[str]:
    return {_host(found) for found in _NAMED.findall(text)}


def _host(authority: str) -> str:
    return authority.partition(":")[0].removeprefix("www.")


def bare_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where web addresses stand in plain text: start and end, without the punctuation of the sentence around."""
    for found in _BARE.finditer(text):
        yield found.start(), found.start() + len(_balanced(found.group()).rstrip(_TRAILING))


def _balanced(address: str) -> str:
    """Up to a bracket that was opened before the address."""
    depth = 0
    for at, character in enumerate(address):
        depth += _BRACKETS.get(character, 0)
        if depth < 0:
            return address[:at]
    return address
