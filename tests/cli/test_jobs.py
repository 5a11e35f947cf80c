"""`guichet jobs`: the schedule, the runs, and a run by hand."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import GuichetError, InvalidInput
from bot.model.ledger import SCHEDULER
from bot.settings import load_settings
from jobs.schedule import schedule
from storage.store import open_storage
from tests.cli.conftest import Run


def test_the_list_shows_every_job_its_schedule_and_how_it_last_went(run: Run, home: Path) -> None:
    names = [job.name for job in schedule(load_settings())]
    shown = run("jobs", "list").output
    assert [line.split()[0] for line in shown.splitlines()[:-1]] == names
    assert "daily at 02:30" in shown and "never ran" in shown and "in every process" in shown
    assert shown.splitlines()[-1].startswith("Nobody leads")
    run("jobs", "run", "backup")
    [line] = [line for line in run("jobs", "list").output.splitlines() if line.startswith("backup")]
    assert "completed" in line and "1 done" in line


def test_the_list_names_the_leader_and_since_when(run: Run, home: Path) -> None:
    async def lead() -> None:
        storage = await open_storage(str(home / "guichet.db"))
        await storage.leases.acquire(SCHEDULER, "host:7:abc 1", timedelta(minutes=1))
        await storage.close()

    asyncio.run(lead())
    assert "Led by host:7:abc 1 since " in run("jobs", "list").output
    found = json.loads(run("jobs", "list", "--json").output)
    assert found["leader"]["epoch"] == 1
    backup = next(job for job in found["jobs"] if job["name"] == "backup")
    assert (backup["schedule"], backup["missed"], backup["overlap"], backup["last"]) == (
        "daily at 02:30", "catch_up", "never", None,
    )  # fmt: skip
    assert datetime.fromisoformat(backup["next_due"]) > datetime.now(UTC)


def test_a_job_is_run_now_and_leaves_a_run_of_its_own(run: Run, home: Path) -> None:
    assert run("jobs", "run", "backup").output.startswith("backup: 1 done")
    assert run("jobs", "run", "purge-expired").output.startswith("purge_expired: ")
    assert len(list((home / "backups").glob("guichet-*.backup"))) == 1
    lines = run("jobs", "history").output.splitlines()
    assert [line.split()[4] for line in lines] == ["purge_expired", "backup"]
    assert all("completed" in line and "by hand" in line for line in lines)
    [only] = json.loads(run("jobs", "history", "--job", "backup", "--json").output)
    assert (only["job"], only["outcome"], only["effects"], only["epoch"]) == ("backup", "completed", 1, 0)
    assert len(run("jobs", "history", "--limit", "1").output.splitlines()) == 1


def test_a_job_that_fails_says_why_and_is_in_the_history(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("no folder")
    monkeypatch.setenv("GUICHET_BACKUPS", str(home / "file"))
    with pytest.raises(GuichetError, match="cannot write"):
        run("jobs", "run", "backup")
    [line] = run("jobs", "history").output.splitlines()
    assert "failed" in line and "BackupError" in line and "J-" in line


def test_a_name_that_is_none_is_met_with_the_nearest(run: Run) -> None:
    with pytest.raises(InvalidInput, match="did you mean backup"):
        run("jobs", "run", "bakup")
    with pytest.raises(InvalidInput, match="there are recover_inbox"):
        run("jobs", "run", "zzz")
    with pytest.raises(InvalidInput, match="GUICHET_KNOWLEDGE"):
        run("jobs", "run", "sync_knowledge")
    with pytest.raises(InvalidInput, match="start guichet run"):
        run("jobs", "run", "deliver_outbox")
    with pytest.raises(InvalidInput, match="did you mean wake_snoozed"):
        run("jobs", "history", "--job", "wake")


def test_a_folder_to_follow_is_synced_by_hand_too(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "kb"
    folder.mkdir()
    (folder / "vpn.en.md").write_text("---\ntitle: VPN\nlanguage: en\ncategory: network\n---\n# VPN\n\nConnect it.\n")
    monkeypatch.setenv("GUICHET_KNOWLEDGE", str(folder))
    assert "sync_knowledge" in run("jobs", "list").output
    assert run("jobs", "run", "sync_knowledge").output.startswith("sync_knowledge: 1 done")
