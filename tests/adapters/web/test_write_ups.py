"""The page on which a resolved ticket is written up, without scripts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from bot.model.tickets import Intervention
from bot.model.values import TicketStatus
from storage.store import SqlStorage
from tests.adapters.web.desk import Browser, WebDeskInProcess, web_desk

FORM = {
    "title": "Screen stays black",
    "symptoms": "black\nsteps: none of these is a label\ntitle: neither",
    "cause": "the cable <b>was</b> loose",
    "steps": "1. Push the cable in.\n2. Restart,\n   twice.",
    "keywords": "screen, cable",
    "language": "en",
}


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[WebDeskInProcess]:
    async with web_desk(sqlite_storage, tmp_path / "home") as opened:
        yield opened


@pytest.fixture
async def grace(desk: WebDeskInProcess) -> Browser:
    """A technician who has resolved T1."""
    ada = desk.browser()
    assert "opened ticket" in await ada.says("I want to talk to a human about my screen, call 06 12 34 56 78")
    grace = desk.browser()
    await grace.plays("technician")
    await grace.post("/desk/T1/claim")
    await grace.post("/desk/T1/work", {"kind": "reply", "text": "Please push the cable in."})
    await grace.post("/desk/T1/work", {"kind": "resolve", "text": "The cable was loose."})
    return grace


async def soup(browser: Browser, path: str = "/desk/T1/write-up") -> BeautifulSoup:
    response = await browser.get(path)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "html.parser")


def text_in(page: BeautifulSoup, name: str) -> str:
    field = page.select_one(f"[name={name}]")
    assert isinstance(field, Tag)
    return field.get_text() if field.name == "textarea" else str(field["value"])


async def kept(desk: WebDeskInProcess) -> list[Intervention]:
    return await desk.storage.unit_of_work().tickets.written_up()


async def test_the_form_is_filled_in_from_what_was_said(desk: WebDeskInProcess, grace: Browser) -> None:
    ticket = await soup(grace, "/desk/T1")
    assert ticket.select_one('a[href="/desk/T1/write-up"]')
    page = await soup(grace)
    assert "about my screen" in text_in(page, "symptoms") and "06 12" not in text_in(page, "symptoms")
    assert text_in(page, "steps") == "1. Please push the cable in.\n2. The cable was loose."
    assert "phone numbers" in page.get_text()
    assert all(page.select_one(f"label[for={name}]") for name in FORM)


async def test_what_is_sent_is_kept_part_by_part(desk: WebDeskInProcess, grace: Browser) -> None:
    answer = await grace.post("/desk/T1/write-up", FORM)
    assert answer.status_code == 303 and answer.headers["location"].startswith("/desk/T1?said=")
    assert "-GEN-001" in (await grace.get(answer.headers["location"])).text
    (one,) = await kept(desk)
    assert one.title == FORM["title"] and one.root_cause == FORM["cause"] and one.symptoms == FORM["symptoms"]
    assert one.steps == ("Push the cable in.", "Restart, twice.") and one.keywords == ("screen", "cable")
    page = await soup(grace)
    assert one.reference in page.get_text() and text_in(page, "cause") == FORM["cause"], "as text, and to be changed"
    await grace.post("/desk/T1/write-up", FORM | {"cause": "dust"})
    (changed,) = await kept(desk)
    assert changed.reference == one.reference and changed.root_cause == "dust"


async def test_what_is_refused_stays_in_the_form(desk: WebDeskInProcess, grace: Browser) -> None:
    answer = await grace.post("/desk/T1/write-up", FORM | {"cause": "", "steps": ""})
    assert answer.status_code == 200 and "cause or steps" in answer.text
    assert text_in(BeautifulSoup(answer.text, "html.parser"), "title") == FORM["title"]
    answer = await grace.post("/desk/T1/write-up", FORM | {"symptoms": "a\n" * 3000})
    assert answer.status_code in (200, 303)
    assert (await grace.post("/desk/T1/write-up", FORM | {"language": "de"})).status_code == 400
    assert (await grace.post("/desk/T1/write-up", {"reason": "lazy"})).status_code == 400


async def test_none_may_be_needed(desk: WebDeskInProcess, grace: Browser) -> None:
    answer = await grace.post("/desk/T1/write-up", {"reason": "duplicate"})
    assert answer.status_code == 303
    ticket = await desk.storage.unit_of_work().tickets.by_number(1)
    assert ticket and ticket.resolution_reason == "duplicate" and await kept(desk) == []


async def test_the_reason_may_be_given_with_the_resolution(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.says("I want to talk to a human about my screen")
    grace = desk.browser()
    await grace.plays("technician")
    await grace.post("/desk/T1/work", {"kind": "resolve", "text": "It was the cable.", "reason": "fixed"})
    ticket = await desk.storage.unit_of_work().tickets.by_number(1)
    assert ticket and ticket.status is TicketStatus.RESOLVED
    assert (ticket.resolution_reason, ticket.resolution) == ("fixed", "It was the cable.")
    assert (await grace.post("/desk/T1/work", {"kind": "note", "text": "x", "reason": "lazy"})).status_code == 400


async def test_it_is_for_technicians_and_for_resolved_tickets(desk: WebDeskInProcess, grace: Browser) -> None:
    eve = desk.browser()
    await eve.says("hello")
    assert (await eve.get("/desk/T1/write-up")).status_code == 403
    assert (await eve.post("/desk/T1/write-up", FORM)).status_code == 403
    assert (await grace.get("/desk/T9/write-up")).status_code == 404
    await grace.post("/desk/T1/reopen")
    assert (await grace.get("/desk/T1/write-up")).status_code == 404
    assert (await grace.post("/desk/T1/write-up", FORM)).status_code == 404
    assert await kept(desk) == []


async def test_without_the_token_nothing_is_kept(desk: WebDeskInProcess, grace: Browser) -> None:
    answer = await grace.http.post("/desk/T1/write-up", data=FORM | {"id": "12345678-abcd"})
    assert answer.status_code == 403 and await kept(desk) == []


async def test_in_french(desk: WebDeskInProcess, grace: Browser) -> None:
    page = BeautifulSoup(
        (await grace.http.get("/desk/T1/write-up", headers={"Accept-Language": "fr"})).text, "html.parser"
    )
    assert page.h1 and "Fiche de T1" in page.h1.get_text()
    assert "Étapes" in page.get_text() and "numéros de téléphone" in page.get_text()
