"""What a file is called, as far as others may see it."""

import re
import unicodedata

LONGEST = 120  # characters
_FOLDERS = re.compile(r"[/\\]")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # of Unicode: controls, marks of direction, surrogates, …
_JOINER = "\u200d"  # holds together what is one emoji


def safe_name(name: str, default: str = "file") -> str:
    """`name` without folders, controls and marks that turn its direction round, so that what it ends in is what one
    sees; letters of every script and emoji stay. Never empty, never `.` or `..`."""
    last = _FOLDERS.split(unicodedata.normalize("NFC", name))[-1]
    seen = "".join(" " if one.isspace() else one for one in last if one == _JOINER or _is_seen(one))
    tidy = re.sub(" +", " ", seen).strip(" .\u200d")
    if len(tidy) > LONGEST:
        stem, dot, extension = tidy.rpartition(".")
        keep = dot + extension if stem and len(extension) <= 10 else ""
        tidy = tidy[: LONGEST - len(keep) - 1] + "…" + keep
    return tidy or default


def _is_seen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in _UNSEEN


def extension_of(name: str) -> str:
    """In lower case, without its dot; empty for a name without one."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""
