"""Who owns a home: the embedded index and an SQLite database have one owner process, which holds a lock there.

Other processes still write to the database; the owner acts on it.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from bot.errors import AlreadyRunning, SettingsError


def make_home(home: Path) -> None:
    """Make the folder, for this user alone, if it is not there. Raises SettingsError if that cannot be."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"GUICHET_HOME: {home} should be a folder that can be written ({reason})") from error


class HomeLock:
    """The lock of one home. It goes with the process that holds it, whatever its end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file = home / "owner.lock"
        self._note = home / "owner.json"
        self._lock = FileLock(self._file, blocking=False)

    def acquire(self, doing: str) -> bool:
        """Become the owner, noting what for; False if another process is. Raises SettingsError for an unusable home."""
        make_home(self._home)
        try:
            self._lock.acquire()
        except Timeout:
            return False
        except OSError as error:
            raise SettingsError(f"GUICHET_HOME: {self._file} cannot be written ({error.strerror})") from error
        self._note.write_text(json.dumps({"pid": os.getpid(), "doing": doing, "since": int(time.time())}))
        return True

    def refuse_a_second(self, doing: str) -> None:
        """Raise AlreadyRunning that says who it is, if a process that does the same owns the home.

        Any other owner (a chat, a script) is only waited for.
        """
        if self.acquire(doing):
            self.release()
        elif self._holder().get("doing") == doing:
            raise AlreadyRunning(
                f"{self.holder()} holds {self._home} already. Stop it first, or work beside it: "
                "guichet ask, chat, ticket and kb sync can."
            )

    def holder(self) -> str:
        """The owner in words, as far as is known."""
        note = self._holder()
        try:
            since = time.strftime("%H:%M", time.localtime(int(note["since"])))
            return f"guichet {note['doing']} (process {int(note['pid'])}, since {since})"
        except (ValueError, KeyError, TypeError):
            return "another guichet process"

    def _holder(self) -> dict[str, Any]:
        try:
            note = json.loads(self._note.read_text())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def release(self) -> None:
        self._lock.release()
