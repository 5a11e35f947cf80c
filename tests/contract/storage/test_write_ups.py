"""Write-ups, and what is found of proposals on tickets."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.ids import new_id
from bot.model.people import Company, Person
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, Everything


@pytest.fixture
async def everything(storage: Storage) -> Everything:
    made = Everything()
    async with storage.unit_of_work() as work:
        made.add_to(work)
        await work.commit()
    return made


async def test_write_ups_are_found_by_reference_and_by_state(storage: Storage, everything: Everything) -> None:
    e = everything
    later = replace(
        e.intervention, reference="INT-2026-01-HAR-002", state="draft", at=AT + timedelta(days=1), id=new_id()
    )
    async with storage.unit_of_work() as work:
        work.tickets.add(later)
        await work.commit()
    tickets = storage.unit_of_work().tickets
    assert await tickets.intervention("INT-2026-01-HAR-001") == e.intervention
    assert await tickets.intervention("INT-2026-01-HAR-009") is None
    assert await tickets.written_up() == [e.intervention, later]
    assert await tickets.written_up("draft") == [later]
    assert await tickets.written_up(limit=1, offset=1) == [later]


async def test_proposals_are_found_on_their_ticket(storage: Storage, everything: Everything) -> None:
    e, tickets = everything, storage.unit_of_work().tickets
    assert await tickets.proposal(e.proposal.id) == e.proposal
    assert await tickets.proposal(new_id()) is None
    assert await tickets.proposals_on(e.ticket.id) == [e.proposal]
    assert await tickets.proposals_on(e.other.id) == []


async def test_where_an_article_helped_is_found_with_how_long_it_took(storage: Storage, everything: Everything) -> None:
    e = everything
    again = replace(e.proposal, id=new_id(), helped=False)
    unresolved = replace(e.proposal, id=new_id(), ticket_id=e.other.id)
    async with storage.unit_of_work() as work:
        work.tickets.add(again)
        work.tickets.add(unresolved)
        await work.commit()
    found = await storage.unit_of_work().tickets.resolved_with(e.article.id)
    assert found == [(e.proposal.id, e.ticket.created_at, e.ticket.resolved_at)]
    assert await storage.unit_of_work().tickets.resolved_with("none") == []


async def test_colleagues_are_the_people_of_a_company(storage: Storage) -> None:
    company, other = Company("Acme"), Company("Other")
    ada, bo = Person("Ada", company_id=company.id), Person("Bo", company_id=company.id)
    async with storage.unit_of_work() as work:
        for one in (company, other, ada, bo, Person("Cy", company_id=other.id), Person("Di")):
            work.people.add(one)
        await work.commit()
    assert await storage.unit_of_work().people.colleagues(company.id) == [ada, bo]
