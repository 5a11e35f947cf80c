"""The command itself, killed, beside another, and told to stop."""

import asyncio
import json
import random
import signal
from pathlib import Path

from tests.ledger.crowd import copied
from tests.ledger.guichet import Guichet, ended
from tests.ledger.talks import articles_in, check_home, check_shown, talk_and_kill

JAM = "my printer says the paper is jammed but there is none"
OUT_OF_OFFICE = "how do i set my out of office reply in outlook"
NEW_ARTICLE = """---
title: Booking the quantum teleporter
category: hardware
audience: internal
language: en
phrasings:
  - how do i book the quantum teleporter
---
# Booking the quantum teleporter

1. Open the teleporter calendar.
2. Choose a slot and confirm.
"""


async def test_a_chat_that_is_killed_and_started_again_loses_nothing(sampled_home: Path, tmp_path: Path) -> None:
    home = copied(sampled_home, tmp_path / "home")
    shown = talk_and_kill(home, random.Random(4), kills=3)
    check_shown(shown)
    await check_home(home, shown)


async def test_a_first_start_that_is_killed_is_made_up_for(sampled_home: Path, tmp_path: Path) -> None:
    """Tables, sample articles and index are there after the next start, wherever the first one was ended."""
    home = tmp_path / "home"
    chance = random.Random(5)
    for _ in range(2):
        with Guichet(home, "chat") as chat:
            chat.until_there(home / "guichet.db")
            await asyncio.sleep(chance.uniform(0.05, 1.0))
            assert chat.kill() == -9
    with Guichet(home, "chat") as chat:
        chat.says(JAM, end=True)
        assert chat.wait() == 0, chat.told()
        assert "no paper" in chat.told()
    assert "in step with the articles" in ended(home, "doctor")
    assert await articles_in(home) == await articles_in(sampled_home) > 0


def test_beside_a_running_desk(sampled_home: Path, tmp_path: Path) -> None:
    home = copied(sampled_home, tmp_path / "home")
    with Guichet(home, "run", "--no-console") as desk:
        desk.until("is ready")
        owner = f"process {desk.process.pid}"

        refused = ended(home, "run", "--no-console", status=1)
        assert owner in refused and "Traceback" not in refused

        found = json.loads(ended(home, "ask", "--json", JAM).splitlines()[0])
        assert found["kind"] == "answer" and found["sources"]

        with Guichet(home, "chat") as chat:
            chat.says(JAM, "no", "no", "no", end=True)
            assert chat.wait() == 0, chat.told()
            assert "T1" in chat.told()

        folder = tmp_path / "articles"
        folder.mkdir()
        (folder / "teleporter.md").write_text(NEW_ARTICLE)
        assert owner in ended(home, "kb", "sync", str(folder))
        for _ in range(10):
            if "teleporter calendar" in (told := ended(home, "ask", "how do i book the quantum teleporter")):
                break
        else:
            raise AssertionError(told)

        assert json.loads((home / "owner.json").read_text())["pid"] == desk.process.pid
        assert desk.kill(signal.SIGTERM) == 0, desk.told()


def test_a_desk_that_is_told_to_stop_in_the_middle_of_work_leaves_it_to_the_next(
    sampled_home: Path, tmp_path: Path
) -> None:
    home = copied(sampled_home, tmp_path / "home")
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps({"text": text}) + "\n" for text in (JAM, OUT_OF_OFFICE) * 60))
    with Guichet(home, "run", "--no-console") as desk:
        desk.until("is ready")
        with Guichet(home, "ask", "--file", str(questions), "--json") as asker:
            asker.until_lines(5)
            assert desk.kill(signal.SIGTERM) == 0, desk.told()
            assert "Traceback" not in desk.told()
            assert asker.wait() == 0, asker.told()
            answers = [json.loads(line) for line in asker.out]
    assert [answer["kind"] for answer in answers] == ["answer"] * 120
    assert len({answer["message"] for answer in answers}) == 120


def test_when_the_owner_is_killed_a_waiting_chat_takes_over(sampled_home: Path, tmp_path: Path) -> None:
    home = copied(sampled_home, tmp_path / "home")
    with Guichet(home, "run", "--no-console") as desk:
        desk.until("is ready")
        with Guichet(home, "chat") as chat:
            chat.says(JAM)
            chat.until("· #1")
            desk.kill()
            chat.says("no", OUT_OF_OFFICE, end=True)
            assert chat.wait() == 0, chat.told()
            assert "· #2" in chat.told() and "· #3" in chat.told()
            assert "Traceback" not in chat.told()
