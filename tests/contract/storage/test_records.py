"""Every kind of record comes back as it was stored, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.errors import StaleWrite
from bot.model.conversations import Conversation
from bot.model.messages import Identity
from bot.model.people import Company, Known, Person, PersonIdentity, Technician
from bot.model.tickets import SlaTarget, Ticket
from bot.model.values import Language, TicketStatus, Urgency
from bot.ports.storage import Storage, TicketFilter
from tests.contract.storage.makers import ADA, AT, MINUTE, Everything, article, room, ticket


async def test_people_come_back_as_they_were(storage: Storage, everything: Everything) -> None:
    e, people = everything, storage.unit_of_work().people
    assert await people.account("slack", "T1") == e.account
    assert await people.company("acme.example") == e.company
    assert await people.person(e.person.id) == e.person
    assert await people.persons([e.person.id, e.company.id]) == {e.person.id: e.person}
    assert await people.identities(e.person.id) == [e.identity]
    assert await people.devices(e.person.id) == [e.device]
    assert await people.technician(e.technician.id) == e.technician
    assert await people.technicians() == [e.technician]
    assert await people.known(ADA) == Known(e.identity, e.person, e.technician)


async def test_conversations_come_back_as_they_were(storage: Storage, everything: Everything) -> None:
    e, conversations = everything, storage.unit_of_work().conversations
    assert await conversations.get(e.conversation.id) == e.conversation
    assert await conversations.by_ref(e.conversation.ref) == e.conversation
    assert await conversations.message(e.message.id) == e.message
    assert await conversations.message_by_native_id(e.conversation.id, "17.6") == e.message
    assert await conversations.messages(e.conversation.id) == [e.message]
    assert await conversations.steps(e.message.id) == [e.step]


async def test_knowledge_comes_back_as_it_was(storage: Storage, everything: Everything) -> None:
    e, knowledge = everything, storage.unit_of_work().knowledge
    assert await knowledge.article(e.article.id) == e.article
    assert await knowledge.articles([e.article.id, "other"]) == {e.article.id: e.article}
    assert await knowledge.approved_phrasings() == [e.phrasing]
    assert await knowledge.approved_phrasings([e.article.id]) == [e.phrasing]
    assert await knowledge.approved_phrasings(["other"]) == []
    assert await knowledge.solutions([e.article.id]) == {e.article.id: e.solution}
    assert await knowledge.gaps("planned") == [e.gap]
    assert await knowledge.gaps(None) == [e.gap]
    assert await knowledge.gaps() == []
    assert await knowledge.gap_groups() == [e.group]
    assert await knowledge.asked() == [e.asked]
    assert await knowledge.asked_in(e.message.id) == e.asked
    assert await knowledge.asked_from("tickets") == {"tickets.json#TK-1": e.asked}
    assert await knowledge.phrasings([e.article.id]) == [e.phrasing]
    assert await knowledge.calibrations() == [e.calibration]
    assert await knowledge.cached("k1", AT) == e.answer


async def test_tickets_come_back_as_they_were(storage: Storage, everything: Everything) -> None:
    e, work = everything, storage.unit_of_work()
    assert await work.tickets.get(e.ticket.id) == e.ticket
    assert await work.tickets.by_number(12) == e.ticket
    assert await work.tickets.events(e.ticket.id) == [e.event]
    assert await work.tickets.notes(e.ticket.id) == [e.note]
    assert await work.tickets.places(e.ticket.id) == [e.place]
    assert await work.tickets.places_in(e.conversation.id) == [e.place]
    assert await work.tickets.proposals(e.conversation.id) == [e.proposal]
    assert await work.tickets.interventions(e.ticket.id) == [e.intervention]
    assert await work.tickets.surveys(e.ticket.id) == [e.survey]
    assert await work.tickets.attachments(e.message.id) == [e.attachment]
    assert await work.problems.get(e.problem.id) == e.problem
    assert await work.categories.all() == [e.category]
    assert await work.cursors.get("slack/C1") == replace(e.cursor, version=1)


async def test_what_is_not_there_is_none(storage: Storage, everything: Everything) -> None:
    e, work = everything, storage.unit_of_work()
    nobody = e.ticket.id
    assert await work.people.known(Identity("slack", "T2", "U1")) is None
    assert await work.people.person(nobody) is None
    assert await work.people.technician(nobody) is None
    assert await work.people.company("other.example") is None
    assert await work.people.account("discord", "T1") is None
    assert await work.people.persons([]) == {}
    assert await work.conversations.get(nobody) is None
    assert await work.conversations.by_ref(room("C1")) is None
    assert await work.conversations.message(nobody) is None
    assert await work.conversations.message_by_native_id(e.conversation.id, "0") is None
    assert await work.knowledge.article("other") is None
    assert await work.knowledge.articles([]) == {}
    assert await work.tickets.get(e.person.id) is None
    assert await work.tickets.by_number(99) is None
    assert await work.tickets.by_number(10**30) is None
    assert await work.problems.get(nobody) is None
    assert await work.cursors.get("other") is None


async def test_a_person_who_works_the_desk_nowhere_is_known_without_a_technician(storage: Storage) -> None:
    person = Person("Bo")
    identity = PersonIdentity(person.id, "slack", "T1", "U1")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        work.people.add(identity)
        await work.commit()
        assert await work.people.known(ADA) == Known(identity, person, None)


async def test_technicians_are_listed_by_number_disabled_ones_included(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        for number in (7, 3, 5):
            person = Person(f"P{number}")
            work.people.add(person)
            work.people.add(Technician(person.id, number, disabled=number == 3))
        await work.commit()
        assert [technician.number for technician in await work.people.technicians()] == [3, 5, 7]


async def test_of_many_messages_the_latest_are_given_oldest_first(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        for minute in (3, 1, 2):
            message = replace(everything.message, id=Person("").id, sent_at=AT + minute * MINUTE, text=str(minute))
            work.conversations.add(message)
        await work.commit()
        latest = await work.conversations.messages(everything.conversation.id, limit=2)
        assert [message.text for message in latest] == ["2", "3"]
        assert len(await work.conversations.messages(everything.conversation.id)) == 4


async def test_times_come_back_aware_and_in_utc(storage: Storage) -> None:
    tokyo = datetime(2026, 1, 1, 8, 0, tzinfo=timezone(timedelta(hours=9)))
    conversation = Conversation(room(), last_message_at=tokyo)
    async with storage.unit_of_work() as work:
        work.conversations.add(conversation)
        await work.commit()
        found = await work.conversations.get(conversation.id)
    assert found is not None and found.last_message_at == tokyo
    assert found.last_message_at.tzinfo is UTC
    assert found.last_message_at.hour == 23


async def test_a_time_without_a_zone_is_refused(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        work.conversations.add(Conversation(room(), last_message_at=datetime(2026, 1, 1)))  # noqa: DTZ001
        with pytest.raises(Exception, match="has no time zone"):
            await work.commit()


async def test_identities_conversations_and_numbers_are_unique(storage: Storage, everything: Everything) -> None:
    e = everything
    for twin in (
        replace(e.identity, id=e.ticket.id),
        replace(e.account, id=e.ticket.id),
        Company("Other", "acme.example"),
        Technician(e.person.id, 43),
    ):
        async with storage.unit_of_work() as work:
            work.people.add(twin)
            with pytest.raises(StaleWrite):
                await work.commit()
    async with storage.unit_of_work() as work:
        work.conversations.add(Conversation(e.conversation.ref))
        with pytest.raises(StaleWrite):
            await work.commit()
    for copy in (replace(e.ticket, id=e.person.id), replace(e.intervention, id=e.person.id)):
        async with storage.unit_of_work() as work:
            work.tickets.add(copy)
            with pytest.raises(StaleWrite):
                await work.commit()


async def test_a_record_of_something_that_is_not_there_is_refused(storage: Storage, everything: Everything) -> None:
    """It may have been there when it was read: people are merged and erased."""
    async with storage.unit_of_work() as work:
        work.tickets.add(replace(everything.note, id=everything.person.id, ticket_id=everything.person.id))
        with pytest.raises(StaleWrite):
            await work.commit()


async def test_ticket_numbers_are_never_given_twice(storage: Storage) -> None:
    tickets = storage.unit_of_work().tickets
    assert [await tickets.next_number() for _ in range(3)] == [1, 2, 3]
    assert await storage.unit_of_work().tickets.next_number() == 4


@pytest.fixture
async def queue(storage: Storage) -> dict[int, str]:
    """Tickets of two people; number to title."""
    ada, bo = Person("Ada"), Person("Bo")
    here, there = Conversation(room("C1")), Conversation(room("C2"))
    boss = Technician(bo.id, 1)
    rows = [
        ticket(ada, here, 1, title="Écran bleu", status=TicketStatus.WAITING, priority=Urgency.URGENT),
        ticket(ada, here, 2, title="100% slow", summary="under_score", category="network"),
        ticket(ada, there, 3, priority=Urgency.URGENT, category="hardware"),
        ticket(bo, there, 4, status=TicketStatus.IN_PROGRESS, assignee_id=boss.id, category="hardware/printers"),
        ticket(bo, there, 5, status=TicketStatus.CLOSED, category="hardware-old"),
        ticket(ada, there, 6, status=TicketStatus.RESOLVED, category="mail"),
        ticket(ada, here, 7, priority=Urgency.URGENT, category="mail"),
    ]
    async with storage.unit_of_work() as work:
        for person in (ada, bo, boss):
            work.people.add(person)
        for conversation in (here, there):
            work.conversations.add(conversation)
        for row in rows:
            work.tickets.add(row)
        await work.commit()
    return {row.number: row.title for row in rows}


async def test_tickets_are_found_by_what_is_asked(storage: Storage, queue: dict[int, str]) -> None:
    tickets = storage.unit_of_work().tickets
    third = await tickets.by_number(3)
    fourth = await tickets.by_number(4)
    assert third is not None and fourth is not None
    for wanted, numbers in (
        (TicketFilter(), {1, 2, 3, 4, 5, 6, 7}),
        (TicketFilter(statuses=(TicketStatus.OPEN, TicketStatus.CLOSED)), {2, 3, 5, 7}),
        (TicketFilter(priorities=(Urgency.URGENT,)), {1, 3, 7}),
        (TicketFilter(category="hardware"), {1, 3, 4}),
        (TicketFilter(category="hard%"), set()),
        (TicketFilter(assignee_id=fourth.assignee_id), {4}),
        (TicketFilter(unassigned=True, category="hardware"), {1, 3}),
        (TicketFilter(asker_id=fourth.asker_id), {4, 5}),
        (TicketFilter(conversation_id=third.conversation_id, asker_id=third.asker_id), {3, 6}),
        (TicketFilter(text="ecran"), {1}),
        (TicketFilter(text="ÉCRAN BLEU"), {1}),
        (TicketFilter(text="100%"), {2}),
        (TicketFilter(text="under_"), {2}),
        (TicketFilter(text="r_s"), {2}),
        (TicketFilter(text="no paper"), {1, 3, 4, 5, 6, 7}),
    ):
        found = await tickets.find(wanted, limit=50)
        assert {one.number for one in found} == numbers, wanted
        assert await tickets.count(wanted) == len(numbers)


async def test_tickets_come_in_the_order_asked(storage: Storage, queue: dict[int, str]) -> None:
    tickets = storage.unit_of_work().tickets
    assert [one.number for one in await tickets.find()] == [3, 7, 2, 4, 1, 6, 5]
    third, fourth = await tickets.by_number(3), await tickets.by_number(4)
    assert third is not None and fourth is not None
    mine_first = await tickets.find(reader=fourth.assignee_id)
    assert [one.number for one in mine_first] == [4, 3, 7, 2, 1, 6, 5]
    an_askers = await tickets.find(TicketFilter(asker_id=third.asker_id))
    assert [one.number for one in an_askers] == [1, 6, 3, 7, 2], "what waits on them, and what they are to confirm"
    assert [one.number for one in await tickets.find(order="newest")] == [7, 6, 5, 4, 3, 2, 1]
    assert [one.number for one in await tickets.find(order="oldest", limit=2, offset=1)] == [2, 3]
    assert [one.number for one in await tickets.find(order="priority")] == [1, 3, 7, 2, 4, 5, 6]


async def test_what_is_due_soonest_comes_first_however_late_it_is(storage: Storage, queue: dict[int, str]) -> None:
    """Also where every notice of it is out and nothing more is to come."""

    def promised(one: Ticket, minutes: int) -> Ticket:
        return replace(one, sla=(SlaTarget("resolution", 60, AT, AT + minutes * MINUTE, stage=5),))

    async with storage.unit_of_work() as work:
        second, third, fourth, sixth = [await work.tickets.by_number(number) for number in (2, 3, 4, 6)]
        assert second and third and fourth and sixth
        work.tickets.save(promised(second, 30))
        work.tickets.save(promised(third, 90))
        work.tickets.save(replace(fourth, deadline_at=AT + 10 * MINUTE))
        work.tickets.save(promised(sixth, 5))  # which is resolved: nothing is to be done
        await work.commit()
    tickets = storage.unit_of_work().tickets
    assert [one.number for one in await tickets.find(order="due")] == [4, 2, 3, 7, 1, 6, 5]
    assert [one.number for one in await tickets.find()] == [2, 3, 7, 4, 1, 6, 5]
    assert [one.number for one in await tickets.find(reader=fourth.assignee_id)] == [4, 2, 3, 7, 1, 6, 5]


async def test_an_asker_is_told_of_tickets_that_are_not_closed(storage: Storage, queue: dict[int, str]) -> None:
    tickets = storage.unit_of_work().tickets
    ada, bo = [(await tickets.by_number(number)).asker_id for number in (1, 5)]  # type: ignore[union-attr]
    assert [one.number for one in await tickets.active_of(ada)] == [7, 6, 3, 2, 1]
    assert [one.number for one in await tickets.active_of(bo)] == [4]


async def test_events_keep_the_order_in_which_they_were_added(storage: Storage, everything: Everything) -> None:
    e = everything
    async with storage.unit_of_work() as work:
        for kind in ("resolved", "closed", "reopened"):
            work.tickets.add_event(replace(e.event, id=Person("").id, kind=kind))
        await work.commit()
        assert [event.kind for event in await work.tickets.events(e.ticket.id)] == [
            "claimed",
            "resolved",
            "closed",
            "reopened",
        ]


async def test_categories_are_replaced_as_a_whole_and_listed_in_their_order(
    storage: Storage, everything: Everything
) -> None:
    first, second = (replace(everything.category, slug=slug, position=n) for n, slug in enumerate(("b", "a")))
    async with storage.unit_of_work() as work:
        work.categories.replace([second, first])
        await work.commit()
        assert await work.categories.all() == [first, second]
        work.categories.replace([])
        await work.commit()
        assert await work.categories.all() == []


async def test_a_kept_answer_expires_and_is_replaced(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        assert await work.knowledge.cached("k1", AT + MINUTE) is None
        work.knowledge.cache(replace(everything.answer, text="Other.", expires_at=AT + 2 * MINUTE))
        await work.commit()
        found = await work.knowledge.cached("k1", AT + MINUTE)
        assert found is not None and found.text == "Other."


async def test_a_question_read_anew_replaces_its_steps(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        again = replace(everything.step, outcome="lost")
        work.conversations.add_steps([everything.step, again, replace(again, position=0)])
        await work.commit()
        assert await work.conversations.steps(everything.message.id) == [replace(again, position=0), again]


async def test_articles_are_written_as_they_now_are_whatever_their_version(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        work.knowledge.put(article("a"))
        work.knowledge.put(article("b", origin="other"))
        await work.commit()
        work.knowledge.put(article("a", revision="r2", version=17))
        await work.commit()
        found = await work.knowledge.article("a")
        assert found is not None and (found.revision, found.version) == ("r2", 1)
        assert await work.knowledge.catalogue() == {"a": "r2", "b": "r1"}
        assert await work.knowledge.catalogue("other") == {"b": "r1"}
        work.knowledge.put(article("b", origin="other", withdrawn=True))
        await work.commit()
        assert await work.knowledge.catalogue() == {"a": "r2"}
        assert set(await work.knowledge.articles(["a", "b"])) == {"a", "b"}


async def test_the_base_counts_its_articles_and_its_changes(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        assert (await work.knowledge.base_version()).number == 0
        work.knowledge.put(article("a"))
        work.knowledge.put(article("b"))
        await work.commit()
        first = await work.knowledge.base_version()
        assert (first.number, first.articles) == (1, 2) and first.at is not None
        work.knowledge.put(article("b", withdrawn=True))
        work.knowledge.put(article("c"))
        work.knowledge.put(article("d", withdrawn=True))
        await work.commit()
        second = await work.knowledge.base_version()
        assert (second.number, second.articles) == (2, 2)


async def test_approved_phrasings_count_as_a_change_of_the_base(storage: Storage, everything: Everything) -> None:
    e = everything
    async with storage.unit_of_work() as work:
        before = (await work.knowledge.base_version()).number
        waiting = replace(e.phrasing, id=e.ticket.id, approved=False)
        work.knowledge.add(waiting)
        await work.commit()
        assert (await work.knowledge.base_version()).number == before
        work.knowledge.save(replace(waiting, approved=True))
        await work.commit()
        assert (await work.knowledge.base_version()).number == before + 1
        assert len(await work.knowledge.approved_phrasings()) == 2


async def test_any_number_of_ids_can_be_asked_for(storage: Storage, everything: Everything) -> None:
    many = [f"none/{number}" for number in range(2500)] + [everything.article.id]
    knowledge = storage.unit_of_work().knowledge
    assert set(await knowledge.articles(many)) == {everything.article.id}


async def test_articles_are_counted_by_language(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        for id, language in (("a", Language.EN), ("b", Language.FR), ("c", Language.FR)):
            work.knowledge.put(article(id, language=language))
        work.knowledge.put(article("d", language=Language.EN, withdrawn=True))
        await work.commit()
        assert await work.knowledge.count_by_language() == {Language.EN: 1, Language.FR: 2}


async def test_articles_are_counted_by_origin(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        assert await work.knowledge.origins() == {}
        work.knowledge.put(article("a", origin="samples", language=Language.EN))
        work.knowledge.put(article("b", origin="samples", language=Language.FR))
        work.knowledge.put(article("c", origin="folder", language=Language.FR))
        work.knowledge.put(article("d", origin="gone", language=Language.EN, withdrawn=True))
        await work.commit()
        assert await work.knowledge.origins() == {"folder": 1, "samples": 2}
        assert await work.knowledge.count_by_language("samples") == {Language.EN: 1, Language.FR: 1}
        assert await work.knowledge.count_by_language("gone") == {}
