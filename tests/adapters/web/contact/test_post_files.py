"""Pictures of a public post on the pages: with its ticket, for technicians; hidden ones unfold when asked to."""

import pytest
from bs4 import BeautifulSoup

from bot.model.tickets import Attachment
from bot.public.files import IN_PUBLIC
from tests.adapters.web.contact.desk import POST, ContactDesk
from tests.adapters.web.desk import Browser
from tests.attachments.samples import PNG, pieces


async def has_pictures(desk: ContactDesk) -> None:
    """The post has three: one that its server is asked for, one that is here and hidden, one that cannot be had."""
    stored = await desk.web.site.files.store.put(pieces(PNG))
    said = desk.post.message_id
    async with desk.storage.unit_of_work() as work:
        work.attachments.add(
            Attachment(said, "a.png", "image/png", 0, "F1", problem=IN_PUBLIC, url="https://files.example/a.png")
        )
        work.attachments.add(
            Attachment(
                said, "b.png", "image/png", len(PNG), stored_as=stored.key, alternative="<b>42</b>", sensitive=True
            )
        )
        work.attachments.add(Attachment(said, "c.exe", "", 0, problem="wrong_type", alternative="a program"))
        await work.commit()


async def technician(desk: ContactDesk) -> Browser:
    grace = desk.web.browser()
    await grace.plays("technician")
    return grace


@pytest.mark.parametrize("is_known_first", [True, False])
async def test_who_opens_a_ticket_in_their_chat_brings_the_pictures_of_their_post(
    desk: ContactDesk, is_known_first: bool
) -> None:
    await has_pictures(desk)
    ada = desk.browser()
    page = await ada.opens(POST)
    assert "a.png" not in page.text and "b.png" not in page.text, "a link in public shows the words alone"
    if is_known_first:
        await ada.proves(desk)
    await ada.writes("I want to talk to a human about my screen")
    if not is_known_first:
        grace = await technician(desk)
        assert "b.png" not in (await grace.get("/desk/T1")).text, "nobody knows yet whose post it is"
        await ada.proves(desk)
    grace = await technician(desk)
    shown = BeautifulSoup((await grace.get("/desk/T1")).text, "html.parser")
    section = next(one for one in shown.select("aside section") if "With the public post" in one.get_text())
    first, second, third = section.select(".files > li")
    assert first.select_one("a.file") and first.select_one("details") is None
    hidden = second.select_one("details")
    assert hidden is not None and not hidden.has_attr("open")
    summary = hidden.select_one("summary")
    assert summary is not None and "marked as sensitive" in summary.get_text() and "« <b>42</b> »" in summary.get_text()
    [picture] = hidden.select("a.file img")
    assert picture["alt"] == "<b>42</b>" and picture["loading"] == "lazy"
    assert (await grace.http.get(str(picture["src"]))).content == PNG
    assert "not taken" in third.get_text() and "« a program »" in third.get_text() and not third.select("a")
    bob = desk.browser()
    await bob.opens(POST)
    assert (await bob.http.get(f"{POST}{picture['src']}")).status_code == 404
    async with desk.storage.unit_of_work() as uow:
        kept = await uow.attachments.of([desk.post.message_id])
    assert (kept[0].problem, kept[0].next_at is not None) == (None, True), "it is to be fetched now"
