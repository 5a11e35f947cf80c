"""Files between an employee and a technician, in a browser: chosen, pasted, dropped; with scripts and without."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.attachments.samples import EXE, PDF
from tests.browser.conftest import OpenVisitor
from tests.browser.contrast import TOO_FAINT
from tests.browser.visitor import Visitor

MANUAL: Any = {"name": "Anleitung – 使い方.pdf", "mimeType": "application/pdf", "buffer": PDF}
PASTE = """async ([kind, on]) => {
  const picture = new OffscreenCanvas(400, 250);
  const brush = picture.getContext("2d");
  brush.fillStyle = "#0a6"; brush.fillRect(0, 0, 400, 250);
  const data = new DataTransfer();
  data.items.add(new File([await picture.convertToBlob()], "screenshot.png", { type: "image/png" }));
  const field = document.querySelector(on);
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  field.dispatchEvent(event);
}"""


async def saved(visitor: Visitor, link: int = -1) -> tuple[str, bytes]:
    """What a browser saves when the link is followed: its name and its content."""
    async with visitor.page.expect_download() as download:
        await visitor.page.locator("a.file").nth(link).click()
    file = await (await download.value).path()
    return (await download.value).suggested_filename, await asyncio.to_thread(Path(file).read_bytes)


async def with_a_ticket(visitor: OpenVisitor, about: str, **options: Any) -> tuple[Visitor, Visitor]:
    """An employee with a ticket, and a technician at its page."""
    ada, grace = await visitor(), await visitor(**options)
    await ada.opens()
    await ada.asks(f"I want to talk to a human about {about}")
    await ada.reads("I have opened ticket")
    reference = await ada.page.locator(".item.bot em").last.inner_text()
    await grace.opens()
    await grace.plays("technician")
    await grace.goes(f"/desk/{reference}")
    return ada, grace


async def test_a_screenshot_goes_to_the_technician_and_a_manual_comes_back(
    visitor: OpenVisitor, tmp_path: Path
) -> None:
    ada, grace = await with_a_ticket(visitor, "my screen")
    screen = tmp_path / "screen shot é.png"
    await ada.page.screenshot(path=screen)
    await ada.page.locator(".composer [type=file]").set_input_files(screen)
    await expect(ada.page.locator(".composer .chosen")).to_contain_text("screen shot é.png")
    await ada.asks("this is what I see")
    await expect(ada.page.locator(".composer .chosen")).to_be_hidden()
    mine = ada.page.locator(".item.person .file img")
    await expect(mine).to_be_visible()
    await mine.evaluate("picture => picture.decode()")  # it is there, and is a picture
    await expect(ada.page.locator(".item.pending")).to_have_count(0)

    await expect(grace.page.locator(".thread a.file")).to_contain_text("screen shot é.png")
    assert await saved(grace) == ("screen shot é.png", screen.read_bytes())
    await grace.page.locator("#work [type=file]").set_input_files(MANUAL)
    await grace.works("reply", "It is on page 3.")
    await ada.reads("It is on page 3.")
    await expect(ada.page.locator(".item.technician a.file")).to_contain_text("Anleitung – 使い方.pdf")
    assert await saved(ada) == ("Anleitung – 使い方.pdf", PDF)
    await expect(grace.page.locator("#work .chosen")).to_be_hidden()


@pytest.mark.parametrize("kind", ["paste", "drop"])
async def test_a_picture_is_pasted_or_dropped_and_sent_without_a_word(visitor: OpenVisitor, kind: str) -> None:
    ada, grace = await with_a_ticket(visitor, "a picture")
    await ada.page.evaluate(PASTE, [kind, "#text"])
    await expect(ada.page.locator(".composer .chosen")).to_contain_text("screenshot.png")
    await ada.page.locator(".composer .chosen button").click()
    await expect(ada.page.locator(".composer .chosen")).to_be_hidden()
    await ada.page.evaluate(PASTE, [kind, "#text"])
    await ada.page.locator(".composer .send").click()
    await expect(ada.page.locator(".item.person a.file")).to_have_count(1)
    await expect(grace.page.locator(".thread a.file")).to_have_count(1)
    await grace.page.evaluate(PASTE, [kind, "#words"])
    await grace.page.locator("#work .button").click()
    await expect(ada.page.locator(".item.technician a.file")).to_have_count(1)
    await expect(ada.page.locator(".item.technician img")).to_be_visible()


async def test_a_note_keeps_its_file_inside(visitor: OpenVisitor) -> None:
    ada, grace = await with_a_ticket(visitor, "a note")
    await grace.page.locator("#work [type=file]").set_input_files(MANUAL)
    await grace.works("note", "for the next one")
    await expect(grace.page.locator(".notes a.file")).to_have_count(1)
    await expect(ada.page.locator("a.file")).to_have_count(0)


async def test_what_is_not_taken_is_said(visitor: OpenVisitor) -> None:
    ada = await visitor(locale="fr-FR")
    await ada.opens()
    program: Any = {"name": "outil.png", "mimeType": "image/png", "buffer": EXE}
    await ada.page.locator(".composer [type=file]").set_input_files(program)
    await ada.asks("voici ma capture")
    await expect(ada.page.locator(".item.bot").last).to_contain_text("n’a pas été pris")
    await expect(ada.page.locator(".item.person .file")).to_contain_text("non pris")
    await expect(ada.page.locator("a.file")).to_have_count(0)


async def test_without_scripts_too(visitor: OpenVisitor) -> None:
    plain: dict[str, Any] = {"java_script_enabled": False}
    ada, grace = await with_a_ticket(visitor, "no scripts", **plain)
    await expect(grace.page.locator("#work [type=file]")).to_be_visible()
    await grace.page.locator("#work [type=file]").set_input_files(MANUAL)
    await grace.works("reply", "Here you are.")
    await ada.reads("Here you are.")
    assert await saved(ada) == ("Anleitung – 使い方.pdf", PDF)
    eve = await visitor(**plain)
    await eve.opens()
    await eve.page.locator("#text").fill("what is this?")
    await eve.page.locator(".composer [type=file]").set_input_files(MANUAL)
    await eve.page.locator(".composer .send").click()
    await expect(eve.page.locator(".item.person a.file")).to_have_count(1)
    assert await saved(eve) == ("Anleitung – 使い方.pdf", PDF)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_files_are_readable_and_fit_a_phone(visitor: OpenVisitor, scheme: str) -> None:
    ada = await visitor(color_scheme=scheme, viewport={"width": 360, "height": 740})
    await ada.opens()
    long: Any = {"name": "a very long name of a file that somebody " * 3 + ".pdf", "mimeType": "", "buffer": PDF}
    await ada.page.locator(".composer [type=file]").set_input_files([long, MANUAL])
    await ada.has_no_sideways_scroll()
    assert await ada.page.evaluate(TOO_FAINT) == []
    await ada.page.evaluate(PASTE, ["paste", "#text"])
    await ada.asks("what is this?")
    await expect(ada.page.locator(".item.person a.file")).to_have_count(3)
    await ada.has_no_sideways_scroll()
    assert await ada.page.evaluate(TOO_FAINT) == []
