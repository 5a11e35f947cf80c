"""Technicians by the settings: by an address that the platform vouches for, or as members of the desk's room."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.engine.appointing import Step, step_for
from bot.engine.services import Policy
from bot.engine.work import Work
from bot.errors import SettingsError
from bot.model.ids import new_id
from bot.model.messages import Identity
from bot.model.people import Technician
from bot.model.values import Role, TicketStatus
from bot.settings import load_settings
from bot.technicians import disable
from tests.engine.desk import TestDesk

ADA = Identity("test", "T", "ada", name="Ada", email="Ada@Example.org")
BY_ADDRESS = Policy(technicians=(("ada@example.org", Role.LEAD),))
BY_MEMBERSHIP = Policy(desk_members=True)


def ruled_by(desk: TestDesk, policy: Policy) -> TestDesk:
    services = replace(desk.services, policy=policy)
    return TestDesk(desk.storage, services, desk.wire, desk.clock)


async def says(desk: TestDesk, identity: Identity, text: str = "hello") -> Technician | None:
    """What the author is once their message is handled."""
    message = replace(desk.message(text, room=f"dm-{identity.native_id}"), author=identity)
    await desk.receive(message)
    await desk.settle()
    async with desk.storage.unit_of_work() as uow:
        known = await uow.people.known(identity)
    assert known is not None
    return known.technician


async def test_whose_address_is_listed_is_appointed_when_first_met(desk: TestDesk) -> None:
    desk = ruled_by(desk, BY_ADDRESS)
    met = await says(desk, ADA, "/ticket list")
    assert met is not None and met.role is Role.LEAD and not met.as_member
    assert "/ticket" not in desk.wire.posted[-1].document.text, "the very first command is obeyed"


@pytest.mark.parametrize(
    "somebody",
    [
        replace(ADA, guest=True),
        replace(ADA, email=None),
        replace(ADA, email="ada@example.org.evil.example"),
        replace(ADA, at_desk=True),
    ],
)
async def test_nobody_else_is(desk: TestDesk, somebody: Identity) -> None:
    policy = BY_ADDRESS if somebody.at_desk is None else Policy()
    assert await says(ruled_by(desk, policy), somebody) is None


async def test_who_was_disabled_by_hand_stays_so(desk: TestDesk) -> None:
    desk = ruled_by(desk, replace(BY_ADDRESS, desk_members=True))
    met = await says(desk, ADA)
    assert met is not None
    async with desk.storage.unit_of_work() as uow:
        work = Work(uow=uow, services=desk.services, now=desk.clock(), key="by hand")
        await disable(work, met)
        await uow.commit()
    after = await says(desk, replace(ADA, at_desk=True))
    assert after is not None and after.disabled


async def test_members_of_the_desks_room_come_and_go(desk: TestDesk) -> None:
    desk = ruled_by(desk, BY_MEMBERSHIP)
    bob = replace(ADA, native_id="bob", email="bob@example.org")
    assert await says(desk, bob) is None, "nobody asked whether he is a member"
    member = await says(desk, replace(bob, at_desk=True))
    assert member is not None and member.as_member and not member.disabled and member.role is Role.TECHNICIAN
    assert await says(desk, bob) == member
    gone = await says(desk, replace(bob, at_desk=False))
    assert gone is not None and gone.disabled
    back = await says(desk, replace(bob, at_desk=True))
    assert back is not None and not back.disabled and back.number == member.number
    guest = await says(desk, replace(bob, at_desk=True, guest=True))
    assert guest is not None and guest.disabled


async def test_what_a_member_held_waits_for_somebody_else_when_they_leave(desk: TestDesk) -> None:
    desk = ruled_by(desk, BY_MEMBERSHIP)
    bob = replace(ADA, native_id="bob", email=None, at_desk=True)
    await says(desk, bob)
    await desk.says("I want to talk to a human: my screen is dead", room="dm-eve", who="eve")
    await says(desk, bob, "/ticket claim T1")
    async with desk.storage.unit_of_work() as uow:
        claimed = await uow.tickets.by_number(1)
    assert claimed is not None and claimed.status is TicketStatus.IN_PROGRESS
    await says(desk, replace(bob, at_desk=False))
    async with desk.storage.unit_of_work() as uow:
        waiting = await uow.tickets.by_number(1)
    assert waiting is not None and waiting.status is TicketStatus.OPEN and waiting.assignee_id is None


def test_an_appointment_outlasts_the_membership() -> None:
    both = replace(BY_ADDRESS, desk_members=True)
    member = Technician(new_id(), 1, as_member=True)
    assert step_for(both, replace(ADA, at_desk=False), member) is Step.APPOINT
    assert step_for(both, replace(ADA, at_desk=False), replace(member, as_member=False)) is None
    assert step_for(BY_MEMBERSHIP, ADA, member) is None, "nobody said that they left"
    assert step_for(Policy(), replace(ADA, guest=True), member) is Step.TAKE_AWAY


def test_the_setting_names_addresses_and_roles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUICHET_TECHNICIANS", "Ada@example.org=admin, bob@example.org")
    assert load_settings().technicians == (("ada@example.org", Role.ADMIN), ("bob@example.org", Role.TECHNICIAN))
    for wrong, says_ in (("ada", "'ada' is none"), ("ada@example.org=king", "'king' is none")):
        monkeypatch.setenv("GUICHET_TECHNICIANS", wrong)
        with pytest.raises(SettingsError, match=f"GUICHET_TECHNICIANS: should .*{says_}"):
            load_settings()
    monkeypatch.setenv("GUICHET_TECHNICIANS", "")
    assert load_settings().technicians == ()
