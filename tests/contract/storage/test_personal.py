"""Whatever the database holds of somebody is found: all of it is given to them, and none of it is left once erased."""

import asyncio
import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Text, Uuid, func, select, type_coerce
from sqlalchemy.types import TypeDecorator

from bot.errors import StaleWrite
from bot.model.conversations import Conversation, Matter, Message, Outcome, ProcessingStep, ScoredSource
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.knowledge import AskedQuestion, CachedAnswer, GapGroup, KnowledgeGap, Phrasing
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Entities, Identity, IncomingMessage, MessageKey
from bot.model.people import (
    Company,
    Device,
    LinkCode,
    Person,
    PersonIdentity,
    SignInCode,
    Technician,
)
from bot.model.tickets import (
    Attachment,
    HeldReply,
    Intervention,
    Note,
    ProblemSubscription,
    Proposal,
    Survey,
    Ticket,
    TicketEvent,
    TicketLink,
    TicketPlace,
)
from bot.model.values import (
    AnswerKind,
    Audience,
    Intent,
    Language,
    Role,
    Sentiment,
    TicketStatus,
    Urgency,
    Visibility,
)
from bot.ports.personal import ERASED
from storage.models import metadata
from storage.store import SqlStorage
from tests.contract.storage.makers import AT, MINUTE, Everything, article

NAME = "Zoé Quandalle-Ñuñez"
EMAIL = "zoe.quandalle@brumaire.example"
HANDLE = "zoeq1987"
WORDS = "xylophone-words-of-hers"
MARKERS = (NAME, "Quandalle", "QUANDALLE-ÑUÑEZ", EMAIL, HANDLE, WORDS, "SERIAL-OF-HERS", "+33 6 99 88 77 66", "D-ZOE")


