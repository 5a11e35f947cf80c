"""`guichet stats` and `guichet ticket export`, as a terminal and a program see them."""

import asyncio
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import guichet
from storage.store import open_storage
from storage.upgrade import upgrade_now
from tests.reports.history import History

SINCE, UNTIL = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 10, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path))
    monkeypatch.setenv("GUICHET_TIMEZONE", "Europe/Paris")
    monkeypatch.delenv("GUICHET_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def history(home: Path) -> History:
    made = History.of(7, SINCE, UNTIL, 200, 100)

    async def fill() -> None:
        storage = await open_storage(str(home / "guichet.db"))
        await made.store(storage)
        await storage.close()

    upgrade_now(str(home / "guichet.db"))
    asyncio.run(fill())
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(guichet, arguments)


def test_a_table_for_people_has_words_and_reasons(history: History) -> None:
    said = run("stats", "--from", "2026-10-20", "--to", "2026-11-10").output
    assert "Figures of 20 Oct 2026 – 10 Nov 2026, compared with 28 Sep 2026 – 19 Oct 2026" in said
    assert "Settled without a human, as the askers confirmed" in said
    assert "Silence is no success" in said and "TECH-" not in said
    assert "TECH-001 Person 0" in run("stats", "2026-11", "--technicians").output


def test_json_has_the_same_keys_whatever_there_is_to_tell(history: History) -> None:
    def keys(data: object, above: str = "") -> set[str]:
        if not isinstance(data, dict):
            return {above}
        return {key for name, value in data.items() for key in keys(value, f"{above}.{name}")}

    full = json.loads(run("stats", "--from", "2026-10-20", "--to", "2026-11-10", "--format", "json").output)
    empty = json.loads(run("stats", "2020-02", "--format", "json").output)
    varying = (".promises", ".scores", ".because")
    for one, other in ((full, empty), (empty, full)):
        assert not {key for key in keys(one) - keys(other) if not any(each in key for each in varying)}
    assert full["now"]["questions"]["asked"] == sum(one.origin == "chat" for one in history.questions)
    assert len(full["now"]["days"]) == 22 and len(full["now"]["hours"]) == 24
    assert full["now"]["technicians"] == []
    assert empty["now"]["questions"]["automation"] == {"part": 0, "whole": 0, "share": None}
    assert (full["zone"], full["minimum"]) == ("Europe/Paris", 20)


def test_csv_says_the_same_as_json(history: History) -> None:
    options = ("stats", "--from", "2026-11-01", "--to", "2026-11-10", "--format")
    now = json.loads(run(*options, "json").output)["now"]
    rows = list(csv.DictReader(io.StringIO(run(*options, "csv").output)))
    values = {(row["section"], row["key"], row["measure"]): row["value"] for row in rows}
    assert values["questions", "", "asked"] == str(now["questions"]["asked"])
    assert values["days", "2026-11-03", "opened"] == str(now["days"][2]["opened"])
    assert values["times", "claim", "waiting"] == str(now["times"]["claim"]["waiting"])
    asked = next(row for row in rows if row["measure"] == "asked")
    assert int(asked["before"]) > 0


@pytest.mark.parametrize("view", ["work", "pipeline", "queue"])
def test_the_other_views_in_every_form(history: History, view: str) -> None:
    for form in ("text", "csv", "json"):
        result = run("stats", "30d", "--view", view, "--format", form)
        assert result.exit_code == 0, result.output
    assert json.loads(result.output)["view"] == view


@pytest.mark.parametrize(
    "arguments", [["lately"], ["week", "--from", "2026-11-01"], ["--to", "2026-11-01"], ["2026-13"], ["0d"],
                  ["--from", "2026-11-02", "--to", "2026-11-01"]],
)  # fmt: skip
def test_what_is_no_period_is_refused_in_a_line(home: Path, arguments: list[str]) -> None:
    result = run("stats", *arguments)
    assert result.exit_code != 0 and not result.output.startswith("Figures")


def test_tickets_are_exported_to_a_file(history: History, home: Path) -> None:
    result = run("ticket", "export", "--since", "2026-11-01", "--output", "tickets.csv")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(io.StringIO((home / "tickets.csv").read_text(encoding="utf-8"))))
    midnight = datetime(2026, 10, 31, 23, tzinfo=UTC)
    expected = [one for one in history.tickets if one.created_at >= midnight]
    assert {row["reference"] for row in rows} == {one.reference for one in expected}
    moments = [datetime.fromisoformat(row["created_at"]) for row in rows]
    assert moments == sorted(moments) and max(moments) - min(moments) < timedelta(days=10)
    assert run("ticket", "export", "--category", "nowhere").output.count("\n") == 1
