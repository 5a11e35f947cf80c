"""What technicians do on their pages without scripts, and that nobody else does any of it."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from bs4 import BeautifulSoup, Tag

from adapters.web.notices import path_in
from adapters.web.tickets import ACTS, SHEETS, ticket_page
from bot.model.people import Company, Device, Technician
from bot.model.tickets import Ticket
from bot.model.values import ClosedReason, TicketStatus, Urgency
from bot.tickets.lifecycle import UNDO_WINDOW
from storage.store import SqlStorage
from tests.adapters.web.desk import Browser, WebDeskInProcess, web_desk

EVERYTHING = sorted({*ACTS, *SHEETS, "work", "held"})


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[WebDeskInProcess]:
    async with web_desk(sqlite_storage, tmp_path / "home") as opened:
        yield opened


async def asker(desk: WebDeskInProcess, about: str = "my screen") -> Browser:
    """Somebody with a ticket."""
    ada = desk.browser()
    assert "opened ticket" in await ada.says(f"I want to talk to a human about {about}")
    return ada


async def worker(desk: WebDeskInProcess, language: str = "en") -> Browser:
    grace = desk.browser(**{"Accept-Language": language})
    await grace.plays("technician")
    return grace


async def ticket(desk: WebDeskInProcess, number: int = 1) -> Ticket:
    found = await desk.storage.unit_of_work().tickets.by_number(number)
    assert found
    return found


async def technicians(desk: WebDeskInProcess) -> list[Technician]:
    return await desk.storage.unit_of_work().people.technicians()


async def does(one: Browser, act: str, text: str = "", /, number: int = 1, **fields: str) -> BeautifulSoup:
    """Press it as a page without scripts does; the page that comes then."""
    answer = await one.post(f"/desk/T{number}/{act}", {"text": text} | fields)
    assert answer.status_code == 303, answer.text
    return soup(await one.get(answer.headers["location"]))


def soup(page: httpx.Response) -> BeautifulSoup:
    assert page.status_code == 200, page.text
    return BeautifulSoup(page.text, "html.parser")


def text_of(page: BeautifulSoup, where: str) -> str:
    return " ".join(" ".join(one.get_text(" ").split()) for one in page.select(where))


def buttons(page: BeautifulSoup, where: str) -> list[str]:
    return [one.get_text(strip=True) for one in page.select(f"{where} button")]


async def shown(one: Browser, show: str) -> str:
    return text_of(soup(await one.get(f"/desk?show={show}")), ".tickets")


# --- one thing after the other ---------------------------------------------------------------------------------------


async def test_what_is_snoozed_is_out_of_the_way_until_it_wakes(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace = await worker(desk)
    page = await does(grace, "snooze", "2h")
    assert "Snoozed until" in text_of(page, ".next") and "Snoozed until" in text_of(page, ".side")
    assert await shown(grace, "active") == "" and "snoozed until" in await shown(grace, "snoozed")
    until = (await ticket(desk)).snoozed_until
    assert until and abs(until - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)
    assert "Wake it now" in buttons(page, '[data-name="snooze"]')
    await does(grace, "snooze", "off")
    assert (await ticket(desk)).snoozed_until is None and "T1" in await shown(grace, "active")
    page = await does(grace, "snooze", "when pigs fly")
    assert "pigs" in text_of(page, ".outcome") and (await ticket(desk)).snoozed_until is None
    await does(grace, "snooze", "tomorrow")
    assert (await ticket(desk)).snoozed_until


async def test_a_deadline_is_noted_and_taken_away(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace = await worker(desk)
    page = await does(grace, "deadline", "tomorrow 9:00")
    assert "needed by" in text_of(page, "main")
    assert (await ticket(desk)).deadline_at is not None
    assert "9:00" in text_of(page, "dd")
    assert "Try" in text_of(await does(grace, "deadline", "bananas"), "main")
    await does(grace, "deadline", "off")
    assert (await ticket(desk)).deadline_at is None


async def test_waiting_asks_the_person(desk: WebDeskInProcess) -> None:
    ada = await asker(desk)
    grace = await worker(desk)
    page = await does(grace, "wait", "Which screen is it?")
    assert (await ticket(desk)).status is TicketStatus.WAITING and "✉️ delivered" in text_of(page, ".technician .by")
    assert "Which screen is it?" in (await ada.get()).text
    assert "T1" in await shown(grace, "waiting") and "T1" in await shown(grace, "mine")


async def test_it_is_given_to_a_colleague_who_is_told_and_puts_it_away(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace, alan = await worker(desk), await worker(desk, "fr")
    await alan.post("/desk/duty", state="on")
    page = soup(await grace.get("/desk/T1"))
    groups = [(one["label"], [each["value"] for each in one.select("option")]) for one in page.select("optgroup")]
    assert groups == [("On duty", ["TECH-002"]), ("Not on duty", ["TECH-001"])], "who is there comes first"
    assert page.select_one('option[value="next"]')
    page = await does(grace, "assign", "TECH-002")
    assert "claims it" in text_of(page, ".next")
    mine = soup(await alan.get("/desk"))
    assert "T1" in text_of(mine, ".notices") and mine.select_one('.notices a[href="/desk/T1"]')
    assert "Pour vous" in text_of(mine, ".notices") and "Prendre" in buttons(mine, ".ticket")
    assert text_of(soup(await grace.get("/desk")), ".notices") == "", "it is for one alone"
    number = mine.select_one('[name="number"]')
    assert isinstance(number, Tag)
    assert (await alan.post("/desk/notices", number=str(number["value"]))).status_code == 303
    assert text_of(soup(await alan.get("/desk")), ".notices") == ""
    await asker(desk, "my keyboard")
    told = text_of(soup(await alan.get("/desk")), ".notices")
    assert "T2" in told and "T1" not in told, "what is new comes, by turn this time"


async def test_it_is_sorted_and_weighed(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace = await worker(desk)
    await does(grace, "priority", "urgent")
    page = await does(grace, "category", "hardware/printers")
    found = await ticket(desk)
    assert (found.priority, found.category) == (Urgency.URGENT, "hardware/printers")
    assert text_of(page, '[data-name="priority"] [aria-current]') == "urgent"
    chosen = page.select_one('[data-name="category"] option[selected]')
    assert chosen is not None and chosen["value"] == "hardware/printers"
    page = await does(grace, "escalate", "They cannot work.")
    assert "escalated" in text_of(page, ".events") and "They cannot work." in text_of(page, ".notes")


async def test_tickets_are_linked_merged_and_parted(desk: WebDeskInProcess) -> None:
    ada, bob = await asker(desk), await asker(desk, "my keyboard")
    grace = await worker(desk)
    page = await does(grace, "link", "T2")
    assert "T2" in text_of(page, ".linked") and page.select_one('.linked a[href="/desk/T2"]')
    assert "T1" in text_of(soup(await grace.get("/desk/T2")), ".linked")
    assert text_of(await does(grace, "link", "T2"), ".linked") == "", "once more is the opposite"
    page = await does(grace, "merge", "T1", number=2)
    assert (await ticket(desk, 2)).closed_reason is ClosedReason.MERGED
    assert {"Undo", "Take out again"} <= set(buttons(page, ".acts")) and "Reopen" not in buttons(page, ".acts")
    assert "this one is part of it" in text_of(page, ".linked")
    await does(grace, "claim")
    page = await does(grace, "work", "We look at both.", kind="reply")
    assert [text_of(one, ".by") for one in page.select(".log .technician")] == [  # type: ignore[arg-type]
        text_of(page, ".log .technician .by")
    ], "what went to both stands there once"
    assert "my keyboard" in text_of(page, ".log") and "is part of this one" in text_of(page, ".linked")
    for one in (ada, bob):
        assert "We look at both." in (await one.get()).text
    await does(grace, "unmerge", number=2)
    assert (await ticket(desk, 2)).status is TicketStatus.OPEN


@pytest.mark.parametrize(
    ("act", "text", "fields", "kind"),
    [
        ("claim", "", {}, "claimed"),
        ("work", "Replaced the cable.", {"kind": "resolve"}, "resolved"),
        ("not-a-request", "", {}, "not_a_request"),
        ("merge", "T2", {}, "merged"),
    ],
)
async def test_half_a_minute_long_it_can_be_undone(
    desk: WebDeskInProcess, act: str, text: str, fields: dict[str, str], kind: str
) -> None:
    await asker(desk)
    await asker(desk, "my keyboard")
    grace, alan = await worker(desk), await worker(desk)
    page = await does(grace, act, text, number=1, **fields)
    assert "Undo" in buttons(page, ".acts")
    assert "Undo" not in buttons(soup(await alan.get("/desk/T1")), ".acts"), "only who did it takes it back"
    async with desk.storage.unit_of_work() as uow:
        [me, *_] = await uow.people.technicians()
        last = [one for one in await uow.tickets.events((await ticket(desk)).id) if one.kind == kind][-1]
        for later, can in ((timedelta(0), True), (UNDO_WINDOW, True), (UNDO_WINDOW + timedelta(seconds=1), False)):
            found = await ticket_page(uow, desk.storage.outbox, 1, me, last.at + later)
            assert found and found.can_undo is can
    page = await does(grace, "undo")
    found_one = await ticket(desk)
    assert found_one.status is TicketStatus.OPEN and found_one.closed_reason is None
    assert "Undo" not in buttons(page, ".acts") and "undone" in text_of(page, ".events")
    page = await does(grace, "undo")
    assert "othing" in text_of(page, ".outcome")


# --- words that were held --------------------------------------------------------------------------------------------


async def test_words_that_were_held_are_sent_or_kept(desk: WebDeskInProcess) -> None:
    ada = await asker(desk)
    grace, alan = await worker(desk), await worker(desk)
    await does(grace, "claim")
    for words in ("Try another port.", "Or a cable."):
        page = await does(alan, "work", words, kind="reply")
        assert words not in (await ada.get()).text
    assert "Try another port." in text_of(page, ".held") and "Or a cable." in text_of(page, ".held")
    assert text_of(soup(await grace.get("/desk/T1")), ".held") == "", "they are for who wrote them to decide on"
    first, second = (str(one["value"]) for one in page.select('.held [name="held"]'))
    refused = await grace.post("/desk/T1/held", held=first, decision="send")
    assert refused.status_code == 303 and "Try another port." not in (await ada.get()).text
    page = await does(alan, "held", held=first, decision="send")
    assert "Try another port." in (await ada.get()).text
    assert "Try another port." not in text_of(page, ".held")
    page = await does(alan, "held", held=second, decision="keep")
    assert "Or a cable." not in (await ada.get()).text and "Or a cable." in text_of(page, ".notes")
    assert not page.select(".held")
    for held, decision in ((first, "burn"), ("not-an-id", "send"), (str(uuid4()), "send")):
        answer = await alan.post("/desk/T1/held", held=held, decision=decision)
        assert answer.status_code == (400 if decision == "burn" or held == "not-an-id" else 303)


async def test_a_script_hears_that_words_are_kept(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace, alan = await worker(desk), await worker(desk)
    claimed = (await grace.post("/desk/T1/claim", json=True)).json()
    assert claimed["done"] and 'action="/desk/T1/undo"' in claimed["html"]
    held = (await alan.post("/desk/T1/work", json=True, kind="reply", text="Try another port.")).json()
    assert not held["done"] and held["kept"] and "Not sent" in held["text"] and "undo" not in held["html"]


async def test_that_words_arrived_stands_beside_them_for_technicians_alone(desk: WebDeskInProcess) -> None:
    ada = await asker(desk)
    grace = await worker(desk)
    page = await does(grace, "work", "Is it on?", kind="reply")
    assert "✉️ delivered" in text_of(page, ".log .technician .by")
    assert "mark-" not in (await ada.get()).text


# --- on duty ---------------------------------------------------------------------------------------------------------


async def test_who_is_there_is_shown_and_switched(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace, alan = await worker(desk), await worker(desk, "fr")
    assert "You are off duty · nobody is on duty" in text_of(soup(await grace.get("/desk")), ".duty p")
    answer = await grace.post("/desk/duty", state="on")
    page = soup(await grace.get(answer.headers["location"]))
    assert "You are on duty: new tickets" in text_of(page, ".outcome") and "nobody else is there" in text_of(
        page, ".duty"
    )
    assert re.search(r"de service : \w+", text_of(soup(await alan.get("/desk")), ".duty"))
    await alan.post("/desk/duty", state="on")
    assert "also there: " in text_of(soup(await grace.get("/desk")), ".duty")
    await does(grace, "claim")
    await grace.post("/desk/duty", state="keep")
    assert (await ticket(desk)).status is TicketStatus.IN_PROGRESS
    await grace.post("/desk/duty", state="on")
    await grace.post("/desk/duty", state="off")
    [me, other] = await technicians(desk)
    assert (await ticket(desk)).assignee_id == other.id and not me.on_duty and other.on_duty
    assert "T1" in text_of(soup(await alan.get("/desk")), ".notices")
    assert (await grace.post("/desk/duty", state="asleep")).status_code == 400
    done = (await grace.post("/desk/duty", json=True, state="on")).json()
    assert done["done"] and "on duty" in done["text"]


# --- rights ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["employee", "public"])
async def test_nobody_else_does_any_of_it(desk: WebDeskInProcess, role: str) -> None:
    ada = await asker(desk)
    grace = await worker(desk)
    if role == "public":
        await ada.plays("public")
    before = await ticket(desk)
    for path in (*(f"/desk/T1/{act}" for act in EVERYTHING), "/desk/T1/erase", "/desk/T9/claim", "/desk/duty"):
        for fields in ({}, {"text": "T2", "kind": "reply", "state": "on", "held": str(uuid4()), "decision": "send"}):
            for json in (False, True):
                answer = await ada.post(path, fields, json=json)
                assert answer.status_code == 403, (path, fields)
    assert (await ada.post("/desk/notices", number="3")).status_code == 403
    assert await ticket(desk) == before
    page = (await ada.get()).text
    for sign in ("/desk", "duty", "<details", "mark-", "notices"):
        assert sign not in page, sign
    assert (await grace.get("/desk/T1")).status_code == 200


async def test_who_is_disabled_does_nothing_more_at_once(desk: WebDeskInProcess) -> None:
    await asker(desk)
    grace = await worker(desk)
    assert (await grace.get("/desk/T1")).status_code == 200
    async with desk.storage.unit_of_work() as uow:
        [me] = await uow.people.technicians()
        uow.people.save(replace(me, disabled=True))
        await uow.commit()
    for act in EVERYTHING:
        assert (await grace.post(f"/desk/T1/{act}", text="T2")).status_code == 403, act
    assert (await grace.get("/desk")).status_code == 403 and (await grace.get("/desk/T1")).status_code == 403
    await grace.plays("technician")
    assert (await grace.get("/desk")).status_code == 403, "the switch of roles gives nothing back"


async def test_words_of_one_act_are_no_command_of_another(desk: WebDeskInProcess) -> None:
    """What is written is an argument, whatever it looks like; a press takes no words at all."""
    await asker(desk)
    await asker(desk, "my keyboard")
    grace = await worker(desk)
    await does(grace, "escalate", "T2 /ticket close T2\n/ticket close T1")
    assert (await ticket(desk, 2)).status is TicketStatus.OPEN and (await ticket(desk)).status is TicketStatus.OPEN
    await does(grace, "claim", "T2")
    assert (await ticket(desk)).status is TicketStatus.IN_PROGRESS
    assert (await ticket(desk, 2)).status is TicketStatus.OPEN
    page = await does(grace, "wait", "<script>alert(1)</script>")
    assert not page.select(".log script") and "<script>alert(1)</script>" in text_of(page, ".log")
    assert (await grace.post("/desk/T1/priority", text="x" * 100_000)).status_code == 413


def test_a_notice_leads_to_the_ticket_that_it_names() -> None:
    assert path_in("Tess gave you T12: a screen") == "/desk/T12"
    assert path_in("You are off duty.") is None and path_in("TECH-001 T1234567890") is None


async def test_who_asks_is_shown_beside_the_ticket_and_to_technicians_alone(desk: WebDeskInProcess) -> None:
    ada, grace = await asker(desk), await worker(desk)
    async with desk.storage.unit_of_work() as uow:
        (one,) = await uow.tickets.find()
        person = await uow.people.person(one.asker_id)
        assert person
        company = Company("Atelier <Nord>", "nord.example")
        uow.people.add(company)
        uow.people.save(replace(person, company_id=company.id, licence="E3", level="expert"))
        uow.people.add(Device(person.id, "LX-420", "SN-77", "the plotter"))
        await uow.commit()
    page = (await grace.get("/desk/T1")).text
    assert "Atelier &lt;Nord&gt;" in page and "E3" in page and "LX-420" in page
    assert "E3" not in soup(await ada.get()).get_text(" ")