@dataclass
class Life:
    """A person who left traces wherever one can, beside others who must keep theirs."""

    person: Person = field(
        default_factory=lambda: Person(NAME, EMAIL, None, "fr-FR", "Europe/Paris", AT, "E3", "expert")
    )
    other: Person = field(default_factory=lambda: Person("Bob Bystander", "bob@acme.example"))
    grace: Person = field(default_factory=lambda: Person("Grace", "grace@acme.example"))
    technician: Technician = field(init=False)
    ticket: Ticket = field(init=False)
    others_ticket: Ticket = field(init=False)
    question: Message = field(init=False)
    files: tuple[str, ...] = ("f" * 32, "e" * 32)

    async def lived(self, storage: SqlStorage) -> "Life":
        self.technician = Technician(self.grace.id, 1, Role.LEAD)
        me, company, about = (
            self.person.id,
            Company("Acme", "acme.example"),
            Entities(serials=("SERIAL-OF-HERS",), phones=("+33 6 99 88 77 66",), emails=(EMAIL,)),
        )
        own = Conversation(
            ConversationRef("slack", "T1", "D-ZOE"), me, Language.FR, Matter(WORDS, new_id(), entities=about)
        )
        desk = Conversation(ConversationRef("slack", "T1", "desk"))
        thread = Conversation(ConversationRef("slack", "T1", "desk", "card-1"))
        shared = Conversation(ConversationRef("slack", "T1", "lobby", "9"), self.other.id)
        grace_room = Conversation(ConversationRef("slack", "T1", "D-GRACE"), self.grace.id)
        outcome = Outcome(
            AnswerKind.ANSWER, Language.FR, Intent.FAULT, Urgency.LOW, Sentiment.NEUTRAL, "network", entities=about,
            confidence=0.5, sources=(ScoredSource("a", "A", 0.5),), text=WORDS, ms=3.0,
        )  # fmt: skip
        self.question = asked = Message(own.id, "person", WORDS, AT, "m1", me, Language.FR, outcome=outcome)
        answer = Message(own.id, "bot", f"{NAME}: {WORDS}", AT, "m2", me, in_reply_to=asked.id, document=doc(WORDS))
        reply = Message(desk.id, "technician", f"Bonjour {NAME}", AT, "d1", self.grace.id)
        relayed = Message(own.id, "technician", f"Bonjour {NAME}", AT, "m3", self.grace.id, relay_of=reply.id)
        card = Message(desk.id, "bot", f"T41 · {WORDS}", AT, "card-1", document=doc(f"{NAME} {WORDS}"))
        in_thread = Message(thread.id, "technician", f"she said {WORDS}", AT, "d2", self.grace.id)
        line = Message(desk.id, "bot", f"T41: adds {WORDS}", AT, "d3", document=doc(WORDS))
        told_lead = Message(grace_room.id, "bot", f"Nobody is on duty: T41, {WORDS}", AT, "g1", self.grace.id)
        in_shared = Message(shared.id, "person", WORDS, AT, "s1", me, outcome=outcome)
        answered = Message(
            shared.id, "bot", WORDS, AT, "s2", self.other.id, in_reply_to=in_shared.id, document=doc(WORDS)
        )
        others = Message(shared.id, "person", "the printer of Bob is T410, not T41", AT, "s3", self.other.id)
        mention = Message(shared.id, "person", f"ask zoé  quandalle-ñuñez or {EMAIL.upper()}", AT, "s4", self.other.id)
        self.ticket = Ticket(
            41, WORDS, f"{NAME}: {WORDS}", "network", Urgency.HIGH, me, own.id, "human", AT, Language.FR,
            entities=about, deadline=WORDS, status=TicketStatus.CLOSED, resolution=WORDS, resolved_at=AT, closed_at=AT,
            assignee_id=self.technician.id, claimed_at=AT,
        )  # fmt: skip
        self.others_ticket = Ticket(
            410, "Bob's printer", f"{NAME} has it too", "network", Urgency.LOW, self.other.id, shared.id, "asked", AT,
            Language.EN, entities=Entities(emails=(EMAIL,)),
        )  # fmt: skip
        device = Device(me, "ThinkPad", "SERIAL-OF-HERS", f"Portable de {NAME}")
        kept = Device(me, "LX-420", "COMPANY-SERIAL", f"Imprimante de {NAME}", company.id)
        self.ticket = replace(self.ticket, device_id=kept.id)
        async with storage.unit_of_work() as work:
            for one in (company, self.person, self.other, self.grace, device, kept, self.technician):
                work.people.add(one)
            work.people.add(PersonIdentity(me, "slack", "T1", HANDLE, NAME, EMAIL))
            work.people.add(PersonIdentity(me, "mastodon", "M", "42", HANDLE))
            work.people.add(PersonIdentity(self.other.id, "slack", "T1", "bob", "Bob"))
            work.people.add(LinkCode(me, "hash", AT, AT + MINUTE, conversation_id=own.id))
            for place in (own, desk, thread, shared, grace_room):
                work.conversations.add(place)
            for message in (
                asked, answer, reply, relayed, card, in_thread, line, told_lead, in_shared, answered, others, mention,
            ):  # fmt: skip
                work.conversations.add(message)
            work.conversations.add_steps(
                [ProcessingStep(asked.id, 1, "identify", "known", 1.5, {"person": str(me), "x": HANDLE})]
            )
            work.tickets.add(self.ticket)
            work.tickets.add(self.others_ticket)
            for record in (
                TicketPlace(self.ticket.id, own.id, "asker"),
                TicketPlace(self.ticket.id, desk.id, "desk", card.id),
                TicketPlace(self.others_ticket.id, shared.id, "asker"),
                TicketLink(self.ticket.id, self.others_ticket.id, "related", AT, me),
                Note(self.ticket.id, self.grace.id, f"she says {WORDS}", AT),
                Note(self.others_ticket.id, self.grace.id, f"as with {NAME}", AT),
                HeldReply(self.ticket.id, self.grace.id, WORDS, AT, "not_assignee"),
                Intervention("INT-2026-03-NET-001", self.ticket.id, "network", WORDS, (WORDS,), self.grace.id, AT,
                             title=WORDS, symptoms=WORDS, keywords=(WORDS,), remark=WORDS),
                Intervention("INT-2026-03-NET-002", self.ticket.id, "network", "a loose cable", ("plug in",),
                             self.grace.id, AT, state="approved", masked=("email",)),
                Survey("csat", me, AT, self.ticket.id, own.id, 5, WORDS, AT),
                Attachment(asked.id, f"{NAME}.png", "image/png", 12, "F-ZOE", self.files[0]),
                Attachment(relayed.id, "fix.pdf", "application/pdf", 12, "F2", self.files[1]),
                Attachment(others.id, "bob.png", "image/png", 12, "F3", self.files[1]),
            ):  # fmt: skip
                work.tickets.add(record)
            work.tickets.add_event(TicketEvent(self.ticket.id, "opened", AT, me, TicketStatus.OPEN, {"by": str(me)}))
            work.knowledge.put(article("a"))
            work.tickets.add(Proposal(own.id, asked.id, "a", 1, AT, False, AT, self.ticket.id, feedback=WORDS))
            everything = Everything()
            problem = replace(everything.problem, author_id=self.grace.id, draft=None)
            work.problems.add(problem)
            work.problems.add(ProblemSubscription(problem.id, own.id, me, AT, wants_end=True))
            group = GapGroup(1, f"{WORDS} …", Language.FR, "network", AT)
            question = AskedQuestion(
                WORDS, Language.FR, Audience.INTERNAL, AT, "answered", "network", 0.5, "a", True, asked.id, me
            )
            work.knowledge.add(question)
            work.knowledge.add(Phrasing("a", WORDS, Language.FR, "confirmed", True, question_id=question.id))
            work.knowledge.add(group)
            gap = KnowledgeGap(f"please {WORDS} now", Language.FR, Audience.INTERNAL, AT, asked.id, "network")
            work.knowledge.add(replace(gap, group_id=group.id))
            work.knowledge.add(replace(gap, id=new_id()))
            work.knowledge.add(
                replace(gap, id=new_id(), text="what of the others?", message_id=others.id, group_id=group.id)
            )
            work.knowledge.cache(CachedAnswer("k", f"for {WORDS}", Audience.INTERNAL, (("a", "r1"),), AT + MINUTE))
            sent: list[tuple[ConversationRef, Message | None, dict[str, Any]]] = [
                (own.ref, answer, {}),
                (own.ref, None, {"visibility": Visibility.DIRECT, "recipient": HANDLE}),
                (desk.ref, card, {"coalesce": f"card:{self.ticket.id}"}),
                (ConversationRef("email", "desk@acme.example", EMAIL), None, {"recipient": EMAIL}),
                (ConversationRef("email", "desk@acme.example", "grace@acme.example"), None, {}),
                (shared.ref, answered, {}),
            ]
            for number, (ref, of, more) in enumerate(sent):
                key = f"{asked.id}:{number}"
                message_id = of.id if of is not None else None
                work.outbox.add(Delivery(ref, doc(f"{NAME} {WORDS}"), key, message_id=message_id, **more))
            work.outbox.add(Delivery(shared.ref, doc("for Bob"), f"{others.id}:1", message_id=others.id))
            await work.commit()
        await storage.sign_in_codes.add(SignInCode(EMAIL, "h", AT, AT + MINUTE))
        await self.heard(storage, "m0", WORDS, HANDLE)
        await self.heard(storage, "s3", f"where does {NAME} sit?", "bob", "lobby")
        for row in await storage.inbox.claim("test", MINUTE, 9):
            async with storage.unit_of_work() as work:
                work.inbox.done(row)
                await work.commit()
        for delivery in await deliveries(storage):
            if delivery.key.endswith((":0", ":5")):
                await storage.outbox.sent(delivery, f"p-{delivery.key[-1]}", AT)
            else:
                await storage.outbox.postpone(delivery, AT, "later")
        return self

    async def heard(self, storage: SqlStorage, id: str, text: str, who: str, where: str = "D-ZOE") -> None:
        key = MessageKey("slack", "T1", "message", id)
        author = Identity("slack", "T1", who, NAME if who == HANDLE else who, EMAIL if who == HANDLE else None)
        await storage.inbox.receive(IncomingMessage(key, ConversationRef("slack", "T1", where), author, text, AT))


