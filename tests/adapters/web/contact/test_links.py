"""Links out of direct messages, and who hears that an answer waits."""

import pytest

from bot.model.public import OptOut
from bot.public.links import DIRECT
from tests.adapters.web.contact.desk import HERE, NATIVE, POST, ContactBrowser, ContactDesk, a_link, words

ANSWER = "It is back at noon."


async def known_at_the_page(desk: ContactDesk) -> ContactBrowser:
    """The author, with a ticket that a technician has claimed."""
    ada = desk.browser()
    await ada.opens(POST)
    await ada.proves(desk)
    await ada.writes("I want to talk to a human about my screen")
    return ada


async def answered(desk: ContactDesk, text: str = ANSWER) -> None:
    if desk.grace is None:
        desk.grace = desk.web.browser()
        await desk.grace.plays("technician")
    desk.clock.passes(seconds=1)
    response = await desk.grace.post("/desk/T1/work", kind="reply", text=text)
    assert response.status_code == 303, response.text
    await desk.storage.changed("outbox", 0.2)


async def test_opening_a_link_uses_nothing_and_continuing_lets_one_browser_in(desk: ContactDesk) -> None:
    path = await a_link(desk, "my screen is blue")
    ada, bob = desk.browser(), desk.browser()
    for _ in range(3):
        page = await bob.opens(path)
        assert page.status_code == 200 and "Continue" in words(page.text) and "blue" not in page.text
    await ada.opens(path)
    page = await ada.goes_on(await ada.post(path))
    assert "my screen is blue" in words(page.text) and "We know that this is you" in words(page.text)
    refused = await bob.post(path)
    assert refused.status_code == 403 and "no longer good" in words(refused.text) and "blue" not in refused.text
    back = await ada.http.get(path)
    assert back.headers["location"] == ada.path, "who was let in is not turned away by their own link"
    assert (await ada.goes_on(await ada.post("/language", language="fr", next=ada.path))).status_code == 200


async def test_a_link_that_is_over_gives_a_new_one_to_whom_it_was_for_and_to_nobody_else(desk: ContactDesk) -> None:
    path = await a_link(desk, "my screen is blue")
    desk.clock.passes(seconds=DIRECT.good_for.total_seconds() + 1)
    ada = desk.browser()
    page = await ada.opens(path)
    assert "no longer good" in words(page.text) and f'action="{path}/again"' in page.text
    assert (await ada.post(path)).status_code == 403
    assert await desk.direct_messages() == []
    sent = await ada.post(f"{path}/again")
    assert "a new link is on its way" in words(sent.text)
    fresh = await desk.link()
    assert fresh != path and fresh not in sent.text
    await ada.opens(fresh)
    assert "my screen is blue" in words((await ada.goes_on(await ada.post(fresh))).text)
    for _ in range(4):
        desk.clock.passes(seconds=1)
        await ada.post(f"{path}/again")
    assert len(await desk.direct_messages()) == 3, "so many in a quarter of an hour"
    assert (await desk.browser().opens(f"{path}x")).status_code == 200


@pytest.mark.parametrize("forged", ["x", "WyJhIl0.sig", "%00", "é", "a" * 2000])
async def test_a_forged_link_tells_nothing_and_sends_nothing(desk: ContactDesk, forged: str) -> None:
    real = await a_link(desk, "my screen is blue")
    mallory = desk.browser()
    await mallory.opens("/contact")
    desk.clock.passes(days=2)
    for path in (f"/d/{forged}", f"{real[:-3]}AAA"):
        pages = [await mallory.get(path), await mallory.post(path), await mallory.post(f"{path}/again")]
        assert [one.status_code for one in pages] == [200, 403, 200]
        expired = await mallory.get(real)
        assert words(pages[0].text) == words(expired.text), "nobody can tell it from one that was good"
    assert await desk.direct_messages() == []


