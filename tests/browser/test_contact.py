"""Somebody on Mastodon at the contact page, in real browsers: on a phone and at a desk, with and without scripts."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from storage.store import SqlStorage, open_storage
from tests.browser.contact import WORDS, Author, running
from tests.browser.visitor import Visitor

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 860}}
AN_APP = """
navigator.share = async (what) => { window.shared = what.url };
navigator.clipboard.writeText = () => Promise.reject(new Error("not in this app"));
document.execCommand = () => false;
"""  # whose own browser does not let pages copy
OpenVisitor = Callable[..., Awaitable[Visitor]]
XSS = '<script>document.title="x"</script><img src=x onerror="document.title=1">'


@pytest.fixture(scope="module")
def site(executable: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    with running(tmp_path_factory.mktemp("contact")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def storage(site: tuple[str, Path]) -> AsyncIterator[SqlStorage]:
    opened = await open_storage(f"sqlite:///{site[1] / 'guichet.db'}")
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def opens(browser: Browser, site: tuple[str, Path]) -> AsyncIterator[OpenVisitor]:
    """One more browser with cookies of its own, in front of that page."""
    async with AsyncExitStack() as stack:

        async def call(path: str, **options: Any) -> Visitor:
            context = await browser.new_context(**{"locale": "en-GB"} | DESK | options)
            context.set_default_timeout(20_000)
            stack.push_async_callback(context.close)
            one = Visitor(context, site[0])
            await one.opens(path)
            stack.callback(one.has_nothing_to_complain_about)
            return one

        yield call


async def grace(opens: OpenVisitor) -> Visitor:
    technician = await opens("/")
    await technician.plays("technician")
    return technician


async def ticket_of(technician: Visitor, title: str) -> None:
    """Open the page of the latest ticket of that title."""
    await technician.goes("/desk")
    await technician.page.locator("a[href^='/desk/T']", has_text=title).first.click()


async def writes(one: Visitor, text: str, *, scripts: bool) -> None:
    if scripts:
        await one.asks(text)
    else:
        await one.page.locator("#text").fill(text)
        await one.page.locator(".send").click()


async def proves(one: Visitor, author: Author, *, after: int = 0) -> None:
    await one.page.locator("#prove .button").first.click()
    await expect(one.page.locator("#prove-title")).to_contain_text("Check your direct messages")
    await one.page.locator("#code").fill((await author.code(after=after)).lower())
    await one.page.locator(".code-form .button").click()
    await expect(one.page.locator(".who-you-are")).to_contain_text("We know that this is you")


@pytest.mark.parametrize(("device", "scripts"), [(PHONE, True), (PHONE, False), (DESK, True)])
async def test_from_a_link_to_an_answer_read_after_the_tab_was_closed(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor, device: dict[str, Any], scripts: bool
) -> None:
    author = await Author.posts(storage, site[0])
    await author.tells_directly("I told you on Monday")
    device = device | {"java_script_enabled": scripts}
    ada = await opens(author.path, **device)
    await expect(ada.page.locator(".post")).to_contain_text(WORDS)
    await expect(ada.page.locator("body")).not_to_contain_text("Monday")
    said = f"I want to talk to a human, {author.native_id} is down"
    await writes(ada, said, scripts=scripts)
    await ada.reads("I have opened ticket")
    await ada.has_no_sideways_scroll()
    await proves(ada, author)
    await expect(ada.page.locator("#log")).to_contain_text("I told you on Monday")
    await expect(ada.page.locator(".request")).to_contain_text("What happens next")
    await ada.page.close()

    technician = await grace(opens)
    await ticket_of(technician, author.native_id)
    await expect(technician.page.locator(".side")).to_contain_text("Ada Lovelace")
    await technician.works("reply", "It is back at noon.")
    link = await author.link()

    other = await opens(link, **device)
    await expect(other.page.locator("body")).not_to_contain_text("noon")
    await other.page.reload()
    await other.page.locator("main .button.primary").click()
    await expect(other.page.locator("#log")).to_contain_text("It is back at noon.")
    await expect(other.page.locator("#log")).to_contain_text("I told you on Monday")
    await other.has_no_sideways_scroll()

    late = await opens(link, **device)
    await expect(late.page.locator("h1")).to_contain_text("no longer good")
    before = len(await storage.outbox.of_conversation(author.room))
    await late.page.locator("main .button.primary").click()
    await expect(late.page.locator("h1")).to_contain_text("Look at your messages")
    await late.goes(await author.link(after=before))
    await late.page.locator("main .button.primary").click()
    await expect(late.page.locator("#log")).to_contain_text("It is back at noon.")

    await ada.opens(author.path)
    await expect(ada.page.locator("#log")).to_contain_text("It is back at noon.")


async def test_what_a_technician_writes_stands_on_the_open_page(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor
) -> None:
    author = await Author.posts(storage, site[0])
    ada = await opens(author.path, **PHONE)
    await proves(ada, author)
    said = len(await storage.outbox.of_conversation(author.room))
    await ada.asks(f"I want to talk to a human, {author.native_id} is down")
    await ada.reads("I have opened ticket")
    technician = await grace(opens)
    await ticket_of(technician, author.native_id)
    await technician.works("reply", "Which version is it?")
    await ada.reads("Which version is it?")
    await ada.asks("It is version 7")
    await expect(technician.page.locator(".thread")).to_contain_text("It is version 7")
    assert len(await storage.outbox.of_conversation(author.room)) == said, "who sits there is not told elsewhere"


@pytest.mark.parametrize(("scripts", "language"), [(True, "en"), (False, "fr")])
async def test_a_chat_goes_on_in_another_browser_of_the_phone(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor, scripts: bool, language: str
) -> None:
    author = await Author.posts(storage, site[0])
    await author.tells_directly("I told you on Monday")
    device = PHONE | {"java_script_enabled": scripts, "locale": {"en": "en-GB", "fr": "fr-FR"}[language]}
    ada = await opens(author.path, **device)
    await expect(ada.page.locator(".go-on-link")).to_be_hidden()
    said = f"what is the meaning of {author.native_id}?"
    await writes(ada, said, scripts=scripts)
    await expect(ada.answers).to_have_count(1)
    offer = {"en": "Continue in another browser", "fr": "Continuer dans un autre navigateur"}[language]
    await ada.page.get_by_role("link", name=offer).click()
    shown = ada.page.get_by_role("group", name={"en": "Private address", "fr": "Adresse privée"}[language])
    await expect(shown).to_be_in_viewport()
    await ada.has_no_sideways_scroll()
    copy = ada.page.locator("#copy")
    if scripts:
        await ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
        await copy.click()
        await expect(ada.page.get_by_role("status").filter(has_text="The address is copied.")).to_be_visible()
        address = str(await ada.page.evaluate("navigator.clipboard.readText()"))
        assert address == await shown.inner_text()
    else:
        await expect(copy).to_be_hidden()
        address = await shown.inner_text()
    path = address.removeprefix(site[0])
    assert path.startswith("/contact/on/")

    other = await opens(path, **device)
    await expect(other.page.locator("body")).not_to_contain_text(author.native_id)
    await other.page.reload()
    await other.has_no_sideways_scroll()
    await other.page.locator("main .button.primary").click()
    await expect(other.page.locator("#log")).to_contain_text(said)
    await expect(other.page.locator("#prove")).to_be_visible()
    await expect(other.page.locator("body")).not_to_contain_text("Monday")
    if scripts:
        await other.asks("I am here now")
        await expect(other.page.locator(".item.person")).to_have_count(2)
        await expect(ada.page.locator(".item.person")).to_have_count(2)  # the first one is open still
        await ada.asks("and I am still there")
        await expect(ada.page.locator(".item.person")).to_have_count(3)
        await expect(other.page.locator(".item.person")).to_have_count(3)

    late = await opens(path, **device)
    await expect(late.page.locator("body")).not_to_contain_text(author.native_id)
    over = {"en": "no longer good", "fr": "plus valable"}[language]
    await expect(late.page.locator("h1")).to_contain_text(over)


async def test_an_address_is_taken_and_used_with_the_keyboard_and_shared_where_that_can_be(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor
) -> None:
    author = await Author.posts(storage, site[0])
    ada = await opens(author.path)
    await ada.context.add_init_script(AN_APP)
    await ada.asks("what is the meaning of zorglub?")
    await expect(ada.answers).to_have_count(1)
    keys = ada.page.keyboard

    async def to(target: str, key: str = "Tab") -> None:
        for _ in range(30):
            if await ada.page.evaluate("one => document.activeElement.matches(one)", target):
                return
            await keys.press(key)
        raise AssertionError(f"{target} is not reached")

    await to(".go-on-link a", "Shift+Tab")
    await keys.press("Enter")
    await expect(ada.page.locator("#go-on")).to_be_focused()
    await expect(ada.page.get_by_role("region", name="Continue in another browser")).to_be_visible()
    await keys.press("Tab")
    await expect(ada.page.locator("#address")).to_be_focused()
    await keys.press("Tab")
    await expect(ada.page.locator("#copy")).to_be_focused()
    await keys.press("Enter")
    await expect(ada.page.locator("#address-done")).to_contain_text("copy it yourself")
    shown = await ada.page.locator("#address").inner_text()
    assert await ada.page.evaluate("getSelection().toString().trim()") == shown, "it is ready to be copied by hand"
    await keys.press("Tab")
    await expect(ada.page.locator("#share")).to_be_focused()
    await keys.press("Space")
    address = str(await ada.page.evaluate("window.shared"))
    assert address == shown

    other = await opens(address.removeprefix(site[0]))
    for _ in range(12):
        await other.page.keyboard.press("Tab")
        if await other.page.evaluate("document.activeElement.matches('main form button')"):
            break
    await other.page.keyboard.press("Enter")
    await expect(other.page.locator("#log")).to_contain_text("zorglub")


async def test_two_browsers_and_two_tabs(storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor) -> None:
    author = await Author.posts(storage, site[0])
    ada, bob = await opens(author.path), await opens(author.path, **PHONE)
    await ada.asks("what is the meaning of zorglub?")
    await ada.reads("", times=1)
    first = ada.page
    await ada.opens(author.path)
    await expect(ada.page.locator(".item")).to_have_count(2)
    await ada.asks("what is the meaning of bulgroz?")
    await expect(ada.page.locator(".item.bot")).to_have_count(2)
    await expect(first.locator(".item.bot")).to_have_count(2)
    await bob.page.reload()
    await expect(bob.page.locator(".item")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_form_keeps_what_was_written_and_ends_in_a_chat(opens: OpenVisitor, scripts: bool) -> None:
    bob = await opens("/contact", **PHONE, java_script_enabled=scripts, locale="fr-FR")
    await expect(bob.page.locator("h1")).to_contain_text("Nous écrire")
    await bob.page.locator("#name").fill("Bob")
    await bob.page.locator("#phone").fill("12")
    await bob.page.locator("main .button.primary").click()
    await expect(bob.page.locator("#phone-problem")).to_be_visible()
    await expect(bob.page.locator("#message-problem")).to_be_visible()
    await expect(bob.page.locator("#name")).to_have_value("Bob")
    await expect(bob.page.locator("#phone")).to_have_value("12")
    await bob.has_no_sideways_scroll()
    await bob.page.locator("#phone").fill("01 42 68 53 00")
    await bob.page.locator("#message").fill("Ma facture est deux fois trop élevée.")
    await bob.page.locator("[name=consent]").check()
    bob.complaints.clear()  # that a form was not right is an error to the browser, too
    await bob.page.locator("main .button.primary").click()
    await expect(bob.page.locator(".request .reference")).to_contain_text("T")
    await expect(bob.page.locator(".request")).to_contain_text("un technicien")
    await expect(bob.page.locator(".item.person")).to_contain_text("facture")
    await bob.page.wait_for_load_state()
    if scripts:
        await bob.asks("Elle est de 80 euros.")
    else:
        await bob.page.locator("#text").fill("Elle est de 80 euros.")
        await bob.page.locator(".send").click()
    await expect(bob.page.locator(".item.person")).to_have_count(2)


async def test_the_language_can_be_chosen_and_the_theme_too(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor
) -> None:
    author = await Author.posts(storage, site[0])
    ada = await opens(author.path, **PHONE)
    await ada.page.locator(".languages [value=fr]").click()
    await expect(ada.page.locator("h1")).to_contain_text("Nous écrire")
    await ada.page.locator(".themes button").click()
    await expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")
    assert ada.page.url.endswith(author.path)


async def test_marks_in_a_post_are_text_and_a_post_taken_back_is_gone(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor
) -> None:
    author = await Author.posts(storage, site[0], XSS)
    ada = await opens(author.path)
    await expect(ada.page.locator(".post .words")).to_have_text(XSS)
    assert await ada.page.title() not in ("x", "1")
    assert await ada.page.locator(".post img").count() == 0
    await author.takes_back()
    await ada.page.reload()
    await expect(ada.page.locator("h1")).to_contain_text("taken back")
    ada.complaints.clear()  # that it is gone is an error to the browser
    await ada.page.locator("main .button.primary").click()
    await expect(ada.page.locator("#message")).to_be_visible()


async def test_words_from_right_to_left_and_long_ones_fit_a_phone(
    storage: SqlStorage, site: tuple[str, Path], opens: OpenVisitor
) -> None:
    arabic = "التطبيق لا يعمل منذ الصباح " * 4
    author = await Author.posts(storage, site[0], arabic + "x" * 200)
    ada = await opens(author.path, **PHONE)
    await ada.has_no_sideways_scroll()
    direction = await ada.page.locator(".post .words").evaluate("e => getComputedStyle(e).direction")
    assert direction == "rtl"
