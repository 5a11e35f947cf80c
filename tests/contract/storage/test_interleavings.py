"""Whatever the interleaving of receivers, handlers that fail or die, and senders: order, and nothing twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import LeaseLost
from bot.model.ids import new_id
from bot.model.ledger import Delivery, InboxRow
from bot.model.values import OutboxState
from bot.ports.storage import Storage
from tests.contract.storage.makers import delivery, room, said

LEASE = timedelta(minutes=5)
DEAD = timedelta(seconds=-1)
OWNERS = ("a", "b", "c")
PAST = timedelta(seconds=30)

inbox_moves = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.integers(0, 2)),
        st.tuples(st.just("claim"), st.sampled_from(OWNERS)),
        st.tuples(st.just("claim and die"), st.sampled_from(OWNERS)),
        st.tuples(st.just("done"), st.integers(0, 5)),
        st.tuples(st.just("fail"), st.integers(0, 5)),
        st.tuples(st.just("recover"), st.sampled_from(OWNERS)),
    ),
    max_size=30,
)


class InboxRun:
    """One interleaving, in rooms of its own, with what should be true of it checked at every step."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.name = str(new_id())
        self.received: dict[int, list[str]] = {0: [], 1: [], 2: []}
        self.done: dict[int, list[str]] = {0: [], 1: [], 2: []}
        self.held: list[InboxRow] = []  # with a lease that has not run out
        self.died: list[InboxRow] = []

    async def move(self, kind: str, value: int | str) -> None:
        if kind == "receive" and isinstance(value, int):
            id = f"{self.name}-{value}-{len(self.received[value])}"
            self.received[value].append(id)
            await self.storage.inbox.receive(said(str(value), id, room(f"{self.name}-{value}")))
        elif kind == "claim":
            self.taken(await self.storage.inbox.claim(str(value), LEASE, limit=2), self.held)
        elif kind == "claim and die":
            self.taken(await self.storage.inbox.claim(str(value), DEAD), self.died)
        elif kind == "recover":
            await self.storage.inbox.recover(str(value))
            lost = [row for row in self.held if row.owner == value]
            self.died += lost
            self.held = [row for row in self.held if row.owner != value]
        elif kind in ("done", "fail") and self.held:
            row = self.held.pop(int(value) % len(self.held))
            if kind == "fail":
                await self.storage.inbox.retry(row, datetime.now(UTC) - PAST, "ModelError")
            else:
                await self.finish(row)

    def taken(self, rows: list[InboxRow], by: list[InboxRow]) -> None:
        for row in rows:
            assert row.event.conversation not in [other.event.conversation for other in self.held]
            number = int(row.event.text)  # type: ignore[union-attr]  # only messages are received here
            assert row.event.key.native_id == self.received[number][len(self.done[number])], "out of order"
            by.append(row)

    async def finish(self, row: InboxRow) -> None:
        async with self.storage.unit_of_work() as work:
            work.inbox.done(row)
            await work.commit()
        self.done[int(row.event.text)].append(row.event.key.native_id)  # type: ignore[union-attr]

    async def check_and_empty(self) -> None:
        for row in self.died:
            try:
                await self.finish(row)
            except LeaseLost:
                continue
            # Nobody had taken it up: whoever is late may still finish, once.
        for row in self.held:
            await self.finish(row)
        self.held = []
        await self.storage.inbox.expire()
        while rows := await self.storage.inbox.claim("last", LEASE, limit=5):
            self.taken(rows, [])
            for row in rows:
                await self.finish(row)
        assert self.done == self.received


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=inbox_moves)
async def test_each_message_is_finished_once_and_in_order(storage: Storage, moves: list[tuple[str, int | str]]) -> None:
    run = InboxRun(storage)
    for kind, value in moves:
        await run.move(kind, value)
    await run.check_and_empty()


outbox_moves = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 2)),
        st.tuples(st.just("claim"), st.integers(1, 4)),
        st.tuples(st.just("claim and die"), st.integers(1, 2)),
        st.tuples(st.just("sent"), st.integers(0, 5)),
        st.tuples(st.just("postpone"), st.integers(0, 5)),
        st.tuples(st.just("unknown"), st.integers(0, 5)),
        st.tuples(st.just("failed"), st.integers(0, 5)),
    ),
    max_size=30,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=outbox_moves)
async def test_each_delivery_ends_once_and_in_order(storage: Storage, moves: list[tuple[str, int]]) -> None:
    account = str(new_id())
    accounts = [("slack", account)]
    added: list[Delivery] = []
    ended: list[Delivery] = []
    held: list[Delivery] = []

    async def claim(lease: timedelta, limit: int) -> list[Delivery]:
        await storage.outbox.expire()
        taken = await storage.outbox.claim("me", lease, accounts, limit)
        for one in taken:
            assert one.conversation not in [other.conversation for other in held]
            waiting = [
                other.id
                for other in added
                if other.conversation == one.conversation and other.id not in [done.id for done in ended]
            ]
            assert one.id == waiting[0], "out of order"
        return taken

    async def end(kind: str, one: Delivery) -> None:
        if kind == "sent":
            await storage.outbox.sent(one, f"x{one.id}", datetime.now(UTC))
        else:
            await storage.outbox.failed(one, "DeliveryRefused")
        ended.append(one)

    for kind, value in moves:
        if kind == "add":
            one = delivery(str(new_id()), room(f"C{value}", account=account))
            added.append(one)
            async with storage.unit_of_work() as work:
                work.outbox.add(one)
                await work.commit()
        elif kind == "claim":
            held += await claim(LEASE, value)
        elif kind == "claim and die":
            await claim(DEAD, value)
        elif held:
            one = held.pop(value % len(held))
            if kind in ("sent", "failed"):
                await end(kind, one)
            else:
                await getattr(storage.outbox, kind)(one, datetime.now(UTC) - PAST, "error")
                found = await storage.outbox.state(one.id)
                assert found is not None
                assert found.state is (OutboxState.PENDING if kind == "postpone" else OutboxState.UNKNOWN)
    for one in held:
        await end("sent", one)
    held.clear()
    while taken := await claim(LEASE, 10):
        for one in taken:
            await end("sent", one)
    assert sorted(one.id for one in ended) == sorted(one.id for one in added)
