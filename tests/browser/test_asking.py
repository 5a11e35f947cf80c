"""An employee or anybody else at the chat, in a real browser."""

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from bs4 import BeautifulSoup
from playwright.async_api import Route, expect

from tests.browser.conftest import OpenVisitor

QUESTION = "my printer says the paper is jammed but there is none"


@pytest.mark.parametrize(
    ("locale", "hello", "worked", "glad", "source"),
    [
        ("en-GB", "How can we help?", "It worked", "Glad it works", "reviewed"),
        ("fr-FR", "Comment pouvons-nous vous aider", "a marché", "", "relu le"),
    ],
)
async def test_an_employee_asks_and_is_helped_in_their_language(
    visitor: OpenVisitor, locale: str, hello: str, worked: str, glad: str, source: str
) -> None:
    ada = await visitor(locale=locale)
    await ada.opens()
    await expect(ada.page.locator("#hello")).to_contain_text(hello)
    await expect(ada.page.locator("html")).to_have_attribute("lang", locale[:2])
    await ada.page.locator(".examples button").first.click()
    await expect(ada.page.locator(".steps > li").first).to_be_visible()
    await expect(ada.page.locator(".sources")).to_contain_text(source)
    await expect(ada.page.locator(".welcome")).to_be_hidden()
    await ada.page.locator(".offer .primary").click()
    await ada.reads(glad, times=2)
    await expect(ada.page.locator(".item.person.click")).to_have_count(1)
    await expect(ada.page.locator(".offer .button")).to_have_count(5)  # how it was, from 1 to 5


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("role", ["employee", "public"])
async def test_every_question_to_try_has_an_answer(address: str, language: str, role: str) -> None:
    headers = {"Accept": "text/html", "Accept-Language": language}
    async with httpx.AsyncClient(base_url=address, headers=headers, follow_redirects=True, timeout=30) as browser:
        token = {"csrf": re.findall(r'name="csrf" value="([^"]+)"', (await browser.get("/")).text)[0]}
        page = await browser.post("/role", data=token | {"role": role})
        questions = [str(one["value"]) for one in BeautifulSoup(page.text, "html.parser").select(".examples button")]
        assert len(questions) == 3
        for question in questions:
            page = await browser.post("/say", data=token | {"id": str(uuid4()), "text": question})
            answer = BeautifulSoup(page.text, "html.parser").select(".item")[-1]
            assert answer.select(".sources") and answer.select(".offer"), question


