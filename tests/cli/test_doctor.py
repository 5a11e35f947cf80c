"""The doctor: exit status 1 if something is broken, and what to do about it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fakes.mail import mail_server_beside
from tests.postgres import running_server


def test_a_desk_that_is_well(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "standard: Mon-Fri 09:00-18:00 Europe/Paris" in result.stdout
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
        ("GUICHET_SLA", "/nowhere/sla.yaml", "sla.yaml: cannot be read"),
        ("GUICHET_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x", "127.0.0.1"),
        ("GUICHET_DIGEST_PLACE", "#support", "a Slack channel or person by id, such as slack:C0123ABCD"),
        ("GUICHET_DIGEST_PLACE", "slack:C0123ABCD", "Slack is not configured"),
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


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "✓ digest      posted in the room of tickets without a category"),
        ({"DIGEST_PLACE": "web"}, "✓ digest      posted in web"),
        ({"DIGEST_PLACE": "web", "WEB": "false"}, "✗ digest      GUICHET_DIGEST_PLACE is web: the web page is off"),
        (
            {"DIGEST_PLACE": "slack:C0123ABCD"},
            "→ set GUICHET_SLACK_BOT_TOKEN as README.md says, or have GUICHET_DIGEST",
        ),
        (
            {
                "DIGEST_PLACE": "slack:C0123ABCD",
                "SLACK_BOT_TOKEN": "xoxb-1",
                "SLACK_APP_TOKEN": "xapp-1",
                "SLACK_API_URL": "http://127.0.0.1:1/",
            },
            "✗ digest      GUICHET_DIGEST_PLACE is slack:C0123ABCD: the desk has no channel in Slack",
        ),
        ({"DIGEST_PLACE": "console"}, "! digest      they are posted only while a terminal is open"),
        ({"WEB": "false"}, "! digest      the desk has no room to post them in but an open terminal"),
        (
            {"DIGEST_WEEKLY": "off"},
            "✓ digest      none is posted: GUICHET_DIGEST_WEEKLY and GUICHET_DIGEST_DAILY are off",
        ),
        ({"DIGEST_WEEKLY": "off", "DIGEST_PLACE": "slack:C0123ABCD"}, "says slack:C0123ABCD for nothing"),
    ],
)
def test_it_says_whether_digests_have_a_room(
    run: Run, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"GUICHET_{name}", value)
    monkeypatch.setattr("adapters.slack.examine.PATIENCE", 0.1)
    assert says in run("doctor").stdout


def test_a_misspelt_setting_is_noticed(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUICHET_TIMZONE", "Europe/Paris")
    (tmp_path / ".env").write_text("GUICHET_HOEM=/tmp/x\n# GUICHET_COMMENT=1\n")
    result = run("doctor")
    assert result.exit_code == 0
    assert "did you mean GUICHET_TIMEZONE?" in result.stdout
    assert "did you mean GUICHET_HOME?" in result.stdout
    assert "GUICHET_COMMENT" not in result.stdout


def test_it_says_whether_mail_can_be_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "✓ mail        none" in run("doctor").stdout
    monkeypatch.setenv("GUICHET_SMTP_FROM", "desk@example.org")
    result = run("doctor")
    assert result.exit_code == 0 and "! mail        there is a sender and no server" in result.stdout
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    monkeypatch.setenv("GUICHET_SMTP_URL", f"smtp://me:hunter2@127.0.0.1:{port}")
    result = run("doctor")
    assert result.exit_code == 1 and "✗ mail" in result.stdout and "correct GUICHET_SMTP_URL" in result.stdout
    assert "hunter2" not in result.output
    monkeypatch.delenv("GUICHET_SMTP_FROM")
    assert "! mail        there is a server and no sender" in run("doctor").stdout


def test_a_mail_server_that_is_well(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_SMTP_FROM", "desk@example.org")
    with mail_server_beside() as box:
        monkeypatch.setenv("GUICHET_SMTP_URL", f"smtp://127.0.0.1:{box.port}")
        assert "✓ mail        the server takes mail from desk@example.org" in run("doctor").stdout
        assert box.calls == 1 and box.mails == []


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


def broken(run: Run) -> tuple[str, str]:
    """Finding and remedy of the only part that is broken; no other line says that the part is well."""
    result = run("doctor", "--json")
    assert result.exit_code == 1
    checks = json.loads(result.stdout)
    (check,) = [check for check in checks if check["state"] == "broken"]
    assert [other for other in checks if other["part"] == check["part"]] == [check]
    assert f"→ {check['remedy']}" in run("doctor").stdout
    return check["finding"], check["remedy"]


def test_a_server_that_cannot_be_reached(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x")
    finding, remedy = broken(run)
    assert "127.0.0.1" in finding and "hunter2" not in finding
    assert "the server runs" in remedy and "GUICHET_DATABASE_URL" in remedy


def test_a_damaged_file_is_restored_from_a_backup(run: Run, home: Path, tmp_path: Path) -> None:
    backup = tmp_path / "desk.backup"
    run("db", "backup", str(backup))
    for file in home.glob("guichet.db-*"):
        file.unlink()
    (home / "guichet.db").write_bytes(b"this was a database" * 500)
    finding, remedy = broken(run)
    assert "guichet.db" in finding
    assert remedy.startswith("move the file aside, then: guichet db restore FILE")
    (home / "guichet.db").rename(tmp_path / "aside")
    for file in home.glob("guichet.db-*"):
        file.unlink()
    run("db", "restore", str(backup))
    assert run("doctor").exit_code == 0


@pytest.fixture
def empty_postgresql() -> Iterator[str]:
    with running_server() as url:
        yield url


def test_an_empty_server_is_to_be_upgraded(empty_postgresql: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATABASE_URL", empty_postgresql)
    finding, remedy = broken(run)
    assert "empty" in finding
    assert remedy == "guichet db upgrade"
    run("db", "upgrade")
    assert "✓ database    PostgreSQL" in run("doctor").stdout


@pytest.mark.parametrize("name", ["GUICHET_CATEGORIES", "GUICHET_TEXTS"])
def test_what_a_setting_points_to_is_not_there(run: Run, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/nowhere/at-all")
    finding, remedy = broken(run)
    assert finding.startswith(f"{name}: /nowhere/at-all")
    assert f"set {name} to" in remedy
