"""Pictures of public posts, from a server to a ticket, and no further."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.app import Desk
from bot.model.tickets import Attachment
from tests.adapters.mastodon.test_whole_desk import PATIENCE, whole
from tests.adapters.mastodon.writing import PRESETS
from tests.attachments.samples import EXE, PNG
from tests.fakes.mastodon import FakeMastodon, Quirks
from tests.homes import copy_home

URGENT = "@guichet This is urgent: my account was hacked, nothing works at all!"


async def of_ticket(desk: Desk) -> list[Attachment]:
    """What the post of the only ticket has, once it is known of each file whether it can be had; waited for."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with desk.storage.unit_of_work() as uow:
                found: list[Attachment] = []
                for ticket in await uow.tickets.find(order="oldest", limit=10):
                    posts = await uow.public.of_ticket(ticket.id)
                    found += await uow.attachments.of([post.message_id for post in posts])
            if found and all(one.problem or one.stored_as for one in found):
                return found
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", PRESETS)
async def test_the_pictures_of_an_urgent_post_come_to_its_ticket_byte_for_byte(
    sampled_home: Path, tmp_path: Path, kind: str
) -> None:
    copy_home(sampled_home, tmp_path / "home")
    files: list[Any] = [("screen.png", PNG * 2_000, "it says error 42"), ("not a.png", EXE, "")]
    async with FakeMastodon(quirks=PRESETS[kind]()).running() as mastodon:
        ada = mastodon.person("ada@elsewhere.example", language="en")
        async with whole(mastodon, tmp_path / "home") as desk:
            said = await ada.says(URGENT, files=files, sensitive=True)
            found = await of_ticket(desk)
            assert [(one.alternative, one.sensitive, one.problem) for one in found] == [
                ("it says error 42", True, None),
                ("", True, "wrong_type"),
            ]
            assert found[0].stored_as and not found[1].stored_as
            kept = b"".join([part async for part in desk.files.store.open(found[0].stored_as)])
            assert kept == PNG * 2_000
            await mastodon.until(lambda: mastodon.replies(said), PATIENCE, "an answer")
            await mastodon.quiet()
    for one in mastodon.posts():
        assert not one.files and "42" not in one.text and "screen" not in one.text


@pytest.mark.parametrize("where", ["http://10.0.0.7/a.png", "https://192.168.0.1/a.png", "file:///etc/passwd", ""])
async def test_what_lies_inside_this_network_is_not_read(sampled_home: Path, tmp_path: Path, where: str) -> None:
    copy_home(sampled_home, tmp_path / "home")
    async with FakeMastodon(quirks=Quirks(files_at=where)).running() as mastodon:
        ada = mastodon.person("ada@elsewhere.example", language="en")
        async with whole(mastodon, tmp_path / "home") as desk:
            await ada.says(URGENT, files=[("screen.png", PNG, "")])
            [found] = await of_ticket(desk)
            assert (found.problem, found.stored_as) == ("refused" if "/a.png" in where else "gone", None)
