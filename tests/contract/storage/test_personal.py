"""Whatever the database holds of somebody is found: all of it is given to them, and none of it is left once erased."""

import asyncio
import json
from dataclasses import replace
from uuid import UUID

import pytest

from bot.errors import StaleWrite
from bot.model.conversations import Conversation, Message
from bot.model.ids import new_id
from bot.model.messages import ConversationRef, Identity
from bot.model.people import (
    Person,
)
from bot.model.tickets import (
    Note,
)
from bot.model.values import (
    TicketStatus,
)
from bot.ports.personal import ERASED
from storage.store import SqlStorage
from tests.contract.storage.makers import AT, MINUTE
from tests.contract.storage.traces import EMAIL, HANDLE, MARKERS, NAME, WORDS, Life, figures, found_in, texts


@pytest.fixture
async def life(storage: SqlStorage) -> Life:
    return await Life().lived(storage)


async def test_nothing_of_the_person_is_left_anywhere(storage: SqlStorage, life: Life) -> None:
    before = found_in(await texts(storage), MARKERS)
    for table in (
        "people", "identities", "devices", "conversations", "messages", "processing_steps", "tickets", "notes",
        "held_replies", "interventions", "proposals", "surveys", "attachments", "inbox", "outbox", "asked_questions",
        "phrasings", "knowledge_gaps", "gap_groups", "cached_answers", "sign_in_codes", "contact_visits",
        "public_posts",
    ):  # fmt: skip
        assert any(column.startswith(f"{table}.") for column in before), f"the test knows nothing in {table}"

    erased = await storage.personal.erase(life.person.id, AT)

    assert found_in(await texts(storage), MARKERS) == {}
    assert found_in(await texts(storage), [str(life.person.id)]) == {}, "nor who they were"
    assert erased is not None and erased.tickets == (life.ticket.id,)
    assert erased.files == (life.files[0],), "what somebody else has stays"
    people = storage.unit_of_work().people
    assert await people.person(life.person.id) is None
    left = await people.person(erased.person_id)
    assert left is not None and (left.name, left.erased_at) == (ERASED, AT)
    assert left == Person(ERASED, erased_at=AT, id=left.id)


async def test_what_was_heard_in_public_stays_as_a_figure_and_their_wish_to_be_left_alone_is_kept(
    storage: SqlStorage, life: Life
) -> None:
    await storage.personal.erase(life.person.id, AT)
    public = storage.unit_of_work().public
    post = await public.get(life.post.id)
    assert post is not None and (post.complaint, post.seen_at) == (True, AT)
    assert (post.state, post.reply, post.link) == ("withdrawn", None, None), "nothing is said any more"
    assert await public.by_token("t0k") is None and await public.by_native_id("mastodon", "M", "900") is None
    out = await public.opt_out("mastodon", "M", "42")
    assert out is not None and out.native_id != "42", "known by who comes again alone"
    assert await public.opt_out("mastodon", "M", "43") is None and await public.opt_out("mastodon", "N", "42") is None


async def test_figures_are_the_same_before_and_after(storage: SqlStorage, life: Life) -> None:
    before = await figures(storage)
    await storage.personal.erase(life.person.id, AT)
    assert await figures(storage) == before


async def test_others_keep_what_is_theirs(storage: SqlStorage, life: Life) -> None:
    await storage.personal.erase(life.person.id, AT)
    uow = storage.unit_of_work()
    shared = await uow.conversations.by_ref(ConversationRef("slack", "T1", "lobby", "9"))
    assert shared is not None and shared.person_id == life.other.id
    said = {m.native_id: m.text for m in await uow.conversations.messages(shared.id)}
    assert said["s3"] == "the printer of Bob is T410, not T41"
    assert said["s4"] == f"ask {ERASED} or {ERASED}"
    ticket = await uow.tickets.get(life.others_ticket.id)
    assert ticket is not None and (ticket.title, ticket.summary) == ("Bob's printer", f"{ERASED} has it too")
    assert ticket.version == 1
    notes = await uow.tickets.notes(life.others_ticket.id)
    assert [note.text for note in notes] == [f"as with {ERASED}"]
    approved = await uow.tickets.intervention("INT-2026-03-NET-002")
    assert approved is not None and approved.root_cause == "a loose cable"
    groups = await uow.knowledge.gap_groups()
    assert [group.title for group in groups] == ["what of the others?"]
    assert await uow.people.person(life.other.id) == life.other
    for_bob = [one.document.text for one in await storage.outbox.of_conversation(shared.ref)]
    assert "for Bob\nfor Bob" in for_bob


