"""Both sides of the desk at once, in real browsers."""

import asyncio
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenVisitor
from tests.browser.contrast import TOO_FAINT

QUESTION = "my printer says the paper is jammed but there is none"


async def test_three_failures_make_a_ticket_that_is_worked_and_resolved(visitor: OpenVisitor) -> None:
    ada, grace = await visitor(), await visitor()
    await ada.opens()
    await ada.asks(QUESTION)
    pressed: list[str] = []
    for number in (1, 2, 3):
        await expect(ada.answers).to_have_count(number)
        button = ada.page.locator(".offer button:nth-of-type(2)")  # next solution, or: it did not work
        pressed.append(await button.inner_text())
        await button.click()
    await ada.reads("I have opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    await expect(ada.page.locator(".item.click .prose")).to_have_text(pressed)
    await ada.page.reload()
    await expect(ada.page.locator(".item.click .prose")).to_have_text(pressed)

    await grace.opens()
    await grace.plays("technician")
    row = grace.page.locator(".ticket", has=grace.page.get_by_text(reference, exact=True))
    await row.get_by_role("button", name="Claim").click()
    await grace.is_told(f"{reference} is yours")
    await expect(row).to_contain_text("yours")
    await ada.reads("is taking care of")
    await row.get_by_role("link").click()
    await expect(grace.page.locator(".tried li")).to_have_count(3)
    await expect(grace.page.locator(".thread details")).to_have_count(3)

    before = await ada.answers.count()
    await grace.works("note", "Third time this month for this model.")
    await grace.is_told("for technicians only")
    await expect(grace.page.locator(".notes")).to_contain_text("Third time this month")
    await grace.works("reply", "Which floor is it on?")
    await ada.reads("Which floor is it on?", times=before + 1)  # and nothing of the note
    await ada.asks("The second floor, near the stairs.")
    await ada.reads("Sent to")
    await expect(grace.page.locator(".thread .item").last).to_contain_text("Sent to")
    await expect(grace.page.locator(".thread")).to_contain_text("near the stairs")
    await grace.works("resolve", "I cleaned the paper sensor.")
    await ada.reads("I cleaned the paper sensor.")
    await expect(grace.page.locator(".ticket-head .pill").first).to_have_text("resolved")
    await expect(grace.page.locator("#work .tab:visible")).to_have_text(["Note"])
    await ada.presses("Yes, it is fixed")
    await ada.reads(f"{reference} is closed")
    await expect(grace.page.locator(".ticket-head .pill").first).to_contain_text("closed")
    await expect(grace.page.locator(".events li").last).to_contain_text("closed")


async def test_of_two_who_claim_one_wins_and_the_other_is_told_who(visitor: OpenVisitor) -> None:
    ada, grace, alan = await visitor(), await visitor(), await visitor()
    await ada.opens()
    await ada.asks("I want to talk to a human about my screen")
    await ada.reads("I have opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    names: list[str] = []
    for one in (grace, alan):
        await one.opens()
        await one.plays("technician")
        lead = await one.page.locator(".lead").inner_text()
        names.append(lead.removeprefix("You work the desk as ").rstrip("."))
        await one.goes(f"/desk/{reference}")
    for one in (grace, alan):  # whose pages hear no news for a moment: neither sees the ticket taken before they press
        await one.page.evaluate("dispatchEvent(new Event('pagehide'))")
    press = "document.querySelector('.acts .primary').click()"
    await asyncio.gather(*(one.page.evaluate(press) for one in (grace, alan)))
    # Both at once: a note is gone after some seconds.
    told = await asyncio.gather(*(one.page.locator(".toast").first.inner_text() for one in (grace, alan)))
    winner = 0 if "is yours" in told[0] else 1
    assert "is yours" in told[winner]
    assert f"{names[winner]} was first" in told[1 - winner]
    for one in (grace, alan):
        await expect(one.page.locator(".side")).to_contain_text(names[winner])


async def test_a_text_that_was_not_taken_is_kept(visitor: OpenVisitor) -> None:
    ada, grace, alan = await visitor(), await visitor(), await visitor(java_script_enabled=False)
    await ada.opens()
    await ada.asks("I want to talk to a human about my keyboard")
    await ada.reads("I have opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    for one in (grace, alan):
        await one.opens()
        await one.plays("technician")
        await one.goes(f"/desk/{reference}")
    await grace.works("reply", "I have a new one for you.")
    await ada.reads("I have a new one for you.")
    await alan.works("reply", "Have you tried another port?")
    await expect(alan.page.locator(".outcome")).to_contain_text("Not sent")
    await expect(alan.page.locator(".held .words")).to_have_text("Have you tried another port?")
    await ada.reads("I have a new one for you.")
    await alan.page.locator(".held").get_by_role("button", name="Send to").click()
    await ada.reads("Have you tried another port?")
    await expect(alan.page.locator(".held")).to_have_count(0)


async def test_the_list_is_filtered_searched_and_live(visitor: OpenVisitor) -> None:
    grace, ada = await visitor(), await visitor(locale="fr-FR")
    await grace.opens()
    await grace.plays("technician")
    await grace.goes("/desk?show=unassigned")
    await expect(grace.page.locator(".filters [aria-current]")).to_contain_text("Unassigned")
    before = await grace.page.locator(".ticket").count()
    await ada.opens()
    await ada.asks("Je veux parler à un humain au sujet du télescope")
    await ada.reads("ticket")
    await expect(grace.page.locator(".ticket")).to_have_count(before + 1)
    await expect(grace.page.locator(".toast")).to_contain_text("télescope")
    await grace.page.locator("#q").fill("télescope")
    await grace.page.locator("#q").press("Enter")
    await expect(grace.page.locator(".ticket")).to_have_count(1)
    await grace.goes("/desk?q=nowhere-to-be-found")
    await expect(grace.page.locator(".empty")).to_contain_text("No ticket has these words")


async def test_the_desk_is_for_technicians(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens("/desk")
    await expect(ada.page.locator("body")).to_contain_text("for technicians")
    ada.complaints.clear()  # a browser reports that it was refused
    await ada.goes("/")
    await expect(ada.page.locator(".places")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_is_readable_and_fits_a_phone(visitor: OpenVisitor, scheme: str) -> None:
    ada = await visitor(color_scheme=scheme, viewport={"width": 360, "height": 740})
    await ada.opens()
    await ada.asks(QUESTION)
    await expect(ada.page.locator(".offer")).to_be_visible()
    await ada.asks("I want to talk to a human")
    await ada.reads("I have opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    grace = await visitor(color_scheme=scheme, viewport={"width": 360, "height": 740})
    await grace.opens()
    await grace.plays("technician")
    await grace.page.locator(".ticket button").first.click()
    await expect(grace.page.locator(".toast")).to_be_visible()
    for path in ("/desk?show=all", f"/desk/{reference}"):
        await grace.goes(path)
        await grace.has_no_sideways_scroll()
        assert await grace.page.evaluate(TOO_FAINT) == []
    await grace.works("note", "A note.")
    await expect(grace.page.locator(".notes li")).to_be_visible()
    assert await grace.page.evaluate(TOO_FAINT) == []
    assert await ada.page.evaluate(TOO_FAINT) == []
    await ada.plays("public")
    assert await ada.page.evaluate(TOO_FAINT) == []


async def test_every_time_of_a_ticket_is_in_the_zone_of_who_reads_it(visitor: OpenVisitor) -> None:
    ada = await visitor()
    await ada.opens()
    await ada.asks("I want to talk to a human about my keyboard")
    await ada.reads("I have opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    here, there = await visitor(timezone_id="Europe/Paris"), await visitor(timezone_id="Asia/Tokyo")
    read = []
    for one in (here, there):
        await one.opens()
        await one.plays("technician")
        await one.goes(f"/desk/{reference}")
        due = one.page.locator("time.due").first
        read.append((await due.inner_text(), await due.get_attribute("datetime"), await due.get_attribute("data-said")))
    (at_home, moment, said), (far, _, _) = read
    assert moment and said == at_home != far
    assert datetime.fromisoformat(moment).astimezone(ZoneInfo("Asia/Tokyo")).strftime("%H:%M") in far


async def test_what_is_promised_in_words_is_in_the_zone_of_who_asked(visitor: OpenVisitor) -> None:
    hours = []
    for zone in ("Europe/Paris", "Asia/Tokyo"):
        one = await visitor(timezone_id=zone)
        await one.opens()
        await one.asks("I want to talk to a human about my keyboard")
        await one.reads("at the latest")
        said = await one.page.locator(".item.bot").last.inner_text()
        (hour,) = re.findall(r"(\d{1,2}):\d\d at the latest", said)
        hours.append(int(hour))
    assert (hours[1] - hours[0]) % 24 in (7, 8)  # summer and winter in Paris
