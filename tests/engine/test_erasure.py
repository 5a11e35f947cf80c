"""A person with a history at a whole desk is erased: nothing of theirs is left, the desk's card says so, and they may
come back as somebody new."""

import re
from typing import Any

import pytest

from bot.errors import InvalidInput
from bot.model.people import Person
from bot.people_erasure import erase_person, rehearsed
from bot.ports.personal import ERASED
from storage.store import SqlStorage
from tests.contract.storage.traces import figures, found_in, texts
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk
from tests.engine.test_identity import Office

NAME, MAIL = "Zoé Quandalle-Ñuñez", "zoe.quandalle@brumaire.example"
WORDS = ("xylophonic printer", "marmalade", "glockenspiel", "call me on 06 99 88 77 66", "ZOE-SER-0001")
MARKERS = (NAME, "Quandalle", MAIL, "xylophonic", "marmalade", "glockenspiel", "0699887766", "ZOE-SER-0001")


class Story:
    """A question, an answer that did not help, a ticket, words both ways, a note, a held reply, and its end."""

    def __init__(self, desk: TestDesk) -> None:
        self.desk = make_desk(desk.storage, desk.services.retriever, desk=OneDeskRoom(cards=True))
        self.office = Office(self.desk)

    async def zoe(self, text: str) -> str:
        return await self.office.says("zoe", text, name=NAME, email=MAIL)

    async def grace(self, text: str, room: str = "desk") -> str:
        return await self.desk.says(text, room, who="grace", private=False)

    async def told(self) -> Person:
        await self.desk.appoint("grace")
        await self.desk.appoint("hedy")
        await self.desk.says("the VPN does not connect", "bob", who="bob")
        await self.zoe(f"my {WORDS[0]} jams, {WORDS[1]}, serial number {WORDS[4]}")
        await self.zoe("no, it did not work")
        await self.zoe("I want to talk to a human")
        await self.zoe(f"T1 {WORDS[2]}, {WORDS[3]}")
        await self.grace("/ticket claim T1")
        await self.grace(f"/ticket note T1 she says {WORDS[1]}")
        await self.grace(f"/ticket reply T1 Bonjour {NAME}, is it the {WORDS[0]}?")
        await self.zoe(f"yes, {WORDS[2]}")
        await self.grace(f"/ticket resolve T1 the {WORDS[0]} is repaired, {NAME}")
        await self.zoe("yes, it works")
        await self.zoe("thank you")
        person = await self.person()
        assert person is not None
        return person

    async def person(self) -> Person | None:
        found = await self.desk.storage.unit_of_work().people.by_email([MAIL])
        return found[0] if found else None


@pytest.fixture
def storage(sampled: Any) -> SqlStorage:
    found: SqlStorage = sampled[0]
    return found


async def test_nothing_of_a_whole_history_is_left_and_the_figures_are_the_same(
    desk: TestDesk, storage: SqlStorage
) -> None:
    story = Story(desk)
    person = await story.told()
    everywhere = found_in(await texts(storage), MARKERS)
    assert len({column.split(".")[0] for column in everywhere}) > 8, sorted(everywhere)
    before = await figures(storage)
    dry = await rehearsed(story.desk.services, person)

    erased = await erase_person(story.desk.services, person)

    assert found_in(await texts(storage), MARKERS) == {}
    assert dry.counts == erased.counts
    assert await figures(storage) == before
    [ticket] = [one for one in await story.desk.tickets() if one.number == 1]
    assert (ticket.title, ticket.status, ticket.asker_id) == (ERASED, "closed", erased.person_id)


async def test_the_card_on_the_platform_is_shown_anew_without_them(desk: TestDesk) -> None:
    story = Story(desk)
    person = await story.told()
    await erase_person(story.desk.services, person)
    before = len(story.desk.wire.posted)
    await story.desk.settle()
    shown = [one for one in story.desk.wire.posted[before:] if one.conversation.room == "desk"]
    assert len(shown) == 1 and shown[0].replaces, "the card, in its place"
    assert ERASED in shown[0].document.text
    assert found_in({"card": [shown[0].document.text]}, MARKERS) == {}


async def test_they_may_come_back_as_somebody_new(desk: TestDesk, storage: SqlStorage) -> None:
    story = Story(desk)
    person = await story.told()
    erased = await erase_person(story.desk.services, person)
    answer = await story.zoe("where is my ticket?")
    assert not re.search(r"T\d", answer)
    again = await story.person()
    assert again is not None and again.id not in (person.id, erased.person_id)
    assert len(await story.desk.history("test-zoe")) == 2
    shown = await story.grace("/ticket show T1")
    assert ERASED in shown and found_in({"shown": [shown]}, MARKERS) == {}


async def test_an_open_ticket_is_settled_before(desk: TestDesk) -> None:
    story = Story(desk)
    await story.zoe("I want to talk to a human")
    person = await story.person()
    assert person is not None
    with pytest.raises(InvalidInput, match="resolve or close T1"):
        await erase_person(story.desk.services, person)
    assert await story.person() == person
