"""The contact page, as browsers without scripts meet it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.values import Language
from storage.store import SqlStorage
from tests.adapters.web.contact.desk import NATIVE, POST, WORDS, ContactDesk, contact_desk, in_direct_messages, words
from tests.adapters.web.desk import items


async def test_anybody_sees_the_post_and_nothing_else(desk: ContactDesk) -> None:
    await in_direct_messages(desk, "my secret of before")
    page = await desk.browser().opens(POST)
    assert page.status_code == 200
    shown = words(page.text)
    assert WORDS in shown and "@ada@elsewhere.example" in shown
    assert 'href="https://elsewhere.example/@ada/100"' in page.text
    assert "my secret" not in page.text and "Lovelace" not in page.text and NATIVE not in page.text
    assert page.headers["x-robots-tag"].startswith("noindex") and '<meta name="robots" content="noindex' in page.text


async def test_what_is_written_is_answered_in_a_chat_of_that_browser_alone(desk: ContactDesk) -> None:
    ada, bob = desk.browser(), desk.browser()
    await ada.opens(POST)
    await bob.opens(POST)
    page = await ada.writes("what is the meaning of zorglub?")
    assert [one["data-author"] for one in items(page)] == ["person", "bot"]
    assert items((await bob.get(POST)).text) == []
    assert items((await ada.get(POST)).text)[0].get_text(), "it is there when they come back"


async def test_the_desk_reads_that_the_visitor_is_unverified_and_of_which_post(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes("I want to talk to a human about my screen")
    grace = desk.web.browser()
    await grace.plays("technician")
    page = words((await grace.get("/desk/T1")).text)
    assert "Unverified visitor of P4" in page and "unverified visitor : tell them nothing" in page
    assert WORDS in page and "@ada@elsewhere.example" in page
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
        assert ticket and ticket.asker_id != desk.author.id and ticket.link == desk.post.link
    assert (await desk.now_post()).ticket_id is None, "nobody knows that it is the author's"


async def test_a_code_makes_the_visitor_the_author_with_their_history(desk: ContactDesk) -> None:
    await in_direct_messages(desk, "I told you yesterday")
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes("I want to talk to a human about my screen")
    page = await ada.proves(desk)
    assert "We know that this is you" in words(page) and "I told you yesterday" in words(page)
    assert "screen" in words(page)
    post = await desk.now_post()
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
    assert ticket and ticket.asker_id == desk.author.id and post.ticket_id == ticket.id
    assert post.verified_at and post.opened_at
    grace = desk.web.browser()
    await grace.plays("technician")
    page = words((await grace.get("/desk/T1")).text)
    assert "Ada Lovelace" in page and "known to be who they say" in page
    await ada.writes("and it is blue")
    assert "and it is blue" in words((await grace.get("/desk/T1")).text)


async def test_who_proves_it_before_a_word_was_said_begins_as_the_author(desk: ContactDesk) -> None:
    await in_direct_messages(desk, "I told you yesterday")
    ada = desk.browser()
    await ada.opens(POST)
    assert "I told you yesterday" in words(await ada.proves(desk))
    await ada.writes("I want to talk to a human about my screen")
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
        people = await uow.people.identities(desk.author.id)
    assert ticket and ticket.asker_id == desk.author.id
    assert len(people) == 2


async def test_the_authors_first_words_are_about_their_post(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes("hello")
    await ada.proves(desk)
    page = words(await ada.writes("it still does not start"))
    post = await desk.now_post()
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
    assert ticket and post.ticket_id == ticket.id and ticket.link == post.link
    assert "T1" in page and WORDS in ticket.summary
    await ada.writes("what is the meaning of bulgroz?")
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.count() == 1


async def test_a_ticket_that_the_author_opens_is_the_posts(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes("what is the meaning of zorglub?")
    await ada.proves(desk)
    await ada.post(f"{POST}/press", press="open_ticket|")
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(1)
    assert ticket and (await desk.now_post()).ticket_id == ticket.id


async def test_the_codes_way(desk: ContactDesk) -> None:
    ada, bob = desk.browser(), desk.browser()
    await ada.opens(POST)
    await bob.opens(POST)
    asked = await ada.post(f"{POST}/code")
    page = await ada.goes_on(asked)
    assert "Check your direct messages" in words(page.text)
    code = await desk.code()
    assert code not in page.text
    refused = await bob.post(f"{POST}/verify", code=code)
    assert refused.status_code == 400, "it is good in the browser that asked for it"
    assert "This code is not right" in words(refused.text)
    desk.clock.passes(minutes=11)
    assert (await ada.post(f"{POST}/verify", code=code)).status_code == 400
    await ada.post(f"{POST}/code")
    fresh = await desk.code()
    assert fresh != code
    for _ in range(5):
        assert (await ada.post(f"{POST}/verify", code="BBBB-BBBB")).status_code == 400
    assert (await ada.post(f"{POST}/verify", code=fresh)).status_code == 400, "five wrong ones spend it"


async def test_nobodys_direct_messages_are_filled(desk: ContactDesk) -> None:
    for _ in range(3):
        ada = desk.browser()
        await ada.opens(POST)
        answers = [await ada.post(f"{POST}/code") for _ in range(3)]
        assert {one.status_code for one in answers} == {303}
    assert len(await desk.direct_messages()) == 9
    assert [(await ada.post(f"{POST}/code")).status_code for _ in range(2)] == [303, 429]
    assert len(await desk.direct_messages()) == 9, "one browser gets three"


async def test_who_said_stop_is_sent_no_code_and_nobody_can_tell(desk: ContactDesk) -> None:
    from bot.model.public import OptOut

    async with desk.storage.unit_of_work() as work:
        work.public.add(OptOut(desk.post.platform, desk.post.account, NATIVE, desk.clock()))
        await work.commit()
    ada = desk.browser()
    await ada.opens(POST)
    page = await ada.goes_on(await ada.post(f"{POST}/code"))
    assert "If you wrote this post, a code is on its way" in words(page.text)
    assert await desk.direct_messages() == []


async def test_a_post_that_was_taken_back_is_gone_with_a_way_on(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes("what is the meaning of zorglub?")
    async with desk.storage.unit_of_work() as work:
        work.public.save(replace(await desk.now_post(), text="", state="withdrawn"))
        await work.commit()
    page = await desk.browser().opens(POST)
    assert page.status_code == 410 and WORDS not in page.text
    assert 'href="/contact"' in page.text and "still write to us" in words(page.text)
    mine = await ada.opens(POST)
    assert mine.status_code == 200 and WORDS not in mine.text
    assert "zorglub" in mine.text, "what was said stays"
    missing = await ada.opens("/c/no-such-token")
    assert missing.status_code == 404 and 'href="/contact"' in missing.text


async def test_the_page_speaks_the_browsers_language_else_the_posts(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home", language=Language.FR) as desk:
        for accepts, language in (("en", "en"), ("fr-CA", "fr"), ("de", "fr"), ("", "fr")):
            page = await desk.browser(**{"Accept-Language": accepts}).opens(POST)
            assert f'<html lang="{language}"' in page.text, accepts
        ada = desk.browser(**{"Accept-Language": "de"})
        await ada.opens(POST)
        assert (await ada.post("/language", language="en", next=POST)).headers["location"] == POST
        assert '<html lang="en"' in (await ada.get(POST)).text


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mastodon/4.3.0 (http.rb/5.2.0; +https://social.example/) Bot"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Accept": "*/*"},
        {"User-Agent": ""},
    ],
)
async def test_programs_open_nothing(desk: ContactDesk, headers: dict[str, str]) -> None:
    assert (await desk.browser(**headers).http.get(POST)).status_code == 200
    assert (await desk.browser().http.head(POST)).status_code == 200
    assert (await desk.now_post()).opened_at is None
    await desk.browser().opens(POST)
    opened = (await desk.now_post()).opened_at
    assert opened == desk.clock()
    desk.clock.passes(hours=1)
    await desk.browser().opens(POST)
    assert (await desk.now_post()).opened_at == opened, "the first time counts"


async def test_two_tabs_of_one_browser_have_one_chat(desk: ContactDesk) -> None:
    for _ in range(6):  # whose first words cross at another moment each time
        ada = desk.browser()
        await ada.opens(POST)
        await asyncio.gather(*(ada.post(f"{POST}/say", text=f"what is zorglub {one}?") for one in range(4)))
        assert len([one for one in items((await ada.get(POST)).text) if one["data-author"] == "person"]) == 4
