"""Messages of one conversation are answered in order, each once, whatever the interleaving."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine.dispatcher import Dispatcher
from bot.errors import StorageUnavailable
from bot.model.values import InboxState
from bot.ports.storage import Storage
from storage.store import open_storage
from tests.engine.desk import FakeClock
from tests.ledger.office import LEASE, Office, office_on

ROOMS = st.sampled_from(["red", "green"])
OWNERS = ("one", "two", "three")

moves = st.lists(
    st.one_of(
        st.tuples(st.just("say"), ROOMS),
        st.tuples(st.just("twin"), ROOMS),
        st.tuples(st.just("fail"), ROOMS),
        st.tuples(st.just("slow"), ROOMS),
        st.tuples(st.just("release"), ROOMS),
        st.tuples(st.just("work"), st.sampled_from(OWNERS)),
        st.tuples(st.just("die"), st.sampled_from(OWNERS)),
        st.tuples(st.just("sweep"), st.just("")),
        st.tuples(st.just("lose the database"), st.sampled_from(["1", "2", "5"])),
        st.tuples(st.just("wait"), st.sampled_from(["1", "31"])),
    ),
    max_size=25,
)


class Run:
    def __init__(self, office: Office) -> None:
        self.office = office
        self.dispatchers = {owner: office.dispatcher(owner, workers=2) for owner in OWNERS}
        self.working: set[asyncio.Task[None]] = set()

    async def move(self, kind: str, what: str) -> None:
        office, troubles = self.office, self.office.troubles
        match kind:
            case "say":
                await office.say(what)
            case "twin" if said := office.said.get(what):
                assert await office.hear(*said[-2:]) == 0
            case "fail":
                troubles.failing[what] += 1
            case "slow":
                troubles.slow.setdefault(what, asyncio.Event())
            case "release":
                troubles.release(what)
            case "work":
                await self.work(self.dispatchers[what])
            case "die":
                await office.storage.inbox.claim(what, LEASE, 2)
            case "sweep":
                await office.storage.inbox.expire()
            case "lose the database":
                troubles.gone = int(what)
            case "wait":
                office.clock.forward(seconds=int(what))

    async def work(self, dispatcher: Dispatcher) -> None:
        """Let a dispatcher do all that is due; it is left alone as soon as one of its handlers is slow."""
        troubles = self.office.troubles
        troubles.waiting.clear()
        task = asyncio.create_task(drain(dispatcher))
        self.working.add(task)
        stuck = asyncio.create_task(troubles.waiting.wait())
        await asyncio.wait({task, stuck}, return_when=asyncio.FIRST_COMPLETED)
        stuck.cancel()

    async def end(self) -> None:
        self.office.troubles.gone = 0
        for room in list(self.office.troubles.slow):
            self.office.troubles.release(room)
        await asyncio.gather(*self.working)
        await self.office.drain()


async def drain(dispatcher: Dispatcher) -> None:
    with suppress(StorageUnavailable):
        await dispatcher.drain()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=moves)
async def test_whatever_happens_each_message_is_answered_once_and_in_order(
    clocked: Storage, clock: FakeClock, moves: list[tuple[str, str]]
) -> None:
    office = office_on(clocked, clock)
    run = Run(office)
    for kind, what in moves:
        await run.move(kind, what)
    await run.end()
    await office.check()


async def test_a_message_that_fails_three_times_is_answered_with_a_reference_and_frees_the_rest(
    clocked: Storage, clock: FakeClock
) -> None:
    office = office_on(clocked, clock)
    dispatcher = office.dispatcher("one")
    office.troubles.failing["red"] = 3
    poison = await office.say("red")
    after = await office.say("red")
    for failures in (1, 2):
        assert await dispatcher.drain() == 1
        assert await office.deliveries("red") == []
        assert await dispatcher.drain() == 0, "tried again without a pause"
        clock.forward(seconds=0.5 * 4 ** (failures - 1))
    assert await dispatcher.drain() == 2
    apology, answer = await office.deliveries("red")
    [dead] = [row for row in await clocked.inbox.dead() if row.event == poison]
    reference = f"E-{dead.id.hex[-8:].upper()}"
    assert reference in apology.document.text
    assert reference not in answer.document.text
    assert (await office.progress(after)).state is InboxState.DONE
    assert await office.check() == {"red": [InboxState.DEAD, InboxState.DONE]}


async def test_a_dead_message_can_be_taken_up_again(clocked: Storage, clock: FakeClock) -> None:
    office = office_on(clocked, clock)
    office.troubles.failing["red"] = 3
    poison = await office.say("red")
    await office.drain()
    assert await clocked.inbox.revive((await office.progress(poison)).id)
    await office.drain()
    assert (await office.progress(poison)).state is InboxState.DONE
    assert len(await office.deliveries("red")) == 2  # the apology, and now the answer


async def test_where_not_even_an_apology_can_be_made_the_conversation_goes_on(
    clocked: Storage, clock: FakeClock
) -> None:
    office = office_on(clocked, clock)
    office.troubles.broken.add("red")
    poison = await office.say("red")
    await office.drain()
    office.troubles.broken.clear()
    assert (await office.progress(poison)).state is InboxState.DEAD
    assert await office.deliveries("red") == []
    after = await office.say("red")
    await office.drain()
    assert (await office.progress(after)).state is InboxState.DONE
    assert len(await office.deliveries("red")) == 1


async def die_with_all_in_hand(office: Office) -> None:
    """A process that ends while it handles a message of a slow room."""
    office.troubles.waiting.clear()
    work = asyncio.create_task(office.dispatcher("dying").drain())
    await office.troubles.waiting.wait()
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    office.clock.forward(seconds=31)


async def test_a_message_that_ends_its_process_each_time_is_given_up_and_its_neighbours_are_not(
    clocked: Storage, clock: FakeClock
) -> None:
    office = office_on(clocked, clock)
    for room in ("red", "green"):
        await office.say(room)
        office.troubles.slow[room] = asyncio.Event()
    await office.say("red")
    for _ in range(3):
        await die_with_all_in_hand(office)
    for _ in range(6):  # nobody knows yet which of them it is: now each is handled alone
        await die_with_all_in_hand(office)
    office.troubles.slow.clear()
    await office.drain()
    assert await office.check() == {"red": [InboxState.DEAD, InboxState.DONE], "green": [InboxState.DONE]}


async def test_messages_in_hand_when_processes_die_are_answered_however_often_that_happens(
    clocked: Storage, clock: FakeClock
) -> None:
    office = office_on(clocked, clock)
    await office.say("red")
    await office.say("green")
    for _ in range(30):
        assert len(await clocked.inbox.claim("dying", LEASE, 4)) == 2
        clock.forward(seconds=31)
    await office.drain()
    assert await office.check() == {"red": [InboxState.DONE], "green": [InboxState.DONE]}


async def test_a_message_in_other_hands_is_not_suspected(clocked: Storage, clock: FakeClock) -> None:
    office = office_on(clocked, clock)
    await office.say("red")
    [lost] = await clocked.inbox.claim("one", LEASE)
    assert await clocked.inbox.suspect(lost)
    clock.forward(seconds=31)
    [taken] = await clocked.inbox.claim("two", LEASE)
    assert (taken.attempt, taken.failures) == (2, 1)
    assert not await clocked.inbox.suspect(lost)


async def test_one_event_that_comes_three_times_at_once_is_handled_once(clocked: Storage, clock: FakeClock) -> None:
    office = office_on(clocked, clock)
    first = await office.say("red")
    assert await office.hear(first, first) == 0
    dispatchers = [office.dispatcher(owner) for owner in OWNERS]
    await asyncio.gather(*(dispatcher.drain() for dispatcher in dispatchers), office.hear(first), office.hear(first))
    assert await office.hear(first) == 0
    await office.drain()
    await office.check()


async def test_a_slow_handler_keeps_its_message(sqlite_url: str) -> None:
    """Longer than its lease: the lease is renewed, and nobody else takes the message meanwhile."""
    storage = await open_storage(sqlite_url)
    office = office_on(storage, None)
    lease = timedelta(seconds=2)
    slow, other = office.dispatcher("slow", lease=lease), office.dispatcher("other", lease=lease)
    gate = office.troubles.slow["red"] = asyncio.Event()
    event = await office.say("red")
    work = asyncio.create_task(slow.drain())
    await office.troubles.waiting.wait()
    for _ in range(50):
        await asyncio.sleep(0.1)
        assert await storage.inbox.expire() == 0
        assert await other.drain() == 0
    gate.set()
    await work
    [row] = [message for message in await office.history("red") if message.author == "person"]
    assert row.outcome is not None
    assert (await office.progress(event)).state is InboxState.DONE
    await office.check()
    await storage.close()


async def test_a_handler_that_lost_its_message_leaves_nothing_behind(clocked: Storage, clock: FakeClock) -> None:
    """A process that was suspended for longer than its lease comes back when another has answered."""
    office = office_on(clocked, clock)
    gate = office.troubles.slow["red"] = asyncio.Event()
    await office.say("red")
    suspended = asyncio.create_task(office.dispatcher("suspended").drain())
    await office.troubles.waiting.wait()
    del office.troubles.slow["red"]
    clock.forward(seconds=31)
    assert await office.dispatcher("other").drain() == 1
    gate.set()
    await suspended
    await office.check()
    assert sum(message.author == "bot" for message in await office.history("red")) == 1


async def test_a_database_that_goes_away_and_comes_back_loses_and_doubles_nothing(
    clocked: Storage, clock: FakeClock
) -> None:
    """It may go at each of the calls that handling a message takes, before or after."""
    office = office_on(clocked, clock)
    dispatcher = office.dispatcher("one")
    for call in range(1, 25):
        troubles = office.troubles
        await office.say(f"room{call}")
        troubles.gone_from = call
        for _ in range(3):
            await drain(dispatcher)
            clock.forward(seconds=31)
    await office.drain()
    assert {tuple(ends) for ends in (await office.check()).values()} == {(InboxState.DONE,)}
