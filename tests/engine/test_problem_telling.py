"""Each person is told once, however a run ends, and outsiders read nothing that is for employees."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import pytest

from bot.errors import StorageUnavailable
from bot.model.messages import ConversationRef
from bot.model.values import Audience
from bot.problems import telling
from jobs.tell_problems import tell_problems
from tests.engine.outage import ASKERS, DRAFT, Outage, open_tickets

SECRET = "GW-7"


class Breaking:
    """A storage whose process dies at a commit: the one numbered `at`."""

    def __init__(self, storage: Any, at: int) -> None:
        self._storage = storage
        self.left = at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def unit_of_work(self) -> Any:
        breaking, unit = self, self._storage.unit_of_work()

        class Unit:
            def __getattr__(self, name: str) -> Any:
                return getattr(unit, name)

            async def __aenter__(self) -> Any:
                await unit.__aenter__()
                return self

            async def __aexit__(self, *error: Any) -> None:
                await unit.__aexit__(*error)

            async def commit(self) -> None:
                breaking.left -= 1
                if breaking.left == 0:
                    raise StorageUnavailable("gone")
                await unit.commit()

        return Unit()


@pytest.mark.parametrize("dies_at", [1, 2, 3, 5, 7, 8])
async def test_a_run_that_is_broken_off_is_finished_by_the_next_and_tells_nobody_twice(
    outage: Outage, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    monkeypatch.setattr(telling, "PORTION", 1)
    await open_tickets(outage, "cannot reach the vpn")
    await outage.announce()
    await outage.all_ask()
    await outage.command("/ticket problem join P1 T1")
    await outage.tell()
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    outage.desk.clock.forward(seconds=31)
    storage, services = outage.desk.storage, outage.desk.services
    object.__setattr__(services, "storage", Breaking(storage, dies_at))
    with suppress(StorageUnavailable):
        await tell_problems(services)
    object.__setattr__(services, "storage", storage)
    first = await outage.settle()
    await tell_problems(services)
    await tell_problems(services)
    over = outage.to([*first, *await outage.settle()])
    assert over.keys() == {*ASKERS, ("test", "p1")}
    assert all(len(texts) == 1 for texts in over.values())


async def test_two_runs_at_once_tell_nobody_twice(outage: Outage) -> None:
    await outage.announce()
    await outage.all_ask()
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    outage.desk.clock.forward(seconds=31)
    for _ in range(2):
        await asyncio.gather(*(tell_problems(outage.desk.services) for _ in range(3)))
    over = outage.to(await outage.settle())
    assert over.keys() == ASKERS.keys()
    assert all(len(texts) == 1 for texts in over.values())


async def test_internal_words_reach_no_public_conversation(outage: Outage) -> None:
    """Whatever is done in whatever order: random steps, of which the public rooms show no internal word."""
    chance = random.Random(7)
    commands = (
        "announce P1 en: GW-7 again | category: network | words: vpn",
        "update P1 en: GW-7 is slow | workaround en: avoid GW-7",
        "update P1 fr: GW-7 est lent",
        "update P1 public fr: C'est plus lent",
        "end P1 en: GW-7 replaced",
        "end P1",
        "send P1",
        "send P1",
        "send P1",
        "undo P1",
        *(f"{what} T{number}" for number in range(1, 5) for what in ("join P1", "unjoin")),
    )
    await outage.command(DRAFT.replace("announce VPN down", f"announce VPN {SECRET} down"))
    for _ in range(120):
        (platform, room), (who, text, audience) = chance.choice(list(ASKERS.items()))
        match chance.randrange(4):
            case 0:
                await outage.says(text, room, who, audience, platform)
            case 1 if chance.random() < 0.3:
                await outage.says("i want to talk to a human", room, who, audience, platform)
            case 2:
                await outage.tell(chance.choice((1, 31)))
            case _:
                await outage.command(f"/ticket problem {chance.choice(commands)}")
    await outage.tell()
    public = {place for place, (_, _, audience) in ASKERS.items() if audience is Audience.PUBLIC}
    said = outage.to([*outage.desk.wire.posted, *outage.other.posted])
    assert any(SECRET in text for place in said.keys() - public for text in said[place]), "there was something to hide"
    assert not [text for place in public for text in said[place] if SECRET in text]


async def test_a_conversation_that_a_stranger_joins_reads_only_what_a_stranger_may(outage: Outage) -> None:
    await outage.announce()
    await outage.says("the vpn wont connect from home", "r1", "ann")
    await outage.says("and the vpn still does not connect", "r1", "ann", Audience.PUBLIC)
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    (text,) = outage.to(await outage.tell())["test", "r1"]
    assert "VPN down" not in text


async def test_conversations_of_nobody_are_not_told(outage: Outage) -> None:
    await outage.announce()
    async with outage.desk.storage.unit_of_work() as uow:
        assert await uow.conversations.by_ref(ConversationRef("test", "T", "r1")) is None
    await outage.command("/ticket problem end P1")
    await outage.confirm()
    assert outage.to(await outage.tell()) == {}


@pytest.mark.parametrize("step", ["end P1", "update P1 en: It is worse."])
async def test_what_was_taken_back_at_the_last_moment_is_not_told_by_a_run_that_began_before(
    outage: Outage, step: str
) -> None:
    await open_tickets(outage, "cannot reach the vpn")
    await outage.announce()
    await outage.command("/ticket problem join P1 T1")
    await outage.tell()
    await outage.command(f"/ticket problem {step}")
    await outage.confirm()
    async with outage.desk.storage.unit_of_work() as uow:
        begun = await uow.problems.by_number(1)
    assert begun
    await outage.command("/ticket problem undo P1")
    assert await telling.tell_problem(outage.desk.services, begun) == 0
    (one,) = await outage.desk.tickets()
    assert one.is_active