async def test_who_closed_the_page_is_told_once_with_a_link_and_without_the_words(desk: ContactDesk) -> None:
    await known_at_the_page(desk)
    before = len(await desk.direct_messages())
    await answered(desk)
    assert await desk.tells_who_is_away() == 0, "the page may still be open"
    desk.clock.passes(seconds=30)
    assert await desk.tells_who_is_away() == 1
    assert await desk.tells_who_is_away() == 0
    [told] = (await desk.direct_messages())[before:]
    assert "There is an answer for you" in told and ANSWER not in told
    await answered(desk, "And tomorrow, too.")
    desk.clock.passes(minutes=2)
    assert await desk.tells_who_is_away() == 0, "not again within a quarter of an hour"
    desk.clock.passes(minutes=15)
    assert await desk.tells_who_is_away() == 1
    elsewhere = desk.browser()
    await elsewhere.opens(path := await desk.link())
    page = words((await elsewhere.goes_on(await elsewhere.post(path))).text)
    assert ANSWER in page and "And tomorrow, too." in page and "screen" in page
    assert "The app of acme is down" in page
    desk.clock.passes(hours=1)
    assert await desk.tells_who_is_away() == 0, "they have read it"


async def test_who_sits_at_the_page_is_not_told(desk: ContactDesk) -> None:
    ada = await known_at_the_page(desk)
    await answered(desk)
    desk.clock.passes(seconds=19)
    assert ANSWER in (await ada.get(POST)).text
    desk.clock.passes(hours=1)
    assert await desk.tells_who_is_away() == 0


async def test_who_said_stop_after_their_last_words_is_not_told(desk: ContactDesk) -> None:
    ada = await known_at_the_page(desk)
    desk.clock.passes(seconds=5)
    async with desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut(*HERE, NATIVE, desk.clock()))
        await uow.commit()
    await answered(desk)
    desk.clock.passes(seconds=30)
    before = await desk.direct_messages()
    await desk.tells_who_is_away()
    assert await desk.direct_messages() == before
    await ada.opens(POST)
    await ada.writes("and what about my screen?")
    await answered(desk, "It comes on Monday.")
    desk.clock.passes(minutes=20)
    assert await desk.tells_who_is_away() == 1, "who writes is answered"


async def test_who_reads_it_in_another_browser_is_not_told(desk: ContactDesk) -> None:
    await known_at_the_page(desk)
    other = desk.browser()
    await other.opens(POST)
    await other.proves(desk)
    await answered(desk)
    desk.clock.passes(seconds=30)
    assert ANSWER in (await other.get(POST)).text
    assert await desk.tells_who_is_away() == 0


async def test_an_unverified_visitor_makes_nobody_be_written_to(desk: ContactDesk) -> None:
    bob = desk.browser()
    await bob.opens(POST)
    await bob.writes("I want to talk to a human about my screen")
    await answered(desk)
    desk.clock.passes(hours=1)
    assert await desk.tells_who_is_away() == 0
    assert await desk.direct_messages() == []
    assert ANSWER in words((await bob.get(POST)).text), "it is there when they come back"


async def test_a_chat_of_another_browser_shows_a_way_on(desk: ContactDesk) -> None:
    path = await a_link(desk, "my screen is blue")
    ada, bob = desk.browser(), desk.browser()
    await ada.opens(path)
    await ada.goes_on(await ada.post(path))
    page = await bob.opens(ada.path)
    assert page.status_code == 403 and "another browser" in words(page.text) and "blue" not in page.text
    assert (await bob.post(f"{ada.path}/say", text="let me in")).status_code == 403
    assert (await bob.http.get(f"{ada.path}/stream")).status_code == 403
    await bob.post(f"{ada.path}/again")
    await bob.opens(fresh := await desk.link())
    assert "my screen is blue" in words((await bob.goes_on(await bob.post(fresh))).text)


async def test_two_browsers_cannot_share_one_link(desk: ContactDesk) -> None:
    import asyncio

    path = await a_link(desk, "my screen is blue")
    browsers = [desk.browser() for _ in range(4)]
    for one in browsers:
        await one.opens(path)
    answers = await asyncio.gather(*(one.post(path) for one in browsers))
    assert sorted(one.status_code for one in answers) == [303, 403, 403, 403]
