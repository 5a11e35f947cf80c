"""Any number together, or one alone."""

import asyncio

import pytest

from bot.engine.turnstile import Turnstile


async def test_one_who_is_alone_meets_nobody_and_nobody_is_shut_out_for_good() -> None:
    turnstile, inside, most = Turnstile(), [0], [0]

    async def go(alone: bool) -> None:
        async with turnstile.entered(alone=alone):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            assert not alone or inside[0] == 1
            await asyncio.sleep(0)
            assert not alone or inside[0] == 1
            inside[0] -= 1

    async with asyncio.timeout(5):
        await asyncio.gather(*(go(number % 4 == 3) for number in range(40)))
    assert inside == [0] and most[0] > 1


async def test_one_who_gives_up_waiting_to_be_alone_lets_the_others_in() -> None:
    turnstile = Turnstile()
    async with turnstile.entered(alone=False):
        waiting = asyncio.create_task(turnstile.entered(alone=True).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(5), turnstile.entered(alone=False):
            pass


async def test_what_fails_inside_leaves_the_turnstile_open() -> None:
    turnstile = Turnstile()
    for alone in (True, False, True):
        with pytest.raises(ValueError, match="for a test"):
            async with asyncio.timeout(5), turnstile.entered(alone=alone):
                raise ValueError("for a test")
