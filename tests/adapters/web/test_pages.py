"""The pages as programs and people without scripts meet them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.web.forms import local_path
from adapters.web.places import Role, Visitor
from bot.errors import StorageUnavailable
from bot.model.people import Person, Technician
from bot.model.values import Audience, Language
from storage.store import SqlStorage
from tests.adapters.web.desk import WebDeskInProcess, items, web_desk

FORM = "0123456789abcdef"
REFUSED = ("/nothing", 404), ("/desk", 403), ("/desk/T1", 403), ("/desk/stream", 403), ("/say", 405)


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[WebDeskInProcess]:
    async with web_desk(sqlite_storage, tmp_path / "home") as opened:
        yield opened


async def test_a_page_that_is_sent_back_waits_for_the_answer(desk: WebDeskInProcess) -> None:
    page = items(await desk.browser().says("what is the meaning of zorglub?"))
    assert [item["data-author"] for item in page] == ["person", "bot"]
    assert [button.get_text(strip=True) for button in page[1].select(".offer button")] == [
        "Open a ticket",
        "No, thank you",
    ]


async def test_a_form_that_is_sent_twice_is_one_message(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.get()
    await asyncio.gather(*(ada.post("/say", id=FORM, text="what is zorglub?") for _ in range(4)))
    assert len(items((await ada.get()).text)) == 2
    await ada.post("/say", id=FORM, text="what is bulgroz?")  # gone back to, and written anew
    assert len(items((await ada.get()).text)) == 4


async def test_a_button_that_is_pressed_twice_opens_one_ticket(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.says("what is zorglub?")
    await asyncio.gather(*(ada.post("/press", id=FORM, press="open_ticket|") for _ in range(3)))
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.count() == 1
    page = items((await ada.get()).text)
    assert "click" in page[2]["class"]
    assert page[2].select_one(".body").get_text(strip=True) == "Open a ticket"  # type: ignore[union-attr]
    assert "T1" in page[3].get_text()
    offers = [bool(item.select(".offer")) for item in page]
    assert offers == [False, False, False, True], "only the latest offer can be pressed"


async def test_a_button_that_was_never_offered_does_nothing(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.says("I want to talk to a human about my screen")
    for press, told in (
        ("ticket_claim|T1", "for technicians"),
        ("ticket_no_such|T1", "earlier"),
        ("made_up|", "earlier"),
    ):
        await ada.post("/press", press=press)
        assert told in items((await ada.get()).text)[-1].get_text(), press


async def test_a_technician_presses_a_commands_buttons_in_their_own_chat(desk: WebDeskInProcess) -> None:
    await desk.browser().says("I want to talk to a human about my screen")
    grace = desk.browser()
    await grace.plays("technician")
    page = await grace.says("/ticket resolve T1 Changed the cable.")
    pressed = re.findall(r'name="press" value="([^"]+)"', page)
    assert pressed == ["ticket_write-up|T1", "ticket_undo|T1"]
    for press, label, said in zip(pressed, ("Write up", "Undo"), ("draft", "Undone: T1"), strict=True):
        assert (await grace.post("/press", press=press)).status_code == 303
        *_, press_shown, answer = [one.get_text(" ", strip=True) for one in items((await grace.get()).text)]
        assert label in press_shown and "ticket_" not in press_shown
        assert said in answer


async def test_nothing_else_than_a_form_of_ours_is_taken(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.get()
    for path, fields in (
        ("/say", {"id": "short", "text": "hello"}),
        ("/say", {"id": FORM + "/../x", "text": "hello"}),
        ("/press", {"press": "no separator"}),
        ("/press", {"press": "Bad Action|x"}),
        ("/role", {"role": "admin"}),
        ("/language", {"language": "de"}),
        ("/theme", {"theme": "<script>"}),
    ):
        response = await ada.post(path, fields)
        assert response.status_code == 400, (path, fields)
        assert "was not understood" in response.text
    raw = {"X-CSRF-Token": ada.token}
    for type, body in (("application/json", b"{}"), ("application/x-www-form-urlencoded", b"\xff=\xff&id")):
        response = await ada.http.post("/say", content=body, headers=raw | {"Content-Type": type})
        assert response.status_code == 400
    assert (await ada.post("/say", text="a" * 100_000)).status_code == 413
    assert items((await ada.get()).text) == []


async def test_a_long_message_is_answered_by_the_desk_itself(desk: WebDeskInProcess) -> None:
    page = items(await desk.browser().says("é" * 7_000))
    assert "too long" in page[1].get_text()


@pytest.mark.parametrize(("path", "status"), REFUSED)
@pytest.mark.parametrize(("language", "back"), [("en", "Back to"), ("fr", "Retour au guichet")])
async def test_what_is_refused_says_so_to_people_and_to_programs(
    desk: WebDeskInProcess, path: str, status: int, language: str, back: str
) -> None:
    ada = desk.browser(**{"Accept-Language": language})
    await ada.get()
    page = await ada.get(path)
    assert page.status_code == status
    assert back in page.text and f'lang="{language}"' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    answer = await ada.http.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "message"}


async def test_a_failure_of_ours_has_a_reference(
    desk: WebDeskInProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada = desk.browser()
    await ada.get()
    monkeypatch.setattr(type(desk.site), "page", Mock(side_effect=RuntimeError("secret detail")))
    page = await ada.get()
    assert page.status_code == 500
    reference = page.text.split("Quote ")[1].split(" ")[0]
    assert reference in caplog.text
    assert "secret detail" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_what_cannot_be_stored_is_not_acknowledged(
    desk: WebDeskInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = desk.browser()
    await ada.get()
    monkeypatch.setattr(type(desk.site.inbox), "receive", AsyncMock(side_effect=StorageUnavailable("gone")))
    response = await ada.post("/say", json=True, text="hello")
    assert response.status_code == 503
    assert "nothing was sent" in response.json()["message"]


async def test_each_role_of_a_browser_is_somebody_else(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.says("what is zorglub?")
    await ada.plays("public")
    assert items((await ada.get()).text) == []
    assert (await ada.get("/desk")).status_code == 403
    await ada.plays("technician")
    assert (await ada.get("/desk")).status_code == 200
    await ada.plays("employee")
    assert len(items((await ada.get()).text)) == 2
    assert (await ada.get("/desk")).status_code == 403
    async with desk.storage.unit_of_work() as uow:
        assert len(await uow.people.technicians()) == 1


async def test_behind_a_proxy_nobody_plays_anybody(desk: WebDeskInProcess) -> None:
    ada = desk.browser(**{"X-Forwarded-For": "203.0.113.9"})
    page = await ada.get()
    assert "/role" not in page.text
    assert (await ada.post("/role", role="technician")).status_code == 403
    assert (await ada.get("/desk")).status_code == 403


async def test_whoever_signs_in_is_the_person_that_the_desk_knows(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    known = Person("Grace Hopper", email="grace@example.org")
    async with sqlite_storage.unit_of_work() as uow:
        uow.people.add(known)
        uow.people.add(Technician(known.id, 7))
        await uow.commit()
    signed: dict[str, Any] = {"sign_in": "proxy", "trusted_proxies": ("127.0.0.1",), "secret_key": SecretStr("k" * 40)}
    async with web_desk(sqlite_storage, tmp_path / "home", **signed) as desk:
        grace = desk.browser(**{"X-Forwarded-Email": "Grace@example.org"})
        page = await grace.says("hello")
        assert "Hello Grace!" in page and "/role" not in page
        assert (await grace.get("/desk")).status_code == 200
        async with sqlite_storage.unit_of_work() as uow:
            found = await uow.people.person(known.id)
            assert found and found.name == "Grace Hopper"
        ada = desk.browser(**{"X-Forwarded-Email": "ada@example.org"})
        assert (await ada.get("/")).status_code == 200
        assert (await ada.get("/desk")).status_code == 403
        assert (await desk.browser().get("/")).status_code == 401


async def test_a_technicians_words_are_commands_of_the_desk(desk: WebDeskInProcess) -> None:
    ada, grace = desk.browser(), desk.browser()
    await ada.says("I want to talk to a human about my screen")
    await grace.plays("technician")
    assert "about my screen" in (await grace.get("/desk")).text
    claimed = (await grace.post("/desk/T1/claim", json=True)).json()
    assert claimed["done"] and "T1 is yours" in claimed["text"]
    noted = (await grace.post("/desk/T1/work", json=True, kind="note", text="Only for\nus.")).json()
    assert noted["done"] and "technicians only" in noted["text"]
    replied = await grace.post("/desk/T1/work", kind="reply", text="Is it on?\n\n- the lamp\n- the cable")
    assert replied.status_code == 303
    page = await grace.get(replied.headers["location"])
    assert "On its way to" in page.text and "✉️ delivered" in page.text and "Only for\nus." in page.text
    seen = items((await ada.get()).text)[-1]
    assert seen["data-author"] == "technician"
    assert [one.get_text() for one in seen.select("li")] == ["the lamp", "the cable"]
    assert "Only for" not in (await ada.get()).text
    empty = (await grace.post("/desk/T1/work", json=True, kind="resolve", text="  ")).json()
    assert not empty["done"] and "How to use it" in empty["text"]
    for path in ("/desk/T1/erase", "/desk/T99/claim", "/desk/T99"):
        method = grace.get if path.endswith("99") else grace.post
        assert (await method(path)).status_code == 404, path
    assert (await ada.post("/desk/T1/close", json=True)).status_code == 403


async def test_pages_say_what_scripts_need_without_saying_it_in_scripts(desk: WebDeskInProcess) -> None:
    page = await desk.browser().get()
    assert "<script>" not in page.text and "style=" not in page.text and "onclick" not in page.text
    log = page.text.split('data-texts="')[1].split('"')[0].replace("&#34;", '"')
    assert json.loads(log)["now"] == "just now"
    for address in ("/static/guichet.css", "/static/chat.js", "/static/icon.svg"):
        found = await desk.browser().get(address)
        assert (found.status_code, found.headers["cache-control"]) == (200, "no-cache")
        assert "immutable" in (await desk.browser().get(f"{address}?1")).headers["cache-control"]
    assert (await desk.browser().get("/static/../app.py")).status_code == 404


@given(st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_forms_lead_to_no_other_site(path: str) -> None:
    for tried in (path, f"/{path}", f"//{path}", f"/\\{path}"):
        found = local_path(tried)
        assert found.startswith("/") and not found.startswith(("//", "/\\"))


def test_who_sees_what() -> None:
    audiences = {role: Visitor("k", role, "N", Language.EN).audience for role in Role}
    assert audiences == {
        Role.EMPLOYEE: Audience.INTERNAL,
        Role.PUBLIC: Audience.PUBLIC,
        Role.TECHNICIAN: Audience.INTERNAL,
    }
