"""Files are fetched once, outside of transactions, again if that fails, and not for ever."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.attachments.intake import Intake
from bot.attachments.kinds import Kinds
from bot.engine.services import NothingToSearch, Policy
from bot.errors import FileRefused, PlatformUnavailable, RateLimited
from bot.file_settings import FILE_TYPES
from bot.model.documents import Files
from bot.model.messages import ConversationRef, IncomingFile
from bot.model.public import OptOut
from bot.model.tickets import Attachment
from bot.public.policy import PublicPolicy
from jobs.fetch_attachments import PAUSES, TAKEN, fetch_attachments
from storage.files.disk import DiskFiles
from storage.store import SqlStorage
from tests.attachments.samples import EXE, PNG
from tests.engine.desk import TestDesk, Wire, make_desk

FILE = IncomingFile("F1", "error.png", "image/png", 5000, url="https://files.example/F1")


class Platform(Wire):
    """A platform with files: `answers` are given one after the other, the last for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[bytes | Exception] = [PNG]
        self.asked: list[IncomingFile] = []
        self.pause = asyncio.Event()
        self.pause.set()

    async def fetch(self, file: IncomingFile) -> AsyncIterator[bytes]:
        self.asked.append(file)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        yield answer[:20]
        await self.pause.wait()
        yield answer[20:]

    async def upload(self, conversation: ConversationRef, name: str, content: bytes) -> str:
        return "u1"


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> TestDesk:
    made = make_desk(sqlite_storage, NothingToSearch())
    intake = Intake(DiskFiles(tmp_path / "files"), Kinds.of(FILE_TYPES))
    return TestDesk(made.storage, replace(made.services, files=intake), made.wire, made.clock)


async def arrives(desk: TestDesk, file: IncomingFile = FILE) -> None:
    await desk.receive(replace(desk.message("I want to talk to a human, look", native_id="m-look"), files=(file,)))
    await desk.settle()


async def the_file(desk: TestDesk) -> Attachment:
    async with desk.storage.unit_of_work() as uow:
        (found,) = await uow.attachments.of([one.id for one in await desk.history()])
        return found


async def stored(desk: TestDesk) -> list[str]:
    return [key async for key in desk.services.files.store.keys(desk.clock() + timedelta(days=3650))]


async def test_a_file_is_fetched_once_and_is_what_its_bytes_say(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    assert await fetch_attachments(desk.services, [platform]) == 1
    assert await fetch_attachments(desk.services, [platform]) == 0
    assert [(file.native_id, file.url) for file in platform.asked] == [("F1", FILE.url)]
    had = await the_file(desk)
    assert (had.media_type, had.size, had.next_at, had.problem) == ("image/png", len(PNG), None, None)
    assert await stored(desk) == [had.stored_as]


async def test_a_process_without_the_platform_leaves_it(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    assert await fetch_attachments(desk.services, [Wire()]) == 0
    assert await fetch_attachments(desk.services, []) == 0
    assert (await the_file(desk)).attempt == 0


async def test_of_two_processes_one_fetches(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    had = await asyncio.gather(*(fetch_attachments(desk.services, [platform]) for _ in range(4)))
    assert sum(had) == 1
    assert len(platform.asked) == 1
    assert len(await stored(desk)) == 1


async def test_what_a_dead_process_had_in_hand_is_fetched_by_another(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    platform.pause.clear()
    dying = asyncio.create_task(fetch_attachments(desk.services, [platform]))
    while not platform.asked:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0.01)
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    platform.pause.set()
    assert await fetch_attachments(desk.services, [platform]) == 0
    desk.clock.at += TAKEN
    assert await fetch_attachments(desk.services, [platform]) == 1
    assert len(await stored(desk)) == 1


async def test_failures_are_tried_again_later_and_later(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    platform.answers = [PlatformUnavailable("down"), RuntimeError("a mistake of the adapter"), PNG]
    for pause in PAUSES[:2]:
        assert await fetch_attachments(desk.services, [platform]) == 0
        assert (await the_file(desk)).next_at == desk.clock() + timedelta(seconds=pause)
        assert await fetch_attachments(desk.services, [platform]) == 0  # not yet
        desk.clock.forward(seconds=pause)
    assert await fetch_attachments(desk.services, [platform]) == 1
    assert len(platform.asked) == 3


async def test_a_platform_says_when_to_come_again(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    platform.answers = [RateLimited(77)]
    await fetch_attachments(desk.services, [platform])
    assert (await the_file(desk)).next_at == desk.clock() + timedelta(seconds=77)


@pytest.mark.parametrize(
    ("answer", "problem", "said"),
    [
        (EXE, "wrong_type", "not accepted"),
        (b"", "empty", "it is empty"),
        (PNG + bytes(26 * 1024 * 1024), "too_large", "up to 25"),
        (FileRefused("gone"), "gone", "no longer where it was sent from"),
        (FileRefused("refused"), "refused", "does not lie on this platform"),
    ],
)
async def test_what_will_not_be_had_is_said_once_to_its_sender_and_shown_to_the_desk(
    desk: TestDesk, platform: Platform, answer: bytes | Exception, problem: str, said: str
) -> None:
    await desk.says("I want to talk to a human")
    await arrives(desk)
    platform.answers = [answer]
    before = len(desk.posts())
    for _ in range(2):
        assert await fetch_attachments(desk.services, [platform]) == 0
        await desk.settle()
        desk.clock.forward(hours=1)
    lost = await the_file(desk)
    assert (lost.problem, lost.stored_as, lost.next_at) == (problem, None, None)
    (sentence,) = desk.posts()[before:]
    assert said in sentence
    shown = [
        item.problem
        for one in desk.wire.posted
        if one.conversation.room == "desk" and one.replaces
        for block in one.document.blocks
        if isinstance(block, Files)
        for item in block.items
    ]
    assert shown == [problem]
    assert await stored(desk) == []


async def test_a_sender_who_said_stop_is_not_told(desk: TestDesk, platform: Platform) -> None:
    policy = Policy(public=PublicPolicy(platforms=("test",)))
    desk = TestDesk(desk.storage, replace(desk.services, policy=policy), desk.wire, desk.clock)
    await desk.says("I want to talk to a human")
    await arrives(desk)
    async with desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut("test", "T", "dm", desk.clock()))
        await uow.commit()
    platform.answers = [FileRefused("gone")]
    before = desk.posts()
    assert await fetch_attachments(desk.services, [platform]) == 0
    await desk.settle()
    assert desk.posts() == before and (await the_file(desk)).problem == "gone"


async def test_after_the_last_attempt_it_is_given_up(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    platform.answers = [PlatformUnavailable("down")]
    for _ in range(len(PAUSES) + 3):
        await fetch_attachments(desk.services, [platform])
        desk.clock.forward(hours=1)
    assert len(platform.asked) == len(PAUSES) + 1
    assert (await the_file(desk)).problem == "unreachable"


async def test_what_is_taken_back_meanwhile_is_not_kept(desk: TestDesk, platform: Platform) -> None:
    await arrives(desk)
    platform.pause.clear()
    fetching = asyncio.create_task(fetch_attachments(desk.services, [platform]))
    while not platform.asked:  # noqa: ASYNC110  # nothing tells of it
        await asyncio.sleep(0.01)
    await desk.receive(desk.deletion("m-look"))
    await desk.settle()
    platform.pause.set()
    assert await fetching == 0
    assert await stored(desk) == []
