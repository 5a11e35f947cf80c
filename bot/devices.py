"""Names of device models, as they compare: people leave the maker out, or put it in."""

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"^(?=.*[a-z])(?=.*\d).{3,}$")


def spellings(models: Iterable[str]) -> list[str]:
    """Every way to name these models, without case: "HP M404dn" goes by that and by "m404dn"; each once, in order."""
    found: dict[str, None] = {}
    for model in models:
        name = " ".join(model.casefold().split())
        found.setdefault(name)
        for word in name.split():
            if _NUMBERED.match(word):
                found.setdefault(word)
    return list(found)
