"""The whole desk, with its page and an account on Mastodon: who gave nothing but a Mastodon address in the form is told
there that an answer waits, and reads it on the page."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.app import Desk
from tests.adapters.mastodon.test_whole_desk import PATIENCE, whole
from tests.adapters.mastodon.writing import PRESETS
from tests.adapters.web.desk import AS_PERSON, Browser
from tests.fakes.mastodon import FakeMastodon, Person
from tests.fakes.mastodon.rendering import Seen
from tests.fakes.ports import free_port
from tests.homes import copy_home

FORM = {"name": "Bob", "message": "My bill is twice what it should be.", "consent": "yes"}


class Visitor(Browser):
    """By the network, as everybody comes."""

    def __init__(self, address: str) -> None:
        self.http = httpx.AsyncClient(base_url=address, headers=AS_PERSON | {"Accept-Language": "en"}, trust_env=False)
        self.token = ""

    async def follows(self, response: httpx.Response) -> str:
        assert response.status_code == 303, response.text
        return (await self.get(response.headers["location"])).text


@asynccontextmanager
async def with_page(mastodon: FakeMastodon, home: Path) -> AsyncIterator[tuple[Desk, str]]:
    """The desk, and where its page is."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    times = {"contact_away_seconds": 1, "contact_tell_minutes": 0}
    async with whole(mastodon, home, web=True, web_port=port, public_url=address, **times) as desk:
        yield desk, address


async def shows(visitor: Visitor, path: str, words: str) -> str:
    async with asyncio.timeout(PATIENCE):
        while True:
            if words in (page := (await visitor.get(path)).text):
                return page
            await asyncio.sleep(0.1)


async def messages(mastodon: FakeMastodon, bob: Person, count: int) -> list[Seen]:
    """What the desk said to them, once there is so much of it."""
    found: list[Seen] = await mastodon.until(
        lambda: [one for one in mastodon.posts() if bob.sees(one)][count - 1 :] and mastodon.posts(), PATIENCE
    )
    return found


@pytest.mark.parametrize("kind", PRESETS)
async def test_who_gave_a_mastodon_address_alone_is_told_of_an_answer_and_reads_it(
    sampled_home: Path, tmp_path: Path, kind: str
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with FakeMastodon(quirks=PRESETS[kind]()).running() as mastodon:
        bob = mastodon.person("bob@elsewhere.example", language="en")
        async with with_page(mastodon, tmp_path / "home") as (desk, address):
            visitors = [Visitor(address) for _ in range(3)]
            asking, grace, coming_back = visitors
            try:
                await asking.get("/contact")
                page = await asking.follows(
                    await asking.post("/contact", FORM | {"mastodon": "@bob@elsewhere.example"})
                )
                assert "T1" in page and "You may close this page" in page
                await grace.plays("technician")
                await shows(grace, "/desk/T1", "@bob@elsewhere.example")
                await grace.post("/desk/T1/work", kind="reply", text="It was our mistake.")
                (told,) = await messages(mastodon, bob, 1)
                assert (told.visibility, told.to) == ("direct", ("bob@elsewhere.example",))
                assert "There is an answer for you" in told.text and "mistake" not in told.text
                found = re.search(rf"{address}(/d/\S+)", told.text)
                assert found
                await coming_back.get(found[1])
                page = await coming_back.follows(await coming_back.post(found[1]))
                assert "It was our mistake." in page and "twice what it should be" in page

                await bob.says("@guichet stop", to=told)
                said = await mastodon.until(lambda: mastodon.posts()[1:], PATIENCE, "that it was heard")
                assert "not write to you" in said[0].text or "no longer" in said[0].text, said
                calls = len(mastodon.called("POST /api/v1/statuses"))
                await grace.post("/desk/T1/work", kind="reply", text="We pay it back.")
                await asyncio.sleep(1.1)  # while nobody has the page open
                await was_refused(desk)
                assert len(mastodon.called("POST /api/v1/statuses")) == calls and len(mastodon.posts()) == 2
            finally:
                for one in visitors:
                    await one.http.aclose()


async def was_refused(desk: Desk) -> None:
    """That something was to be sent and may not be, once it is so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if (await desk.storage.counts()).outbox.get("failed"):
                return
            await asyncio.sleep(0.1)
