"""The contact page in an app's browser, in another one after it, without cookies, and on a device that others use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.adapters.web.contact.desk import POST, ContactDesk
from tests.browser.conftest import OpenVisitor, visitors
from tests.browser.served import contact_site
from tests.browser.visitor import Visitor

SECRET = "my account is the blue one, what is zorglub?"
IN_APP = (
    "Mozilla/5.0 (Linux; Android 14; wv) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 Telegram-Android/11.2"
)
Site = tuple[OpenVisitor, ContactDesk]


@pytest_asyncio.fixture(loop_scope="session")
async def site(browser: Browser, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with contact_site(sqlite_url, tmp_path / "home") as (address, desk), visitors(browser, address) as opens:
        yield opens, desk


async def proves(one: Visitor, desk: ContactDesk) -> None:
    """That they wrote the post."""
    await one.page.locator("#prove button").first.click()
    await expect(one.page.locator("#code")).to_be_focused()
    await one.page.locator("#code").fill(await desk.code())
    await one.page.locator("#code").press("Enter")
    await expect(one.page.locator("#you")).to_contain_text("We know that this is you")


async def test_nothing_is_lost_between_the_browser_of_an_app_and_another(site: Site) -> None:
    opens, desk = site
    app: Visitor = await opens(user_agent=IN_APP)
    await app.opens(POST)
    await app.asks(SECRET)
    await expect(app.answers).to_have_count(1)
    await expect(app.page.locator("#you")).to_contain_text("with the same link, in this browser")
    own: Visitor = await opens()
    await own.opens(POST)  # "Open in browser"
    await expect(own.page.locator(".post")).to_contain_text("down again")
    await expect(own.page.locator(".item")).to_have_count(0)
    await proves(own, desk)
    await expect(own.page.locator(".item")).to_have_count(0)  # nobody knows yet whose the other chat is
    await proves(app, desk)
    await own.goes(POST)
    await expect(own.page.locator("#log")).to_contain_text(SECRET)
    await own.asks("I want to talk to a human about my screen")
    await expect(own.answers).to_have_count(2)
    await app.goes(POST)
    await expect(app.page.locator("#log")).to_contain_text("about my screen")
    await expect(app.page.locator(".request")).to_have_count(1)


async def test_who_keeps_no_cookies_is_told_and_keeps_their_words(site: Site) -> None:
    opens, _ = site
    ada: Visitor = await opens(user_agent=IN_APP)
    await ada.opens(POST)
    await expect(ada.page.locator("#no-cookies")).to_be_hidden()
    await ada.context.clear_cookies()
    await ada.asks(SECRET)
    await expect(ada.page.locator("#trouble")).to_contain_text("Your browser sent no cookie")
    await expect(ada.page.locator("#text")).to_have_value(SECRET)
    await expect(ada.page.locator(".item")).to_have_count(0)
    ada.complaints.clear()  # browsers report every answer that is not 2xx
    tools = await ada.context.new_cdp_session(ada.page)
    await tools.send("Emulation.setDocumentCookieDisabled", {"disabled": True})
    await ada.goes(POST)
    await expect(ada.page.locator("#no-cookies")).to_contain_text("open the page in your usual browser")


async def test_after_leaving_the_back_button_and_other_tabs_show_nothing(site: Site) -> None:
    opens, _ = site
    ada: Visitor = await opens()
    await ada.opens(POST)
    await expect(ada.page.locator(".leave")).to_be_hidden()  # there is nothing to leave yet
    await ada.asks(SECRET)
    await expect(ada.answers).to_have_count(1)
    other = await ada.context.new_page()
    await other.goto(ada.address + POST)
    await expect(other.locator("#log")).to_contain_text(SECRET)
    await ada.page.locator(".leave summary").click()
    await expect(ada.page.locator(".leave form")).to_contain_text("You cannot open it again yourself")
    await ada.page.locator(".leave button").click()
    await expect(ada.page.locator("h1")).to_have_text("You have left")
    await expect(other.locator(".item")).to_have_count(0)
    for _ in range(2):
        await ada.page.go_back()
        await expect(ada.page.locator(".post, .contact-form, h1").first).to_be_visible()
        assert SECRET not in await ada.page.content()
        if ada.page.url.endswith(POST):
            break
    assert ada.page.url.endswith(POST), "the post is anybody's to see"
    await ada.page.reload()
    await expect(ada.page.locator(".item")).to_have_count(0)
