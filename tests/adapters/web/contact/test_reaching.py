"""Who filled in the form and closed the page hears of an answer by the way that they gave, where the desk has one."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.contact.form import checked
from bot.model.contact import Way
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.public import OptOut
from storage.store import SqlStorage
from tests.adapters.web.contact.desk import HERE, NATIVE, SITE, ContactBrowser, ContactDesk, contact_desk, words
from tests.contract.storage.traces import found_in, texts

HANDLE = "@bob@elsewhere.example"
ANSWER = "It was our mistake."


async def writes_by(bob: ContactBrowser, **ways: str) -> str:
    """The page after the form."""
    await bob.opens("/contact")
    form = {"name": "Bob", "message": "My bill is twice what it should be.", "consent": "yes"}
    return (await bob.goes_on(await bob.post("/contact", form | ways))).text


async def is_answered(desk: ContactDesk, text: str = ANSWER, ticket: str = "T1") -> None:
    """While nobody has the page open."""
    if desk.grace is None:
        desk.grace = desk.web.browser()
        await desk.grace.plays("technician")
    desk.clock.passes(seconds=1)
    response = await desk.grace.post(f"/desk/{ticket}/work", kind="reply", text=text)
    assert response.status_code == 303, response.text
    await desk.storage.changed("outbox", 0.2)
    desk.clock.passes(minutes=1)


async def sent_to(desk: ContactDesk, handle: str = HANDLE) -> list[Delivery]:
    return await desk.storage.outbox.of_conversation(ConversationRef(*HERE, handle))


def link_in(text: str) -> str:
    found = re.search(rf"{SITE}(/d/\S+)", text)
    assert found, text
    return found[1]


async def test_who_gave_a_mastodon_address_alone_is_written_to_there(desk: ContactDesk) -> None:
    await writes_by(desk.browser(), mastodon="bob@Elsewhere.example")
    await is_answered(desk)
    assert await desk.tells_who_is_away() == 1
    assert await desk.tells_who_is_away() == 0
    [told] = await sent_to(desk)
    assert told.recipient == HANDLE and told.public is None
    assert "There is an answer for you" in told.document.text
    assert ANSWER not in told.document.text and "bill" not in told.document.text and "T1" not in told.document.text
    assert await desk.direct_messages() == [], "nobody else is"
    other = desk.browser()
    assert ANSWER in words(await other.continues(link_in(told.document.text)))


async def test_as_often_as_is_set_and_wherever_they_go_on_reading(desk: ContactDesk) -> None:
    """The browser that the link let in is told of in the same way, and no two browsers of one chat are told at once."""
    await writes_by(desk.browser(), mastodon=HANDLE)
    await is_answered(desk)
    assert await desk.tells_who_is_away() == 1
    other = desk.browser()
    await other.continues(link_in((await sent_to(desk))[-1].document.text))
    await is_answered(desk, "We pay it back.")
    assert await desk.tells_who_is_away() == 0, "not again within a quarter of an hour"
    desk.clock.passes(minutes=15)
    await other.get(other.path)
    desk.clock.passes(seconds=19)
    assert await desk.tells_who_is_away() == 0, "they read it in the other browser"
    await other.writes("and when?")
    await is_answered(desk, "It is on its way.")
    assert await desk.tells_who_is_away() == 1
    assert len(await sent_to(desk)) == 2
    third = desk.browser()
    page = words(await third.continues(link_in((await sent_to(desk))[-1].document.text)))
    assert ANSWER in page and "We pay it back." in page and "It is on its way." in page
    await other.post(f"{other.path}/again")
    assert len(await sent_to(desk)) == 3, "a new link goes there too"


@pytest.mark.parametrize("writes_there", [True, False])
async def test_what_is_said_soon_after_a_notice_is_told_of_at_the_next(desk: ContactDesk, writes_there: bool) -> None:
    await writes_by(desk.browser(), mastodon=HANDLE)
    await is_answered(desk)
    assert await desk.tells_who_is_away() == 1
    other = desk.browser()
    await other.continues(link_in((await sent_to(desk))[-1].document.text))
    if writes_there:  # what follows is said there
        await other.writes("and when?")
    desk.clock.passes(minutes=5)
    await is_answered(desk, "We pay it back.")
    assert await desk.tells_who_is_away() == 0
    desk.clock.passes(minutes=9)
    assert await desk.tells_who_is_away() == 1, "a quarter of an hour after the first"


@pytest.mark.parametrize("handle", ["ada@elsewhere.example", "@Ada@Elsewhere.Example"])
async def test_who_said_stop_is_not_written_to_whoever_gives_their_address(desk: ContactDesk, handle: str) -> None:
    async with desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut(*HERE, NATIVE, desk.clock()))
        await uow.commit()
    mallory = desk.browser()
    await writes_by(mallory, mastodon=handle)
    await mallory.writes("and answer me")
    await is_answered(desk)
    assert await desk.tells_who_is_away() == 0
    other = desk.browser()
    await other.opens("/contact")
    await other.post(f"{mallory.path}/again")
    for name in (handle, "@ada@elsewhere.example", "@Ada@elsewhere.example", NATIVE):
        assert await sent_to(desk, name) == []


async def test_nobody_is_sent_many_links_that_others_ask_for(desk: ContactDesk) -> None:
    """In whatever number of forms an address is given."""
    for number in range(3):
        mallory = desk.browser()
        await writes_by(mallory, mastodon=HANDLE, message=f"nonsense {number}")
        other = desk.browser()
        await other.opens("/contact")
        for _ in range(3):
            desk.clock.passes(seconds=1)
            await other.post(f"{mallory.path}/again")
    assert len(await sent_to(desk)) == 3
    desk.clock.passes(minutes=16)
    await other.post(f"{mallory.path}/again")
    assert len(await sent_to(desk)) == 4


@pytest.mark.parametrize(
    ("public", "said", "not_said"),
    [
        ({}, "With a Mastodon address you hear of an answer", "e-mail address you hear"),
        ({"account": None, "platforms": ()}, "come back to it in this browser", "you hear of an answer"),
        ({"site": None}, "come back to it in this browser", "you hear of an answer"),
    ],
)
async def test_the_form_promises_what_the_desk_can_do(
    sqlite_storage: SqlStorage, tmp_path: Path, public: dict[str, Any], said: str, not_said: str
) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home", public=public) as desk:
        bob = desk.browser()
        page = words((await bob.opens("/contact")).text)
        assert said in page and not_said not in page
        assert "Our answer comes to the page" in page, "which holds for who gives a telephone number, too"
        await bob.post("/language", language="fr", next="/contact")
        french = words((await bob.opens("/contact")).text)
        assert ("adresse Mastodon, vous êtes prévenu" in french) is (not public)
        assert "revenez-y dans ce navigateur" in french


@pytest.mark.parametrize(
    ("way", "public", "is_told"),
    [
        ({"mastodon": HANDLE}, {}, True),
        ({"mastodon": HANDLE}, {"account": None, "platforms": ()}, False),
        ({"mastodon": HANDLE}, {"site": None}, False),  # no link can lead back
        ({"phone": "01 42 68 53 00"}, {}, False),
        ({"email": "bob@example.org"}, {}, False),  # there is no mail server
        ({"phone": "01 42 68 53 00", "mastodon": HANDLE, "email": "bob@example.org"}, {}, True),
    ],
)
async def test_the_page_says_whether_it_may_be_closed(
    sqlite_storage: SqlStorage, tmp_path: Path, way: dict[str, str], public: dict[str, Any], is_told: bool
) -> None:
    """And what it says is so: of several ways that one is used that the desk has."""
    async with contact_desk(sqlite_storage, tmp_path / "home", public=public) as desk:
        bob = desk.browser()
        page = words(await writes_by(bob, **way))
        assert ("You may close this page" in page) is is_told
        assert ("come back to it in this browser to read our answer" in page) is not is_told
        assert ("a new link brings you back" in page) is is_told
        await is_answered(desk)
        assert await desk.tells_who_is_away() == is_told
        assert len(await sent_to(desk)) == is_told
        assert ANSWER in words((await bob.get(bob.path)).text), "it is there when they come back"
        assert desk.grace
        ticket = words((await desk.grace.get("/desk/T1")).text)
        assert all(one in ticket for one in way.values() if not one.startswith("01"))


def test_of_several_ways_the_first_is_used_by_which_the_desk_can_write() -> None:
    written: Any = {"phone": "01 42 68 53 00", "email": "b@example.org", "mastodon": HANDLE}
    cases: list[tuple[tuple[Way, ...], Way]] = [
        (("mastodon",), "mastodon"),
        (("email", "mastodon"), "email"),
        ((), "email"),
    ]
    for usable, way in cases:
        found = checked("Bob", "hm", written, consent=True, country="FR", usable=usable)
        assert found.way == way and len(found.others.split(", ")) == 2, usable


@pytest.mark.parametrize("handle", ["@zoé@elsewhere.example", "@bob@elſewhere.example", "@bob@elsewhere.example:80"])
def test_what_no_server_takes_for_a_handle_is_none(handle: str) -> None:
    assert "mastodon" in checked("B", "hm", {"mastodon": handle}, consent=True, country="FR").problems


async def test_once_they_are_erased_nothing_says_where_they_were_written_to(desk: ContactDesk) -> None:
    bob = desk.browser()
    await writes_by(bob, mastodon=HANDLE)
    await is_answered(desk)
    await desk.tells_who_is_away()
    other = desk.browser()
    await other.opens("/contact")
    await other.post(f"{bob.path}/again")
    assert len(await sent_to(desk)) == 2
    assert desk.grace
    await desk.grace.post("/desk/T1/work", kind="resolve", text="Paid back.")
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
    assert ticket and await desk.storage.personal.erase(ticket.asker_id, desk.clock())
    assert found_in(await texts(desk.storage), ["bob@elsewhere.example"]) == {}
