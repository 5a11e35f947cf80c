"""`make` prepares .venv by itself: once, quietly, from the lock; and says what is wrong when it cannot.

The checkout is a small copy in a folder with a space in its name, uv and Python are scripts, and nothing is fetched.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Stands for uv: notes each call, makes a .venv without downloads whose `guichet` repeats its arguments and its input.
UV = """#!/bin/sh
echo "$*" >>"{log}"
sleep "${{UV_IS_SLOW:-0}}"
case "$1 $2" in
"venv --quiet") mkdir -p .venv/bin && ln -s "{python}" .venv/bin/python ;;
"pip install") printf '#!/bin/sh\\necho "guichet $*"\\ncat\\n' >.venv/bin/guichet && chmod +x .venv/bin/guichet ;;
esac
"""

# Stands for a Python of some version on which `-m venv` fails with some words; the rest is the real one.
PYTHON = """#!/bin/sh
case "$*" in
*_base_executable*) echo "{version} $0" ;;
*ensurepip*) exit 1 ;;
*"-m venv"*) echo "{failure}" >&2; exit 1 ;;
*) exec "{python}" "$@" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Checkout:
    path: Path
    tools: Path
    environment: Mapping[str, str]

    @property
    def uv_calls(self) -> list[str]:
        log = self.tools / "uv.log"
        return log.read_text().splitlines() if log.exists() else []

    def tool(self, name: str, script: str) -> str:
        tool = self.tools / name
        tool.write_text(script)
        tool.chmod(0o755)
        return str(tool)

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.path,
            env={**self.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def says(self, *command: str, given: str = "", **environment: str) -> tuple[int, str, str]:
        """Status, standard output and standard error of a command in the checkout."""
        process = self.start(*command, **environment)
        output, errors = process.communicate(given, timeout=30)
        return process.returncode, output, errors

    def setup(self, level: str = "run", **environment: str) -> tuple[int, str, str]:
        return self.says("sh", "deploy/setup", level, **environment)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    path, tools = tmp_path / "the desk", tmp_path / "tools"
    tools.mkdir()
    for name in ("deploy/setup", "deploy/fetch_pip.py", "Makefile", "pyproject.toml", "bot/__init__.py"):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path / name)
    (path / "requirements.lock").write_text("a==1\nb==2\n")
    (path / "requirements-dev.lock").write_text("a==1\nb==2\nc==3\n")
    desk = Checkout(path, tools, {"PATH": os.defpath, "HOME": str(tmp_path), "PYTHON": sys.executable})
    uv = desk.tool("uv", UV.format(log=tools / "uv.log", python=sys.executable))
    return Checkout(path, tools, {**desk.environment, "UV": uv})


def test_the_first_time_is_told_in_one_line_on_standard_error(checkout: Checkout) -> None:
    status, output, errors = checkout.setup()
    assert (status, output) == (0, "")
    assert errors.count("\n") == 1
    assert "about a minute" in errors
    assert "2 packages" in errors


def test_a_ready_environment_costs_nothing_and_says_nothing(checkout: Checkout) -> None:
    checkout.setup()
    calls = checkout.uv_calls
    assert checkout.setup() == (0, "", "")
    assert checkout.uv_calls == calls


def test_tools_are_added_when_asked_for_and_kept_afterwards(checkout: Checkout) -> None:
    checkout.setup("run")
    checkout.setup("dev")
    assert "requirements-dev.lock" in checkout.uv_calls[-2]
    assert checkout.setup("run") == (0, "", "")
    (checkout.path / "requirements.lock").write_text("a==2\n")
    (checkout.path / "requirements-dev.lock").write_text("a==2\nc==3\n")
    status, _, errors = checkout.setup("run")
    assert status == 0
    assert errors == "Bringing .venv up to date with requirements-dev.lock.\n"
    assert sum(call.startswith("venv") for call in checkout.uv_calls) == 1


def test_an_interrupted_installation_is_begun_anew(checkout: Checkout) -> None:
    checkout.tool("uv", "#!/bin/sh\nmkdir -p .venv/half\nsleep 30\n")
    interrupted = checkout.start("sh", "deploy/setup", "run")
    wait_for((checkout.path / ".venv/half").exists)
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.communicate(timeout=30)
    checkout.tool("uv", UV.format(log=checkout.tools / "uv.log", python=sys.executable))
    assert checkout.setup()[0] == 0
    assert not (checkout.path / ".venv/half").exists()


def test_a_moved_checkout_gets_an_environment_of_its_own(checkout: Checkout) -> None:
    checkout.setup()
    moved = Checkout(checkout.path.with_name("moved"), checkout.tools, checkout.environment)
    checkout.path.rename(moved.path)
    assert "Preparing .venv" in moved.setup()[2]
    assert moved.setup() == (0, "", "")


def test_two_at_once_install_once(checkout: Checkout) -> None:
    first = checkout.start("sh", "deploy/setup", "run", UV_IS_SLOW="0.3")
    wait_for(lambda: checkout.uv_calls)
    second = checkout.setup()
    first.communicate(timeout=30)
    assert first.returncode == 0
    assert second == (0, "", "Another make is preparing .venv; waiting for it.\n")
    assert sum(call.startswith("venv") for call in checkout.uv_calls) == 1


def test_chat_has_standard_input_and_output_to_itself(checkout: Checkout) -> None:
    leaks = {"VIRTUAL_ENV": "/elsewhere", "CI": "true", "MAKEFLAGS": "-j4"}
    command = ("make", "-s", "chat", "ARGS=--as technician")
    status, output, errors = checkout.says(*command, given="bonjour\n", **leaks)
    assert (status, output) == (0, "guichet chat --as technician\nbonjour\n")
    assert "Preparing .venv" in errors
    assert checkout.says(*command, given="hello\n", **leaks) == (0, "guichet chat --as technician\nhello\n", "")


def test_an_old_python_is_named(checkout: Checkout) -> None:
    old = checkout.tool("python", PYTHON.format(version="3.9", failure="", python=sys.executable))
    status, _, errors = checkout.setup(PYTHON=old)
    assert status == 1
    assert f"{old} is 3.9" in errors
    assert "PYTHON=" in errors


def test_no_python_at_all_is_said(checkout: Checkout) -> None:
    status, _, errors = checkout.setup(PYTHON="/no/such/python")
    assert status == 1
    assert "no Python called /no/such/python" in errors


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("NewConnectionError: Connection refused", "did not answer. Check the network"),
        ("Temporary failure in name resolution", "did not answer. Check the network"),
        ("SSL: CERTIFICATE_VERIFY_FAILED", "PIP_CERT=FILE"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "Try another network or mirror"),
        ("PermissionError: [Errno 13] Permission denied", "belongs to someone else"),
        ("error: subprocess-exited-with-error. Failed building wheel", "PYTHON=python3.11"),
        ("ensurepip is not available", "sudo apt-get install python3"),
    ],
)
def test_a_failure_names_its_cause_and_a_remedy(checkout: Checkout, failure: str, remedy: str) -> None:
    python = checkout.tool("python", PYTHON.format(version="3.11", failure=failure, python=sys.executable))
    status, output, errors = checkout.setup(PYTHON=python, UV="no-such-uv")
    assert (status, output) == (1, "")
    assert failure in errors
    assert remedy in errors
    assert not (checkout.path / ".venv/guichet-ready").exists()