async def test_what_was_about_to_be_sent_is_withdrawn_and_the_desks_card_can_still_be_edited(
    storage: SqlStorage, life: Life
) -> None:
    await storage.personal.erase(life.person.id, AT)
    uow = storage.unit_of_work()
    [place] = await uow.tickets.places(life.ticket.id)
    assert place.side == "desk" and place.card_id
    card = await uow.conversations.message(place.card_id)
    assert card is not None and card.native_id == "card-1" and card.document is None
    assert (await storage.counts()).outbox["withdrawn"] == 5


async def test_a_later_event_of_the_erased_identity_meets_somebody_new(storage: SqlStorage, life: Life) -> None:
    await storage.personal.erase(life.person.id, AT)
    uow = storage.unit_of_work()
    assert await uow.people.known(Identity("slack", "T1", HANDLE)) is None
    assert await uow.people.by_email([EMAIL]) == []
    assert await uow.conversations.by_ref(ConversationRef("slack", "T1", "D-ZOE")) is None


async def test_to_erase_twice_and_to_rehearse_do_no_harm(storage: SqlStorage, life: Life) -> None:
    before = await texts(storage)
    tried = await storage.personal.erase(life.person.id, AT, rehearse=True)
    assert await texts(storage) == before
    done = await storage.personal.erase(life.person.id, AT)
    assert tried is not None and done is not None
    assert (tried.counts, tried.files) == (done.counts, done.files)
    after = await texts(storage)
    assert await storage.personal.erase(life.person.id, AT) is None
    assert await texts(storage) == after
    again = await storage.personal.erase(done.person_id, AT)
    assert again is not None and again.files == ()
    assert await storage.personal.erase(new_id(), AT) is None


async def test_what_is_in_hand_is_waited_for(storage: SqlStorage, life: Life) -> None:
    await life.heard(storage, "m9", "one more thing", HANDLE)
    assert await storage.personal.in_hand(life.person.id) == 1
    with pytest.raises(StaleWrite):
        await storage.personal.erase(life.person.id, AT)
    [row] = await storage.inbox.claim("test", MINUTE)
    with pytest.raises(StaleWrite):
        await storage.personal.erase(life.person.id, AT)
    async with storage.unit_of_work() as work:
        work.inbox.done(row)
        await work.commit()
    assert await storage.personal.in_hand(life.person.id) == 0
    assert await storage.personal.erase(life.person.id, AT) is not None


async def test_while_a_ticket_is_worked_on_nothing_is_erased(storage: SqlStorage, life: Life) -> None:
    async with storage.unit_of_work() as work:
        ticket = await work.tickets.get(life.ticket.id)
        assert ticket is not None
        work.tickets.save(replace(ticket, status=TicketStatus.WAITING))
        await work.commit()
    with pytest.raises(StaleWrite):
        await storage.personal.erase(life.person.id, AT)


async def test_who_writes_at_the_same_moment_is_told_to_begin_anew(storage: SqlStorage, life: Life) -> None:
    """What was read before the erasure cannot bring anything back after it."""
    me = life.person.id
    async with storage.unit_of_work() as old, storage.unit_of_work() as new:
        conversation = await old.conversations.by_ref(ConversationRef("slack", "T1", "D-ZOE"))
        assert conversation is not None
        old.conversations.save(replace(conversation, last_message_at=AT))
        fresh = Conversation(ConversationRef("mastodon", "M", "42"), me)
        new.conversations.add(fresh)
        new.conversations.add(Message(fresh.id, "person", WORDS, AT, person_id=me))
        await storage.personal.erase(me, AT)
        for late in (old, new):
            with pytest.raises(StaleWrite):
                await late.commit()
    assert found_in(await texts(storage), MARKERS) == {}


