"""The job that posts digests: each once, on working days, and none that is stale."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.digest.gathering import Days
from bot.digest.posting import places_of
from bot.engine.services import AllDesks, EachAlone
from bot.errors import InvalidInput, SettingsError
from bot.model.documents import Document, FileItem, Files, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.ports.storage import Storage
from bot.settings import Settings, load_settings
from jobs.post_digest import days_of, post_digest, timings
from storage.files.disk import DiskFiles
from storage.store import SqlStorage
from tests.digest.scene import DAY, MONDAY, Scene, at, made
from tests.engine.desk import DESK_ROOM, OneDeskRoom

PARIS = ZoneInfo("Europe/Paris")
BOTH = {"digest_weekly": "0 9 * * mon", "digest_daily": "0 9 * * mon-fri"}


@pytest.fixture
def sla(tmp_path: Path) -> Path:
    """Monday to Friday, closed on Wednesday the 11th and Monday the 23rd."""
    file = tmp_path / "sla.yaml"
    file.write_text(
        "defaults:\n  hours: {monday-friday: [09:00-18:00]}\n  holidays: {dates: [2026-11-11, 2026-11-23]}\n"
        "  targets: {acknowledge: 15 min}\npolicies: [{name: standard}]\n"
    )
    return file


def chosen(**settings: Any) -> Settings:
    return Settings.model_validate({"timezone": "Europe/Paris", **settings})


async def run(scene: Scene, now: datetime, settings: Settings) -> list[str]:
    """The first line of each digest that is posted then."""
    scene.desk.clock.at = now.astimezone(UTC)
    await scene.keep()
    count = await post_digest(scene.desk.services, settings)
    firsts = [text_of(one).splitlines()[0] for one in await delivered(scene)]
    assert len(firsts) in (0, 1, 2) and bool(firsts) == bool(count)
    return firsts[:1]


async def delivered(scene: Scene) -> list[Delivery]:
    return await scene.desk.settle()


def text_of(delivery: Delivery) -> str:
    return delivery.document.text


@pytest.fixture
def scene(sqlite_storage: SqlStorage, tmp_path: Path) -> Scene:
    return staged(sqlite_storage, tmp_path)


def staged(storage: Storage, folder: Path, *, cards: bool = False) -> Scene:
    scene = made(storage, at(16, 9))
    services = scene.desk.services
    files = replace(services.files, store=DiskFiles(folder / "files"))
    scene.desk.services = replace(services, files=files, desk=OneDeskRoom(cards=cards))
    scene.asks("How do I connect to the VPN from home?", at(10), 3)
    return scene


async def test_it_is_posted_once_with_the_details_in_a_thread_below(storage: Storage, tmp_path: Path) -> None:
    scene, settings = staged(storage, tmp_path, cards=True), chosen()
    scene.desk.services = replace(scene.desk.services, grouper=EachAlone())  # which three may use at once
    await scene.keep()
    scene.desk.clock.at = at(16, 9.01).astimezone(UTC)
    assert await asyncio.gather(*(post_digest(scene.desk.services, settings) for _ in range(3))) in (
        [1, 0, 0], [0, 1, 0], [0, 0, 1],
    )  # fmt: skip
    message, details = await delivered(scene)
    thread = replace(DESK_ROOM, thread="digest-weekly-20261116T0800")
    assert message.conversation == details.conversation == thread
    assert text_of(message).startswith("The week Mon 9 Nov – Sun 15 Nov") and "By day" in text_of(details)
    assert await post_digest(scene.desk.services, settings) == 0 and not await delivered(scene)


async def test_the_picture_is_kept_shown_below_and_said_in_words(scene: Scene, tmp_path: Path) -> None:
    await run(scene, at(16, 9), chosen())
    (item,) = files_of(scene.desk.wire.posted[-1].document)
    async with scene.storage.unit_of_work() as uow:
        kept = await uow.attachments.get(item.id)
    assert kept and kept.stored_as and (kept.name, kept.media_type) == ("digest-2026-11-15.png", "image/png")
    content = b"".join([part async for part in scene.desk.services.files.store.open(kept.stored_as)])
    assert content.startswith(b"\x89PNG") and len(content) == item.size == kept.size
    assert "Tue 10 Nov 3 (0)" in item.alternative
    async with scene.storage.unit_of_work() as uow:
        assert await uow.attachments.of([kept.message_id]) == [kept]
        assert await uow.conversations.message(kept.message_id), "so nobody takes it for a leftover"


def files_of(document: Document) -> tuple[FileItem, ...]:
    return next(block.items for block in document.blocks if isinstance(block, Files))


async def test_a_quiet_week_is_one_message_without_a_picture(scene: Scene) -> None:
    scene.records.clear()
    assert await run(scene, at(16, 9), chosen()) == [
        "Quiet week, Mon 9 Nov – Sun 15 Nov: nothing was asked, and nothing waits."
    ]
    assert [type(block) for one in scene.desk.wire.posted for block in one.document.blocks] == [Paragraph]


async def test_a_late_digest_comes_once_and_takes_the_place_of_the_days(scene: Scene) -> None:
    await run(scene, at(9, 9), chosen(**BOTH))
    assert await run(scene, at(17, 8.5), chosen(**BOTH)) == ["The week Mon 9 Nov – Sun 15 Nov, against the one before"]
    assert await run(scene, at(17, 9), chosen(**BOTH)) == []
    assert await run(scene, at(18, 9), chosen(**BOTH)) != [], "the next day has its own"


async def test_a_week_that_is_nearly_over_again_is_not_told_of(scene: Scene) -> None:
    await run(scene, at(9, 9), chosen())
    assert await run(scene, at(22, 12), chosen()) == [], "a Sunday"
    assert await run(scene, at(23, 8), chosen()) == [], "an hour before the next"
    assert await run(scene, at(23, 9), chosen()) != []


async def test_on_the_day_of_the_week_there_is_none_of_the_day(scene: Scene) -> None:
    early = chosen(digest_weekly="0 10 * * mon", digest_daily="0 9 * * mon-fri")
    await run(scene, at(9, 10), early)
    assert await run(scene, at(16, 9), early) == []
    assert (await run(scene, at(16, 10), early))[0].startswith("The week")
    assert (await run(scene, at(17, 9), early))[0].startswith(("Digest of Mon 16 Nov", "Quiet, Mon 16 Nov"))


async def test_no_digest_of_the_day_on_days_off_and_none_of_another_day(scene: Scene, sla: Path) -> None:
    daily = chosen(digest_weekly="off", digest_daily="0 9 * * *", sla=sla)
    assert (await run(scene, at(10, 9), daily))[0].startswith("Quiet, Mon 9 Nov:")
    assert await run(scene, at(11, 9), daily) == [], "a holiday"
    assert (await run(scene, at(12, 9), daily))[0].startswith("Digest of Tue 10 Nov – Wed 11 Nov,")
    assert await run(scene, at(14, 9), daily) == [], "a Saturday: and Friday's is stale"
    assert (await run(scene, at(16, 9), daily))[0].startswith("Quiet, Fri 13 Nov – Sun 15 Nov:")


async def test_a_desk_begins_with_the_first_that_is_due(scene: Scene) -> None:
    assert await run(scene, at(19, 15), chosen(**BOTH)) != [], "the day's own, late"
    assert await run(scene, at(19, 16), chosen(**BOTH)) == []
    assert await run(scene, at(19, 15), chosen(digest_weekly="0 9 * * mon")) == [], "of a week it was not there for"


async def test_of_a_week_that_had_to_wait_for_a_working_day_the_days_are_the_same(scene: Scene, sla: Path) -> None:
    weekly = chosen(sla=sla)
    await run(scene, at(16, 9), weekly)
    assert await run(scene, at(23, 9), weekly) == [], "a holiday"
    assert await run(scene, at(24, 9), weekly) == [
        "Quiet week, Mon 16 Nov – Sun 22 Nov: nothing was asked, and nothing waits."
    ]


async def test_when_the_clocks_go_back_it_is_posted_once(scene: Scene) -> None:
    always = chosen(digest_weekly="30 2 * * sun", sla=None)
    (timing,) = timings(always).values()
    first = timing.after(datetime(2026, 10, 24, tzinfo=UTC))
    assert first == datetime(2026, 10, 26, 1, 30, tzinfo=UTC), "Sunday is off: on Monday, in winter"
    summer, winter = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    every_day = replace(timing, works=lambda day: True)
    assert every_day.after(summer - DAY) == summer and every_day.latest(winter) == summer
    assert every_day.after(summer) > winter + DAY, "not again when it is half past two once more"


def test_a_week_is_seven_whole_days() -> None:
    timing = timings(chosen())["weekly"]
    assert days_of("weekly", timing, at(16, 9)) == Days(MONDAY - 7 * DAY, MONDAY - DAY, PARIS)


def test_the_leads_zone_is_that_of_the_times_and_the_days() -> None:
    timing = timings(chosen(digest_zone="America/Montreal"))["weekly"]
    assert timing.after(at(16, 9)) == at(16, 15)
    assert days_of("weekly", timing, at(16, 15)).span.until == at(16, 6)


def test_where_it_is_posted() -> None:
    slack = ConversationRef("slack", "T1", "C111")

    desk = AllDesks((OneDeskRoom(), OneDeskRoom(rooms=(slack,))))
    assert places_of("", desk) == (DESK_ROOM, slack)
    assert places_of("slack:C222", desk) == (ConversationRef("slack", "T1", "C222"),)
    assert places_of("slack:U333", desk) == (ConversationRef("slack", "T1", "U333"),)
    with pytest.raises(InvalidInput, match="GUICHET_DIGEST_PLACE: web"):
        places_of("web", desk)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WEEKLY", "every monday", "GUICHET_DIGEST_WEEKLY: should be a time in crontab's words"),
        ("WEEKLY", "0 9 * * mon,thu", "GUICHET_DIGEST_WEEKLY: should be once a week at most"),
        ("WEEKLY", "9:00", "GUICHET_DIGEST_WEEKLY: should be once a week at most"),
        ("DAILY", "0 25 * * *", "GUICHET_DIGEST_DAILY: should be a time in crontab's words"),
        ("PLACE", "mastodon:public", "GUICHET_DIGEST_PLACE: should be a Slack channel or person by id"),
        ("PLACE", "#support", "GUICHET_DIGEST_PLACE: should be a Slack channel or person by id"),
        ("ZONE", "Paris", "GUICHET_DIGEST_ZONE: should be an IANA time zone"),
    ],
)
def test_settings_that_cannot_be_are_refused(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(f"GUICHET_DIGEST_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path / "none")
    assert said in str(caught.value)


def test_off_is_off() -> None:
    assert timings(chosen(digest_weekly="off", digest_daily="")) == {}
    assert list(timings(chosen(digest_weekly="OFF", digest_daily="8:30"))) == ["daily"]


def test_the_library_that_draws_is_imported_by_who_draws_alone() -> None:
    code = (
        "import sys, jobs.schedule, bot.digest.chart as chart\n"
        "assert 'matplotlib' not in sys.modules\n"
        "panel = chart.Panel('a', (1,), (2,))\n"
        "assert chart.draw(chart.Chart(('Mon',), 'this', 'last', (panel,), (('1', '2'),))).startswith(b'\\x89PNG')\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=120)
