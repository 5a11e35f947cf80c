"""What becomes of a delivery, whatever its platform does: shown in order, once where that can be told, else marked."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.engine.delivery import Deliverer
from bot.errors import StorageUnavailable
from bot.model.documents import Document, Paragraph
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import OutboxState
from bot.ports.storage import Storage
from tests.engine.desk import FakeClock
from tests.ledger.posting import FATES, LEASE, Findable, Moody, Post, post
from tests.ledger.watched import watched

__all__ = ["post"]

fates = st.lists(st.sampled_from([fate for fate in FATES if fate != "hangs"]), max_size=4)
deliveries = st.lists(st.tuples(st.sampled_from(["red", "green"]), fates), min_size=1, max_size=6)


@pytest.mark.parametrize("make", [Moody, Findable])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=deliveries)
async def test_whatever_the_platform_does_posts_are_in_order_and_repeats_are_marked(
    clocked: Storage, clock: FakeClock, make: Callable[[], Moody], deliveries: list[tuple[str, list[str]]]
) -> None:
    post = Post(clocked, clock, make())
    added = [await post.add(room, str(number), *fates) for number, (room, fates) in enumerate(deliveries)]
    await post.deliver_all()
    for room in ("red", "green"):
        numbers = [int(text) for text in post.adapter.texts(room)]
        assert numbers == sorted(numbers), "out of order"
    for delivery, (_, fates) in zip(added, deliveries, strict=True):
        showings = [one for one in post.adapter.posted if one.id == delivery.id]
        assert all(one.repeated for one in showings[1:]), "shown again without a mark"
        if make is Findable:
            assert len(showings) <= 1
        left = post.adapter.fates[delivery.key]
        gone = fates[: len(fates) - len(left)]
        if "refused" in gone:
            assert await post.state(delivery) is OutboxState.FAILED
        else:
            assert await post.state(delivery) is OutboxState.SENT
            assert showings


async def test_a_lost_answer_is_looked_up_or_else_repeated_with_a_mark(post: Post) -> None:
    first = await post.add("red", "hello", "lost answer")
    await post.add("red", "and then")
    await post.deliver()
    assert await post.state(first) is OutboxState.UNKNOWN
    assert post.adapter.texts("red") == ["hello"], "what comes after must wait"
    post.clock.forward(seconds=60)
    await post.deliver()
    shown = [(one.document.text, one.repeated) for one in post.adapter.posted]
    repeats = [] if isinstance(post.adapter, Findable) else [("hello", True)]
    assert shown == [("hello", False), *repeats, ("and then", False)]


async def test_a_lookup_that_is_rate_limited_is_made_again_before_anything_is_posted(
    clocked: Storage, clock: FakeClock
) -> None:
    adapter = Findable()
    post = Post(clocked, clock, adapter)
    await post.add("red", "hello", "lost answer")
    await post.deliver()
    adapter.limited = 1
    await post.deliver_all()
    assert adapter.limited == 0
    assert adapter.texts("red") == ["hello"]


async def test_a_rate_limit_is_waited_for_as_long_as_told_and_the_order_is_kept(post: Post) -> None:
    await post.add("red", "1", "rate limited", "rate limited")
    await post.add("red", "2")
    await post.add("green", "elsewhere")
    for _ in range(2):
        await post.deliver()
        post.clock.forward(seconds=6.9)
        calls = post.adapter.calls
        await post.deliver()
        assert post.adapter.calls == calls, "sooner than told"
        assert post.adapter.texts("red") == []
        assert post.adapter.texts("green") == ["elsewhere"], "other conversations go on"
        post.clock.forward(seconds=0.2)
    await post.deliver()
    assert post.adapter.texts("red") == ["1", "2"]
    assert not any(one.repeated for one in post.adapter.posted)


@pytest.mark.parametrize("fate", ["rate limited", "away", "halted", "halted, away"])
async def test_who_waited_for_long_is_not_given_up_at_the_first_failure(post: Post, fate: str) -> None:
    waited = await post.add("red", "1", *[fate] * 30, "lost answer")
    for _ in range(33):
        await post.deliver()
        post.clock.forward(seconds=61)
    assert set(post.adapter.texts("red")) == {"1"}
    assert await post.state(waited) is OutboxState.SENT


@pytest.mark.parametrize("fate", ["rate limited", "halted"])
async def test_waiting_for_a_rate_limit_makes_no_later_pause_longer(post: Post, fate: str) -> None:
    waited = await post.add("red", "1", *[fate] * 30, "lost answer")
    for _ in range(30):
        await post.deliver()
        post.clock.forward(seconds=7.1)
    await post.deliver()
    assert await post.state(waited) is OutboxState.UNKNOWN
    post.clock.forward(seconds=2)
    await post.deliver()
    assert await post.state(waited) is OutboxState.SENT


@pytest.mark.parametrize("fate", ["rate limited", "away"])
async def test_what_was_looked_for_and_surely_is_not_there_is_not_looked_for_again(
    clocked: Storage, clock: FakeClock, fate: str
) -> None:
    adapter = Findable()
    post = Post(clocked, clock, adapter)
    lost = await post.add("red", "1", "lost call", fate, fate)
    for state in (OutboxState.UNKNOWN, OutboxState.PENDING, OutboxState.PENDING, OutboxState.SENT):
        await post.deliver()
        assert await post.state(lost) is state
        clock.forward(seconds=61)
    assert adapter.looks == 1
    assert adapter.texts("red") == ["1"]


async def test_who_cannot_be_told_in_time_what_is_there_is_not_given_up(clocked: Storage, clock: FakeClock) -> None:
    adapter = Findable()
    adapter.slow = 25
    post = Post(clocked, clock, adapter, timedelta(seconds=0.02))
    lost = await post.add("red", "1", "lost answer")
    for _ in range(27):
        await post.deliver()
        clock.forward(seconds=61)
    assert await post.state(lost) is OutboxState.SENT
    assert adapter.texts("red") == ["1"]


@pytest.mark.parametrize("fate", ["halted", "halted, away"])
async def test_what_is_out_in_part_is_looked_for(clocked: Storage, clock: FakeClock, fate: str) -> None:
    adapter = Findable()
    post = Post(clocked, clock, adapter)
    halted = await post.add("red", "1", fate, fate)
    for _ in range(2):
        await post.deliver()
        assert await post.state(halted) is OutboxState.UNKNOWN
        clock.forward(seconds=61)
    await post.deliver()
    assert adapter.looks == 2


@pytest.mark.parametrize("fate", ["lost call", "away"])
async def test_a_run_of_bad_luck_takes_seconds_and_who_never_answers_is_not_given_up_for_minutes(
    post: Post, fate: str
) -> None:
    unlucky, never = await post.add("red", "1", *[fate] * 6), await post.add("green", "1", *["lost call"] * 100)
    for _ in range(22):
        await post.deliver()
        post.clock.forward(seconds=1)
    assert await post.state(unlucky) is OutboxState.SENT
    for _ in range(9):
        post.clock.forward(seconds=60)
        await post.deliver()
    assert await post.state(never) is OutboxState.UNKNOWN


async def test_what_is_refused_fails_and_the_next_is_delivered(post: Post) -> None:
    refused = await post.add("red", "1", "refused")
    await post.add("red", "2")
    await post.deliver()
    assert await post.state(refused) is OutboxState.FAILED
    assert post.adapter.texts("red") == ["2"]


async def test_what_is_refused_is_an_error_unless_people_deleted_what_it_answers(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "bot.engine.delivery"):
        gone, refused = await post.add("red", "1", "gone"), await post.add("green", "2", "refused")
        await post.deliver()
    assert await post.state(gone) is await post.state(refused) is OutboxState.FAILED
    levels = {str(one.args[0]): one.levelname for one in caplog.records if isinstance(one.args, tuple)}
    assert levels == {str(gone.id): "INFO", str(refused.id): "ERROR"}


async def test_what_never_works_is_given_up_and_the_next_is_delivered(post: Post) -> None:
    broken = await post.add("red", "1", *["broken"] * 100)
    await post.add("red", "2")
    await post.deliver_all()
    assert await post.state(broken) is OutboxState.FAILED
    assert post.adapter.texts("red") == ["2"]


async def test_a_platform_that_was_away_for_long_gets_what_it_missed(post: Post) -> None:
    await post.add("red", "1", *["away"] * 40)
    for _ in range(50):
        await post.deliver()
        post.clock.forward(seconds=61)
    assert post.adapter.texts("red") == ["1"]


async def test_a_call_that_hangs_is_taken_for_unknown_before_its_lease_ends(
    sqlite_storage: Storage, clock: FakeClock
) -> None:
    adapter = Moody()
    lease = timedelta(seconds=1)
    deliverer = Deliverer(sqlite_storage, [adapter], "test", lease=lease, clock=clock)
    post = Post(sqlite_storage, clock, adapter, lease)
    hanging = await post.add("red", "1", "hangs")
    begun = asyncio.get_running_loop().time()
    await deliverer.deliver_due()
    assert asyncio.get_running_loop().time() - begun < 0.98
    assert await post.state(hanging) is OutboxState.UNKNOWN


async def test_a_process_that_was_suspended_before_its_call_leaves_it_to_others(
    clocked: Storage, clock: FakeClock
) -> None:
    """Otherwise it would show, late and without a mark, what another has shown meanwhile."""
    adapter = Moody()
    other = Post(clocked, clock, adapter)

    async def suspended(point: str, detail: object) -> None:
        if point == "after outbox.claim" and detail:
            clock.forward(seconds=31)
            await other.deliver_all()

    slow = Post(watched(clocked, suspended), clock, adapter)
    await slow.add("red", "1")
    await slow.add("red", "2")
    await slow.deliver()
    assert [(one.document.text, one.repeated) for one in adapter.posted] == [("1", True), ("2", False)]


@pytest.mark.parametrize("call", range(1, 9))
async def test_a_database_that_goes_away_while_posts_are_made_loses_none(
    clocked: Storage, clock: FakeClock, call: int
) -> None:
    left = call

    async def gone(point: str, detail: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise StorageUnavailable("gone for a test")

    adapter = Moody()
    post = Post(clocked, clock, adapter)
    await post.add("red", "1")
    await post.add("red", "2")
    troubled = Deliverer(watched(clocked, gone), [adapter], "test", lease=LEASE, clock=clock)
    for _ in range(3):
        try:
            await troubled.deliver_due()
        except StorageUnavailable:
            continue
    clock.forward(seconds=31)
    await post.deliver_all()
    assert list(dict.fromkeys(adapter.texts("red"))) == ["1", "2"]
    assert adapter.texts("red") == sorted(adapter.texts("red"))
    assert len([one for one in adapter.posted if not one.repeated]) <= 2
    for text in "12":
        assert all(one.repeated for one in [one for one in adapter.posted if one.document.text == text][1:])


async def test_a_deliverer_that_is_stopped_finishes_what_it_has_in_hand(clocked: Storage, clock: FakeClock) -> None:
    """Otherwise what it had in hand would be shown again at the next start."""
    adapter, taken = Moody(), asyncio.Event()

    async def slow(point: str, detail: object) -> None:
        if point == "after outbox.claim" and detail:
            taken.set()
            await asyncio.sleep(0.05)

    post = Post(watched(clocked, slow), clock, adapter)
    first = await post.add("red", "1")
    running = asyncio.create_task(post.deliverer.run())
    await taken.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert adapter.texts("red") == ["1"]
    assert await post.state(first) is OutboxState.SENT


class Other(Moody):
    platform = "other"


async def test_a_platform_that_does_not_answer_holds_up_no_other(clocked: Storage, clock: FakeClock) -> None:
    stuck, well = Post(clocked, clock, Moody()), Other()
    hanging = await stuck.add("red", "1", "hangs")
    lease = timedelta(seconds=4)
    running = asyncio.create_task(Deliverer(clocked, [stuck.adapter, well], "test", lease=lease, clock=clock).run())
    async with asyncio.timeout(10):
        while not stuck.adapter.calls:  # noqa: ASYNC110  # the platform's own doing: nothing tells of it
            await asyncio.sleep(0.01)
        async with clocked.unit_of_work() as uow:
            ref = ConversationRef("other", well.account, "blue")
            uow.outbox.add(Delivery(ref, Document((Paragraph("2"),)), str(new_id())))
            await uow.commit()
        while not well.posted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert await stuck.state(hanging) is OutboxState.SENDING
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await stuck.state(hanging) is OutboxState.UNKNOWN
