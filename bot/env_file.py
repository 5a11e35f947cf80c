"""Settings written into a `.env` file: the other lines stay, nobody else can read it, and it is whole at any moment."""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.errors import SettingsError

_PLAIN = re.compile(r"[\w@%+=:,./-]*", re.ASCII)


def kept_in(file: Path, values: Mapping[str, str]) -> None:
    """Set these variables: in place where they stand, else at the end. Raises SettingsError for a file that cannot be
    read or written."""
    file = file.resolve()  # what a link leads to is changed, not the link
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        _replace(file, changed(before, values))
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{file}: cannot be changed ({error})") from error


def changed(text: str, values: Mapping[str, str]) -> str:
    """The lines of a `.env` file with these variables, each once."""
    left = dict(values)
    lines: list[str] = []
    for line in text.splitlines():
        name = line.partition("=")[0].strip().removeprefix("export ").strip()
        if line.lstrip().startswith("#") or "=" not in line or name not in values:
            lines.append(line)
        elif name in left:
            lines.append(f"{name}={_quoted(left.pop(name))}")
    lines += [f"{name}={_quoted(value)}" for name, value in left.items()]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
