"""A technician's words reach everybody only as they were scanned, shown and confirmed, and half a minute later."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine.delivery import Deliverer
from bot.engine.services import NothingToSearch, Policy
from bot.model.conversations import Conversation, Message
from bot.model.documents import Document
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.people import Person
from bot.model.public import OptOut, PublicPost
from bot.model.tickets import Ticket, TicketPlace
from bot.public.policy import PublicPolicy
from bot.public.replying import meant_for_public
from bot.public.scanning import repeated, scan
from storage.store import open_storage
from tests.engine.desk import LEASE, FakeClock, OneDeskRoom, TestDesk, make_desk
from tests.public.posts import a_post

THREAD = ConversationRef("test", "T", "public", "s1")
COMPLAINT = "My parcel is three weeks late and nobody answers!"
WORDS = "We are sorry. We have found it, and it comes on Monday."
REPLY = f"/ticket reply T1 public {WORDS}"
ROOM = "desk-tess"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TestDesk]:
    """With T1, which came of a public post of Ada's, and the technicians Tess and Tom."""
    clock = FakeClock()
    storage = await open_storage(str(tmp_path / "guichet.db"), clock=clock)
    made = make_desk(storage, NothingToSearch(), desk=OneDeskRoom(cards=True))
    made.clock.at = clock.at
    policy = Policy(public=PublicPolicy(platforms=("test",)))
    made.services = replace(made.services, clock=clock, policy=policy)
    made.clock = clock
    made.__post_init__()
    made.deliverer = Deliverer(storage, [made.wire], "test", lease=LEASE, clock=clock, texts=made.services.texts)
    for who in ("tess", "tom"):
        await made.appoint(who)
    await made.says("/ticket new the parcel", "ada")
    await published(made)
    yield made
    await storage.close()


async def published(desk: TestDesk, number: int = 1, **changes: object) -> PublicPost:
    """The ticket came of a post."""
    async with desk.storage.unit_of_work() as uow:
        ticket = await uow.tickets.by_number(number)
        assert ticket
        native_id = str(changes.get("native_id", "s1"))
        thread = replace(THREAD, thread=native_id)
        there = await uow.conversations.by_ref(thread)
        if there is None:
            there = Conversation(thread, person_id=ticket.asker_id)
            uow.conversations.add(there)
        said = Message(there.id, "person", COMPLAINT, desk.clock(), native_id=native_id, person_id=ticket.asker_id)
        uow.conversations.add(said)
        post = a_post(
            native_id="s1",
            root="s1",
            person_id=ticket.asker_id,
            conversation_id=there.id,
            message_id=said.id,
            text=COMPLAINT,
            ticket_id=ticket.id,
            link="https://example.social/@ada/s1",
        )
        post = replace(post, **changes)  # type: ignore[arg-type]
        uow.public.add(post)
        await uow.commit()
        return post


async def ticket(desk: TestDesk) -> Ticket:
    return (await desk.tickets())[0]


def public(desk: TestDesk) -> list[Delivery]:
    return [one for one in desk.wire.posted if one.conversation.is_public]


def shown(desk: TestDesk) -> Document:
    return desk.wire.posted[-1].document


async def later(desk: TestDesk, seconds: float = 60) -> list[Delivery]:
    desk.clock.forward(seconds=seconds)
    return await desk.settle()


@pytest.mark.parametrize("typed", ["public", "Public:", "en public", "publiquement", "in public"])
def test_public_is_said_in_both_languages(typed: str) -> None:
    assert meant_for_public(f"{typed} hello you") == "hello you"
    assert meant_for_public(f"hello {typed}") is None and meant_for_public("publication is on") is None


async def test_nothing_is_published_before_it_was_shown_and_confirmed(desk: TestDesk) -> None:
    said = await desk.says(REPLY, ROOM, who="tess")
    assert "Anybody who opens the thread" in said, "the desk's reach: unlisted"
    assert f"@ada@example.social {WORDS}" in said, "exactly as it will read"
    assert "https://example.social/@ada/s1" in str(shown(desk).blocks)
    await later(desk)
    assert not public(desk)
    assert (await ticket(desk)).status == "open", "a preview claims nothing"
    said = await desk.clicks("public_send", room=ROOM, who="tess")
    assert "30 seconds" in said
    assert not public(desk), "half a minute is left"
    await later(desk)
    (out,) = public(desk)
    assert out.conversation == THREAD and out.public is not None
    assert (out.public.post, out.public.handle, out.public.reach) == ("s1", "ada@example.social", "unlisted")
    assert out.document.text == WORDS
    now = await ticket(desk)
    assert now.status == "in_progress" and now.first_reply_at is not None, "replying claims"