async def test_many_writers_and_one_eraser_leave_nothing_behind(storage: SqlStorage, life: Life) -> None:
    """Messages of the person are stored by others all the while; whichever comes first, none is left in the end."""
    me, lost = life.person.id, 0

    async def write(number: int) -> int:
        async with storage.unit_of_work() as work:
            place = Conversation(ConversationRef("slack", "T1", f"D-ZOE-{number}"), me)
            work.conversations.add(place)
            work.conversations.add(Message(place.id, "person", WORDS, AT, person_id=me))
            try:
                await work.commit()
            except StaleWrite:
                return 1
            return 0

    async def erase() -> int:
        await asyncio.sleep(0.02)
        for _ in range(50):
            try:
                await storage.personal.erase(me, AT)
                return 0
            except StaleWrite:
                await asyncio.sleep(0.002)
        raise AssertionError("always overtaken")

    lost = sum(await asyncio.gather(*(write(n) for n in range(30)), erase(), *(write(n) for n in range(30, 60))))
    assert found_in(await texts(storage), MARKERS) == {}
    assert lost < 60


async def test_a_name_that_others_bear_or_an_everyday_word_is_left_where_others_wrote_it(storage: SqlStorage) -> None:
    one, namesake, may = Person("Ada Martin", "ada@x.example"), Person("ada MARTIN"), Person("May")
    place = Conversation(ConversationRef("slack", "T1", "lobby"), namesake.id)
    said = Message(place.id, "person", "Ada Martin may come in May; ask ada@x.example", AT, "1", namesake.id)
    async with storage.unit_of_work() as work:
        for person in (one, namesake, may):
            work.people.add(person)
        work.conversations.add(place)
        work.conversations.add(said)
        await work.commit()
    await storage.personal.erase(one.id, AT)
    await storage.personal.erase(may.id, AT)
    left = await storage.unit_of_work().conversations.message(said.id)
    assert left is not None and left.text == f"Ada Martin may come in May; ask {ERASED}"


async def test_a_technicians_work_stays_and_their_name_goes(storage: SqlStorage, life: Life) -> None:
    async with storage.unit_of_work() as work:
        work.people.save(replace(life.grace, name="Grace Hopper-Quint"))
        work.tickets.add(Note(life.others_ticket.id, life.grace.id, "a plain note, Grace Hopper-Quint", AT))
        await work.commit()
    erased = await storage.personal.erase(life.grace.id, AT)
    assert erased is not None
    assert found_in(await texts(storage), ["Hopper-Quint", "grace@acme.example"]) == {}
    uow = storage.unit_of_work()
    technician = await uow.people.technician(life.technician.id)
    assert technician is not None and technician.person_id == erased.person_id
    ticket = await uow.tickets.get(life.ticket.id)
    assert ticket is not None and ticket.title == WORDS and ticket.assignee_id == technician.id
    notes = [note.text for note in await uow.tickets.notes(life.others_ticket.id)]
    assert f"a plain note, {ERASED}" in notes


async def test_all_of_it_is_given_to_the_person(storage: SqlStorage, life: Life) -> None:
    given = await storage.personal.gather(life.person.id)
    assert given is not None
    assert json.loads(json.dumps(given)) == given, "plain values"
    for kind, rows in given.items():
        if kind not in ("technician", "company"):
            assert rows, f"nothing of {kind}"
    assert {row["native_id"] for row in given["identities"]} == {HANDLE, "42"}
    assert WORDS in {row["text"] for row in given["messages"]}
    assert given["tickets"][0]["title"] == WORDS
    assert given["files"][0]["name"] == f"{NAME}.png"
    assert given["traces"][0]["detail"]["x"] == HANDLE
    whole = json.dumps(given)
    assert "code_hash" not in whole and "the printer of Bob" not in whole and "for Bob" not in whole
    assert await storage.personal.gather(new_id()) is None


async def test_nothing_is_given_once_it_is_erased(storage: SqlStorage, life: Life) -> None:
    erased = await storage.personal.erase(life.person.id, AT)
    assert erased is not None
    given = await storage.personal.gather(erased.person_id)
    assert given is not None
    assert not [marker for marker in MARKERS if marker in json.dumps(given, ensure_ascii=False)]
    assert isinstance(UUID(given["person"][0]["id"]), UUID)
