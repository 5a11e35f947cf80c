"""Promises about to be broken, and those that are: who hears of it, once, however often and wherever it runs."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import jobs.escalate_stale_tickets as job
from bot.model.tickets import SlaNotice, Ticket
from bot.model.values import Role, TicketStatus, Urgency
from bot.sla.policies import SlaPolicies
from jobs.escalate_stale_tickets import anything_stale, escalate_stale_tickets
from knowledge.index.port import Reader
from knowledge.retrieval import HybridRetriever
from storage.store import SqlStorage
from tests.engine.desk import OneDeskRoom, TestDesk, make_desk

JAM = "my printer says the paper is jammed but there is none"
FRIDAY_EVENING = datetime(2026, 11, 20, 16, 55, tzinfo=UTC)  # five to six in Paris


@pytest.fixture
async def desk(sampled: tuple[SqlStorage, Reader]) -> TestDesk:
    """Tess and Tom work at it, Lena leads it, Abe administers it. It is Monday, ten o'clock in Paris."""
    storage, index = sampled
    sla = SlaPolicies.load(None, "Europe/Paris")
    desk = make_desk(storage, HybridRetriever(index), sla=sla, desk=OneDeskRoom(cards=True))
    for who, role in (("tess", Role.TECHNICIAN), ("tom", Role.TECHNICIAN), ("lena", Role.LEAD), ("abe", Role.ADMIN)):
        await desk.appoint(who, role)
    return desk


async def open_ticket(desk: TestDesk, room: str = "dm", who: str = "ada") -> str:
    answers = [await desk.says(text, room, who=who) for text in (JAM, "no", "no", "no")]
    return answers[-1]


async def run(desk: TestDesk) -> dict[str, str]:
    """Run the job; what was posted, by room."""
    before = len(desk.wire.posted)
    await escalate_stale_tickets(desk.services)
    await desk.settle()
    posted: dict[str, str] = {}
    for one in desk.wire.posted[before:]:
        if not one.edits:
            posted[one.conversation.room] = f"{posted.get(one.conversation.room, '')}\n{one.document.text}".strip()
    return posted


async def only(desk: TestDesk) -> Ticket:
    (ticket,) = await desk.tickets()
    return ticket


async def notices(desk: TestDesk) -> list[SlaNotice]:
    async with desk.storage.unit_of_work() as uow:
        return await uow.tickets.notices((await only(desk)).id)


def stages(sent: list[SlaNotice]) -> list[tuple[str, int]]:
    return [(one.kind, one.stage) for one in sent]


# What people are told when a ticket opens


async def test_who_asks_is_told_by_when_somebody_acts(desk: TestDesk) -> None:
    assert "a technician claims it, today 10:15 at the latest" in await open_ticket(desk)
    card = next(text for text in desk.posts("desk") if "T1" in text)
    assert "To be claimed by: Mon 16 Nov 10:15" in card and "First answer by: Wed 18 Nov 16:00" in card
    assert "To be resolved by: Mon 23 Nov 13:00" in await desk.says("/ticket show T1")
    assert "First answer by: Wed 18 Nov 16:00" in await desk.says("where is my ticket?")


async def test_once_it_is_claimed_they_are_told_by_when_they_hear(desk: TestDesk) -> None:
    await open_ticket(desk)
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    assert "Tess is taking care of T1 and will write to you here, Wednesday 16:00 at the latest" in desk.posts()[-1]
    desk.clock.forward(seconds=5)
    await desk.says("/ticket undo T1", "desk-tess", who="tess")
    desk.clock.forward(days=4)
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    assert "Tess is taking care of T1 and will write to you here." in desk.posts()[-1], "no time that is over"


async def test_on_friday_evening_that_is_on_monday_in_business_hours(desk: TestDesk) -> None:
    desk.clock.at = FRIDAY_EVENING
    assert "Monday 9:10 at the latest" in await open_ticket(desk)


async def test_the_time_is_the_readers_own(desk: TestDesk) -> None:
    await desk.says("hello")
    async with desk.storage.unit_of_work() as uow:
        (known,) = [one for one in [await uow.people.known(desk.message("x").author)] if one]
        uow.people.save(replace(known.person, timezone="America/New_York"))
        await uow.commit()
    assert "today 4:15 at the latest" in await open_ticket(desk)
    await desk.says("/ticket claim T1", "desk-tess", who="tess")
    assert "Wednesday 10:00 at the latest" in desk.posts()[-1]
    card = next(text for text in desk.posts("desk") if "T1" in text)
    assert "Mon 16 Nov 10:15" in card, "rooms have the desk's time, whoever's message it was"


