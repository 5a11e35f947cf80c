"""Files: those that come are read from where the server has them, those that go are messages of their own."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest

from bot.attachments import carrying
from bot.errors import DeliveryRefused, FileRefused
from bot.model.documents import Document, FileItem, Files, Paragraph
from bot.model.ids import new_id
from bot.model.messages import IncomingFile
from tests.adapters.mastodon.writing import Desk, desk_of
from tests.fakes.mastodon import FakeMastodon

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
NAME = "l’écran & co.png"


@dataclass
class Shared:
    """Files of the desk's; None while one is on its way."""

    files: dict[UUID, bytes | None] = field(default_factory=dict)

    async def content(self, id: UUID) -> bytes | None:
        if id not in self.files:
            raise FileRefused("gone")
        return self.files[id]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "LOOK", 0.05)


def named(id: UUID, name: str = NAME) -> Document:
    return Document((Paragraph("See the picture."), Files((FileItem(id, name, "image/png", 8),))))


async def test_a_file_comes_byte_for_byte(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    said = await ada.says("@guichet look", visibility="direct", files=[("a.png", PNG * 40_000)])
    media = somewhere.mastodon.world.shapes.media(somewhere.mastodon.state.media[said.media[0]])
    file = IncomingFile(media["id"], "a.png", "image/png", 0, url=media["url"])
    assert b"".join([chunk async for chunk in somewhere.adapter.fetch(file)]) == PNG * 40_000


@pytest.mark.parametrize("url", ["", "http://192.168.0.1/a.png", "https://10.0.0.7/a.png", "file:///etc/passwd"])
async def test_a_file_inside_this_network_is_not_read(desk: Desk, url: str) -> None:
    with pytest.raises(FileRefused):
        _ = [chunk async for chunk in desk.adapter.fetch(IncomingFile("1", "a.png", "image/png", 0, url=url))]


async def test_a_file_goes_to_the_person_alone_and_says_what_it_is(somewhere: Desk) -> None:
    mastodon = somewhere.mastodon
    ada = mastodon.person("ada@elsewhere.example")
    asked = await somewhere.adapter.send(somewhere.direct(ada, "Hello."))
    sent = await somewhere.adapter.upload(somewhere.room(ada), "@bob #tag.png", PNG)
    post = mastodon.posts()[-1]
    assert (post.id, post.visibility, post.to, post.tags) == (sent, "direct", ("ada@elsewhere.example",), ())
    assert post.files == ("@bob #tag.png",) and post.reply_to == asked
    assert [mastodon.state.media[one].content for one in post.status.media] == [PNG]


async def test_a_file_that_is_processed_is_waited_for(desk: Desk) -> None:
    desk.mastodon.faults.processing = 0.4
    ada = desk.mastodon.person("ada")
    await desk.adapter.upload(desk.room(ada), "a.png", PNG)
    assert desk.mastodon.posts()[-1].files == ("a.png",)


async def test_a_server_that_knows_the_older_way_only(desk: Desk) -> None:
    desk.mastodon.quirks.without.add("POST /api/v2/media")
    ada = desk.mastodon.person("ada")
    await desk.adapter.upload(desk.room(ada), "a.png", PNG)
    assert desk.mastodon.posts()[-1].files == ("a.png",)


async def test_what_the_server_does_not_take_is_refused(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    with pytest.raises(DeliveryRefused, match="application/pdf"):
        await desk.adapter.upload(desk.room(ada), "manual.pdf", b"%PDF")
    assert desk.mastodon.posts() == []


async def test_what_a_message_names_follows_it_when_it_is_there(mastodon: FakeMastodon) -> None:
    shared, id = Shared(), new_id()
    shared.files[id] = None
    async with desk_of(mastodon, shared=shared, page="https://desk.example.org") as desk:
        ada = mastodon.person("ada@elsewhere.example")
        first = await desk.adapter.send(desk.direct(ada, named(id)))
        await mastodon.quiet()
        (post,) = mastodon.posts()
        assert f"📎 {NAME}" in post.text and f"https://desk.example.org/files/{id}/" in post.text
        shared.files[id] = PNG
        await mastodon.until(lambda: len(mastodon.posts()) == 2, 10)
        follows = mastodon.posts()[-1]
        assert (follows.files, follows.reply_to, follows.visibility) == ((NAME,), first, "direct")
        await mastodon.until(lambda: not [one for one in desk.store.names if "/to-bring/" in one], 10)


async def test_what_a_process_that_died_left_is_brought_by_the_next_one(
    mastodon: FakeMastodon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying, "SWEEP", 0.05)
    monkeypatch.setattr(carrying, "LEFT", 0.0)
    shared, id = Shared(), new_id()
    shared.files[id] = None
    ada = mastodon.person("ada")
    async with desk_of(mastodon, shared=shared) as desk:
        await desk.adapter.send(desk.direct(ada, named(id)))
    shared.files[id] = PNG
    async with desk_of(mastodon, shared=shared, store=desk.store) as desk, desk.sweeping():
        await mastodon.until(lambda: any(one.files for one in mastodon.posts()), 10)
        await mastodon.quiet()
    assert len([one for one in mastodon.posts() if one.files]) == 1


async def test_a_message_that_is_taken_back_takes_along_what_was_not_brought(mastodon: FakeMastodon) -> None:
    shared, id = Shared(), new_id()
    shared.files[id] = None
    ada = mastodon.person("ada")
    async with desk_of(mastodon, shared=shared) as desk:
        first = await desk.adapter.send(desk.direct(ada, named(id)))
        await desk.adapter.send(desk.direct(ada, "Taken back.", replaces=first))
        shared.files[id] = PNG
        await mastodon.quiet()
    assert [one.files for one in mastodon.posts()] == [()]


async def test_a_file_that_is_gone_or_not_taken_is_only_named(mastodon: FakeMastodon) -> None:
    shared, id = Shared(), new_id()
    shared.files[id] = b"%PDF"
    ada = mastodon.person("ada")
    async with desk_of(mastodon, shared=shared) as desk:
        await desk.adapter.send(desk.direct(ada, named(new_id())))
        await desk.adapter.send(desk.direct(ada, named(id, "manual.pdf")))
        await mastodon.until(lambda: not [one for one in desk.store.names if "/to-bring/" in one], 10)
    assert [one.files for one in mastodon.posts()] == [(), ()]
