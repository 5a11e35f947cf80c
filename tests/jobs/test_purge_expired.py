"""What is over and old enough goes; tickets, and what is in hand or undecided, stay however old they are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.model.ids import new_id
from bot.model.ledger import SCHEDULER, JobRun
from bot.model.people import SignInCode
from bot.model.tickets import Attachment
from bot.model.values import OutboxState
from bot.ports.storage import Expiring
from bot.public.files import IN_PUBLIC
from bot.settings import Settings
from jobs.forget_overheard import forget_overheard
from jobs.purge_expired import purge_expired
from jobs.schedule import kept
from storage.models import ledger, metadata
from storage.store import SqlStorage
from tests.contract.storage.makers import AT, Everything, delivery, room, said

LEASE = timedelta(minutes=1)
LATER = timedelta(days=400)
KINDS = {
    "overheard": "inbox",
    "inbox_payloads": "inbox",
    "deliveries": "outbox",
    "traces": "processing_steps",
    "answers": "cached_answers",
    "sign_in_codes": "sign_in_codes",
    "link_codes": "link_codes",
    "job_runs": "job_runs",
    "held_replies": "held_replies",
    "contact_visits": "contact_visits",
    "used_links": "used_links",
}


async def rows(storage: SqlStorage, table: str) -> list[Any]:
    def block(connection: Connection) -> list[Any]:
        return list(connection.execute(select(metadata.tables[table])))

    return await storage._context.database.read(block)


async def fill(storage: SqlStorage) -> Everything:
    """Of each kind one that is over; and one that is not."""
    everything = Everything()
    await storage.inbox.receive(said("lunch?", "0", room("C8")))
    [overheard] = await storage.inbox.claim("me", LEASE, 1)
    await storage.inbox.receive(everything.event_received, said("b", "2"), said("c", "3", room("C9")))
    [first, *_] = await storage.inbox.claim("me", LEASE, 1)
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        work.tickets.add(replace(Everything().held, ticket_id=everything.ticket.id, state="held"))
        for number in range(3):
            work.outbox.add(delivery(f"o{number}", room(f"R{number}"), coalesce="m" if number == 0 else None))
        work.outbox.add(delivery("merged", room("R0"), coalesce="m"))
        work.inbox.done(overheard, dismissed=True)
        work.inbox.done(first)
        await work.commit()
    [one] = await storage.outbox.claim("me", LEASE, [("slack", "T1")], 1)
    await storage.outbox.sent(one, "x1", AT)
    await storage.leases.acquire(SCHEDULER, "me", LEASE)
    for minute, outcome in enumerate(("completed", "failed", "running", "completed")):
        run = JobRun("digest", AT + timedelta(minutes=minute), AT, "me", epoch=1, effects=1)
        await storage.job_runs.start(run)
        if outcome != "running":
            await storage.job_runs.finish(replace(run, finished_at=AT, outcome=outcome))  # type: ignore[arg-type]
    await storage.sign_in_codes.add(SignInCode("ada@acme.example", "hash", AT, AT + LEASE))
    return everything


@pytest.mark.parametrize("kind", KINDS)
async def test_nothing_goes_before_its_time(storage: SqlStorage, kind: Expiring) -> None:
    await fill(storage)
    before = {name: await rows(storage, name) for name in metadata.tables}
    assert await storage.purge(kind, AT - LEASE) == 0
    assert {name: await rows(storage, name) for name in metadata.tables} == before


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_over_goes_and_nothing_else(storage: SqlStorage, kind: Expiring) -> None:
    everything = await fill(storage)
    before = {name: await rows(storage, name) for name in metadata.tables}
    removed = await storage.purge(kind, datetime.now(UTC) + LATER)
    assert removed > 0 and await storage.purge(kind, datetime.now(UTC) + LATER) == 0
    after = {name: await rows(storage, name) for name in metadata.tables}
    changed = {name for name in before if before[name] != after[name]}
    assert changed - {"outbox_merged", "contact_guests"} == {KINDS[kind]}
    assert await storage.purge("deliveries", AT - LATER) == 0
    async with storage.unit_of_work() as work:
        assert await work.tickets.get(everything.ticket.id) == everything.ticket


async def test_the_payload_goes_and_the_key_stays_so_that_no_event_is_handled_twice(storage: SqlStorage) -> None:
    everything = await fill(storage)
    assert await storage.purge("inbox_payloads", datetime.now(UTC) + LATER) == 2
    states = {row.key: (row.state, row.event is None) for row in await rows(storage, "inbox") if row.owner is None}
    assert states[str(everything.event_received.key)] == ("done", True)
    assert [gone for state, gone in states.values() if state == "received"] == [False, False]
    assert await storage.inbox.receive(everything.event_received) == 0


async def test_of_what_people_say_among_themselves_nothing_stays_and_what_is_considered_after_all_does(
    storage: SqlStorage,
) -> None:
    await fill(storage)
    there = len(await rows(storage, "inbox"))
    assert await forget_overheard(storage, datetime.now(UTC)) == 0
    async with storage.unit_of_work() as work:
        work.inbox.reconsider(room("C8"), AT - LEASE)
        await work.commit()
    assert await storage.purge("overheard", datetime.now(UTC) + LATER) == 0
    while claimed := await storage.inbox.claim("me", LEASE):
        async with storage.unit_of_work() as work:
            for row in claimed:
                work.inbox.done(row, dismissed=row.event.conversation == room("C8"))
            await work.commit()
    assert await forget_overheard(storage, datetime.now(UTC) + timedelta(hours=2)) == 1
    assert "lunch?" not in str(await rows(storage, "inbox"))
    assert len(await rows(storage, "inbox")) == there - 1


async def test_what_is_still_to_be_sent_stays(storage: SqlStorage) -> None:
    await fill(storage)
    waiting = [row.id for row in await rows(storage, "outbox") if row.state in ledger.OUTBOX_OPEN]
    await storage.purge("deliveries", datetime.now(UTC) + LATER)
    assert [row.id for row in await rows(storage, "outbox")] == waiting and len(waiting) == 3
    assert {row.outbox_id for row in await rows(storage, "outbox_merged")} <= set(waiting)
    claimed = await storage.outbox.claim("me", LEASE, [("slack", "T1")])
    assert {one.state for one in claimed} == {OutboxState.PENDING} or {one.attempt for one in claimed} == {1}


async def test_of_the_runs_the_last_and_what_is_running_stay(storage: SqlStorage) -> None:
    await fill(storage)
    assert await storage.purge("job_runs", datetime.now(UTC) + LATER) == 2
    assert [run.outcome for run in await storage.job_runs.history()] == ["completed", "running"]


async def test_held_words_stay_until_somebody_decides(storage: SqlStorage) -> None:
    await fill(storage)
    await storage.purge("held_replies", datetime.now(UTC) + LATER)
    assert [row.state for row in await rows(storage, "held_replies")] == ["held"]


async def test_of_posts_that_nothing_came_of_only_the_figure_stays(storage: SqlStorage) -> None:
    everything = Everything()
    heard = replace(
        everything.post, state="seen", number=None, ticket_id=None, reply=None, reply_id=None, cards=(), text="words",
        message_id=everything.message.id,
    )  # fmt: skip
    everything.post = heard
    async with storage.unit_of_work() as work:
        everything.add_to(work)
        for number, told in enumerate(({"state": "answered"}, {"number": 77}, {"ticket_id": everything.ticket.id})):
            one = replace(heard, id=new_id(), native_id=f"x{number}", token=f"x{number}", **told)  # type: ignore[arg-type]
            work.public.add(one)
        named = Attachment(heard.message_id, "b.png", "image/png", 0, problem=IN_PUBLIC, alternative="my screen")
        work.attachments.add(named)
        await work.commit()
    assert await storage.purge("seen_posts", AT - LATER) == 0
    assert await storage.purge("seen_posts", datetime.now(UTC) + LATER) == 1
    assert await storage.purge("seen_posts", datetime.now(UTC) + LATER) == 0
    posts = {row.native_id: row for row in await rows(storage, "public_posts")}
    gone = posts.pop(heard.native_id)
    assert (gone.text, gone.handle, gone.link, gone.warning) == ("", "", None, "")
    assert (gone.seen_at, gone.complaint, gone.state) == (heard.seen_at, heard.complaint, "seen"), "the figure stays"
    assert {row.text for row in posts.values()} == {"words"}
    async with storage.unit_of_work() as work:
        message = await work.conversations.message(heard.message_id)
        assert await work.attachments.of([heard.message_id]) == [everything.attachment], "what a ticket has it keeps"
    assert message is not None and message.text == ""


async def test_it_goes_in_portions(storage: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        await storage.sign_in_codes.add(SignInCode(f"{number}@acme.example", "hash", AT, AT + LEASE))
    assert await storage.purge("sign_in_codes", datetime.now(UTC), limit=3) == 3
    monkeypatch.setattr("jobs.purge_expired.BREATH", 0)
    removed = await purge_expired(storage, {"sign_in_codes": timedelta(days=1)}, datetime.now(UTC))
    assert removed == 4


def test_everything_that_expires_has_a_time_for_which_it_is_kept() -> None:
    settings = Settings.model_validate({"keep_payloads_days": 5, "keep_history_days": 50})
    spans = kept(settings)
    assert set(spans) == {*KINDS, "seen_posts"}
    assert spans["seen_posts"] == timedelta(days=5)
    assert spans["inbox_payloads"] == timedelta(days=5) and spans["deliveries"] == timedelta(days=50)
