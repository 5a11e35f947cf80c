"""A chat of somebody unverified goes on in another browser: by an address that its own browser shows, once."""

import asyncio
import re
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

from bot.public.links import CHAT
from tests.adapters.web.contact.desk import PHONE, POST, SITE, ContactBrowser, ContactDesk, in_direct_messages, words
from tests.adapters.web_security.site import HTML, served

SAID = "I want to talk to a human about my blue screen"
OVER = "This address is no longer good"


async def begun(desk: ContactDesk, said: str = SAID) -> ContactBrowser:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes(said)
    return ada


async def address(of: ContactBrowser) -> str:
    """The path of what the page offers for another browser; empty if it offers none."""
    page = BeautifulSoup((await of.get(f"{of.path}?elsewhere=1")).text, "html.parser")
    shown = page.select_one("#address")
    text = shown.get_text() if shown else ""
    assert text == "" or re.fullmatch(rf"{SITE}/contact/on/[\w.~-]{{80,}}", text)
    return text.removeprefix(SITE)


async def goes_on(desk: ContactDesk, path: str) -> ContactBrowser:
    other = desk.browser()
    await other.continues(path)
    return other


async def test_the_chat_is_open_in_both_browsers_and_nobody_is_known_by_it(desk: ContactDesk) -> None:
    await in_direct_messages(desk, "what I wrote in private")
    ada = await begun(desk)
    path = await address(ada)
    other = desk.browser()
    for _ in range(3):
        page = await other.opens(path)
        assert page.status_code == 200 and "Continue your chat here" in words(page.text)
        assert "blue" not in page.text and "acme" not in page.text, "not before it is used"
    shown = words((await other.goes_on(await other.post(path))).text)
    assert other.path == POST and SAID in shown and "T1" in shown
    assert "Anybody with this link sees the post" in shown and "I wrote this post" in shown
    assert "in private" not in shown and "We know that this is you" not in shown
    assert "from here" in await other.writes("and this is from here")
    assert "from here" in await ada.writes("and this from there")
    assert "from there" in (await other.get(POST)).text
    async with desk.storage.unit_of_work() as uow:
        [ticket] = await uow.tickets.find(order="oldest", limit=9)
        assert (await uow.people.person(ticket.asker_id)) != desk.author
    assert await desk.direct_messages() == [], "nobody was written to"


async def test_whoever_has_only_the_public_link_reads_nothing_and_gets_no_address(desk: ContactDesk) -> None:
    await begun(desk)
    bob = desk.browser()
    page = await bob.opens(f"{POST}?elsewhere=1")
    assert "blue" not in page.text and "/contact/on/" not in page.text
    assert await address(bob) == "", "there is nothing to go on with"
    await bob.writes("mine")
    own = await address(bob)
    other = await goes_on(desk, own)
    assert "blue" not in (await other.get(POST)).text


async def test_each_address_lets_one_browser_in_and_there_is_always_a_new_one(desk: ContactDesk) -> None:
    ada = await begun(desk)
    path = await address(ada)
    browsers = [desk.browser() for _ in range(4)]
    for one in browsers:
        await one.opens(path)
    answers = await asyncio.gather(*(one.post(path) for one in browsers))
    assert sorted(one.status_code for one in answers) == [303, 403, 403, 403]
    refused = browsers[next(i for i, one in enumerate(answers) if one.status_code == 403)]
    page = words((await refused.get(path)).text)
    assert OVER in page and "Continue in another browser" in page and "blue" not in page
    assert (await refused.get("/contact")).status_code == 200
    again = await address(ada)
    assert again != path
    await refused.opens(again)
    assert SAID in words((await refused.goes_on(await refused.post(again))).text)


async def test_an_address_that_is_too_old_or_was_never_good_says_where_a_new_one_is(desk: ContactDesk) -> None:
    ada = await begun(desk)
    path = await address(ada)
    desk.clock.passes(seconds=CHAT.good_for.total_seconds() + 1)
    bob = desk.browser()
    late = await bob.opens(path)
    assert OVER in words(late.text) and "60 minutes" in words(late.text)
    assert (await bob.post(path)).status_code == 403
    for forged in ("x", f"{path.rpartition('/')[2][:-3]}AAA", "a" * 2_000, "%00", "é"):
        assert words((await bob.get(f"/contact/on/{forged}")).text) == words(late.text)
        assert (await bob.post(f"/contact/on/{forged}")).status_code == 403
    signed = path.rpartition("/")[2]
    assert (await bob.post(f"/d/{signed}")).status_code == 403, "it is no link of direct messages"
    bob_again = await goes_on(desk, await address(ada))
    assert SAID in (await bob_again.get(POST)).text