async def test_that_it_has_arrived_is_marked_on_the_technicians_words(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess", native_id="typed")
    await desk.clicks("public_send", room=ROOM, who="tess")
    marks = [one for one in await later(desk) if one.reaction]
    assert [(one.reaction, one.conversation.room) for one in marks] == [("delivered", ROOM)]


async def test_in_the_tickets_thread_it_works_by_exclamation_mark(desk: TestDesk) -> None:
    card = next(one for one in desk.wire.posted if one.conversation.room == "desk")
    place = desk.wire.posted.index(card) + 1
    said = await desk.says(f"!répondre public {WORDS}", "desk", who="tess", thread=f"p{place}", private=False)
    assert WORDS in said
    assert desk.wire.posted[-1].recipient == "tess", "the preview is for who wrote it"
    await desk.clicks("public_send", room="desk", who="tess", thread=f"p{place}")
    await later(desk)
    assert len(public(desk)) == 1


async def test_only_who_wrote_it_confirms_and_only_once(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    value = desk.button("public_send", ROOM).value
    assert "earlier" in await desk.clicks("public_send", value, room="desk-tom", who="tom")
    assert "technician" in await desk.clicks("public_send", value, room="ada", who="ada")
    await desk.clicks("public_send", value, room=ROOM, who="tess")
    assert "already" in await desk.clicks("public_send", value, room=ROOM, who="tess")
    await later(desk)
    assert len(public(desk)) == 1


async def test_cancelled_it_is_not_published(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    value = desk.button("public_send", ROOM).value
    assert "nothing was published" in await desk.clicks("public_drop", room=ROOM, who="tess")
    await desk.clicks("public_send", value, room=ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_within_half_a_minute_it_is_taken_back(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    await desk.clicks("public_send", room=ROOM, who="tess")
    await later(desk, 29)
    assert not public(desk)
    assert "earlier" in await desk.clicks("public_undo", room=ROOM, who="tom")
    assert "nobody has read it" in await desk.clicks("public_undo", room=ROOM, who="tess")
    assert (await ticket(desk)).first_reply_at is None, "nobody was answered yet"
    await later(desk, 120)
    assert not public(desk)
    async with desk.storage.unit_of_work() as uow:
        there = await uow.conversations.by_ref(THREAD)
        assert there and WORDS not in [one.text for one in await uow.conversations.messages(there.id)]


async def test_after_half_a_minute_it_is_out(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    await desk.clicks("public_send", room=ROOM, who="tess")
    undo = desk.button("public_undo", ROOM).value
    await later(desk)
    assert "no longer" in await desk.clicks("public_undo", undo, room=ROOM, who="tess")
    assert len(public(desk)) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Call me on 06 12 34 56 78", "telephone number (« 06 12 34 56 78 »)"),
        ("Write to help@acme.example", "e-mail address"),
        ("Your customer number is 4455667788", "customer, contract"),
        ("Hello Ada, it comes", "somebody’s name (« Ada »)"),
        ("Ask Grace Hopper", "somebody’s name"),
        ("See INT-2026-01-NET-001", "internal reference"),
        ("See http://wiki.intranet/x", "not everybody may open"),
        (
            "The carrier lost the pallet at gate seven, we pay",
            "internal note (« The carrier lost the pallet at gate seven",
        ),
        ("You said you live next to the old mill", "in private"),
        ("note: the carrier is to blame", "internal note"),
    ],
)
async def test_what_must_not_be_published_is_named_and_nothing_is_shown(desk: TestDesk, words: str, said: str) -> None:
    async with desk.storage.unit_of_work() as uow:
        uow.people.add(Person("Grace Hopper"))
        await uow.commit()
    await desk.says("/ticket note T1 the carrier lost the pallet at gate seven on Friday", ROOM, who="tess")
    await desk.says("T1 I live next to the old mill, ring twice", "ada")
    answer = await desk.says(f"/ticket reply T1 public {words}", ROOM, who="tess")
    assert said in answer and "Not shown to anybody" in answer
    assert not shown(desk).buttons, "there is nothing to confirm"
    await later(desk)
    assert not public(desk)


async def test_what_became_personal_meanwhile_is_refused_when_it_is_confirmed(desk: TestDesk) -> None:
    await desk.says("/ticket reply T1 public Barbara Liskov fixed it", ROOM, who="tess")
    async with desk.storage.unit_of_work() as uow:
        uow.people.add(Person("Barbara Liskov"))
        await uow.commit()
    assert "somebody’s name" in await desk.clicks("public_send", room=ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_an_edit_of_what_was_typed_takes_the_preview_away(desk: TestDesk) -> None:
    typed = desk.message(REPLY, ROOM, who="tess", native_id="typed")
    await desk.receive(typed)
    await desk.settle()
    edit = replace(typed, key=replace(typed.key, revision="2"), text="/ticket reply T1 public call 06 12 34 56 78")
    await desk.receive(edit)
    await desk.settle()
    assert "changed since" in await desk.clicks("public_send", room=ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_it_is_never_sent_as_a_held_reply_to_the_person(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    value = desk.button("public_send", ROOM).value
    assert "earlier" in await desk.clicks("send_held", value, room=ROOM, who="tess")
    assert not [one for one in desk.posts("ada") if WORDS in one]


async def test_where_nothing_public_is_there_to_answer_it_is_held(desk: TestDesk) -> None:
    await desk.says("/ticket new the other parcel", "bob", who="bob")
    said = await desk.says("/ticket reply T2 public wifi is back", ROOM, who="tess")
    assert "did not come of a public post" in said and "public wifi is back" in said
    await desk.clicks("send_held", room=ROOM, who="tess")
    assert any("public wifi is back" in one for one in desk.posts("bob")), "it may have been the first word"
    assert not public(desk)


async def test_a_post_that_was_taken_back_is_not_answered(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    async with desk.storage.unit_of_work() as uow:
        post = await uow.public.by_native_id("test", "T", "s1")
        assert post
        uow.public.save(replace(post, state="withdrawn", text=""))
        await uow.commit()
    assert "taken back by its author" in await desk.clicks("public_send", room=ROOM, who="tess")
    assert "did not come of" in await desk.says(REPLY, ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_a_ticket_that_is_over_or_was_taken_by_somebody_is_not_answered(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    first = desk.button("public_send", ROOM).value
    desk.clock.forward(seconds=20)
    await desk.says("/ticket claim T1", "desk-tom", who="tom")
    assert "Tom has taken" in await desk.clicks("public_send", first, room=ROOM, who="tess")
    assert "is with Tom" in await desk.says(REPLY, ROOM, who="tess"), "who goes on knows it"
    second = desk.button("public_send", ROOM).value
    await desk.says("/ticket resolve T1 it came", "desk-tom", who="tom")
    assert "resolved" in await desk.clicks("public_send", second, room=ROOM, who="tess")
    assert "resolved" in await desk.says(REPLY, ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_who_said_stop_is_not_answered_in_public(desk: TestDesk) -> None:
    await desk.says(REPLY, ROOM, who="tess")
    async with desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut("test", "T", "ada", desk.clock()))
        await uow.commit()
    assert "asked the desk to stop" in await desk.clicks("public_send", room=ROOM, who="tess")
    assert "asked the desk to stop" in await desk.says(REPLY, ROOM, who="tess")
    await later(desk)
    assert not public(desk)


async def test_what_is_written_to_who_said_stop_is_held_until_the_technician_decides(desk: TestDesk) -> None:
    await desk.says("/ticket claim T1", ROOM, who="tess")
    desk.clock.forward(seconds=60)
    async with desk.storage.unit_of_work() as uow:
        uow.public.add(OptOut("test", "T", "ada", desk.clock()))
        await uow.commit()
    before = desk.posts("ada")
    assert "asked the desk to stop" in await desk.says("/ticket reply T1 It is here.", ROOM, who="tess")
    await desk.says("/ticket release T1", ROOM, who="tess")
    assert desk.posts("ada") == before, "nothing automatic either"
    await desk.clicks("send_held", room=ROOM, who="tess")
    assert "It is here." in desk.posts("ada")[-1]
    desk.clock.forward(seconds=60)
    await desk.says("T1 and where?", "ada")
    await desk.says("/ticket reply T1 At the door.", ROOM, who="tess")
    assert "At the door." in desk.posts("ada")[-1], "who writes is answered"


async def test_an_ordinary_reply_never_goes_to_the_thread(desk: TestDesk) -> None:
    async with desk.storage.unit_of_work() as uow:
        one = (await uow.tickets.find())[0]
        there = await uow.conversations.by_ref(THREAD)
        assert there
        uow.tickets.add(TicketPlace(one.id, there.id, "asker"))  # by mistake
        uow.conversations.save(replace(there, last_message_at=desk.clock() + timedelta(hours=1)))
        await uow.commit()
    await desk.says("/ticket reply T1 It comes on Monday.", ROOM, who="tess")
    assert "It comes on Monday." in desk.posts("ada")[-1]
    assert not public(desk)


def test_words_in_a_row_that_were_said_elsewhere_are_found() -> None:
    notes = ["the carrier lost the pallet at gate seven", "call back later"]
    text = "Sorry: The carrier lost the pallet at gate 7, we’ll call back later."
    assert [one.text for one in repeated(text, notes, "note").found] == [
        "The carrier lost the pallet at gate",
        "call back later",
    ]
    assert not repeated("The carrier lost a pallet, please call", notes, "note")


word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)
words = st.lists(word, min_size=3, max_size=12).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(words, words, words, st.sampled_from([str.upper, str.title, lambda text: text.replace(" ", ",\n ")]))
def test_no_note_passes_whatever_stands_around_it_and_however_it_is_written(
    note: str, before: str, behind: str, written: Callable[[str], str]
) -> None:
    found = repeated(f"{before} {written(note)} {behind}", ["", "ok", note], "note")
    assert found.kinds == ("note",)
    assert note.casefold() not in " ".join(found.masked.replace(",", "").split()).casefold()


identifiers = st.one_of(
    st.builds(lambda n: f"0{n}", st.integers(600000000, 799999999)),
    st.builds(lambda n: f"+336{n:08d}", st.integers(0, 99999999)),
    st.builds(lambda a, b: f"{a}@{b}.example", *[st.text("abcdefgh", min_size=2, max_size=8)] * 2),
    st.builds(lambda n: f"customer number {n}", st.integers(10000, 9999999999)),
    st.builds(lambda a, b: f"10.{a}.{b}.7", st.integers(0, 255), st.integers(0, 255)),
    st.builds(lambda n: f"{n} rue de la Gare", st.integers(1, 999)),
    st.builds(lambda n: f"TECH-{n:03d}", st.integers(1, 999)),
    st.sampled_from(["FR7630006000011234567890189", "4111 1111 1111 1111", "1 85 05 78 006 084 36", "S/N ZX81-99887"]),
)
around = st.sampled_from(["", "hello ", "We found it: ", "(", "« ", "voir ", "\n", "1. ", "—", "-", "–", "*", "#"])
after = st.sampled_from(["", ".", ", thanks", ")", " »", "\nbye", " ?", "…"])
spaces = st.sampled_from([" ", "\u00a0", "\u202f", "\u2009"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(identifiers, around, after, spaces, st.sampled_from(["", "\u200b", "\u2060"]))
def test_no_identifier_passes_whatever_stands_around_it(
    identifier: str, before: str, behind: str, space: str, unseen: str
) -> None:
    dressed = unseen.join(identifier.replace(" ", space)) if identifier[0] in "0+4" else identifier.replace(" ", space)
    found = scan(f"{before}{dressed}{behind}")
    assert found
    digits = [sign for sign in identifier if sign.isdigit()]
    left = [sign for sign in found.masked.removeprefix(before) if sign.isdigit()]
    assert not digits or len(left) < len(digits)
