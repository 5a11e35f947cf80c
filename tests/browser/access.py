"""Whether everybody can use a page: axe's rules of WCAG 2.2 AA, and what it does not look at."""

import json
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
AXE = Axe().axe_script


async def violations(page: Page) -> list[str]:
    """In light and in dark, each with its rule and the first elements it is about. The page is left in light."""
    found = await _run(page, {"runOnly": list(RULES)})
    await page.emulate_media(color_scheme="dark")
    found += [f"in the dark: {one}" for one in await _run(page, {"runOnly": ["color-contrast"]})]
    await page.emulate_media(color_scheme="light")
    return found


async def _run(page: Page, options: dict[str, Any]) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    asked = json.dumps(options | {"resultTypes": ["violations"]})
    found: dict[str, Any] = await page.evaluate(f"axe.run(document, {asked})")
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found["violations"]
    ]


# What is pressed and is smaller than 44 px, but for what nobody sees and titles that make a whole card a link.
TOO_SMALL = """
() => ["a[href]", "button", "summary", "input:not([type=hidden])", "textarea", "select", "label:has(input)"]
  .flatMap((name) => [...document.querySelectorAll(name)])
  .filter((one) => one.checkVisibility() && !one.closest(".trap, .hidden, .skip, .ticket h2"))
  .filter((one) => !(one.matches("input") && one.closest("label")))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width && (box.height < 43.9 || box.width < 43.9))
  .map(([one, box]) => `${one.outerHTML.slice(0, 80)} is ${Math.round(box.width)} x ${Math.round(box.height)}`)
"""

# The element with the focus, where nothing shows that it has it: neither an outline nor a frame around it.
UNSEEN_FOCUS = """
() => {
  const one = document.activeElement;
  if (one === document.body) return "nothing has the focus";
  const shows = (element) => element && getComputedStyle(element).outlineStyle !== "none";
  const framed = one.closest(".composer, .work, .attach");
  if (framed && getComputedStyle(framed).boxShadow.includes("3px")) return null;
  const box = one.getBoundingClientRect();
  if (box.bottom < 0 || box.top > innerHeight) return `${one.outerHTML.slice(0, 80)} is out of sight`;
  return shows(one) || shows(framed) ? null : one.outerHTML.slice(0, 80);
}
"""
