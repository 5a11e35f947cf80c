"""Cursors lose nothing and repeat nothing, whatever befalls who reads, and whatever the server is like."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.mastodon.feeds import PAGE, Item, Page, Posted
from adapters.mastodon.marks import KEPT, Entry, Mark
from adapters.mastodon.payloads import Account, Status
from adapters.mastodon.sweeping import Sweeper, Told
from adapters.mastodon.translate import Around, Here, message_of
from bot.errors import PlatformUnavailable, StorageUnavailable
from bot.model.messages import IncomingMessage
from tests.adapters.mastodon.stage import Clock, Store

HERE = Here("desk.example", "42", "help", "desk.example")
START = datetime.now(UTC) - timedelta(hours=3)


def post(number: int, at: datetime, edited: int = 0) -> Posted:
    account = Account(id="7", acct="ada@elsewhere.example")
    edited_at = at + timedelta(seconds=edited) if edited else None
    return Posted(Status(id=f"p{number}", account=account, created_at=at, content=str(number), edited_at=edited_at))


@dataclass
class Timeline:
    """A feed in this process, the newest first by where its items stand. `fails_at`: the page that cannot be had."""

    size: int = 5
    shuffled: bool = False
    links: bool = True
    items: list[Item] = field(default_factory=list)
    asked: int = 0
    fails_at: int | None = None
    name: str = "feed"
    highest: int = 0

    def says(self, number: int, at: datetime, late: int = 0) -> None:
        """`late`: it stands so many places below the newest."""
        place = min(late, len(self.items))
        ids = [int(one.id.removeprefix("n")) for one in self.items]
        above, below = (ids[place - 1] if place else None), (ids[place] if place < len(ids) else 0)
        self.highest += 1_000_000_000
        id = (below + above) // 2 if above is not None else self.highest
        assert id not in ids
        self.items.insert(place, Item(f"n{id:020d}", at, post(number, at)))

    async def page(self, before: str | None) -> Page:
        self.asked += 1
        if self.fails_at is not None and self.asked >= self.fails_at:
            self.fails_at = None
            raise PlatformUnavailable("no")
        below = [one for one in self.items if before is None or one.id < before]
        found = below[: self.size]
        older = found[-1].id if found else None
        if self.shuffled:
            found = found[::2] + found[1::2]
        is_last = self.links and len(below) <= self.size
        return Page(tuple(found), older, is_last)


class Plain:
    """Translates what it is given."""

    async def tell(self, posts: Sequence[Posted], *, late: bool, below: bool = False) -> list[Told]:
        found = []
        for one in posts:
            message = message_of(one.status, HERE, Around(one.status.id), late=late)
            found.append(Told(Entry(one.status.revision, one.status.id, "7", one.status.id), message))
        return found

    def is_as_read(self, posted: Posted, entry: Entry) -> bool:
        return entry.revision == posted.status.revision

    def stored(self, message: IncomingMessage) -> None:
        pass


def sweeper(store: Store, clock: Clock | None = None) -> Sweeper:
    return Sweeper(store, Plain(), clock or Clock(), timedelta(minutes=2))


Step = tuple[str, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(1, 17)),
        st.tuples(st.just("say late"), st.integers(1, 8)),
        st.tuples(st.just("sweep"), st.just(0)),
        st.tuples(st.just("fail"), st.integers(1, 6)),  # to read a page
        st.tuples(st.just("crash"), st.integers(0, 4)),  # at a write
        st.tuples(st.just("restart"), st.just(0)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("jump"), st.integers(-86_400, 86_400)),  # our clock, seconds
        st.tuples(st.just("wait"), st.integers(1, 5_000)),  # the server's posts, seconds
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, before=st.integers(0, 12), shuffled=st.booleans(), links=st.booleans())
def test_each_post_is_stored_once_whatever_happens(steps: list[Step], before: int, shuffled: bool, links: bool) -> None:
    asyncio.run(_story(steps, before, Timeline(shuffled=shuffled, links=links)))


async def _story(steps: list[Step], before: int, feed: Timeline) -> None:
    store, clock, at, number = Store(), Clock(), START, 0
    for _ in range(before):
        number, at = number + 1, at + timedelta(seconds=1)
        feed.says(number, at)
    reader = sweeper(store, clock)
    assert await reader.sweep(feed, store) == 0
    wanted: set[str] = set()
    for what, count in [*steps, ("sweep", 0), ("sweep", 0)]:
        match what:
            case "say" | "say late":
                for _ in range(count):
                    number, at = number + 1, at + timedelta(seconds=1)
                    late = count if what == "say late" and number > before + 12 else 0
                    feed.says(number, at - timedelta(seconds=2 * late), late=late // 3)
                    wanted.add(f"p{number}")
            case "sweep" | "fail" | "crash":
                feed.fails_at = feed.asked + count if what == "fail" else None
                store.fails_at = count if what == "crash" else None
                try:
                    await reader.sweep(feed, store)
                except (PlatformUnavailable, StorageUnavailable):
                    if what == "crash":
                        reader = sweeper(store, clock)
                feed.fails_at = store.fails_at = None
            case "restart":
                reader = sweeper(store, clock)
            case "delete":
                if count < len(feed.items) and (gone := feed.items.pop(count)).posted:
                    wanted.discard(gone.posted.status.id)
            case "jump":
                clock.ahead = timedelta(seconds=count)
            case "wait":
                at += timedelta(seconds=count)
    heard = [one.key.native_id for one in store.messages]
    assert len(heard) == len(set(heard))
    assert wanted <= set(heard)
    assert not {f"p{one}" for one in range(1, before + 1)} & set(heard), "what was there before the first time"


async def test_a_long_gap_is_read_to_its_end_and_stored_in_order() -> None:
    feed, store = Timeline(size=PAGE), Store()
    feed.says(0, START)
    await sweeper(store).sweep(feed, store)
    for number in range(1, 3_001):
        feed.says(number, START + timedelta(seconds=number))
    assert await sweeper(store).sweep(feed, store) == 3_000
    assert store.texts == [str(number) for number in range(1, 3_001)]
    assert feed.asked < 2.1 * 3_000 / PAGE


@pytest.mark.parametrize("before", [0, 3, 20])
@pytest.mark.parametrize("new", [0, 1, 5, 12])
async def test_what_was_posted_before_the_first_reading_and_after_this_process_began_is_new(
    before: int, new: int
) -> None:
    feed, store, since = Timeline(), Store(), START + timedelta(seconds=before)
    for number in range(before + new):
        feed.says(number, START + timedelta(seconds=number))
    reader = Sweeper(store, Plain(), Clock(), timedelta(minutes=2), since=lambda: since)
    assert await reader.sweep(feed, store) == new
    assert store.texts == [str(number) for number in range(before, before + new)]
    assert feed.asked < 12  # not down to where time begins
    feed.says(99, START + timedelta(seconds=99))
    assert await sweeper(store).sweep(feed, store) == 1


async def test_who_dies_in_a_long_gap_leaves_what_was_read_to_the_next() -> None:
    feed, store = Timeline(size=10), Store()
    feed.says(0, START)
    await sweeper(store).sweep(feed, store)
    for number in range(1, 201):
        feed.says(number, START + timedelta(seconds=60 * number))
    store.fails_at = 12
    with pytest.raises(StorageUnavailable):
        await sweeper(store).sweep(feed, store)
    assert store.texts == [str(number) for number in range(1, 121)]
    store.received = 0
    await sweeper(store).sweep(feed, store)
    assert store.texts == [str(number) for number in range(1, 201)]
    assert store.received <= 80 + 10


async def test_where_nothing_is_new_nothing_is_written() -> None:
    feed, store = Timeline(), Store()
    reader = sweeper(store)
    await reader.sweep(feed, store)
    feed.says(1, datetime.now(UTC))
    assert await reader.sweep(feed, store) == 1
    writes = store.writes
    for _ in range(5):
        assert await reader.sweep(feed, store) == 0
    assert store.writes == writes


async def test_an_edit_is_heard_as_one() -> None:
    feed, store = Timeline(), Store()
    reader = sweeper(store)
    await reader.sweep(feed, store)
    feed.says(1, START)
    await reader.sweep(feed, store)
    feed.items[0] = replace(feed.items[0], posted=post(1, START, edited=60))
    assert await reader.sweep(feed, store) == 1
    assert [one.key.revision != "" for one in store.messages] == [False, True]


async def test_a_post_of_yesterday_is_found_by_the_reading_that_goes_far_back() -> None:
    feed, store = Timeline(size=PAGE), Store()
    reader = sweeper(store)
    await reader.sweep(feed, store)
    for number in range(400):
        feed.says(number, START + timedelta(seconds=20 * number))
    await reader.sweep(feed, store)
    feed.says(1_000, START + timedelta(seconds=20 * 100), late=299)
    assert await reader.sweep(feed, store) == 0
    assert await reader.sweep(feed, store, far=True) >= 1
    assert "1000" in store.texts


async def test_what_was_said_while_nobody_listened_is_marked_so_and_no_jump_of_the_clock_is() -> None:
    feed, store, clock = Timeline(), Store(), Clock()
    reader = sweeper(store, clock)
    await reader.sweep(feed, store)
    clock.ahead = timedelta(hours=1)
    feed.says(1, datetime.now(UTC))
    await reader.sweep(feed, store)
    clock.ahead = timedelta(hours=2)
    feed.says(2, datetime.now(UTC))
    await sweeper(store, clock).sweep(feed, store)
    assert [one.caught_up for one in store.messages] == [False, True]


async def test_a_server_that_never_comes_to_an_end_is_left() -> None:
    class Endless(Timeline):
        async def page(self, before: str | None) -> Page:
            found = await super().page(None)
            return replace(found, older="x", is_last=False)

    feed, store = Endless(), Store()
    feed.says(1, START)
    reader = sweeper(store)
    await reader.sweep(feed, store)
    feed.says(2, START + timedelta(hours=1))
    assert await reader.sweep(feed, store) == 1
    assert feed.asked < 10


def test_marks_are_read_as_they_were_written_and_nothing_else_is() -> None:
    now = datetime.now(UTC)
    mark = Mark(now, now, {"a": Entry("r", "p", "7", "1"), "b": Entry()}, frozenset({"c"}), now)
    assert Mark.of(mark.written()) == mark
    for wrong in (None, "", "{}", "[]", "null", '{"reached":1}', mark.written()[:-9]):
        assert Mark.of(wrong) is None
    long = mark.with_({str(number): Entry() for number in range(2 * KEPT)})
    assert len(long.seen) == KEPT
    assert str(2 * KEPT - 1) in long.seen
