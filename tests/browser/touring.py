"""Every page of the contact page, and every state that people meet it in, one after the other."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

from playwright.async_api import expect

from bot.errors import StorageUnavailable
from tests.adapters.web.contact.desk import POST, SITE, ContactDesk, in_direct_messages
from tests.browser.visitor import Visitor

Opens = Callable[[], Awaitable[Visitor]]


@contextmanager
def storage_away(desk: ContactDesk) -> Iterator[None]:
    with patch.object(desk.storage, "unit_of_work", side_effect=StorageUnavailable("it is away")):
        yield


async def contact_pages(desk: ContactDesk, opens: Opens) -> AsyncIterator[tuple[str, Visitor]]:
    """The name of a state, and who is in it; whoever goes through them looks at the page between two of them.

    `opens` gives a browser that has never been here. The post is gone afterwards.
    """
    ada, bob = await opens(), await opens()
    await ada.opens(POST)
    yield "post", ada
    await ada.asks("what is the meaning of zorglub?")
    await expect(ada.page.locator(".offer")).to_be_visible()
    yield "chat with an offer", ada
    await ada.asks("I want to talk to a human about my screen")
    await expect(ada.answers).to_have_count(2)
    await ada.goes(POST)
    yield "chat with a ticket", ada
    await ada.page.locator(".go-on-link a").click()
    await expect(ada.page.locator("#address")).to_be_visible()
    yield "address for another browser", ada
    carol = await opens()
    address = (await ada.page.locator("#address").inner_text()).removeprefix(SITE)
    await carol.opens(address)
    yield "chat that can go on here", carol
    await carol.page.locator("main form button").click()
    await expect(carol.page.locator("#log")).to_contain_text("zorglub")
    yield "chat that went on", carol
    await bob.opens(address)
    yield "address that was used", bob
    bob.complaints.clear()
    await in_direct_messages(desk, "It was down yesterday, too.")
    await ada.page.locator("#prove button").click()
    await expect(ada.page.locator("#code")).to_be_visible()
    yield "code asked for", ada
    await ada.page.locator("#code").fill("BBBB-BBBB")
    await ada.page.locator("#code").press("Enter")
    await expect(ada.page.locator("#problem")).to_be_visible()
    yield "wrong code", ada
    ada.complaints.clear()  # browsers report every answer that is not 2xx
    await ada.page.locator("#code").fill(await desk.code())
    await ada.page.locator("#code").press("Enter")
    await expect(ada.page.locator("#code")).to_have_count(0)
    await expect(ada.page.locator(".attach")).to_be_visible()
    yield "author", ada

    await bob.opens("/contact")
    yield "form", bob
    await bob.page.locator(".contact-form button").click()
    await expect(bob.page.locator(".problem").first).to_be_visible()
    yield "form with problems", bob
    bob.complaints.clear()
    await bob.page.locator("#name").fill("عمر الخيام")
    await bob.page.locator("#message").fill("I want to talk to a human about my bill.")
    await bob.page.locator("#phone").fill("+33 1 99 00 12 34")
    await bob.page.locator("[name=consent]").check()
    await bob.page.locator(".contact-form button").click()
    await expect(bob.page.locator("#log")).to_be_attached()
    yield "form sent", bob
    address = bob.page.url.removeprefix(bob.address).partition("#")[0]
    await ada.goes(address)
    await expect(ada.page.locator("#log")).to_have_count(0)
    yield "chat of another browser", ada
    ada.complaints.clear()
    await ada.goes("/d/nonsense")
    yield "link that is no good", ada
    ada.complaints.clear()
    await ada.page.locator("main form button").click()
    await expect(ada.page.locator("[role=status].lead")).to_be_visible()
    yield "new link sent", ada

    await ada.goes("/c/nothing-here")
    yield "nothing there", ada
    ada.complaints.clear()
    with storage_away(desk):
        await ada.goes(POST)
        yield "desk away", ada
    ada.complaints.clear()
    for _ in range(20):
        await desk.web.site.limits.contact("form", "127.0.0.1")
    await ada.goes("/contact")
    await ada.page.locator("#name").fill("Ada")
    await ada.page.locator("#message").fill("My bill is wrong.")
    await ada.page.locator("#email").fill("ada@example.org")
    await ada.page.locator("[name=consent]").check()
    await ada.page.locator(".contact-form button").click()
    await expect(ada.page.locator(".contact-form")).to_have_count(0)
    yield "too many", ada
    ada.complaints.clear()

    async with desk.storage.unit_of_work() as work:
        work.public.save(replace(await desk.now_post(), text="", state="withdrawn"))
        await work.commit()
    await bob.goes(POST)
    yield "post gone", bob
    bob.complaints.clear()
    await ada.goes(POST)
    await expect(ada.page.locator("#log")).to_contain_text("zorglub")
    yield "chat about a post that is gone", ada
