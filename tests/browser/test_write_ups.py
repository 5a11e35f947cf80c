"""Writing up a resolved ticket in a real browser, on a wide and on a narrow one."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenVisitor
from tests.browser.contrast import TOO_FAINT


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_resolved_ticket_is_written_up(visitor: OpenVisitor, scheme: str) -> None:
    ada, grace = await visitor(), await visitor(color_scheme=scheme)
    await ada.opens()
    await ada.asks("I want to talk to a human about my screen")
    await ada.reads("opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    await grace.opens()
    await grace.plays("technician")
    await grace.goes(f"/desk/{reference}")
    await grace.works("reply", "Please push the cable in. Then restart the screen.")
    await grace.is_told("On its way to")
    await grace.page.locator("#work [value=resolve]").check()
    await expect(grace.page.get_by_label("Write-up")).to_be_visible()
    await grace.works("resolve", "The cable was loose.")
    await expect(grace.page.locator(".ticket-head .pill").first).to_have_text("resolved")
    await grace.page.get_by_role("link", name="Write up").click()
    await expect(grace.page.get_by_label("Steps")).to_have_value(
        "1. Please push the cable in.\n2. Then restart the screen.\n3. The cable was loose."
    )
    assert await grace.page.evaluate(TOO_FAINT) == []
    await grace.page.set_viewport_size({"width": 360, "height": 740})
    await grace.has_no_sideways_scroll()
    await grace.page.get_by_label("Root cause").fill("A loose cable.")
    await grace.page.get_by_role("button", name="Save for review").click()
    await expect(grace.page.locator(".outcome")).to_contain_text("is saved")
    await expect(grace.page.locator(".events")).to_contain_text("Written up")
    await grace.page.get_by_role("link", name="Write up").click()
    await expect(grace.page.get_by_label("Root cause")).to_have_value("A loose cable.")