def doc(text: str) -> Document:
    return Document((Paragraph(text.replace("-", "\\-")), Paragraph(text)))


async def deliveries(storage: SqlStorage) -> list[Delivery]:
    accounts = [("slack", "T1"), ("email", "desk@acme.example")]
    return await storage.outbox.claim("test", MINUTE, accounts, 50)


@pytest.fixture
async def life(storage: SqlStorage) -> Life:
    return await Life().lived(storage)


async def texts(storage: SqlStorage) -> dict[str, list[str]]:
    """Every text of every table, as it is stored, by column."""

    def read(connection: Any) -> dict[str, list[str]]:
        return {
            str(column): list(map(str, connection.execute(select(raw).where(column.is_not(None))).scalars()))
            for table in metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, Text | TypeDecorator) and not isinstance(column.type, Uuid)
            if issubclass(getattr(column.type, "impl_instance", column.type).__class__, Text)
            for raw in [type_coerce(column, Text)]
        }  # fmt: skip

    return await storage._context.database.read(read)


def found_in(texts: dict[str, list[str]], markers: Collection[str]) -> dict[str, str]:
    """Where a marker still is, in whatever case and however escaped."""

    def bare(text: str) -> str:
        return "".join(character for character in text.casefold() if character.isalnum())

    return {
        column: value
        for column, values in texts.items()
        for value in values
        for marker in markers
        if bare(marker) in bare(value)
    }


