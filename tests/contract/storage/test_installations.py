"""A workspace that installed the app is kept once, and forgotten when it takes the app out."""

from dataclasses import replace

from bot.model.ids import new_id
from bot.model.installations import Installation
from bot.ports.storage import Storage
from tests.contract.storage.makers import AT, MINUTE

ACME = Installation("slack", "T1", "Acme", "sealed-1", AT, "chat:write")


async def test_installations_are_of_a_platform_in_their_order(storage: Storage) -> None:
    later = replace(ACME, account="T2", id=new_id(), installed_at=AT + MINUTE)
    elsewhere = replace(ACME, platform="discord", id=new_id())
    for one in (later, elsewhere, ACME):
        await storage.installations.keep(one)
    assert await storage.installations.all("slack") == [ACME, later]
    assert await storage.installations.all("discord") == [elsewhere]


async def test_one_that_is_made_again_takes_the_place_of_the_first(storage: Storage) -> None:
    await storage.installations.keep(ACME)
    again = replace(ACME, token="sealed-2", id=new_id(), installed_at=AT + MINUTE)
    await storage.installations.keep(again)
    assert await storage.installations.all("slack") == [again]


async def test_one_is_forgotten_once(storage: Storage) -> None:
    await storage.installations.keep(ACME)
    assert await storage.installations.forget("slack", "T1")
    assert not await storage.installations.forget("slack", "T1")
    assert await storage.installations.all("slack") == []


def test_its_token_is_in_no_log() -> None:
    assert "sealed-1" not in repr(ACME)
