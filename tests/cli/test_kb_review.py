"""What a curator does at a terminal: see what is asked and missing, look at an article, decide about phrasings."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import InvalidInput
from tests.cli.conftest import Run

Json = Callable[..., Any]
FORGOTTEN = "01-Acces-Comptes/password-forgotten-or-expired.en"


def test_unanswered_questions_are_shown_in_groups(run: Run, json_of: Json) -> None:
    assert "No gaps." in run("kb", "gaps").stderr
    assert "No questions" in run("kb", "trends").stderr
    for text in ("who waters the plants in the lobby", "the plants in the lobby need water"):
        run("ask", text)
    (gap,) = json_of("kb", "gaps", "--json")
    assert (gap["number"], gap["count"], gap["state"], gap["recent"]) == (1, 2, "open", 2)
    assert "plants in the lobby" in gap["title"].lower() and len(gap["examples"]) == 2
    assert json_of("kb", "gaps", "--json") == [gap], "to look changes nothing"
    assert "#1" in run("kb", "gaps").stdout
    (trend,) = json_of("kb", "trends", "--days", "7", "--json")
    assert (trend["recent"], trend["before"], trend["answered"]) == (2, 0, 0)
    assert "+2" in run("kb", "trends").stdout


def test_past_tickets_show_trends_and_proposals_which_are_decided_about(
    run: Run, json_of: Json, tmp_path: Path
) -> None:
    folder = tmp_path / "tickets"
    folder.mkdir()
    subjects = ("cannot remember what I typed at the office gate", "need help to pick another secret word")
    records = [
        {"ticket_id": f"TK-{n}", "subject": subject, "content": "Hello.", "knowledge_base_ref": FORGOTTEN}
        for n, subject in enumerate(subjects)
    ]
    (folder / "old.json").write_text(json.dumps(records), encoding="utf-8")
    (folder / "other.en.md").write_text("# Something else\n\nText.\n", encoding="utf-8")
    assert "2 past tickets" in run("kb", "sync", str(folder)).stdout
    assert sum(trend["recent"] for trend in json_of("kb", "trends", "--json")) == 2
    first, second = json_of("kb", "review", "--json")
    assert [first["text"], second["text"]] == [*subjects]
    assert first["article"] == FORGOTTEN and first["source"] == "past_ticket"
    assert first["id"] in run("kb", "review").stdout
    assert "approved" in run("kb", "approve", first["id"]).stdout
    assert "rejected" in run("kb", "reject", second["id"]).stdout
    assert json_of("kb", "review", "--json") == []
    sheet = json_of("kb", "show", FORGOTTEN, "--json")
    assert subjects[0] in sheet["phrasings"] and subjects[1] not in sheet["phrasings"]
    with pytest.raises(InvalidInput, match="no phrasing 000000"):
        run("kb", "approve", "000000")
    run("kb", "remove", str(folder), "--yes")
    assert json_of("kb", "trends", "--json") == []


def test_an_article_is_shown_by_its_name(run: Run, json_of: Json) -> None:
    sheet = json_of("kb", "show", "password-forgotten-or-expired.en", "--json")
    assert (sheet["id"], sheet["language"], sheet["success_rate"]) == (FORGOTTEN, "en", None)
    assert sheet["pair"] == [FORGOTTEN.replace(".en", ".fr")] and sheet["stale"] == []
    assert "success      not known yet" in run("kb", "show", FORGOTTEN).stdout
    with pytest.raises(InvalidInput, match="no article nonsense"):
        run("kb", "show", "nonsense")


def test_the_doctor_names_stale_translations(run: Run, json_of: Json, tmp_path: Path) -> None:
    def pairs() -> Any:
        return next(check for check in json_of("doctor", "--json") if check["part"] == "pairs")

    assert pairs()["state"] == "ok"
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(7):
        for language, day in (("fr", "2026-06-01"), ("en", "2026-01-01")):
            of = "" if language == "fr" else f"translation_of: a{number}.fr\n"
            text = f"---\ntitle: Zebra {number} {language}\nreviewed: {day}\n{of}---\n\nText {number}.\n"
            (folder / f"a{number}.{language}.md").write_text(text, encoding="utf-8")
    run("kb", "sync", str(folder))
    found = pairs()
    assert found["state"] == "warning"
    assert "7 translations are older" in found["finding"] and "and 2 more" in found["finding"]
    assert "! a1.en is older than its source a1.fr: reviewed 2026-01-01 against 2026-06-01" in (
        run("kb", "show", "a1.fr").stdout
    )
