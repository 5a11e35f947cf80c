"""`guichet digest --preview`: what would be posted, and nothing is."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import guichet
from storage.store import open_storage
from storage.upgrade import upgrade_now
from tests.reports.history import History


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path))
    monkeypatch.setenv("GUICHET_TIMEZONE", "Europe/Paris")
    monkeypatch.delenv("GUICHET_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    upgrade_now(str(tmp_path / "guichet.db"))
    return tmp_path


async def fill(home: Path) -> None:
    now = datetime.now(UTC)
    storage = await open_storage(str(home / "guichet.db"))
    await History.of(7, now - timedelta(days=15), now, 100, 40).store(storage)
    await storage.close()


async def unsent(home: Path) -> int:
    storage = await open_storage(str(home / "guichet.db"))
    counts = await storage.counts()
    async with storage.unit_of_work() as uow:
        kept = await uow.cursors.starting_with("digest/")
    await storage.close()
    return sum(counts.outbox.values()) + len(kept)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(guichet, arguments)


def test_it_prints_the_message_the_details_and_what_the_picture_shows(home: Path) -> None:
    asyncio.run(fill(home))
    found = run("digest", "--preview", "--chart", "week.png")
    message, details, _ = found.stdout.split("\n\n", 2)
    assert message.startswith("The week ") and "/ticket stats work" in message and len(message.splitlines()) <= 12
    assert "Late tickets" in details and "Picture: Two bar charts by day" in found.stdout
    assert "Nothing was posted. It goes to web:desk." in found.stderr
    assert (home / "week.png").read_bytes().startswith(b"\x89PNG")
    assert asyncio.run(unsent(home)) == 0


def test_it_is_in_the_language_and_for_the_days_that_are_asked_for(home: Path) -> None:
    assert run("digest", "--preview").stdout.startswith("Quiet week, ")
    assert run("digest", "--preview", "--weekly", "--lang", "fr").stdout.startswith("Semaine calme, ")
    assert run("digest", "--preview", "--daily", "--lang", "fr").stdout.startswith("Calme, ")


def test_without_preview_it_says_what_posts(home: Path) -> None:
    found = run("digest")
    assert found.exit_code and "guichet jobs run post_digest" in str(found.exception)


def test_a_place_that_is_not_there_is_told_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DIGEST_PLACE", "slack:C0123ABCD")
    found = run("digest", "--preview")
    assert found.exit_code == 0 and "GUICHET_DIGEST_PLACE: slack:C0123ABCD: the desk has no room there" in found.stderr


def test_a_picture_that_cannot_be_written_is_a_clear_line(home: Path) -> None:
    asyncio.run(fill(home))
    found = run("digest", "--preview", "--chart", "nowhere/week.png")
    assert found.exit_code and "nowhere/week.png cannot be written" in str(found.exception)
