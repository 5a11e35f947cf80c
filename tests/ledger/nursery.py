"""Starts processes quickly: one process imports everything once and forks a child for each life.

Run as a module it is that process: commands come as JSON lines, answers go back as JSON lines.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.ledger.life import Life, run

TIMEOUT = 60.0


class Child:
    """A process that was started here, and can be killed like any other."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.status: int | None = None

    def has_ended(self) -> bool:
        if self.status is None:
            self.status = self._nursery.ask("status", self.pid)
        return self.status is not None

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> int:
        """Send the signal, wait for the end, and return the exit status: minus the signal's number if it was one."""
        if not self.has_ended():
            os.kill(self.pid, sign)
        return self.wait()

    def wait(self) -> int:
        deadline = time.monotonic() + TIMEOUT
        while not self.has_ended():
            assert time.monotonic() < deadline, f"process {self.pid} does not end"
            time.sleep(0.01)
        assert self.status is not None
        return self.status


class Nursery:
    def __init__(self, log: Path) -> None:
        self.log = log
        self._children: list[Child] = []
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.ledger.nursery"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=Path(__file__).parents[2],
            )

    def start(self, life: Life) -> Child:
        child = Child(self, self.ask("start", asdict(life), str(self.log)))
        self._children.append(child)
        return child

    def ask(self, *command: object) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.kill()
        self._process.communicate(timeout=TIMEOUT)


def start(life: dict[str, Any], log: str) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), 1)
        os.close(0)
        run(Life(**life), log)
        status = 0
    except BaseException:  # noqa: BLE001
        traceback.print_exc()  # nothing else will: the process ends right here
    finally:
        sys.stderr.flush()
        os._exit(status)


def status(pid: int) -> int | None:
    found, code = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(code) if found else None


if __name__ == "__main__":
    commands: dict[str, Callable[..., int | None]] = {"start": start, "status": status}
    for line in sys.stdin:
        name, *args = json.loads(line)
        print(json.dumps(commands[name](*args)), flush=True)
