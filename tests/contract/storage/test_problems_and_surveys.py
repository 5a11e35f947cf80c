"""What there is to tell of problems and to ask of tickets, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import StaleWrite
from bot.model.conversations import Conversation, Message
from bot.model.people import Person
from bot.model.tickets import Problem, ProblemSubscription, Survey
from bot.model.values import Audience, ClosedReason, TicketStatus
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE, room, ticket


async def test_news_are_due_from_their_time_on(storage: Storage) -> None:
    problems = [Problem(number, "x", "mail", tell_from=at) for number, at in enumerate((None, AT, AT + MINUTE), 1)]
    async with storage.unit_of_work() as work:
        for problem in problems:
            work.problems.add(problem)
        await work.commit()
        assert await work.problems.to_tell(AT - MINUTE) == []
        assert [one.number for one in await work.problems.to_tell(AT)] == [2]
        assert [one.number for one in await work.problems.to_tell(AT + MINUTE)] == [2, 3]


async def test_one_person_is_told_of_a_problem_once_in_a_conversation(storage: Storage) -> None:
    person, here, there = Person("Ada"), Conversation(room("A")), Conversation(room("B"))
    problem = Problem(1, "x", "mail")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        for place in (here, there):
            work.conversations.add(place)
            work.problems.add(ProblemSubscription(problem.id, place.id, person.id, AT))
        work.problems.add(problem)
        await work.commit()
        (found,) = await work.problems.subscriptions_in(here.id)
        assert (found.conversation_id, found.person_id) == (here.id, person.id)
        assert len(await work.problems.subscriptions(problem.id)) == 2
        work.problems.add(ProblemSubscription(problem.id, here.id, person.id, AT))
        with pytest.raises(StaleWrite):
            await work.commit()


async def test_conversations_are_read_together_and_those_the_public_reads_are_known(storage: Storage) -> None:
    person = Person("Ada")
    inside, outside, bots = (Conversation(room(name)) for name in "ABC")
    async with storage.unit_of_work() as work:
        work.people.add(person)
        for place in (inside, outside, bots):
            work.conversations.add(place)
        work.conversations.add(Message(inside.id, "person", "x", AT, audience=Audience.INTERNAL))
        work.conversations.add(Message(outside.id, "person", "x", AT, audience=Audience.PUBLIC))
        work.conversations.add(Message(outside.id, "person", "x", AT + MINUTE, audience=Audience.INTERNAL))
        work.conversations.add(Message(bots.id, "bot", "x", AT, audience=Audience.PUBLIC))
        await work.commit()
        ids = [inside.id, outside.id, bots.id]
        assert await work.conversations.public_among(ids) == {outside.id}
        assert await work.conversations.public_among([]) == set()
        assert (await work.conversations.by_ids(ids)).keys() == set(ids)


async def test_tickets_that_a_human_resolved_and_nobody_asked_about(storage: Storage) -> None:
    person, place = Person("Ada"), Conversation(room())
    closed = {
        "status": TicketStatus.CLOSED,
        "resolved_at": AT,
        "closed_at": AT + MINUTE,
        "closed_reason": ClosedReason.SILENT,
    }
    silent = ticket(person, place, 1, **closed)
    confirmed = ticket(person, place, 2, **{**closed, "closed_reason": ClosedReason.CONFIRMED})
    others = [
        ticket(person, place, 3, **{**closed, "closed_reason": ClosedReason.CANCELLED}),
        ticket(person, place, 4, **{**closed, "resolved_at": None}),
        ticket(person, place, 5, **{**closed, "closed_at": AT + 10 * MINUTE}),
        ticket(person, place, 6, status=TicketStatus.RESOLVED, resolved_at=AT),
    ]
    async with storage.unit_of_work() as work:
        work.people.add(person)
        work.conversations.add(place)
        for one in (silent, confirmed, *others):
            work.tickets.add(one)
        await work.commit()
        window = AT, AT + 5 * MINUTE
        assert [one.number for one in await work.tickets.unsurveyed(*window)] == [1, 2]
        work.tickets.add(Survey("csat", person.id, AT, silent.id, place.id))
        await work.commit()
        assert [one.number for one in await work.tickets.unsurveyed(*window)] == [2]


async def test_a_ticket_has_one_survey_of_a_kind_however_many_try(storage: Storage) -> None:
    person, place = Person("Ada"), Conversation(room())
    asked = ticket(person, place)
    first = Survey("csat", person.id, AT, asked.id, place.id)
    async with storage.unit_of_work() as work:
        work.people.add(person)
        work.conversations.add(place)
        work.tickets.add(asked)
        work.tickets.add(first)
        for number in range(2):  # of no ticket there may be several
            work.tickets.add(Survey("csat", person.id, AT + timedelta(days=number + 1), None, place.id))
        await work.commit()
        work.tickets.add(replace(first, id=person.id))
        with pytest.raises(StaleWrite):
            await work.commit()
    async with storage.unit_of_work() as work:
        sent = await work.tickets.surveys_sent("csat", AT, AT + timedelta(days=2))
        assert [one.sent_at for one in sent] == [AT, AT + timedelta(days=1)]
        assert await work.tickets.surveys_sent("nps", AT, AT + timedelta(days=9)) == []
        assert await work.tickets.surveys(asked.id) == [first]
