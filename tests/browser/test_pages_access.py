"""The chat, the technicians' pages and the sign-in, for people who see and move differently."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from adapters.email.smtp import SmtpMailer
from adapters.web.app import create_app
from bot.web_settings import SmtpServer
from tests.adapters.web.contact.desk import KEY, ContactDesk
from tests.adapters.web_security.site import served
from tests.browser.access import TOO_SMALL, violations
from tests.browser.conftest import visitors
from tests.browser.served import contact_site
from tests.browser.visitor import Visitor
from tests.fakes.mail import Mailbox, mail_server

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
Desk = tuple[str, ContactDesk]


def by_mail(mailbox: Mailbox) -> SmtpMailer:
    return SmtpMailer(SmtpServer.parse(f"smtp://127.0.0.1:{mailbox.port}"), "desk@example.org", 10.0)


@pytest_asyncio.fixture(loop_scope="session")
async def site(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with contact_site(sqlite_url, tmp_path / "home") as opened:
        yield opened


@pytest.mark.parametrize(("locale", "device"), [("en-GB", PHONE), ("fr-FR", DESK)], ids=["phone", "desk"])
async def test_axe_finds_nothing_on_the_desks_pages(
    browser: Browser, site: Desk, locale: str, device: dict[str, Any]
) -> None:
    address, _ = site
    faults: list[str] = []

    async def look(name: str, one: Visitor) -> None:
        found = await violations(one.page)
        found += await one.page.evaluate(TOO_SMALL) if device is PHONE else []
        faults.extend(f"{name}: {fault}" for fault in found)
        await one.has_no_sideways_scroll()

    async with visitors(browser, address) as opens:
        ada: Visitor = await opens(locale=locale, reduced_motion="reduce", **device)
        await ada.opens()
        await look("chat", ada)
        await ada.asks("I want to talk to a human about my screen")
        await expect(ada.answers).to_have_count(1)
        await look("chat with a ticket", ada)
        grace: Visitor = await opens(locale=locale, reduced_motion="reduce", **device)
        await grace.opens()
        await grace.plays("technician")
        await grace.goes("/desk?show=all")
        await look("list", grace)
        await grace.page.locator(".ticket button").first.click()
        await expect(grace.page.locator(".toast")).to_be_visible()
        await look("list with a notice", grace)
        await grace.goes("/desk/T1")
        await grace.page.locator(".change summary").first.click()
        await look("ticket", grace)
        await grace.works("note", "Third time this month.")
        await expect(grace.page.locator(".notes li")).to_be_visible()
        await look("ticket with a note", grace)
        await grace.goes("/desk/stats")
        await look("figures", grace)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("locale", "device"), [("fr-FR", PHONE), ("en-GB", DESK)], ids=["phone", "desk"])
async def test_axe_finds_nothing_on_the_sign_in(
    browser: Browser, site: Desk, locale: str, device: dict[str, Any]
) -> None:
    _, desk = site
    signing_in = {"sign_in": "email", "sign_in_emails": ("@example.org",), "secret_key": SecretStr(KEY)}
    settings = desk.web.site.settings.model_copy(update=signing_in)
    async with (
        mail_server() as mailbox,
        served(create_app(replace(desk.web.site, settings=settings, mailer=by_mail(mailbox))), settings) as address,
        visitors(browser, address) as opens,
    ):
        ada: Visitor = await opens(locale=locale, reduced_motion="reduce", **device)
        await ada.opens()
        faults = await violations(ada.page)
        await ada.page.locator("#email").fill("ada@example.org")
        await ada.page.locator("#email").press("Enter")
        await expect(ada.page.locator("#code")).to_be_focused()
        faults += await violations(ada.page)
        await ada.page.locator("#code").fill("BBBB-BBBB")
        await ada.page.locator("#code").press("Enter")
        await expect(ada.page.locator("#problem")).to_be_visible()
        faults += await violations(ada.page)
        faults += await ada.page.evaluate(TOO_SMALL) if device is PHONE else []
        ada.complaints.clear()
    assert not faults, "\n".join(faults)