async def test_the_language_can_be_chosen_and_stays(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.page.locator(".languages [value=fr]").click()
    await expect(ada.page.locator("#hello")).to_contain_text("Comment")
    await ada.page.reload()
    await expect(ada.page.locator("html")).to_have_attribute("lang", "fr")


async def test_the_public_is_not_given_what_is_internal(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.asks("I forgot my password")
    await ada.reads("", times=1)
    inside = await ada.answers.last.inner_text()
    await ada.plays("public")
    await expect(ada.page.locator(".item")).to_have_count(0)  # somebody else, with a conversation of their own
    await ada.asks("My mobile bill is higher than usual")
    await ada.reads("bill", times=1)
    await ada.plays("employee")
    await expect(ada.page.locator(".item.bot")).to_have_count(1)
    assert await ada.answers.last.inner_text() == inside


async def test_the_keyboard_is_enough(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await expect(ada.page.locator("#text")).to_be_focused()
    await ada.page.keyboard.type(QUESTION)
    await ada.page.keyboard.press("Shift+Enter")
    await ada.page.keyboard.type("It is an LX-420.")
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.locator(".offer")).to_be_visible()
    await expect(ada.page.locator(".item.person .prose")).to_contain_text("LX-420")
    await ada.page.keyboard.press("Shift+Tab")  # from the composer back: the last of the answer's buttons
    focused = ada.page.locator(":focus")
    await expect(focused).to_have_text("Talk to a human")
    outline = await focused.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid"
    await ada.page.keyboard.press("Shift+Tab")
    await ada.page.keyboard.press("Shift+Tab")
    await expect(focused).to_have_text("It worked")
    await ada.page.keyboard.press("Enter")
    await ada.reads("Glad it works")
    await expect(ada.page.locator("#text")).to_be_focused()
    await ada.page.locator(".mark").focus()
    await ada.page.keyboard.press("Shift+Tab")  # what comes first of all
    await expect(focused).to_have_text("Skip to the content")
    await ada.page.keyboard.press("Enter")
    await expect(ada.page.locator("main")).to_be_focused()


async def test_a_reader_by_ear_is_told_what_is_what(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.asks(QUESTION)
    await expect(ada.page.locator(".offer")).to_be_visible()
    page = ada.page
    await expect(page.get_by_role("log", name="Conversation")).to_have_attribute("aria-live", "off")
    await expect(page.get_by_role("textbox", name="Your message")).to_be_visible()
    for name in ("Send", "It worked", "Français", "Switch between light and dark"):
        await expect(page.get_by_role("button", name=name)).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_have_text("guichet")  # the greeting has gone
    nameless = await page.evaluate(
        "[...document.querySelectorAll('button, a, input:not([type=hidden]), textarea')]"
        ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).length"
    )
    assert nameless == 0


async def test_what_was_said_is_there_after_a_reload_in_a_second_tab_and_another_day(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.asks(QUESTION)
    await ada.reads("This should help", times=1)
    first = ada.page
    await first.reload()
    await ada.reads("This should help", times=1)
    await ada.opens()  # a second tab
    await ada.asks("thank you")
    await ada.reads("You are welcome", times=2)
    await expect(first.locator(".item.person")).to_have_count(2)
    await expect(first.locator(".item.bot").last).to_contain_text("You are welcome")
    kept = await ada.context.storage_state()
    await ada.context.close()
    later = await visitor(storage_state=kept)
    await later.opens()
    await expect(later.page.locator(".item.person")).to_have_count(2)
    await later.reads("You are welcome", times=2)


async def test_without_scripts_one_sends_and_reads(visitor: OpenVisitor) -> None:
    ada = await visitor(java_script_enabled=False)
    await ada.opens()
    await ada.page.locator("#text").fill(QUESTION)
    await ada.page.locator(".send").click()
    await ada.reads("This should help", times=1)
    await ada.page.locator(".offer .primary").click()
    await ada.reads("Glad it works", times=2)
    await ada.page.locator(".themes button").click()
    await expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_slow_answer_shows_that_it_is_looked_for(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    gate = asyncio.Event()

    async def slowly(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await ada.page.route("**/say", slowly)
    await ada.asks(QUESTION)
    await expect(ada.page.locator("#cue")).to_be_visible()
    gate.set()
    await ada.reads("This should help", times=1)
    await expect(ada.page.locator("#cue")).to_be_hidden()


async def test_what_could_not_be_sent_is_still_there(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.page.route("**/say", lambda route: route.abort())
    await ada.asks(QUESTION)
    await expect(ada.page.locator("#trouble")).to_contain_text("not sent")
    await expect(ada.page.locator("#text")).to_have_value(QUESTION)
    await expect(ada.page.locator(".item")).to_have_count(0)
    await ada.page.unroute("**/say")
    await ada.page.locator("#text").press("Enter")
    await ada.reads("This should help", times=1)
    await expect(ada.page.locator("#trouble")).to_be_hidden()
    assert all(re.search("ERR_FAILED", one) for one in ada.complaints)  # the refused connection, and nothing else
    ada.complaints.clear()


@pytest.mark.parametrize(
    "text", ["<img src=x onerror=alert(1)><script>alert(1)</script>", "[x](javascript:alert(1)) **b** `c`", "ي" * 300]
)
async def test_what_people_write_is_only_text(visitor: OpenVisitor, text: str) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.asks(text)
    await expect(ada.answers).to_have_count(1)
    await ada.page.reload()
    await expect(ada.page.locator(".item.person .prose")).to_have_text(text)
    await expect(ada.page.locator(".item.person .body :is(img, a, script, strong)")).to_have_count(0)
    await ada.has_no_sideways_scroll()


async def test_a_phone_is_wide_enough(visitor: OpenVisitor) -> None:
    ada = await visitor(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    await ada.opens()
    await ada.has_no_sideways_scroll()
    await ada.asks(QUESTION)
    await expect(ada.page.locator(".offer")).to_be_visible()
    await ada.has_no_sideways_scroll()
    await ada.asks("https://example.org/" + "long" * 200)
    await expect(ada.answers).to_have_count(2)
    await ada.has_no_sideways_scroll()
    small = await ada.page.evaluate(
        "[...document.querySelectorAll('button')].filter(e => e.offsetWidth && (e.offsetHeight < 32)).length"
    )
    assert small == 0, "buttons are large enough for a finger"


async def test_the_theme_is_the_systems_until_one_is_chosen(visitor: OpenVisitor) -> None:
    async def background(one: Any) -> int:
        colour: str = await one.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", colour)[:3]))

    ada, bob = await visitor(color_scheme="dark"), await visitor(color_scheme="light")
    await ada.opens()
    await bob.opens()
    assert await background(ada) < 200 < 600 < await background(bob)
    await bob.page.locator("#text").fill("a draft")
    async with bob.page.expect_response("**/theme"):
        await bob.page.locator(".themes button").click()
    assert await background(bob) < 200
    await expect(bob.page.locator("#text")).to_have_value("a draft")
    await bob.page.reload()
    assert await background(bob) < 200


async def test_a_pasted_question_shows_its_answer_from_the_beginning(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    for number, question in enumerate(("the wifi has no internet", "my printer says the paper is jammed"), 1):
        await ada.asks(question)  # at once, as pasted
        await ada.reads("It worked", times=number)
        await expect(ada.page.locator(".item.bot").last.locator("ol li").nth(1)).to_be_in_viewport()


async def test_clock_times_are_the_readers_own(visitor: OpenVisitor) -> None:
    ada = await visitor(timezone_id="Asia/Tokyo")
    await ada.opens()
    await ada.asks("bonjour")
    await ada.reads("")
    shown = await ada.page.locator(".item time").last.inner_text()
    expected = datetime.now(ZoneInfo("Asia/Tokyo"))
    assert shown in {f"{expected - timedelta(minutes=ago):%H:%M}" for ago in (0, 1)}