async def test_french_people_are_told_in_french(desk: TestDesk) -> None:
    for text in ("mon imprimante dit que le papier est coincé, il n'y en a pas", "non", "non", "non"):
        answer = await desk.says(text)
    assert "aujourd’hui à 10:15 au plus tard" in answer


# Warnings


async def test_nobody_is_told_before_the_time(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=11)
    assert not await anything_stale(desk.services)
    assert await run(desk) == {}


async def test_the_desk_is_warned_of_what_nobody_has(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=11, seconds=15)
    assert await anything_stale(desk.services)
    posted = await run(desk)
    assert set(posted) == {"desk"}
    assert "is to be claimed, today 10:15 at the latest" in posted["desk"]
    assert "Nobody has claimed it" in posted["desk"] and "the leads hear of it today 10:15" in posted["desk"]
    assert await run(desk) == {} and not await anything_stale(desk.services)
    assert stages(await notices(desk)) == [("acknowledge", 1)]


async def test_whoever_has_it_is_warned_and_nobody_else(desk: TestDesk) -> None:
    await open_ticket(desk)
    await desk.says("/ticket claim T1", "desk", who="tess")
    desk.clock.at = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)  # 18 of 24 business hours
    posted = await run(desk)
    assert set(posted) == {"desk-tess"}
    assert "is to get its first answer, today 16:00 at the latest" in posted["desk-tess"]
    assert "in your hands" in posted["desk-tess"]


# Escalation


async def test_leads_are_named_and_told_and_the_priority_rises_once(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=12)
    await run(desk)
    desk.clock.forward(minutes=3)
    posted = await run(desk)
    assert set(posted) == {"desk", "desk-lena"}
    assert "is late: a technician was to claim it today 10:15" in posted["desk"]
    assert "Lena: please see to it." in posted["desk"] and "the admins hear of it today 11:15" in posted["desk"]
    assert "is late" in posted["desk-lena"] and "please" not in posted["desk-lena"]
    raised = await only(desk)
    assert raised.priority is Urgency.HIGH, "it was medium"
    assert raised.sla[1].seconds == 24 * 3600, "what else was promised stays as it was promised"

    desk.clock.forward(hours=1)
    posted = await run(desk)
    assert set(posted) == {"desk", "desk-abe"} and "Abe: please see to it." in posted["desk"]
    desk.clock.at = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
    assert "its first answer was due today 16:00" in (await run(desk))["desk-lena"]
    assert (await only(desk)).priority is Urgency.HIGH, "once"
    async with desk.storage.unit_of_work() as uow:
        events = await uow.tickets.events(raised.id)
    assert [event.kind for event in events if event.kind == "escalated"] == ["escalated"] * 3
    assert stages(await notices(desk))[:3] == [("acknowledge", 1), ("acknowledge", 2), ("acknowledge", 3)]


async def test_a_claim_ends_it(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=14)
    await run(desk)
    await desk.says("/ticket claim T1", "desk", who="tess")
    desk.clock.forward(hours=2)
    assert await run(desk) == {}
    assert (await only(desk)).sla[0].in_time


async def test_nothing_is_said_while_the_ticket_waits_on_the_person(desk: TestDesk) -> None:
    await open_ticket(desk)
    await desk.says("/ticket claim T1", "desk", who="tess")
    await desk.says("/ticket wait T1", "desk", who="tess")
    waiting = await only(desk)
    assert waiting.status is TicketStatus.WAITING and waiting.sla_next_at is None
    assert "24 hours of working time left" in await desk.says("/ticket show T1", "desk", who="tess")
    desk.clock.forward(days=30)
    assert await run(desk) == {}
    await desk.says("I am back", who="ada")
    assert (await only(desk)).sla_next_at is not None


# Exactly once


async def test_ten_at_once_say_it_once(desk: TestDesk) -> None:
    for number in range(5):
        await open_ticket(desk, f"dm{number}", f"person{number}")
    desk.clock.forward(minutes=15)
    before = len(desk.wire.posted)
    done = await asyncio.gather(*(escalate_stale_tickets(desk.services) for _ in range(10)))
    await desk.settle()
    assert sum(done) == 5
    told = [one.document.text for one in desk.wire.posted[before:] if one.conversation.room == "desk-lena"]
    assert len(told) == len(set(told)) == 5
    async with desk.storage.unit_of_work() as uow:
        for ticket in await desk.tickets():
            assert stages(await uow.tickets.notices(ticket.id)) == [("acknowledge", 1), ("acknowledge", 2)]
            assert ticket.priority is Urgency.HIGH


