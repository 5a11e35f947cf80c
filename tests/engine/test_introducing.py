"""Events that came before there was time to ask who sent them: asked for when they are handled."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from bot.engine.dispatcher import Dispatcher
from bot.engine.introducing import TRIES
from bot.errors import PlatformUnavailable
from bot.model.messages import Identity, Incoming, IncomingDeletion, IncomingMessage
from bot.model.people import Known
from bot.model.values import Audience, InboxState
from tests.engine.desk import LEASE, TestDesk

JAM = "The printer is jammed, error E5"


@dataclass
class Directory:
    """A platform that knows everybody, unless it is down for so many calls."""

    refusals: int = 0
    unknown: bool = False
    asked: list[Incoming] = field(default_factory=list)

    async def introduce(self, event: Incoming) -> Incoming | None:
        self.asked.append(event)
        if self.refusals:
            self.refusals -= 1
            raise PlatformUnavailable("503")
        if self.unknown or isinstance(event, IncomingDeletion):
            return None
        author = replace(event.author, name="Ada Lovelace", email="ada@acme.example", locale="fr")
        return replace(event, author=author, audience=Audience.INTERNAL)


@pytest.fixture
async def directory(desk: TestDesk) -> AsyncIterator[Directory]:
    made = Directory()
    desk.dispatcher = Dispatcher(desk.services, "test", lease=LEASE, introducers={"test": made})
    yield made


def bare(desk: TestDesk, text: str = JAM, room: str = "dm", **options: object) -> IncomingMessage:
    message = desk.message(text, room, audience=Audience.PUBLIC, **options)  # type: ignore[arg-type]
    return replace(message, author=Identity("test", "T", "ada"), introduced=False)


async def known(desk: TestDesk) -> Known | None:
    async with desk.storage.unit_of_work() as uow:
        return await uow.people.known(Identity("test", "T", "ada"))


async def test_the_platform_says_who_it_is_and_who_reads(desk: TestDesk, directory: Directory) -> None:
    await desk.receive(bare(desk))
    await desk.settle()
    ada = await known(desk)
    assert ada
    assert (ada.person.name, ada.person.email, ada.person.locale) == ("Ada Lovelace", "ada@acme.example", "fr")
    (message,) = [one for one in await desk.history() if one.author == "person"]
    assert message.audience is Audience.INTERNAL


async def test_chatter_costs_no_call(desk: TestDesk, directory: Directory) -> None:
    await desk.receive(bare(desk, room="office", private=False), bare(desk, room="office", private=False, thread="t9"))
    assert await desk.settle() == []
    assert directory.asked == []
    assert (await desk.storage.counts()).inbox[InboxState.DONE] == 2


async def test_what_the_desk_should_not_hear_has_no_effect(desk: TestDesk, directory: Directory) -> None:
    directory.unknown = True
    await desk.receive(bare(desk))
    assert await desk.settle() == []
    assert await known(desk) is None


async def test_a_platform_that_is_down_is_asked_again_and_nothing_overtakes(
    desk: TestDesk, directory: Directory
) -> None:
    directory.refusals = TRIES - 1
    await desk.receive(bare(desk, "My password expired"), bare(desk, JAM))
    await desk.settle()
    said = [one for one in await desk.history() if one.author == "person"]
    assert [one.audience for one in said] == [Audience.INTERNAL, Audience.INTERNAL]
    assert [one.text for one in said] == ["My password expired", JAM]
    assert len(directory.asked) == TRIES + 1
    assert (await desk.storage.counts()).inbox[InboxState.DEAD] == 0


async def test_at_last_it_is_handled_with_what_is_known_as_of_a_stranger(desk: TestDesk, directory: Directory) -> None:
    directory.refusals = 1000
    await desk.receive(bare(desk))
    await desk.settle()
    assert len(directory.asked) == TRIES
    (message,) = [one for one in await desk.history() if one.author == "person"]
    assert message.audience is Audience.PUBLIC
    assert desk.posts()


async def test_a_process_without_the_platform_leaves_it_to_another_for_a_while(desk: TestDesk) -> None:
    await desk.receive(bare(desk))
    rows = await desk.storage.inbox.claim("test", LEASE)
    await desk.dispatcher.process(rows[0])
    counts = (await desk.storage.counts()).inbox
    assert (counts[InboxState.RECEIVED], counts[InboxState.DONE]) == (1, 0)
    (row,) = await desk.storage.inbox.claim("other", LEASE)
    assert (row.attempt, row.failures) == (1, 0)  # as if it had not been taken up


async def test_one_who_is_introduced_already_is_not_asked_about(desk: TestDesk, directory: Directory) -> None:
    await desk.says(JAM)
    assert directory.asked == []


async def test_what_others_say_in_a_thread_of_the_desks_costs_no_call_either(
    desk: TestDesk, directory: Directory
) -> None:
    asked = bare(desk, room="office", private=False, mentioned=True, thread="t1")
    await desk.receive(asked)
    await desk.settle()
    calls = len(directory.asked)
    bob = replace(
        bare(desk, "try the other one", "office", private=False, thread="t1"), author=Identity("test", "T", "b")
    )
    follow_up = bare(desk, "no", "office", private=False, thread="t1")
    await desk.receive(bob, follow_up)
    assert await desk.settle() == []  # somebody else has answered
    assert len(directory.asked) == calls
    await desk.receive(bare(desk, "no, it is jammed", "office", private=False, mentioned=True, thread="t1"))
    assert await desk.settle()
