"""Files that come with messages: kept, relayed both ways, refused with a sentence, and taken back."""

from dataclasses import replace
from uuid import UUID

import pytest

from bot.attachments.intake import MEGABYTE
from bot.attachments.reading import readable
from bot.model.documents import FileItem, Files
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Identity, IncomingFile
from bot.model.tickets import Attachment
from bot.model.values import Role
from tests.engine.desk import TestDesk

KEY = "0" * 31 + "1"
SCREEN = IncomingFile(KEY, "error.png", "image/png", 120_000, stored_as=KEY)
HERE = IncomingFile("F9", "log.txt", "text/plain", 5_000, url="https://files.example/F9")


async def sends(desk: TestDesk, text: str, *files: IncomingFile, room: str = "dm", who: str = "ada") -> str:
    await desk.receive(replace(desk.message(text, room, who=who), files=files))
    posted = await desk.settle()
    return "\n".join(one.document.text for one in posted if one.conversation.room == room)


def files_in(deliveries: list[Delivery], room: str) -> list[FileItem]:
    return [
        item
        for one in deliveries
        if one.conversation.room == room
        for block in one.document.blocks
        if isinstance(block, Files)
        for item in block.items
    ]


async def attachments(desk: TestDesk, room: str = "dm") -> list[Attachment]:
    async with desk.storage.unit_of_work() as uow:
        return await uow.attachments.of([one.id for one in await desk.history(room)])


async def may_have(desk: TestDesk, id: UUID, who: str) -> bool:
    async with desk.storage.unit_of_work() as uow:
        known = await uow.people.known(Identity("test", "T", who))
        return await readable(uow, id, known) is not None


@pytest.fixture
async def open_ticket(desk: TestDesk) -> TestDesk:
    await desk.appoint("grace")
    await desk.says("I want to talk to a human about my screen")
    return desk


async def test_a_file_without_words_asks_what_it_is_about(desk: TestDesk) -> None:
    assert "what is it about?" in await sends(desk, "", SCREEN)
    (kept,) = await attachments(desk)
    assert (kept.name, kept.stored_as, kept.problem, kept.next_at) == ("error.png", KEY, None, None)


async def test_a_file_with_a_question_does_not_stand_in_its_way(desk: TestDesk) -> None:
    answer = await sends(desk, "My VPN does not connect, error 809", SCREEN)
    assert "[" in answer or "1." in answer or "VPN" in answer
    assert len(await attachments(desk)) == 1


async def test_what_is_still_on_its_platform_is_to_be_fetched(desk: TestDesk) -> None:
    await sends(desk, "see the log", HERE)
    (kept,) = await attachments(desk)
    assert (kept.stored_as, kept.url, kept.next_at) == (None, HERE.url, desk.clock())


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (replace(SCREEN, stored_as=None, problem="too_large"), "may have up to 25\u00a0MB"),
        (replace(HERE, size=25 * MEGABYTE + 1), "may have up to 25\u00a0MB"),
        (replace(HERE, name="setup.exe"), "files of this kind are not accepted"),
        (replace(SCREEN, stored_as=None, problem="empty"), "it is empty"),
    ],
)
async def test_what_is_not_taken_is_said_and_the_words_are_handled(
    open_ticket: TestDesk, file: IncomingFile, said: str
) -> None:
    answer = await sends(open_ticket, "here is what I see on my screen", file)
    assert said in answer
    assert f"“{file.name}”" in answer
    assert "T1" in answer  # the words went to the ticket
    (kept,) = await attachments(open_ticket)
    assert kept.problem is not None
    assert kept.next_at is None
    assert kept.stored_as is None


async def test_in_french_too(desk: TestDesk) -> None:
    await desk.says("Bonjour, mon imprimante ne marche pas")
    answer = await sends(desk, "voici la capture", replace(HERE, size=25 * MEGABYTE + 1))
    assert "n’a pas été pris : un fichier peut faire jusqu’à 25\u00a0Mo" in answer.replace("pris\u00a0:", "pris :")


async def test_more_than_five_files_are_not_taken(desk: TestDesk) -> None:
    answer = await sends(desk, "my screens", *(replace(SCREEN, name=f"{n}.png") for n in range(7)))
    assert answer.count("up to five files") == 2
    assert [one.problem for one in await attachments(desk)] == [None] * 5 + ["too_many"] * 2


async def test_a_file_goes_to_the_desk_and_one_comes_back(open_ticket: TestDesk) -> None:
    desk = open_ticket
    await sends(desk, "", SCREEN)
    (shown,) = files_in(desk.wire.posted, "desk")
    assert (shown.name, shown.size, shown.problem) == ("error.png", 120_000, None)
    assert any("Ada sends a file" in post for post in desk.posts("desk"))
    assert await may_have(desk, shown.id, "ada")
    assert await may_have(desk, shown.id, "grace")
    await desk.says("hello", "elsewhere", who="eve")
    assert not await may_have(desk, shown.id, "eve")
    assert not await may_have(desk, shown.id, "nobody-known")

    back = replace(SCREEN, name="how to.pdf", media_type="application/pdf")
    await sends(desk, "/ticket reply T1", back, room="desk-grace", who="grace")
    (got,) = files_in(desk.wire.posted, "dm")
    assert got.name == "how to.pdf"
    assert await may_have(desk, got.id, "ada")
    assert not await may_have(desk, got.id, "eve")


