"""`guichet chat` with a pipe, as a process of its own: the first thing a newcomer may script."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GUICHET = (sys.executable, "-c", "from bot.cli import main; main()")


def guichet(home: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"GUICHET_HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.run(
        [*GUICHET, *arguments],
        input=given,
        env=environment,
        cwd=home.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


def tickets(home: Path) -> Any:
    return json.loads(guichet(home, "ticket", "list", "--json").stdout)


@pytest.mark.parametrize(
    ("question", "no"),
    [
        ("my printer says the paper is jammed but there is none", "no"),
        ("mon imprimante dit que le papier est coincé mais il n'y en a pas", "non"),
    ],
)
def test_a_question_and_three_noes_end_in_one_ticket_with_its_whole_history(home: Path, question: str, no: str) -> None:
    lines = [question, no, no, no]
    chat = guichet(home, "chat", given="\n".join(lines) + "\n")
    assert chat.returncode == 0
    assert chat.stderr == ""
    assert [line.removeprefix("> ") for line in chat.stdout.splitlines() if line.startswith("> ")] == lines
    (ticket,) = tickets(home)
    assert ticket["category"].startswith("hardware")
    assert "T1" in chat.stdout
    shown = json.loads(guichet(home, "ticket", "show", "T1", "--json").stdout)
    assert [said["text"] for said in shown["history"] if said["author"] == "person"] == lines
    assert sum(said["author"] == "bot" for said in shown["history"]) == len(lines)
    assert len(shown["tried"]) == 3


def test_both_sides_of_the_desk_in_one_pipe(home: Path) -> None:
    lines = [
        "je veux parler à quelqu'un, mon écran reste noir",
        "/as technician",
        "/ticket list",
        "/ticket claim T1",
        "/ticket note T1 probably the dock",
        "/ticket resolve T1 The dock has been replaced.",
        "/as employee",
        "oui merci",
    ]
    chat = guichet(home, "chat", given="\n".join(lines))
    assert chat.returncode == 0
    (ticket,) = tickets(home)
    assert ticket["status"] == "closed"
    shown = json.loads(guichet(home, "ticket", "show", "t1", "--json").stdout)
    assert [event["kind"] for event in shown["events"]] == ["opened", "claimed", "noted", "resolved", "closed"]
    assert shown["closed_reason"] == "confirmed"
    assert not any("probably the dock" in said["text"] for said in shown["history"])


def test_an_empty_pipe_ends_cleanly(home: Path) -> None:
    chat = guichet(home, "chat")
    assert (chat.returncode, chat.stdout, chat.stderr) == (0, "", "")


def test_a_first_start_loads_the_samples(tmp_path: Path) -> None:
    answer = guichet(tmp_path / "fresh", "ask", "my printer says the paper is jammed but there is none", "--json")
    assert json.loads(answer.stdout)["kind"] == "answer"
    assert answer.stderr == ""


def test_a_wrong_setting_is_one_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_TIMEZONE", "Mars/Olympus")
    asked = guichet(home, "ask", "hello")
    assert asked.returncode == 1
    assert (
        asked.stderr
        == "guichet: GUICHET_TIMEZONE: should be an IANA time zone such as Europe/Paris or America/Montreal\n"
    )
