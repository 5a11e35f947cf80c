"""The contact page for people who see, hear, move and read differently, on every device."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.adapters.web.contact.desk import POST, ContactDesk
from tests.browser.access import TOO_SMALL, UNSEEN_FOCUS, violations
from tests.browser.conftest import OpenVisitor, visitors
from tests.browser.served import contact_site
from tests.browser.touring import contact_pages
from tests.browser.visitor import Visitor

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
LOCALES = {"en": "en-GB", "fr": "fr-FR"}
REQUEST = "I want to talk to a human about my screen"
Site = tuple[OpenVisitor, ContactDesk]


@pytest_asyncio.fixture(loop_scope="session")
async def site(browser: Browser, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with contact_site(sqlite_url, tmp_path / "home") as (address, desk), visitors(browser, address) as opens:
        yield opens, desk


@pytest.mark.parametrize(("language", "device"), [("fr", PHONE), ("en", DESK)], ids=["phone", "desk"])
async def test_axe_finds_nothing_on_any_page(site: Site, language: str, device: dict[str, Any]) -> None:
    opens, desk = site
    faults: list[str] = []
    titles: dict[str, str] = {}

    async def opened() -> Visitor:
        one: Visitor = await opens(locale=LOCALES[language], color_scheme="light", reduced_motion="reduce", **device)
        return one

    async for name, who in contact_pages(desk, opened):
        page = who.page
        faults += [f"{name}: {one}" for one in await violations(page)]
        assert await page.locator("html").get_attribute("lang") == language, name
        titles[name] = await page.title()
        await who.has_no_sideways_scroll()
        if device is PHONE:
            faults += [f"{name}: too small for a finger: {one}" for one in await page.evaluate(TOO_SMALL)]
    assert not faults, "\n".join(faults)
    assert titles["form"] in titles["form with problems"] and titles["post"] in titles["wrong code"]
    different = ("post", "form", "form sent", "chat of another browser", "link that is no good", "new link sent")
    assert len({titles[name] for name in (*different, "nothing there", "post gone", "form with problems")}) == 9
    assert all(title.endswith("· guichet") for title in titles.values())


async def walks(page: Page, times: int) -> list[str]:
    """What has the focus after each press of Tab: its id, name or words. Each can be seen to have it."""
    reached = []
    for _ in range(times):
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate("(one => one.id || one.value || one.textContent.trim())(document.activeElement)")
        )
        assert await page.evaluate(UNSEEN_FOCUS) is None
    return reached


async def test_everything_is_done_with_the_keyboard_alone(site: Site) -> None:
    opens, desk = site
    ada: Visitor = await opens()
    await ada.opens(POST)
    page, keys = ada.page, ada.page.keyboard
    order = await walks(page, 8)
    assert order[:4] == ["Skip to the content", "guichet", "fr", "en"]
    assert order[5:] == ["See it where it was posted", "I wrote this post", "text"], "as it is read"
    await keys.type("I want to talk to a human about my screen")
    await keys.press("Enter")
    await expect(ada.answers).to_have_count(1)
    await expect(page.locator("#text")).to_be_focused()

    async def to(target: str, key: str = "Tab") -> None:
        for _ in range(30):
            if await page.evaluate("one => document.activeElement.matches(one)", target):
                return
            await keys.press(key)
        raise AssertionError(f"{target} is not reached")

    await to("#prove button", "Shift+Tab")
    await keys.press("Enter")
    await expect(page.locator("#code")).to_be_focused()
    await keys.type("BBBB-BBBB")
    await keys.press("Enter")
    await expect(page.locator("#problem")).to_be_in_viewport()
    await expect(page.locator("#code")).to_be_focused()
    await expect(page.locator("#code")).to_have_accessible_description(
        "This code is not right, or no longer good. Check it, or ask for a new one."
    )
    ada.complaints.clear()  # browsers report every answer that is not 2xx
    await keys.type(await desk.code())
    await keys.press("Enter")
    await expect(page.locator("#you")).to_be_focused()
    await expect(page.locator("#you")).to_contain_text("We know that this is you")
    await to(".offer button")
    await keys.press("Space")
    await expect(page.locator("#text")).to_be_focused()
    await expect(page.locator(".item.click")).to_have_count(1)
    await to(".leave summary", "Shift+Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page).to_have_title("You have left · guichet")


async def test_the_form_is_filled_in_with_the_keyboard_and_says_where_something_is_missing(site: Site) -> None:
    opens, _ = site
    ada: Visitor = await opens()
    await ada.opens("/contact")
    page, keys = ada.page, ada.page.keyboard
    assert (await walks(page, 12))[5:] == ["name", "message", "email", "mastodon", "phone", "consent", "Send"]
    await keys.press("Enter")
    await expect(page.locator("#problems")).to_be_focused()
    ada.complaints.clear()
    assert await walks(page, 4) == await page.locator("#problems a").all_inner_texts()
    await page.locator("#problems a").first.focus()
    await keys.press("Enter")
    await expect(page.locator("#name")).to_be_focused()
    await expect(page.locator("#name")).to_have_accessible_description(
        "Please write your name, or what we may call you."
    )
    for words in ("Ada", "My bill is wrong, I want to talk to a human.", "ada@example.org"):
        await keys.type(words)
        await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(ada.answers).to_have_count(1)
    await expect(page.locator(".request .reference")).to_have_text("T1")


async def test_what_is_answered_is_read_out_once(site: Site) -> None:
    opens, _ = site
    ada: Visitor = await opens()
    await ada.opens(POST)
    await ada.page.evaluate(HEARD)
    await ada.asks("what is the meaning of zorglub?")
    await expect(ada.page.locator(".offer")).to_be_visible()
    await ada.page.locator(".offer button").last.focus()
    await ada.page.keyboard.press("Enter")
    await expect(ada.answers).to_have_count(2)
    said = [await one.locator(".body p").first.inner_text() for one in await ada.answers.all()]
    heard = await ada.page.evaluate("heard")
    assert [sum(words in one for one in heard) for words in said] == [1, 1]
    assert len(heard) == 2, "and nothing else"
    await expect(ada.page.locator("#said p").first).to_have_attribute("lang", "en")
    await ada.goes(POST)
    await expect(ada.page.locator("#said")).to_be_empty()


# What a reader by ear is told of: whatever is added to a region that is live.
HEARD = """
() => {
  window.heard = [];
  const live = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const how = one.getAttribute("aria-live") ?? (["log", "status"].includes(one.getAttribute("role")) ? "polite"
        : one.getAttribute("role") === "alert" ? "assertive" : null);
      if (how) return how !== "off";
    }
    return false;
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      if (!live(target)) continue;
      for (const node of addedNodes) if (node.textContent.trim()) heard.push(node.textContent);
    }
  }).observe(document.body, { childList: true, subtree: true });
}
"""


@pytest.mark.parametrize("window", [(320, 640), (640, 430), (320, 256)], ids=["narrow", "at 200 %", "at 400 %"])
async def test_nothing_is_cut_off_in_small_windows_nor_by_larger_letters(site: Site, window: tuple[int, int]) -> None:
    opens, _ = site
    ada: Visitor = await opens(viewport={"width": window[0], "height": window[1]})
    await ada.opens(POST)
    await ada.asks("supercalifragilisticexpialidocious" * 4)
    await expect(ada.page.locator(".offer")).to_be_visible()
    await ada.has_no_sideways_scroll()
    if window[1] < 400:
        assert await ada.page.evaluate("getComputedStyle(document.querySelector('.composer-bar')).position") == "static"
    await ada.goes("/contact")
    await ada.has_no_sideways_scroll()
    await ada.page.set_viewport_size({"width": 390, "height": 844})
    for path in (POST, "/contact"):
        await ada.goes(path)
        await ada.page.evaluate("document.documentElement.style.fontSize = '200%'")
        await ada.has_no_sideways_scroll()


async def test_readers_colours_and_quiet_are_respected(site: Site) -> None:
    opens, _ = site
    ada: Visitor = await opens(forced_colors="active", reduced_motion="reduce")
    await ada.opens(POST)
    await ada.asks("what is the meaning of zorglub?")
    await expect(ada.page.locator(".offer")).to_be_visible()
    edged = ".item.person .body, .send, .post, .prove"
    borders = f"[...document.querySelectorAll('{edged}')].map(one => getComputedStyle(one).borderTopStyle)"
    assert set(await ada.page.evaluate(borders)) == {"solid"}
    await ada.page.locator("#text").focus()
    assert await ada.page.evaluate(UNSEEN_FOCUS) is None
    moving = "document.getAnimations().filter(one => one.playState === 'running').length"
    assert await ada.page.evaluate(moving) == 0


async def test_without_scripts_every_step_is_the_same(site: Site) -> None:
    opens, desk = site
    ada: Visitor = await opens(java_script_enabled=False, **PHONE)
    await ada.opens(POST)
    await ada.page.locator("#text").fill(REQUEST)
    await ada.page.locator(".send").click()
    await expect(ada.answers).to_have_count(1)
    await ada.page.locator("#prove button").click()
    await ada.page.locator("#code").fill(await desk.code())
    await ada.page.locator(".code-form button").click()
    await expect(ada.page.locator("#you")).to_contain_text("We know that this is you")
    await ada.page.locator(".leave summary").click()
    await ada.page.locator(".leave button").click()
    await expect(ada.page.locator("h1")).to_have_text("You have left")
    await ada.goes(POST)
    await expect(ada.page.locator(".item")).to_have_count(0)


async def test_an_interrupted_connection_is_said_and_what_was_answered_meanwhile_comes(site: Site) -> None:
    opens, desk = site
    ada: Visitor = await opens()
    await ada.opens(POST)
    await ada.asks("what is the meaning of zorglub?")
    await expect(ada.page.locator(".offer")).to_be_visible()
    await expect(ada.page.locator("#connection")).to_be_hidden()
    await ada.page.route("**/stream?*", lambda route: route.abort())
    desk.web.site.stopping.set()  # the server ends what streams are open
    await expect(ada.page.locator("#connection")).to_have_text(
        "The connection is interrupted. Answers appear as soon as it is back."
    )
    ada.complaints.clear()
    desk.web.site.stopping.clear()
    await ada.asks("I want to talk to a human about zorglub")
    await ada.page.unroute("**/stream?*")
    await expect(ada.answers).to_have_count(2)
    await expect(ada.page.locator("#connection")).to_be_hidden()
    ada.complaints.clear()
