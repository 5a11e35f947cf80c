"""Web addresses in what is published, as servers find them."""

import re
from collections.abc import Iterator

# An address, as far as every server takes it for one: what stands behind may be text to some.
_GLUED = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*", re.IGNORECASE)
_ADDRESS = re.compile(rf"(?<![\w@#＃]){_GLUED.pattern}", re.IGNORECASE)
_TRAILING = ".,;:!?'*_~@"


def addresses(text: str, *, glued: bool = False) -> Iterator[tuple[int, int]]:
    """Where web addresses stand: start and end, without the punctuation of the sentence around. `glued`: those, too,
    that a word runs into, which some servers take for such."""
    for found in (_GLUED if glued else _ADDRESS).finditer(text):
        address = found.group().rstrip(_TRAILING)
        while address.endswith((")", "]")) and address.count("(") + address.count("[") < sum(map(address.count, ")]")):
            address = address[:-1].rstrip(_TRAILING)
        yield found.start(), found.start() + len(address)
