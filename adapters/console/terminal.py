"""Which terminal this process is: the lowest number that no living process holds.

The lock is the operating system's, so that it ends with its process, however that ends: whoever comes next takes the
same terminal and is shown what was still to be delivered there.
"""

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
    """Take `terminal-N` for the lowest N that is free. Raises SettingsError if the home cannot be written."""
    folder = home / "terminals"
    number = 0
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            number += 1
            lock = FileLock(
                folder / f"{number}.lock", timeout=0, mode=0o600, thread_local=False, fallback_to_soft=False
            )
            try:
                lock.acquire()
            except Timeout:
                continue
            return Terminal(f"terminal-{number}", lock)
    except OSError as error:
        raise SettingsError(f"GUICHET_HOME: {folder} cannot be used ({error.strerror or error})") from error
