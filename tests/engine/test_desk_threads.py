"""Technicians work in the thread under a ticket's card: what they write there reaches the person, or is kept back."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.model.documents import Actions
from bot.model.messages import ConversationRef, IncomingDeletion, MessageKey
from bot.model.tickets import HeldReply
from bot.model.values import ClosedReason, Role, TicketStatus, Urgency, Visibility
from bot.tickets.relay import internal_text
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.at_work import ticket
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk


@pytest.fixture
async def desk(sampled: tuple[SqlStorage, Reader]) -> AsyncIterator[TestDesk]:
    made = make_desk(sampled[0], HybridRetriever(sampled[1]), desk=OneDeskRoom(cards=True))
    for who in ("tess", "tom"):
        await made.appoint(who)
    await made.appoint("lea", Role.LEAD)
    yield made


async def opened(desk: TestDesk, text: str = "my chair is broken", room: str = "dm", who: str = "ada") -> str:
    """Open a ticket; the thread under its card."""
    await desk.says(f"/ticket new {text}", room, who=who)
    return next(f"p{n}" for n, d in reversed(list(enumerate(desk.wire.posted, 1))) if d.conversation.room == "desk")


async def writes(desk: TestDesk, text: str, thread: str, who: str = "tess", **options: object) -> None:
    await desk.receive(desk.message(text, "desk", who=who, thread=thread, private=False, **options))  # type: ignore[arg-type]
    await desk.settle()


async def test_a_reply_in_the_thread_claims_and_reaches_the_person(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "Which chair is it?", thread)
    assert "Which chair is it?" in desk.posts()[-1]
    one = await ticket(desk)
    assert (one.status, one.first_reply_at is not None) == (TicketStatus.IN_PROGRESS, True)


async def test_that_it_arrived_is_said_where_it_was_written(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "Which chair is it?", thread)
    (mark,) = [d for d in desk.wire.posted if "reached Ada" in d.document.text]
    assert (mark.conversation.room, mark.conversation.thread, mark.reaction) == ("desk", thread, "delivered")


@pytest.mark.parametrize(
    "text",
    [
        "note: she is difficult",
        "NOTE : she is difficult",
        "  // she is difficult",
        "\u200b\u202e//she is difficult",
        "> note: she is difficult",
        "\n\n\t//\tshe is difficult",
        "!note she is difficult",
        "note\u00a0: she is difficult",
        "Note interne : she is difficult",
        "Internal note: she is difficult",
    ],
)
async def test_what_is_internal_is_never_sent(desk: TestDesk, text: str) -> None:
    thread = await opened(desk)
    before = len(desk.posts())
    await writes(desk, text, thread)
    assert desk.posts()[before:] == []
    (note,) = await desk.storage.unit_of_work().tickets.notes((await ticket(desk)).id)
    assert note.text == "she is difficult"
    assert (await ticket(desk)).status is TicketStatus.OPEN


@pytest.mark.parametrize(
    "text", ["notepad crashes", "noted, thanks", "http://example.org", "a // b", "notes are fine", "internally: no"]
)
def test_what_only_looks_like_a_note_is_none(text: str) -> None:
    assert internal_text(text) is None


async def test_somebody_elses_words_are_held_and_may_be_sent(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "On it.", thread)
    desk.clock.forward(minutes=5)
    before = len(desk.posts())
    await writes(desk, "Just buy a new one", thread, who="tom")
    assert desk.posts()[before:] == []
    held = desk.wire.posted[-1]
    assert "Not sent: T1 is with Tess" in held.document.text
    assert (held.visibility, held.recipient) == (Visibility.ONLY_ASKER, "tom")
    button = next(b for block in held.document.blocks if isinstance(block, Actions) for b in block.buttons)
    await desk.clicks(button.action, button.value, "desk", who="tess")
    assert desk.posts()[before:] == []  # only who wrote it decides
    await desk.clicks("send_held", button.value, "desk", who="tom")
    assert "Just buy a new one" in desk.posts()[-1]
    assert (await ticket(desk)).assignee_id == await technician_id(desk, "tess")
    await desk.clicks("send_held", button.value, "desk", who="tom")
    assert len(desk.posts()) == before + 1  # once


async def technician_id(desk: TestDesk, who: str) -> object:
    uow = desk.storage.unit_of_work()
    for technician in await uow.people.technicians():
        person = await uow.people.person(technician.person_id)
        if person and person.name == who.title():
            return technician.id
    return None


async def test_the_loser_of_a_race_is_told_who_won_and_what_is_next(desk: TestDesk) -> None:
    thread = await opened(desk)
    await opened(desk, "the lamp flickers", "other", who="bob")
    await desk.receive(
        desk.message("I have it", "desk", who="tess", thread=thread, private=False),
        desk.message("No, I do", "desk", who="tom", thread=thread, private=False),
    )
    await desk.settle()
    assert sum("I have it" in post for post in desk.posts()) == 1
    assert not any("No, I do" in post for post in desk.posts())
    told = next(d for d in desk.wire.posted if d.recipient == "tom")
    assert "Tess took T1 just before you" in told.document.text
    assert "T2" in told.document.text


async def test_held_words_kept_become_a_note(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "On it.", thread)
    await writes(desk, "secret doubts", thread, who="tom")
    await desk.clicks("keep_held", None, "desk", who="tom")
    (note,) = await desk.storage.unit_of_work().tickets.notes((await ticket(desk)).id)
    assert note.text == "secret doubts"
    assert not any("secret" in post for post in desk.posts())
    assert "already" in await desk.clicks("send_held", desk.button("send_held", "desk").value, "desk", who="tom")


async def test_an_employee_in_the_desks_thread_is_not_relayed(desk: TestDesk) -> None:
    thread = await opened(desk)
    before = len(desk.posts())
    await writes(desk, "let me add something", thread, who="mallory")
    assert desk.posts()[before:] == []
    assert (await ticket(desk)).status is TicketStatus.OPEN


async def test_an_employees_press_on_a_technicians_button_does_nothing(desk: TestDesk) -> None:
    await opened(desk)
    assert "for technicians" in await desk.clicks("ticket_claim", "T1", "desk", who="mallory")
    assert desk.wire.posted[-1].recipient == "mallory"  # the room has nothing to read of it
    await desk.says("/ticket claim T1", "desk", who="tess")
    assert "for technicians" in await desk.clicks("ticket_not-a-request", "T1", "desk", who="mallory")
    assert (await ticket(desk)).status is TicketStatus.IN_PROGRESS


async def test_a_disabled_technicians_old_button_does_nothing(desk: TestDesk) -> None:
    thread = await opened(desk)
    async with desk.storage.unit_of_work() as uow:
        id = await technician_id(desk, "tess")
        tess = next(t for t in await uow.people.technicians() if t.id == id)
        uow.people.save(replace(tess, disabled=True))
        await uow.commit()
    assert "for technicians" in await desk.clicks("ticket_claim", "T1", "desk", who="tess")
    before = len(desk.posts())
    await writes(desk, "hello", thread)
    assert desk.posts()[before:] == []
    assert (await ticket(desk)).status is TicketStatus.OPEN


async def test_commands_in_the_thread_need_no_reference(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "!claim", thread)
    await writes(desk, "!priorité haute", thread)
    await writes(desk, "!note 2 monitors on the desk", thread)
    one = await ticket(desk)
    assert (one.status, one.priority) == (TicketStatus.IN_PROGRESS, Urgency.HIGH)
    (note,) = await desk.storage.unit_of_work().tickets.notes(one.id)
    assert note.text == "2 monitors on the desk"


async def test_the_card_is_edited_in_place(desk: TestDesk) -> None:
    thread = await opened(desk)
    await desk.clicks("ticket_claim", "T1", "desk", who="tess")
    edit = [d for d in desk.wire.posted if d.replaces == thread][-1]
    assert "in progress" in edit.document.text.lower()
    assert "Tess" in edit.document.text
    answer = next(d for d in reversed(desk.wire.posted) if d.visibility is Visibility.ONLY_ASKER)
    assert answer.recipient == "tess"


async def test_the_persons_words_come_into_the_thread(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "Which chair?", thread)
    await desk.says("the blue one")
    last = [d for d in desk.wire.posted if d.conversation.room == "desk"][-1]
    assert last.conversation.thread == thread
    assert "the blue one" in last.document.text


async def test_other_talk_in_the_desks_room_is_left_alone(desk: TestDesk) -> None:
    await opened(desk)
    before = len(desk.wire.posted)
    await desk.says("anybody for lunch?", "desk", who="tess", private=False)
    assert desk.wire.posted[before:] == []


async def test_edits_of_a_reply_follow(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "Come at 9", thread, native_id="r1")
    copy = next(d for d in desk.wire.posted if "Come at 9" in d.document.text and d.conversation.room == "dm")
    desk.clock.forward(minutes=10)
    await writes(desk, "Come at 10", thread, native_id="r1", revision="2")
    edit = desk.wire.posted[-1]
    assert edit.replaces == f"p{desk.wire.posted.index(copy) + 1}"
    assert "Come at 10" in edit.document.text
    assert "Come at 9" not in edit.document.text
    assert "Come at 10" in [m.text for m in await desk.history()][-1]


async def test_a_reply_edited_into_a_note_is_taken_back(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "She is wrong", thread, native_id="r1")
    desk.clock.forward(seconds=30)
    await writes(desk, "note: She is wrong", thread, native_id="r1", revision="2")
    assert "withdrawn" in desk.wire.posted[-1].document.text
    assert not any("note" in post for post in desk.posts())


async def test_an_edited_note_never_becomes_a_reply(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "note: the boss wants it", thread, native_id="n1")
    before = len(desk.posts())
    await writes(desk, "the boss really wants it", thread, native_id="n1", revision="2")
    assert desk.posts()[before:] == []
    (note,) = await desk.storage.unit_of_work().tickets.notes((await ticket(desk)).id)
    assert note.text == "the boss really wants it"


async def test_held_words_edited_are_sent_as_they_are_now(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "On it.", thread)
    await writes(desk, "first thought", thread, who="tom", native_id="h1")
    await writes(desk, "second thought", thread, who="tom", native_id="h1", revision="2")
    await desk.clicks("send_held", None, "desk", who="tom")
    assert "second thought" in desk.posts()[-1]


async def test_a_deleted_reply_is_withdrawn(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "Come at 9", thread, native_id="r1")
    where = ConversationRef("test", "T", "desk", thread)
    deletion = replace(desk.deletion("r1"), conversation=where, key=MessageKey("test", "T", "deletion", "r1"))
    assert isinstance(deletion, IncomingDeletion)
    await desk.receive(deletion)
    await desk.settle()
    assert "withdrawn" in desk.wire.posted[-1].document.text
    assert desk.wire.posted[-1].conversation.room == "dm"
    assert not any("Come at 9" in m.text for m in await desk.history())


async def test_the_askers_edit_follows_into_the_desk(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "Which chair?", thread)
    await desk.says("the blue one", native_id="a1")
    await desk.says("the red one", native_id="a1", revision="2")
    edit = desk.wire.posted[-1]
    assert (edit.conversation.thread, "the red one" in edit.document.text) == (thread, True)


async def test_merged_askers_all_read_the_answer(desk: TestDesk) -> None:
    thread = await opened(desk)
    await opened(desk, "my chair is broken too", "other", who="bob")
    await desk.says("/ticket merge T2 T1", "desk", who="tess")
    assert (await ticket(desk, 2)).closed_reason is ClosedReason.MERGED
    await writes(desk, "New chairs come at noon", thread)
    assert "noon" in desk.posts()[-1]
    assert "noon" in desk.posts("other")[-1]
    await desk.says("mine squeaks as well", "other", who="bob")
    assert "Bob" in desk.posts("desk")[-1]
    assert [e.kind for e in await desk.storage.unit_of_work().tickets.events((await ticket(desk)).id)][-1] == (
        "detail_added"
    )
    await desk.says("/ticket unmerge T2", "desk", who="tess")
    assert (await ticket(desk, 2)).status is TicketStatus.OPEN
    await writes(desk, "They are here", thread)
    assert "They are here" in desk.posts()[-1]
    assert not any("They are here" in post for post in desk.posts("other"))


async def test_of_merged_askers_each_may_say_that_it_is_not_settled(desk: TestDesk) -> None:
    thread = await opened(desk)
    await opened(desk, "my chair is broken too", "other", who="bob")
    await desk.says("/ticket merge T2 T1", "desk", who="tess")
    await writes(desk, "!resolve new chairs for everybody", thread)
    assert "new chairs" in desk.posts()[-1]
    assert "new chairs" in desk.posts("other")[-1]
    assert "T1" in await desk.says("no", "other", who="bob")
    assert (await ticket(desk)).status is TicketStatus.OPEN


async def test_a_merged_asker_reads_nothing_of_the_others_words(desk: TestDesk) -> None:
    await opened(desk, "my SECRET chair is broken")
    await opened(desk, "the seat wobbles", "other", who="bob")
    await desk.says("/ticket merge T2 T1", "desk", who="tess")
    for said in ("where is my ticket?", "where is T2?", "T2 it still wobbles", "/ticket show T1", "/ticket list"):
        assert "SECRET" not in await desk.says(said, "other", who="bob")
    assert "T1" in await desk.says("where is my ticket?", "other", who="bob")
    await desk.says("never mind T2, it is fixed", "other", who="bob")
    assert (await ticket(desk)).is_active  # it is still Ada's
    assert not any("SECRET" in post for post in desk.posts("other"))


async def test_answers_come_to_where_the_person_wrote_last(desk: TestDesk) -> None:
    thread = await opened(desk)
    desk.clock.forward(minutes=2)
    await desk.says("T1 it is the blue one", "elsewhere")
    await writes(desk, "I bring another", thread)
    assert "another" in desk.posts("elsewhere")[-1]
    assert not any("another" in post for post in desk.posts())
    desk.clock.forward(minutes=2)
    await desk.says("and a lamp please")
    await writes(desk, "With a lamp", thread)
    assert "With a lamp" in desk.posts()[-1]


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
async def test_empty_words_are_no_reply(desk: TestDesk, text: str) -> None:
    thread = await opened(desk)
    before = len(desk.posts())
    await writes(desk, text, thread)
    assert desk.posts()[before:] == []


@pytest.mark.parametrize("text", ["😀😀", "\u202eاهلا", "<@U1> <!channel> **x**", "x" * 4000])
async def test_odd_words_arrive_whole(desk: TestDesk, text: str) -> None:
    thread = await opened(desk)
    await writes(desk, text, thread)
    assert text in desk.posts()[-1]


async def test_words_to_a_resolved_ticket_are_held(desk: TestDesk) -> None:
    thread = await opened(desk)
    await writes(desk, "!resolve repaired", thread)
    before = len(desk.posts())
    await writes(desk, "one more thing", thread)
    assert desk.posts()[before:] == []
    assert "Reopen it first" in desk.wire.posted[-1].document.text
    (held,) = await desk.storage.unit_of_work().tickets.held_of((await ticket(desk)).id)
    assert isinstance(held, HeldReply)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_is_written_and_edited_nothing_internal_reaches_the_person(desk: TestDesk, seed: int) -> None:
    """Secrets are written as notes, held, edited and deleted in any order: only what was a reply all along arrives."""
    chance = random.Random(seed)
    thread = await opened(desk)
    await writes(desk, "!claim", thread)
    notes = ("note: {}", "// {}", "  //{}", "!note {}", "NOTE : {}", "\u200bnote: {}")
    written: list[tuple[str, str]] = []  # who, and the platform's id of what was not to be sent
    for number in range(14):
        desk.clock.forward(seconds=chance.randint(1, 40))
        match chance.choice(("note", "reply", "other", "edit", "employee", "asker", "delete")):
            case "note":
                text = chance.choice(notes).format(f"SECRET {number}")
                await writes(desk, text, thread, native_id=f"s{number}")
                written.append(("tess", f"s{number}"))
            case "other":
                await writes(desk, f"SECRET {number} of Tom", thread, who="tom", native_id=f"s{number}")
                written.append(("tom", f"s{number}"))
            case "reply":
                await writes(desk, f"public {number}", thread, native_id=f"r{number}")
            case "edit" if written:
                who, native_id = chance.choice(written)
                edited = chance.choice(("SECRET edited {}", "note: SECRET edited {}", "// {} SECRET")).format(number)
                await writes(desk, edited, thread, who=who, native_id=native_id, revision=str(number))
            case "delete" if written:
                _, native_id = chance.choice(written)
                where = ConversationRef("test", "T", "desk", thread)
                key = MessageKey("test", "T", "deletion", f"{native_id}-{number}")
                await desk.receive(replace(desk.deletion(native_id), conversation=where, key=key))
                await desk.settle()
            case "employee":
                await writes(desk, f"SECRET {number} of Mallory", thread, who="mallory")
            case _:
                await desk.says(f"any news? {number}")
    assert not [post for post in desk.posts() if "SECRET" in post]
    assert not [message for message in await desk.history() if "SECRET" in message.text]
