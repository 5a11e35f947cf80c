"""The `guichet` command as processes of its own, as they run on somebody's machine."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

TIMEOUT = 60.0
HEADING = re.compile(r"^guichet → \S+ · #(\d+)(.*)$")
AGAIN = "shown again"
NOT_INHERITED = ("GUICHET_", "LC_", "PYTHONDONTWRITEBYTECODE")
BYTECODE = Path(sys.prefix) / "bytecode"  # compiled once: half of what a start takes, where nobody else keeps it


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return kept | {
        "GUICHET_HOME": str(home),
        "LANG": "en_GB.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(BYTECODE),
    }


class Guichet:
    """A running command. What it prints is read as it comes. `settings`: environment variables."""

    def __init__(self, home: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(home) | dict(settings or {}),
            text=True,
            encoding="utf-8",
            cwd=home.parent,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._news = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: Iterable[str], lines: list[str]) -> None:
        for line in stream:
            with self._news:
                lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def says(self, *lines: str, end: bool = False) -> None:
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it has ended meanwhile
            self.process.stdin.write("".join(f"{line}\n" for line in lines))
            self.process.stdin.flush()
        if end:
            with suppress(BrokenPipeError):
                self.process.stdin.close()

    def until(self, text: str, times: int = 1) -> None:
        """Wait until that many lines that it printed hold the text."""
        deadline = time.monotonic() + TIMEOUT
        with self._news:
            while sum(text in line for line in (*self.out, *self.err)) < times:
                assert time.monotonic() < deadline, self.told()
                ended = not any(reader.is_alive() for reader in self._readers)
                assert not ended, f"ended without {text!r}: {self.told()}"
                self._news.wait(0.2)

    def until_lines(self, count: int) -> None:
        """Wait until it has printed that many lines, or has ended."""
        deadline = time.monotonic() + TIMEOUT
        with self._news:
            while len(self.out) < count and any(reader.is_alive() for reader in self._readers):
                assert time.monotonic() < deadline, self.told()
                self._news.wait(0.2)

    def until_there(self, file: Path) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not file.exists():
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.01)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> int:
        self.process.send_signal(sign)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(TIMEOUT)
        for reader in self._readers:
            reader.join(TIMEOUT)
        return status

    def told(self) -> str:
        return "\n".join([*self.out, "--- errors:", *self.err])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert stream
            with suppress(BrokenPipeError):
                stream.close()


def ended(home: Path, *arguments: str, status: int = 0) -> str:
    """Run a command to its end; what it printed."""
    with Guichet(home, *arguments) as command:
        command.says(end=True)
        assert command.wait() == status, command.told()
        return command.told()


def headings(lines: Iterable[str]) -> list[tuple[int, bool]]:
    """The numbers of the posts that a chat printed, in order, and whether each was marked as shown again."""
    found = (HEADING.match(line) for line in lines)
    return [(int(one[1]), AGAIN in one[2]) for one in found if one]
