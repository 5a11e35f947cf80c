"""The doctor: exit status 1 if something is broken, and what to do about it."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_a_desk_that_is_well(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    for part in ("settings", "home", "database", "articles", "index", "inbox", "outbox", "categories"):
        assert f"✓ {part}" in result.stdout
    checks = json.loads(run("doctor", "--json").stdout)
    assert {check["state"] for check in checks} == {"ok"}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GUICHET_TIMEZONE", "Mars/Olympus", "IANA time zone"),
        ("GUICHET_DATABASE_URL", "mysql://u:hunter2@h/x", "sqlite:/// or postgresql://"),
        ("GUICHET_DESK_LANGUAGE", "klingon", "fr"),
        ("GUICHET_FAILED_ATTEMPTS", "none", "integer"),
        ("GUICHET_LOG_LEVEL", "loud", "debug, info, warning"),
        ("GUICHET_CATEGORIES", "/nowhere/categories.yaml", "categories.yaml"),
        ("GUICHET_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x", "127.0.0.1"),
    ],
)
def test_what_is_broken_is_named_with_what_it_should_be(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    result = run("doctor")
    assert result.exit_code == 1
    assert "✗" in result.stdout and says in result.stdout
    assert "hunter2" not in result.output
    assert name in result.stdout or "database" in result.stdout


def test_a_misspelt_setting_is_noticed(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUICHET_TIMZONE", "Europe/Paris")
    (tmp_path / ".env").write_text("GUICHET_HOEM=/tmp/x\n# GUICHET_COMMENT=1\n")
    result = run("doctor")
    assert result.exit_code == 0
    assert "did you mean GUICHET_TIMEZONE?" in result.stdout
    assert "did you mean GUICHET_HOME?" in result.stdout
    assert "GUICHET_COMMENT" not in result.stdout


def test_a_home_that_cannot_be_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_HOME", "/proc/guichet")
    result = run("doctor")
    assert result.exit_code == 1
    assert "set GUICHET_HOME" in result.stdout


def test_an_index_that_is_behind_is_no_reason_to_worry(run: Run, home: Path) -> None:
    for file in sorted((home / "index").rglob("*"), reverse=True):
        file.unlink() if file.is_file() else file.rmdir()
    result = run("doctor")
    assert result.exit_code == 0
    assert "brings it up to date" in result.stdout


def test_settings_come_from_the_environment_before_the_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("GUICHET_LOG_LEVEL=loud\n")
    assert run("doctor").exit_code == 1
    monkeypatch.setenv("GUICHET_LOG_LEVEL", "debug")
    assert run("doctor").exit_code == 0
