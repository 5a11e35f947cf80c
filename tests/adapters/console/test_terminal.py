import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.console.terminal import claim_terminal
from bot.errors import SettingsError

HOLDER = """
import sys
from pathlib import Path
from adapters.console.terminal import claim_terminal
terminal = claim_terminal(Path(sys.argv[1]))
print(terminal.name, flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that holds a terminal until it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def number(terminal: str) -> int:
    return int(terminal.rpartition("-")[2])


def test_the_lowest_free_number_is_taken(tmp_path: Path) -> None:
    first, second, third = (claim_terminal(tmp_path) for _ in range(3))
    assert [number(one.name) for one in (first, second, third)] == [1, 2, 3]
    second.release()
    with claim_terminal(tmp_path) as again:
        assert number(again.name) == 2
    first.release()
    third.release()
    with claim_terminal(tmp_path) as last:
        assert number(last.name) == 1


def test_a_killed_process_leaves_its_number_to_the_next(tmp_path: Path) -> None:
    with another_process(tmp_path) as (victim, first), another_process(tmp_path) as (_, second):
        assert (number(first), number(second)) == (1, 2)
        with claim_terminal(tmp_path) as mine:
            assert number(mine.name) == 3
        victim.send_signal(signal.SIGKILL)
        victim.wait(5)
        with claim_terminal(tmp_path) as mine:
            assert number(mine.name) == 1


def test_locks_are_for_the_owner_alone(tmp_path: Path) -> None:
    with claim_terminal(tmp_path / "new" / "home"):
        folder = tmp_path / "new" / "home" / "terminals"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "1.lock").stat().st_mode) == 0o600


def test_a_home_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SettingsError, match=r"GUICHET_HOME: .*file"):
        claim_terminal(tmp_path / "file")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_terminals_of_several_homes_never_share_a_name(tmp_path: Path) -> None:
    with claim_terminal(tmp_path / "one") as one, claim_terminal(tmp_path / "two") as two:
        assert one.name != two.name
    with claim_terminal(tmp_path / "one") as again:
        assert again.name == one.name