async def test_a_claim_at_the_same_moment_is_not_overwritten(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=15)
    await asyncio.gather(
        desk.says("/ticket claim T1", "desk", who="tess"), *(escalate_stale_tickets(desk.services) for _ in range(3))
    )
    ticket = await only(desk)
    assert ticket.status is TicketStatus.IN_PROGRESS and ticket.sla[0].met_at is not None
    assert len(stages(await notices(desk))) == len(set(stages(await notices(desk))))


async def test_what_was_broken_off_is_done_and_said_once(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=15)

    async def dies(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(job, "tell_notices", dies)
        with pytest.raises(ConnectionError):
            await escalate_stale_tickets(desk.services)
    assert await notices(desk) == [] and (await only(desk)).priority is Urgency.MEDIUM
    assert "desk-lena" in await run(desk)
    assert await run(desk) == {}


async def test_what_is_on_record_is_not_said_again(desk: TestDesk) -> None:
    await open_ticket(desk)
    opened = await only(desk)
    desk.clock.forward(minutes=15)
    await run(desk)
    told = await only(desk)
    async with desk.storage.unit_of_work() as uow:
        uow.tickets.save(replace(told, sla=opened.sla, sla_next_at=opened.sla_next_at))
        await uow.commit()
    assert await run(desk) == {}
    assert (await only(desk)).sla[0].stage == 2


# After the desk was down


async def test_after_hours_away_the_last_is_said_and_all_are_recorded(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(hours=5)
    posted = await run(desk)
    assert posted["desk"].count("is late") == 1 and "please see to it" in posted["desk"]
    assert set(posted) == {"desk", "desk-abe"}, "it has come to the admins by now"
    sent = await notices(desk)
    assert stages(sent) == [("acknowledge", 1), ("acknowledge", 2), ("acknowledge", 3)]
    assert [round((one.sent_at - one.due_at) / timedelta(minutes=1)) for one in sent] == [289, 285, 225]
    assert (await only(desk)).priority is Urgency.HIGH
    assert await run(desk) == {}


async def test_a_reopened_ticket_is_warned_of_anew(desk: TestDesk) -> None:
    await open_ticket(desk)
    await desk.says("/ticket claim T1", "desk", who="tess")
    desk.clock.forward(days=9)
    await run(desk)
    await desk.says("/ticket resolve T1 Done", "desk", who="tess")
    await desk.says("no, it is not fixed")
    reopened = await only(desk)
    assert reopened.status is TicketStatus.OPEN and reopened.sla_next_at is not None
    desk.clock.forward(days=9)
    assert "is late: it was to be resolved" in (await run(desk))["desk"]
    assert {(one.kind, one.cycle) for one in await notices(desk)} >= {("resolution", 0), ("resolution", 1)}


async def test_a_stricter_priority_is_not_a_burst(desk: TestDesk) -> None:
    """Made urgent after three hours, the first answer is late at once; who decides further up still has their hour."""
    await open_ticket(desk)
    await desk.says("/ticket claim T1", "desk", who="tess")
    desk.clock.forward(hours=3)
    await desk.says("/ticket priority T1 urgent", "desk", who="tess")
    posted = await run(desk)
    assert "its first answer was due today 11:00" in posted["desk"] and "hear of it today 14:00" in posted["desk"]
    assert "desk-lena" in posted and "desk-abe" not in posted
    async with desk.storage.unit_of_work() as uow:
        late = await uow.tickets.lateness()
    assert late.longest == 0, "the desk said so at once"


# Lateness


async def test_lateness_is_a_histogram(desk: TestDesk) -> None:
    await open_ticket(desk)
    desk.clock.forward(minutes=11, seconds=18)
    await run(desk)
    desk.clock.forward(minutes=5)
    await run(desk)
    async with desk.storage.unit_of_work() as uow:
        late = await uow.tickets.lateness()
        assert late.total == 2 and late.counts[2] == 1 and late.counts[6] == 1, "3 s, and 78 s"
        assert (late.p50, late.p99, late.longest) == (3.0, 78.0, 78.0)
        assert (await uow.tickets.lateness(since=desk.clock())).total == 1
        assert (await uow.tickets.lateness(until=desk.clock())).total == 1
