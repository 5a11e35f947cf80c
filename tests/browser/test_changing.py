"""Everything that happens to a ticket besides its answer, in real browsers, in both languages."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, expect

from bot.tickets.lifecycle import UNDO_WINDOW
from tests.adapters.web.contact.desk import POST
from tests.browser.conftest import OpenVisitor, visitors
from tests.browser.contrast import TOO_FAINT
from tests.browser.served import contact_site
from tests.browser.visitor import Visitor

ASKS = {
    "en-GB": "I want to talk to a human about my {what}",
    "fr-FR": "Je veux parler à un humain au sujet de mon {what}",
}
UNNAMED = """[...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter((field) => !field.labels.length).map((field) => field.outerHTML)"""
WORDS: dict[str, dict[str, str]] = {
    "en-GB": {
        "on": "Go on duty", "is_on": "You are on duty", "claim": "Claim", "undo": "Undo", "yours": "is yours",
        "open": "open", "tomorrow": "Tomorrow morning", "snoozed": "Snoozed until", "wake": "Wake it now",
        "high": "high", "link": "Link", "merge": "Merge into it", "together": "belong together", "merged": "merged",
        "apart": "Take out again", "sent": "Send to", "delivered": "delivered", "wait": "Wait for an answer",
        "waiting": "waiting", "assign": "Assign", "for_you": "For you", "away": "Put away",
    },
    "fr-FR": {
        "on": "Prendre le service", "is_on": "Vous êtes de service", "claim": "Prendre", "undo": "Annuler",
        "yours": "est à vous", "open": "ouvert", "tomorrow": "Demain matin", "snoozed": "Reporté",
        "wake": "Le réveiller maintenant", "high": "haute", "link": "Lier", "merge": "Fusionner avec",
        "together": "T", "merged": "fusionné", "apart": "Séparer de nouveau", "sent": "Envoyer à",
        "delivered": "remis", "wait": "Attendre une réponse", "waiting": "attente", "assign": "Attribuer",
        "for_you": "Pour vous", "away": "Ranger",
    },
}  # fmt: skip


async def asks(open_visitor: OpenVisitor, locale: str, what: str) -> tuple[Visitor, str]:
    """Somebody who opens a ticket; its reference."""
    ada: Visitor = await open_visitor(locale=locale)
    await ada.opens()
    await ada.asks(ASKS[locale].format(what=what))
    await expect(ada.page.locator(".item.bot em").last).to_contain_text("T")
    return ada, await ada.page.locator(".item.bot em").last.inner_text()


async def works(open_visitor: OpenVisitor, locale: str, **options: Any) -> Visitor:
    grace: Visitor = await open_visitor(locale=locale, **options)
    await grace.opens()
    await grace.plays("technician")
    return grace


async def sheet(one: Visitor, name: str) -> Locator:
    """Opened by keyboard, as anybody can."""
    summary = one.page.locator(f".change [data-name='{name}'] summary")
    opened = one.page.locator(f".change [data-name='{name}'] .sheet")
    for _ in range(5):  # news of the ticket may take the focus away in the moment before the key is pressed
        await summary.focus()
        await one.page.keyboard.press("Enter")
        if await opened.is_visible():
            break
    return opened


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
async def test_a_ticket_is_claimed_undone_snoozed_linked_merged_and_handed_on(
    visitor: OpenVisitor, locale: str
) -> None:
    words = WORDS[locale]
    ada, reference = await asks(visitor, locale, "micro")
    _, other = await asks(visitor, locale, "clavier")
    grace, alan = await works(visitor, locale), await works(visitor, locale)
    pill = grace.page.locator(".ticket-head .pill").first

    await grace.goes(f"/desk/{reference}")
    await grace.page.locator(".acts").get_by_role("button", name=words["claim"]).click()
    await grace.is_told(words["yours"])
    await grace.page.locator(".toast").get_by_role("button", name=words["undo"]).click()
    await expect(pill).to_have_text(words["open"])
    await expect(grace.page.locator(".acts").get_by_role("button", name=words["undo"])).to_have_count(0)

    snooze = await sheet(grace, "snooze")
    await snooze.get_by_role("button", name=words["tomorrow"]).click()
    await expect(grace.page.locator(".next")).to_contain_text(words["snoozed"])
    await expect(snooze).to_be_hidden()  # folded once it is done
    snooze = await sheet(grace, "snooze")
    await snooze.get_by_role("button", name=words["wake"]).click()
    await expect(grace.page.locator(".next")).not_to_contain_text(words["snoozed"])

    await (await sheet(grace, "priority")).get_by_role("button", name=words["high"]).click()
    await expect(grace.page.locator(".ticket-head .pill").nth(1)).to_have_text(words["high"])
    await (await sheet(grace, "category")).locator("select").select_option("telephony")
    await grace.page.locator(".change [data-name=category] .sheet button").click()
    await expect(grace.page.locator(".events li").last).to_contain_text("at")

    link = await sheet(grace, "link")
    await link.locator("input[name=text]").fill(other)
    await link.get_by_role("button", name=words["link"], exact=True).click()
    await expect(grace.page.locator(".linked a")).to_have_text(other)

    wait = await sheet(grace, "wait")
    await wait.locator("textarea").fill("USB?")
    await wait.get_by_role("button", name=words["wait"]).click()
    await ada.reads("USB?")
    await expect(grace.page.locator(".technician .by").last).to_contain_text(words["delivered"])
    await grace.goes("/desk?show=waiting")
    await expect(grace.page.locator(".tickets")).to_contain_text(reference)

    await alan.page.get_by_role("button", name=words["on"]).click()
    await expect(alan.page.locator(".duty")).to_contain_text(words["is_on"])
    name = (await alan.page.locator(".lead").inner_text()).rstrip(".").split()[-1]
    await grace.goes(f"/desk/{reference}")
    assign = await sheet(grace, "assign")
    there = assign.locator("optgroup").first.locator("option", has_text=name).last  # who is there comes first
    await assign.locator("select").select_option(await there.get_attribute("value"))
    await assign.get_by_role("button", name=words["assign"]).click()
    await expect(alan.page.locator(".toast", has_text=reference).last).to_be_visible()
    await expect(alan.page.locator(".notices")).to_contain_text(words["for_you"])
    await alan.page.locator(".notices").get_by_role("button", name=words["away"]).click()
    await expect(alan.page.locator(".notices")).to_be_hidden()

    await alan.goes(f"/desk/{other}")
    merge = await sheet(alan, "link")
    await merge.locator("input[name=text]").fill(reference)
    await merge.get_by_role("button", name=words["merge"]).click()
    await expect(alan.page.locator(".ticket-head .pill").first).to_contain_text(words["merged"])
    await alan.page.locator(".acts").get_by_role("button", name=words["apart"]).click()
    await expect(alan.page.locator(".ticket-head .pill").first).to_have_text(words["open"])
    await alan.goes("/desk")
    await alan.page.locator(".duty summary").click()
    await alan.page.locator(".duty [value=keep]").click()
    await expect(alan.page.locator(".duty")).not_to_contain_text(words["is_on"])


async def test_what_is_being_filled_in_stays_while_the_page_goes_on(visitor: OpenVisitor) -> None:
    ada, reference = await asks(visitor, "en-GB", "webcam")
    grace = await works(visitor, "en-GB")
    await grace.goes(f"/desk/{reference}")
    wait = await sheet(grace, "wait")
    await wait.locator("textarea").fill("Half a sent")
    await ada.asks("It has a red light.")
    await expect(grace.page.locator(".thread")).to_contain_text("red light")
    await grace.page.keyboard.type("ence")
    await expect(wait.locator("textarea")).to_have_value("Half a sentence")
    await grace.page.keyboard.press("Escape")
    await expect(wait).to_be_hidden()
    await expect(grace.page.locator(".change [data-name=wait] summary")).to_be_focused()


async def test_undo_goes_when_its_time_is_over(browser: Browser, sqlite_url: str, tmp_path: Path) -> None:
    async with contact_site(sqlite_url, tmp_path / "home") as (address, desk), visitors(browser, address) as opens:
        ada: Visitor = await opens()
        await ada.opens(POST)
        await ada.asks("I want to talk to a human about my scanner")
        await ada.reads("I have opened ticket")
        grace = await works(opens, "en-GB")
        await grace.goes("/desk/T1")
        await grace.page.locator(".acts").get_by_role("button", name="Claim").click()
        undo = grace.page.locator(".acts").get_by_role("button", name="Undo")
        await expect(undo).to_be_visible()
        desk.clock.passes(seconds=UNDO_WINDOW.total_seconds() + 1)
        await expect(undo).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_of_it_is_readable_and_fits_a_phone(visitor: OpenVisitor, scheme: str) -> None:
    _, reference = await asks(visitor, "en-GB", "monitor")
    _, other = await asks(visitor, "en-GB", "mouse")
    grace = await works(visitor, "en-GB")
    await grace.goes(f"/desk/{reference}")
    await grace.page.locator(".acts").get_by_role("button", name="Claim").click()
    await grace.is_told("is yours")
    phone = await works(visitor, "en-GB", color_scheme=scheme, viewport={"width": 360, "height": 740})
    await phone.goes(f"/desk/{reference}")
    await phone.works("reply", "Is it on?")
    await expect(phone.page.locator(".held")).to_be_visible()
    link = await sheet(phone, "link")
    await link.locator("input[name=text]").fill(other)
    await link.get_by_role("button", name="Link", exact=True).click()
    await expect(phone.page.locator(".linked")).to_contain_text(other)
    for name in ("snooze", "wait", "assign", "priority", "category", "link", "escalate", "not-a-request"):
        await expect(await sheet(phone, name)).to_be_visible()
        await phone.has_no_sideways_scroll()
        assert await phone.page.evaluate(TOO_FAINT) == [], name
        await phone.page.keyboard.press("Escape")
    assert await phone.page.evaluate(UNNAMED) == []
    await phone.goes("/desk")
    await phone.page.locator(".duty button").first.click()
    await phone.is_told("on duty")
    await phone.page.locator(".duty summary").click()
    await phone.has_no_sideways_scroll()
    assert await phone.page.evaluate(TOO_FAINT) == []
    await phone.page.locator(".duty [value=off]").click()
    await expect(phone.page.locator(".duty")).to_contain_text("You are off duty")