async def figures(storage: SqlStorage) -> dict[str, Any]:
    """What statistics are made of: how many there are of each thing, in each state, for each person there is."""
    from storage.models import conversations as c
    from storage.models import knowledge as k
    from storage.models import ledger as x
    from storage.models import tickets as t

    def read(connection: Any) -> dict[str, Any]:
        def by(*columns: Any) -> list[Any]:
            return sorted(map(str, connection.execute(select(*columns, func.count()).group_by(*columns)).all()))

        def distinct(column: Any) -> int:
            return int(connection.execute(select(func.count(column.distinct()))).scalar_one())

        outcomes = [
            (one.kind, one.language, one.intent, one.category, one.confidence, one.ms)
            for (one,) in connection.execute(select(c.messages.c.outcome))
            if one
        ]
        tk, q = t.tickets.c, k.asked_questions.c
        return {
            "tickets": by(tk.number, tk.category, tk.status, tk.priority, tk.created_at, tk.resolved_at, tk.closed_at),
            "askers": (distinct(tk.asker_id), distinct(q.asker_id), distinct(c.messages.c.person_id)),
            "events": by(t.ticket_events.c.kind, t.ticket_events.c.at),
            "messages": by(c.messages.c.author, c.messages.c.sent_at, c.messages.c.language, c.messages.c.deleted),
            "outcomes": sorted(map(str, outcomes)),
            "steps": by(c.processing_steps.c.step, c.processing_steps.c.outcome, c.processing_steps.c.ms),
            "asked": by(q.outcome, q.category, q.asked_at, q.confirmed, q.confidence, q.best_article),
            "surveys": by(t.surveys.c.kind, t.surveys.c.score, t.surveys.c.sent_at),
            "proposals": by(t.proposals.c.article_id, t.proposals.c.helped),
            "interventions": by(t.interventions.c.reference, t.interventions.c.state),
            "inbox": by(x.inbox.c.state),
            "devices": distinct(t.tickets.c.device_id),
        }

    return await storage._context.database.read(read)


async def test_nothing_of_the_person_is_left_anywhere(storage: SqlStorage, life: Life) -> None:
    before = found_in(await texts(storage), MARKERS)
    for table in (
        "people", "identities", "devices", "conversations", "messages", "processing_steps", "tickets", "notes",
        "held_replies", "interventions", "proposals", "surveys", "attachments", "inbox", "outbox", "asked_questions",
        "phrasings", "knowledge_gaps", "gap_groups", "cached_answers", "sign_in_codes",
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
    assert (await storage.counts()).outbox["withdrawn"] == 4


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
