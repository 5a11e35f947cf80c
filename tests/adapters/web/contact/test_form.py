"""The contact form."""

import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from bot.contact.form import checked, one_form
from bot.model.contact import Way
from bot.model.messages import ConversationRef
from bot.policies import public_policy_of
from bot.settings import load_settings
from storage.store import SqlStorage
from tests.adapters.web.contact.desk import ContactBrowser, ContactDesk, contact_desk, words
from tests.adapters.web.desk import items

GOOD = {"name": "Bob", "message": "My bill is twice what it should be.", "phone": "01 42 68 53 00", "consent": "yes"}


async def sends(bob: ContactBrowser, **changes: str) -> Any:
    await bob.opens("/contact")
    return await bob.post("/contact", GOOD | changes)


async def test_a_request_is_a_ticket_with_a_chat_beside_it(desk: ContactDesk) -> None:
    bob = desk.browser()
    page = await bob.goes_on(await sends(bob))
    shown = words(page.text)
    assert "T1" in shown and "a technician takes it on" in shown
    assert [one["data-author"] for one in items(page.text)] == ["person", "bot"]
    await bob.writes("it was 40 before")
    grace = desk.web.browser()
    await grace.plays("technician")
    ticket = words((await grace.get("/desk/T1")).text)
    assert "Bob (unverified)" in ticket and "+33 1 42 68 53 00" in ticket and "it was 40 before" in ticket


@pytest.mark.parametrize("message", ["hello", "/ticket list", "where is my ticket T7?", "never mind, fixed", "2"])
async def test_whatever_is_written_there_is_a_request(desk: ContactDesk, message: str) -> None:
    bob = desk.browser()
    assert "T1" in words((await bob.goes_on(await sends(bob, message=message))).text)


async def test_the_same_form_sent_again_is_one_request(desk: ContactDesk) -> None:
    bob = desk.browser()
    await bob.opens("/contact")
    form = GOOD | {"id": "0123456789abcdef"}
    places = {(await bob.post("/contact", form)).headers["location"] for _ in range(3)}
    assert len(places) == 1
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"message": ""}, "message"),
        ({"message": "x" * 4901}, "message"),
        ({"phone": ""}, "ways"),
        ({"phone": "12345"}, "phone"),
        ({"phone": "", "email": "bob@"}, "email"),
        ({"phone": "", "mastodon": "bob"}, "mastodon"),
        ({"consent": ""}, "consent"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_nothing_written_is_lost(
    desk: ContactDesk, change: dict[str, str], field: str
) -> None:
    bob = desk.browser()
    page = await sends(bob, **change)
    assert page.status_code == 400
    form = BeautifulSoup(page.text, "html.parser")
    assert [one["id"] for one in form.select("span.problem[id]")] == [f"{field}-problem"]
    [described] = form.select(f'[aria-describedby~="{field}-problem"]')
    assert described["aria-invalid"] == "true"
    written = GOOD | change
    assert form.select_one("#name")["value"] == written["name"]  # type: ignore[index]
    assert form.select_one("#message").get_text() == written["message"]  # type: ignore[union-attr]
    assert form.select_one("#phone")["value"] == written["phone"]  # type: ignore[index]
    assert bool(form.select("[name=consent][checked]")) is bool(written["consent"])
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.count() == 0


async def test_consent_is_asked_for_and_never_given_beforehand(desk: ContactDesk) -> None:
    page = BeautifulSoup((await desk.browser().opens("/contact")).text, "html.parser")
    [box] = page.select("[name=consent]")
    assert not box.has_attr("checked") and box.has_attr("required")
    assert "until you ask us to erase them" in page.get_text()


async def test_programs_that_fill_in_everything_are_refused(desk: ContactDesk) -> None:
    bob = desk.browser()
    assert (await sends(bob, website="https://spam.example")).status_code == 400
    answers = [(await sends(bob)).status_code for _ in range(6)]
    assert answers == [303] * 5 + [429]


async def test_who_gave_an_address_is_written_to_when_an_answer_waits(desk: ContactDesk) -> None:
    desk.web.services = desk.with_mail("desk@example.org")
    bob = desk.browser()
    await bob.goes_on(await sends(bob, phone="", email="Bob@Example.org"))
    grace = desk.web.browser()
    await grace.plays("technician")
    desk.clock.passes(seconds=1)
    await grace.post("/desk/T1/work", kind="reply", text="It was our mistake.")
    desk.clock.passes(minutes=1)
    assert await desk.tells_who_is_away() == 1
    room = ConversationRef("email", "desk@example.org", "bob@example.org")
    [mail] = await desk.storage.outbox.of_conversation(room)
    assert "There is an answer for you" in mail.document.text and "mistake" not in mail.document.text
    found = re.search(r"(/d/\S+)", mail.document.text)
    assert found
    other = desk.browser()
    await other.opens(found[1])
    assert "It was our mistake." in words((await other.goes_on(await other.post(found[1]))).text)


@pytest.mark.parametrize(
    ("way", "written", "kept"),
    [
        ("email", " Ada@Example.ORG ", "ada@example.org"),
        ("email", "ada@@example.org", None),
        ("mastodon", "ada@Example.Social", "@ada@example.social"),
        ("mastodon", "@ada_1@xn--bcher-kva.example", "@ada_1@xn--bcher-kva.example"),
        ("mastodon", "@ada", None),
        ("mastodon", "https://example.social/@ada", None),
        ("phone", "01 42 68 53 00", "+33 1 42 68 53 00"),
        ("phone", "+44 20 7946 0958", "+44 20 7946 0958"),
        ("phone", "+1 (650) 253-0000", "+1 650-253-0000"),
        ("phone", "06", None),
        ("phone", "call me", None),
    ],
)
def test_ways_to_reach_somebody_are_kept_in_one_form(way: Way, written: str, kept: str | None) -> None:
    assert one_form(way, written, "FR") == kept


@pytest.mark.parametrize(
    ("country", "written", "kept"),
    [
        ("FR", "01 42 68 53 00", "+33 1 42 68 53 00"),
        ("GB", "020 7946 0958", "+44 20 7946 0958"),
        ("BE", "02 555 12 12", "+32 2 555 12 12"),
        ("BE", "+33 1 42 68 53 00", "+33 1 42 68 53 00"),
        ("FR", "020 7946 0958", None),
        ("GB", "01 42 68 53 00", None),
    ],
)
async def test_a_number_without_a_country_is_of_the_one_that_is_set(
    sqlite_storage: SqlStorage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    country: str,
    written: str,
    kept: str | None,
) -> None:
    monkeypatch.setenv("GUICHET_PHONE_COUNTRY", country)
    set_country = public_policy_of(load_settings(None)).country
    async with contact_desk(sqlite_storage, tmp_path / "home", public={"country": set_country}) as desk:
        bob = desk.browser()
        page = await sends(bob, phone=written)
        if kept is None:
            assert page.status_code == 400 and "This number does not exist" in words(page.text)
            return
        await bob.goes_on(page)
        grace = desk.web.browser()
        await grace.plays("technician")
        assert kept in words((await grace.get("/desk/T1")).text)


def test_several_ways_are_all_kept() -> None:
    found = checked("Bob", "hm", {"phone": "01 42 68 53 00", "email": "b@example.org"}, consent=True, country="FR")
    assert (found.way, found.address, found.others) == ("email", "b@example.org", "+33 1 42 68 53 00")
    assert not found.problems
