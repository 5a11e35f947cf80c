"""The digest on the technicians' pages: announced once, read at length, its picture described."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from adapters.web.digest import is_details, is_digest
from adapters.web.places import WebDesk
from bot.digest.gathering import Days
from bot.digest.posting import post
from storage.store import SqlStorage
from tests.adapters.web.desk import WebDeskInProcess, web_desk
from tests.reports.history import History

DAY = timedelta(days=1)


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[WebDeskInProcess]:
    until = datetime.now(UTC).replace(microsecond=0)
    await History.of(5, until - timedelta(days=20), until, 120, 60).store(sqlite_storage)
    async with web_desk(sqlite_storage, tmp_path / "home") as opened:
        yield opened


async def posted(desk: WebDeskInProcess, weeks_ago: int = 0) -> None:
    due = datetime.now(UTC) - 7 * weeks_ago * DAY
    days = Days(due.date() - 7 * DAY, due.date() - DAY, ZoneInfo("UTC"))
    assert await post(desk.services, "weekly", days, due, WebDesk().rooms)


async def test_technicians_read_the_latest_with_its_details_and_its_picture(desk: WebDeskInProcess) -> None:
    grace = desk.browser()
    await grace.plays("technician")
    assert "No digest was posted here yet" in (await grace.get("/desk/stats/digest")).text
    for weeks_ago in (1, 0):
        await posted(desk, weeks_ago)
    page = BeautifulSoup((await grace.get("/desk/stats/digest")).text, "html.parser")
    shown = [one.get_text() for one in page.select(".digest")]
    assert len(shown) == 2 and "The week" in shown[0] and "Late tickets" in shown[1]
    (picture,) = page.select(".digest img")
    assert str(picture["alt"]).startswith("Two bar charts by day")
    assert (await grace.get("/desk/stats")).text.count('href="/desk/stats/digest"') == 1


async def test_the_details_are_no_news_of_their_own(desk: WebDeskInProcess) -> None:
    await posted(desk)
    (room,) = WebDesk().rooms
    rows = await desk.storage.outbox.of_conversation(room)
    assert [(is_digest(row), is_details(row)) for row in rows] == [(True, False), (True, True)]


async def test_others_do_not_read_it(desk: WebDeskInProcess) -> None:
    assert (await desk.browser().get("/desk/stats/digest")).status_code == 403
