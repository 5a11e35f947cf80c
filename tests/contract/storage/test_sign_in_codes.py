"""A code signs in once, for a while, and not by trying."""

import asyncio

from bot.model.people import SignInCode
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE

ADA = "ada@acme.example"


def code(hash: str = "h1", email: str = ADA, minute: int = 0) -> SignInCode:
    at = AT + minute * MINUTE
    return SignInCode(email, hash, at, at + 10 * MINUTE, "127.0.0.1")


async def test_a_code_is_good_once_for_its_address_and_its_time(storage: Storage) -> None:
    codes = storage.sign_in_codes
    await codes.add(code())
    assert not await codes.consume("bo@acme.example", "h1", AT)
    assert await codes.consume(ADA, "h1", AT)
    assert not await codes.consume(ADA, "h1", AT)
    await codes.add(code("h2"))
    assert not await codes.consume(ADA, "h2", AT + 10 * MINUTE)


async def test_of_many_who_submit_one_code_at_once_one_is_signed_in(storage: Storage) -> None:
    for turn in range(3):
        await storage.sign_in_codes.add(code(f"h{turn}"))
        won = await asyncio.gather(*(storage.sign_in_codes.consume(ADA, f"h{turn}", AT, 100) for _ in range(8)))
        assert sum(won) == 1


async def test_wrong_codes_wear_out_the_good_one_of_that_address_alone(storage: Storage) -> None:
    codes = storage.sign_in_codes
    await codes.add(code())
    await codes.add(code("h1", "bo@acme.example"))
    for _ in range(3):
        assert not await codes.consume(ADA, "guess", AT, most_attempts=3)
    assert not await codes.consume(ADA, "h1", AT, most_attempts=3)
    assert await codes.consume("bo@acme.example", "h1", AT, most_attempts=3)
    await codes.add(code("h2"))
    assert await codes.consume(ADA, "h2", AT, most_attempts=3)


async def test_requests_are_counted_by_address_and_time_and_forgotten_when_expired(storage: Storage) -> None:
    codes = storage.sign_in_codes
    for minute in (0, 5, 10):
        await codes.add(code(f"h{minute}", minute=minute))
    await codes.add(code("x", "bo@acme.example", 10))
    assert await codes.recent(ADA, AT) == 3
    assert await codes.recent(ADA, AT + 5 * MINUTE) == 2
    assert await codes.recent("nobody@acme.example", AT) == 0
    assert await codes.forget(AT + 16 * MINUTE) == 2
    assert await codes.recent(ADA, AT) == 1
