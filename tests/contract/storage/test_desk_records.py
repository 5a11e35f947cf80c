"""What surrounds a ticket: problems, links, held words, places, notices; on both databases."""

from dataclasses import replace

import pytest

from bot.errors import StaleWrite
from bot.model.people import Person
from bot.ports.storage import Storage, TicketFilter
from tests.contract.storage.makers import AT, MINUTE, Everything


async def test_problems_are_announced_until_they_end(storage: Storage, everything: Everything) -> None:
    base = replace(everything.problem, ended_at=None)
    first = replace(base, id=Person("").id, number=8, title="first")
    second = replace(base, id=Person("").id, number=9, title="second", announced_at=AT + MINUTE)
    silent = replace(base, id=Person("").id, number=10, announced_at=None)
    async with storage.unit_of_work() as work:
        for problem in (second, first, silent):
            work.problems.add(problem)
        await work.commit()
        assert [one.title for one in await work.problems.announced()] == ["first", "second"]
        work.problems.save(replace(first, ended_at=AT))
        await work.commit()
        assert [one.title for one in await work.problems.announced()] == ["second"]
        assert [one.number for one in await work.problems.recent(2)] == [10, 9]
        found = await work.problems.by_number(9)
        assert found and found.reference == "P9"
        assert await work.problems.by_number(2**31) is None
        assert await work.problems.subscriptions(everything.problem.id) == [everything.subscription]


async def test_problem_numbers_are_given_once(storage: Storage) -> None:
    problems = storage.unit_of_work().problems
    assert [await problems.next_number(), await problems.next_number()] == [1, 2]


async def test_what_is_due_is_found(storage: Storage, everything: Everything) -> None:
    e = everything
    soon = replace(e.other, id=Person("").id, number=14, sla_next_at=AT - MINUTE, snoozed_until=AT, merged_into_id=None)
    later = replace(e.other, id=Person("").id, number=15, sla_next_at=AT + 9 * MINUTE)
    async with storage.unit_of_work() as work:
        work.tickets.add(soon)
        work.tickets.add(later)
        await work.commit()
        tickets = work.tickets
    assert [one.number for one in await tickets.sla_due(AT)] == [14, 12]
    assert [one.number for one in await tickets.sla_due(AT, 1)] == [14]
    assert [one.number for one in await tickets.snooze_ended(AT)] == [14]
    assert [one.number for one in await tickets.find(TicketFilter(snoozed=True))] == [14, 12]
    assert {one.number for one in await tickets.find(TicketFilter(snoozed=False))} == {13, 15}
    assert set(await tickets.by_ids([soon.id, later.id, e.person.id])) == {soon.id, later.id}


async def test_what_surrounds_a_ticket_is_found(storage: Storage, everything: Everything) -> None:
    e, tickets = everything, storage.unit_of_work().tickets
    assert await tickets.links(e.ticket.id) == [e.link] == await tickets.links(e.other.id)
    assert await tickets.held(e.held.id) == e.held
    assert await tickets.held_of(e.ticket.id) == []  # it was decided on
    assert e.place.card_id is not None
    assert await tickets.place_of_card(e.place.card_id) == e.place
    assert await tickets.notices(e.ticket.id) == [e.notice]
    assert await tickets.survey(e.survey.id) == e.survey
    assert await tickets.surveys_of(e.person.id) == [e.survey]


async def test_a_notice_goes_out_once(storage: Storage, everything: Everything) -> None:
    async with storage.unit_of_work() as work:
        work.tickets.add_notice(replace(everything.notice, id=Person("").id))
        with pytest.raises(StaleWrite):
            await work.commit()


async def test_a_place_and_a_link_can_be_taken_away(storage: Storage, everything: Everything) -> None:
    e = everything
    async with storage.unit_of_work() as work:
        work.tickets.remove(e.link)
        work.tickets.remove(e.place)
        await work.commit()
        assert await work.tickets.links(e.ticket.id) == []
        assert await work.tickets.places(e.ticket.id) == []


async def test_what_was_relayed_of_a_message_is_found(storage: Storage, everything: Everything) -> None:
    e = everything
    copy = replace(e.message, id=Person("").id, native_id=None, relay_of=e.message.id, in_reply_to=None)
    async with storage.unit_of_work() as work:
        work.conversations.add(copy)
        await work.commit()
        assert [one.id for one in await work.conversations.copies(e.message.id)] == [copy.id]


async def test_the_newest_link_code_counts(storage: Storage, everything: Everything) -> None:
    e = everything
    newer = replace(e.link_code, id=Person("").id, requested_at=AT + MINUTE)
    async with storage.unit_of_work() as work:
        work.people.add(newer)
        await work.commit()
        assert await work.people.link_code("hash") == newer
        assert await work.people.link_code("no") is None
        assert await work.people.technician_of(e.person.id) == e.technician
        assert await work.people.company_by_id(e.company.id) == e.company
