"""Leadership by lease."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.ports.storage import Storage

LONG = timedelta(minutes=1)
EXPIRED = timedelta(seconds=-1)


async def test_a_lease_has_one_holder_who_may_renew_it(storage: Storage) -> None:
    first = await storage.leases.acquire("scheduler", "a", LONG)
    assert first is not None and (first.name, first.owner, first.epoch) == ("scheduler", "a", 1)
    assert first.expires_at.tzinfo is UTC and timedelta() < first.expires_at - datetime.now(UTC) < 2 * LONG
    assert await storage.leases.acquire("scheduler", "b", LONG) is None
    again = await storage.leases.acquire("scheduler", "a", 2 * LONG)
    assert again is not None and again.epoch == 1 and again.expires_at > first.expires_at
    other = await storage.leases.acquire("mastodon", "b", LONG)
    assert other is not None and other.epoch == 1


async def test_a_lease_that_ran_out_is_taken_over_in_a_new_epoch(storage: Storage) -> None:
    await storage.leases.acquire("scheduler", "a", EXPIRED)
    taken = await storage.leases.acquire("scheduler", "b", LONG)
    assert taken is not None and (taken.owner, taken.epoch) == ("b", 2)
    assert await storage.leases.acquire("scheduler", "a", LONG) is None


async def test_a_released_lease_is_free_and_its_epoch_goes_on(storage: Storage) -> None:
    await storage.leases.acquire("scheduler", "a", LONG)
    await storage.leases.release("scheduler", "b")
    assert await storage.leases.acquire("scheduler", "b", LONG) is None
    await storage.leases.release("scheduler", "a")
    taken = await storage.leases.acquire("scheduler", "b", LONG)
    assert taken is not None and taken.epoch == 2
    await storage.leases.release("nothing", "a")


async def test_of_many_who_ask_at_once_one_holds_the_lease(storage: Storage) -> None:
    for _ in range(3):
        found = await asyncio.gather(*(storage.leases.acquire("x", f"o{n}", LONG) for n in range(8)))
        [winner] = [lease for lease in found if lease is not None]
        await storage.leases.release("x", winner.owner)


async def test_who_holds_a_lease_and_since_when_is_known(storage: Storage) -> None:
    assert await storage.leases.holder("scheduler") is None
    first = await storage.leases.acquire("scheduler", "a", LONG)
    assert first is not None and first.since.tzinfo is UTC and abs(datetime.now(UTC) - first.since) < LONG
    again = await storage.leases.acquire("scheduler", "a", LONG)
    assert again is not None and again.since == first.since
    assert await storage.leases.holder("scheduler") == again
    await storage.leases.release("scheduler", "a")
    assert await storage.leases.holder("scheduler") is None
    taken = await storage.leases.acquire("scheduler", "b", LONG)
    assert taken is not None and taken.since > first.since
    await storage.leases.acquire("old", "a", EXPIRED)
    assert await storage.leases.holder("old") is None


async def test_the_only_process_on_a_database_takes_a_lease_from_the_dead(storage: Storage) -> None:
    await storage.leases.acquire("scheduler", "a", LONG)
    seized = await storage.leases.seize("scheduler", "b", LONG)
    assert (seized.owner, seized.epoch) == ("b", 2)
    assert (await storage.leases.seize("scheduler", "b", LONG)).epoch == 2
    assert (await storage.leases.seize("new", "b", LONG)).epoch == 1
