"""`guichet kb calibrate`, as a curator uses it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.errors import InvalidInput
from tests.cli.conftest import Run

JsonOf = Callable[..., Any]


def asked(json_of: JsonOf) -> dict[str, Any]:
    answer: dict[str, Any] = json_of("ask", "my printer is jammed", "--json")
    return {key: answer[key] for key in ("kind", "confidence", "calibrated", "sources")}


def test_the_samples_calibrate_themselves_and_it_can_be_taken_back(run: Run, json_of: JsonOf) -> None:
    before = asked(json_of)
    tried = json_of("kb", "calibrate", "--dry-run", "--json")

    assert tried["en"]["source"] == tried["fr"]["source"] == "leave_one_out"
    assert asked(json_of) == before
    assert not before["calibrated"]

    fitted = json_of("kb", "calibrate", "--false-answers", "0.3", "--json")
    after = asked(json_of)
    assert fitted["en"]["ece"] <= fitted["en"]["ece_before"] + 0.02
    assert after["calibrated"]
    assert after["confidence"] != before["confidence"]

    assert "Forgotten" in run("kb", "calibrate", "--reset").output
    assert asked(json_of) == before


def test_labelled_questions_name_articles_of_the_base(run: Run, json_of: JsonOf, tmp_path: Path) -> None:
    articles = [hit["id"] for hit in json_of("kb", "search", "printer", "--json")["hits"]]
    file = tmp_path / "labelled.jsonl"
    rows = [
        {"query": f"question {number} about the printer", "relevant": articles if number % 2 else [], "lang": "en"}
        for number in range(60)
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    figures = json_of("kb", "calibrate", "--queries", str(file), "--dry-run", "--json")
    assert (figures["en"]["source"], figures["en"]["questions"]) == ("labelled", 60)
    assert figures["fr"]["source"] == "leave_one_out"

    file.write_text(json.dumps({"query": "x", "relevant": ["nothing/like-it"]}), encoding="utf-8")
    with pytest.raises(InvalidInput, match="nothing/like-it"):
        run("kb", "calibrate", "--queries", str(file))


def test_what_is_said_is_for_people(run: Run) -> None:
    output = run("kb", "calibrate", "--dry-run", "--false-answers", "0.01").output
    assert "calibration error" in output
    assert "they stay as they are" in output
    assert "Nothing was changed." in output
