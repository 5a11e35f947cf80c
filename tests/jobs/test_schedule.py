"""The schedule: a row for each job there is, and what the settings make of it."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import jobs
from bot.settings import Settings
from jobs.job import Job
from jobs.schedule import schedule
from jobs.timing import AnyOf, Daily, Every


def rows(**settings: Any) -> dict[str, Job]:
    found = schedule(Settings.model_validate(settings))
    assert len({job.name for job in found}) == len(found)
    return {job.name: job for job in found}


def test_every_job_has_a_row(tmp_path: Path) -> None:
    modules = [path.stem for folder in jobs.__path__ for path in Path(folder).glob("[a-z]*.py")]
    there_are = {name for name in modules if hasattr(import_module(f"jobs.{name}"), name)} - {"each", "schedule"}
    given = {"mastodon_url": "https://m.example", "mastodon_token": "t", "mastodon_hashtags": "acme"}
    assert set(rows(knowledge=tmp_path, desk_members_are_technicians=True, **given)) == there_are


def test_only_what_takes_what_nobody_has_in_hand_runs_in_every_process() -> None:
    assert {job.name for job in rows().values() if job.everywhere} == {
        "recover_inbox",
        "deliver_outbox",
        "fetch_attachments",
    }


def test_promises_are_looked_after_every_second_without_a_run_for_each_look() -> None:
    job = rows()["escalate_stale_tickets"]
    assert job.timing == Every(1) and job.look is not None and job.missed == "catch_up"


def test_what_is_due_more_often_than_once_a_minute_asks_first_whether_there_is_work() -> None:
    hasty = [job for job in rows().values() if isinstance(job.timing, Every) and job.timing.seconds < 60]
    assert [job.name for job in hasty if job.look is None and not job.everywhere] == []


def test_a_folder_is_followed_where_there_is_one(tmp_path: Path) -> None:
    assert "sync_knowledge" not in rows()
    assert rows(knowledge=tmp_path, knowledge_minutes=3)["sync_knowledge"].timing == Every(180)


def test_hashtags_are_asked_for_where_some_are_watched_as_often_as_the_settings_say() -> None:
    given = {"mastodon_url": "https://m.example", "mastodon_token": "t", "mastodon_poll_seconds": 20}
    job = rows(**given, mastodon_hashtags="acme")["poll_hashtags"]
    assert job.timing == Every(20) and job.missed == "skip" and not job.everywhere
    assert "poll_hashtags" not in rows(**given)
    assert "poll_hashtags" not in rows(mastodon_hashtags="acme")


def test_who_decides_is_reminded_where_something_is_heard_in_public_and_a_time_is_wanted() -> None:
    given = {"mastodon_url": "https://m.example", "mastodon_token": "t"}
    job = rows(**given)["remind_held"]
    assert job.timing == Every(30) and job.look is not None and not job.everywhere
    assert "remind_held" not in rows(**given, mastodon_held_minutes=0)
    assert "remind_held" not in rows()


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Montreal"])
def test_what_is_daily_is_so_in_the_desks_zone(zone: str) -> None:
    daily = [job for job in rows(timezone=zone).values() if isinstance(job.timing, Daily)]
    assert {job.name: str(job.timing) for job in daily} == {
        "backup": "daily at 02:30",
        "purge_expired": "daily at 03:30",
    }
    assert all(getattr(job.timing, "zone").key == zone for job in daily)  # noqa: B009  # of Daily alone


def test_digests_are_posted_where_they_are_wanted_in_the_zone_of_who_reads_them() -> None:
    assert str(rows()["post_digest"].timing) == "cron 0 9 * * mon"
    both = rows(digest_daily="08:30", digest_zone="America/Montreal")["post_digest"].timing
    assert str(both) == "cron 0 9 * * mon, cron 08:30"
    assert isinstance(both, AnyOf) and {getattr(one, "zone").key for one in both.timings} == {"America/Montreal"}  # noqa: B009
    assert "post_digest" not in rows(digest_weekly="off")
