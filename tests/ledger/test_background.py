"""What runs beside the rest: its failures are seen, and it hides nobody else's."""

import asyncio

import pytest

from bot.engine.background import in_background
from bot.engine.unbroken import unbroken
from bot.errors import IndexUnavailable, StorageUnavailable


async def forever() -> None:
    await asyncio.Event().wait()


async def fails() -> None:
    await asyncio.sleep(0)
    raise IndexUnavailable("for a test")


async def test_what_fails_in_the_background_ends_the_block_and_is_raised_as_it_is() -> None:
    with pytest.raises(IndexUnavailable):
        async with in_background(forever()), in_background(fails()):
            await forever()


async def test_what_the_block_raises_is_raised_as_it_is() -> None:
    with pytest.raises(StorageUnavailable):
        async with in_background(forever()), in_background(forever()):
            raise StorageUnavailable("for a test")


async def test_a_block_that_is_left_stops_what_ran_beside_it() -> None:
    stopped = asyncio.Event()

    async def watch() -> None:
        try:
            await forever()
        finally:
            stopped.set()

    async with in_background(watch()):
        await asyncio.sleep(0)
    assert stopped.is_set()


@pytest.mark.parametrize("fault", [None, StorageUnavailable("for a test")])
async def test_unbroken_work_ends_before_its_cancellation_does(fault: Exception | None) -> None:
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.02)
        done.set()
        if fault:
            raise fault

    task = asyncio.create_task(unbroken(work()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.is_set()


async def test_unbroken_work_gives_its_result_or_its_error() -> None:
    async def five() -> int:
        return 5

    assert await unbroken(five()) == 5
    with pytest.raises(IndexUnavailable):
        await unbroken(fails())