async def test_where_the_chat_is_open_an_address_leads_to_it_and_is_not_used(desk: ContactDesk) -> None:
    ada = await begun(desk)
    path = await address(ada)
    for one in (await ada.http.get(path), await ada.post(path)):
        assert (one.status_code, one.headers["location"]) == (303, POST)
    other = await goes_on(desk, path)
    assert (await other.http.get(path)).headers["location"] == POST
    third = await goes_on(desk, await address(other))
    assert SAID in (await third.get(POST)).text


@pytest.mark.parametrize("proves_in_the_other", [True, False])
async def test_who_shows_that_they_wrote_the_post_is_alone_with_it_from_then_on(
    desk: ContactDesk, proves_in_the_other: bool
) -> None:
    """The address may have been somebody else's: they must not read what was said with the author."""
    await in_direct_messages(desk, "what I wrote in private")
    mallory = await begun(desk, "is anybody there?")
    left = await address(mallory)
    other = await goes_on(desk, await address(mallory))
    known, unknown = (other, mallory) if proves_in_the_other else (mallory, other)
    page = words(await known.proves(desk))
    assert "what I wrote in private" in page and "is anybody there?" in page
    await known.writes(SAID)
    for path in (POST, f"{POST}?elsewhere=1"):
        page = (await unknown.get(path)).text
        assert "private" not in page and "anybody there" not in page and "blue" not in page and "T1" not in page
    assert await address(known) == "" and "Continue in another browser" not in (await known.get(POST)).text
    assert (await desk.browser().post(left)).status_code == 403, "what was open to others is not any more"
    assert "mine again" in await unknown.writes("mine again, I want to talk to a human")
    assert "mine again" not in (await known.get(POST)).text
    async with desk.storage.unit_of_work() as uow:
        first, second = await uow.tickets.find(order="oldest", limit=9)
        assert first.asker_id == desk.author.id != second.asker_id
    assert SAID in (await known.get(POST)).text


async def test_what_was_said_in_a_browser_before_stays_on_its_page(desk: ContactDesk) -> None:
    ada, other = await begun(desk), await begun(desk, "what I said here before")
    path = await address(ada)
    await other.opens(path)
    page = words((await other.goes_on(await other.post(path))).text)
    assert "what I said here before" in page and SAID in page
    assert "what I said here before" not in (await ada.get(POST)).text
    page = words(await other.proves(desk))
    assert SAID in page and "We know that this is you" in page


async def test_a_browser_in_which_the_author_is_known_stays_theirs(desk: ContactDesk) -> None:
    ada = await begun(desk)
    other = desk.browser()
    await other.opens(POST)
    await other.proves(desk)
    path = await address(ada)
    await other.opens(path)
    page = words((await other.goes_on(await other.post(path))).text)
    assert other.path.startswith("/contact/") and SAID in page and "We know that this is you" not in page
    assert "We know that this is you" in words((await other.get(POST)).text)


async def test_a_chat_by_the_form_goes_on_too_in_french(desk: ContactDesk) -> None:
    ada = desk.browser(**{"Accept-Language": "fr"})
    await ada.opens("/contact")
    form: dict[str, Any] = {
        "name": "Ada",
        "message": "Ma facture est trop élevée",
        "phone": "01 42 68 53 00",
        "consent": "yes",
    }
    await ada.goes_on(await ada.post("/contact", id="0123456789abcdef", **form))
    path = await address(ada)
    other = desk.browser(**{"Accept-Language": "fr"})
    page = words((await other.opens(path)).text)
    assert "Continuer votre conversation ici" in page and "Ne continuez que si" in page
    page = words((await other.goes_on(await other.post(path))).text)
    assert other.path == ada.path and "Ma facture est trop élevée" in page
    assert "et ceci" in await other.writes("et ceci depuis le navigateur")
    assert "et ceci" in (await ada.get(ada.path)).text


async def test_an_open_page_hears_nothing_more_once_the_chat_is_somebody_elses(desk: ContactDesk) -> None:
    async with (
        served(desk.web.application, desk.web.site.settings) as address_of_page,
        httpx.AsyncClient(base_url=address_of_page, headers={"User-Agent": PHONE} | HTML) as mallory,
    ):
        page = BeautifulSoup((await mallory.get(POST)).text, "html.parser")
        token = str(page.select_one("[name=csrf]")["value"])  # type: ignore[index]
        await mallory.post(f"{POST}/say", data={"csrf": token, "id": "0123456789abcdef", "text": "is anybody there?"})
        page = BeautifulSoup((await mallory.get(f"{POST}?elsewhere=1")).text, "html.parser")
        other = await goes_on(desk, page.select_one("#address").get_text().removeprefix(SITE))  # type: ignore[union-attr]
        async with (
            asyncio.timeout(20),
            mallory.stream("GET", f"{POST}/stream?after=0", headers={"Accept": "text/event-stream"}) as news,
        ):
            heard, lines = "", news.aiter_lines()
            while "there?" not in heard:
                heard += await anext(lines)
            await other.proves(desk)
            await other.writes(SAID)
            heard = "".join([line async for line in lines])
        assert "blue" not in heard and "T1" not in heard
