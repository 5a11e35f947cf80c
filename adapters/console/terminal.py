"""Which terminal this process is: the lowest number that no living process holds.

The lock is the operating system's, so that it ends with its process, however that ends: whoever comes next takes the
same terminal and is shown what was still to be delivered there.
"""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from bot.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Terminal:
    """Held until released, or until the process ends."""

    name: str
    lock: FileLock

    def release(self) -> None:
        self.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def claim_terminal(home: Path) -> Terminal:
    """Take the terminal of the lowest number that is free: `HOME-N`. Raises SettingsError if the home is read-only.

    HOME is a random name of the home's own: the terminals of several homes may share one database.
    """
    folder = home / "terminals"
    number = 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = home_name(folder)
        while True:
            number += 1
            lock = FileLock(
                folder / f"{number}.lock", timeout=0, mode=0o600, thread_local=False, fallback_to_soft=False
            )
            try:
                lock.acquire()
            except Timeout:
                continue
            return Terminal(f"{name}-{number}", lock)
    except OSError as error:
        raise SettingsError(f"GUICHET_HOME: {folder} cannot be used ({error.strerror or error})") from error


def home_name(folder: Path) -> str:
    """The name in `folder`, made by whoever comes first."""
    file = folder / "name"
    if not file.exists():
        mine = folder / f"name.{os.getpid()}"
        mine.write_text(f"terminal-{secrets.token_hex(2)}")
        with suppress(FileExistsError):
            os.link(mine, file)  # of two at once, one gets its way
        mine.unlink()
    return file.read_text()