async def test_a_file_of_a_note_stays_inside(open_ticket: TestDesk) -> None:
    desk = open_ticket
    await sends(desk, "/ticket note T1 internal", SCREEN, room="desk-grace", who="grace")
    assert files_in(desk.wire.posted, "dm") == []
    (kept,) = await attachments(desk, "desk-grace")
    assert not await may_have(desk, kept.id, "ada")
    assert await may_have(desk, kept.id, "grace")


async def test_a_technicians_file_that_was_not_taken_is_not_announced_to_the_asker(open_ticket: TestDesk) -> None:
    desk = open_ticket
    answer = await sends(
        desk, "/ticket reply T1 see this", replace(HERE, name="fix.exe"), room="desk-grace", who="grace"
    )
    assert "files of this kind are not accepted" in answer
    assert files_in(desk.wire.posted, "dm") == []
    assert any("see this" in post for post in desk.posts())
    only = await sends(desk, "/ticket reply T1", replace(HERE, name="fix.exe"), room="desk-grace", who="grace")
    assert "files of this kind are not accepted" in only


async def test_held_words_keep_their_files_until_they_are_sent(open_ticket: TestDesk) -> None:
    desk = open_ticket
    await desk.appoint("alan")
    await desk.says("/ticket claim T1", "desk-grace", who="grace")
    desk.clock.forward(minutes=1)
    answer = await sends(desk, "/ticket reply T1 try this", SCREEN, room="desk-alan", who="alan")
    assert "error.png" in answer
    assert files_in(desk.wire.posted, "dm") == []
    (kept,) = await attachments(desk, "desk-alan")
    assert not await may_have(desk, kept.id, "ada")
    await desk.clicks("send_held", room="desk-alan", who="alan")
    (got,) = files_in(desk.wire.posted, "dm")
    assert got.id == kept.id
    assert await may_have(desk, got.id, "ada")


async def test_a_message_that_is_taken_back_takes_its_files_with_it(open_ticket: TestDesk) -> None:
    desk = open_ticket
    await desk.receive(replace(desk.message("look", native_id="m-look"), files=(SCREEN,)))
    await desk.settle()
    (kept,) = await attachments(desk)
    await desk.receive(desk.deletion("m-look"))
    await desk.settle()
    (gone,) = await attachments(desk)
    assert (gone.stored_as, gone.problem) == (None, "gone")
    assert not await may_have(desk, kept.id, "ada")
    assert not await may_have(desk, kept.id, "grace")


async def test_a_disabled_technician_has_no_files_any_more(open_ticket: TestDesk) -> None:
    desk = open_ticket
    await sends(desk, "look", SCREEN)
    (kept,) = await attachments(desk)
    assert await may_have(desk, kept.id, "grace")
    async with desk.storage.unit_of_work() as uow:
        known = await uow.people.known(Identity("test", "T", "grace"))
        assert known and known.technician and known.technician.role is Role.TECHNICIAN
        uow.people.save(replace(known.technician, disabled=True))
        await uow.commit()
    assert not await may_have(desk, kept.id, "grace")


async def test_a_reply_relayed_is_read_by_its_asker_alone(open_ticket: TestDesk) -> None:
    """The name of a file is data: nothing of it is Markdown, and no path."""
    desk = open_ticket
    name = "../**bold** <script>\u202egnp.png"
    await sends(desk, "", replace(SCREEN, name=name))
    (shown,) = files_in(desk.wire.posted, "desk")
    assert shown.name == "**bold** <script>gnp.png"
    assert any("📎 **bold** <script>gnp.png" in post for post in desk.posts("desk"))
    assert ConversationRef("test", "T", "dm") in {one.conversation for one in desk.wire.posted}


async def test_a_new_tickets_card_has_the_files_that_came_with_its_question(desk: TestDesk) -> None:
    old = replace(SCREEN, name="of another day.png")
    await sends(desk, "look at this", old)
    desk.clock.forward(days=1)
    await sends(desk, "my zorglub is broken", SCREEN)
    await sends(desk, "I want to talk to a human", replace(SCREEN, name="second.png"))
    assert [item.name for item in files_in(desk.wire.posted, "desk")] == ["error.png", "second.png"]
    await desk.appoint("grace")
    shown = await desk.says("/ticket show T1", "desk-grace", who="grace")
    assert "📎 error.png" in shown
    assert "📎 second.png" in shown
    own = await desk.says("/ticket show T1")
    assert "📎 error.png" in own


async def test_a_note_with_a_file_is_not_on_what_its_asker_is_shown(open_ticket: TestDesk) -> None:
    desk = open_ticket
    await sends(desk, "/ticket note T1 x", replace(SCREEN, name="secret.png"), room="desk-grace", who="grace")
    await sends(desk, "/ticket reply T1 y", replace(SCREEN, name="for you.png"), room="desk-grace", who="grace")
    own = await desk.says("/ticket show T1")
    assert "for you.png" in own
    assert "secret.png" not in own
