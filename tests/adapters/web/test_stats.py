"""The page with the figures, as technicians and leads read it, and who does not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from bot.model.values import Role
from storage.store import SqlStorage
from tests.adapters.web.desk import WebDeskInProcess, web_desk
from tests.reports.history import History


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[WebDeskInProcess]:
    until = datetime.now(UTC).replace(microsecond=0)
    await History.of(5, until - timedelta(days=20), until, 120, 60).store(sqlite_storage)
    async with web_desk(sqlite_storage, tmp_path / "home") as opened:
        yield opened


async def test_technicians_read_the_figures_and_leads_those_of_each(desk: WebDeskInProcess) -> None:
    grace = desk.browser()
    await grace.plays("technician")
    page = BeautifulSoup((await grace.get("/desk/stats?period=month")).text, "html.parser")
    titles = [caption.get_text() for caption in page.select("table caption")]
    assert titles[:3] == ["Questions", "Tickets", "Times, from the opening on"] and "By category" in titles
    rows = [[cell.get_text() for cell in row.select("th, td")] for row in page.select("table")[0].select("tbody tr")]
    assert rows[0][0] == "Asked" and int(rows[0][1]) > 60
    assert not any(title.startswith("By technician") for title in titles)
    async with desk.storage.unit_of_work() as uow:
        mine = [one for one in await uow.people.technicians() if one.number > 3]
        uow.people.save(replace(mine[0], role=Role.LEAD))
        await uow.commit()
    assert "By technician" in (await grace.get("/desk/stats?period=month")).text


async def test_the_other_views_link_to_the_tickets(desk: WebDeskInProcess) -> None:
    grace = desk.browser(**{"Accept-Language": "fr"})
    await grace.plays("technician")
    work = BeautifulSoup((await grace.get("/desk/stats?view=work")).text, "html.parser")
    links = [link["href"] for link in work.select("tbody th a")]
    assert links and all(str(link).startswith("/desk/T") for link in links)
    assert "Tickets qui ont besoin d’un humain maintenant" in work.get_text()
    assert "Le traitement par jour" in (await grace.get("/desk/stats?view=pipeline")).text
    assert "Pas traité" in (await grace.get("/desk/stats?view=queue")).text


@pytest.mark.parametrize("query", ["view=nothing", "period=lately", "period=%3Cscript%3E", "view=work&period=x"])
async def test_what_is_no_view_or_period_is_not_there(desk: WebDeskInProcess, query: str) -> None:
    grace = desk.browser()
    await grace.plays("technician")
    assert (await grace.get(f"/desk/stats?{query}")).status_code == 404


async def test_others_read_no_figures(desk: WebDeskInProcess) -> None:
    assert (await desk.browser().get("/desk/stats")).status_code == 403
