"""Of the people behind the figures the digest says nothing: who did much, who did little, and who asked."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.conversations import Message
from bot.model.knowledge import AskedQuestion
from bot.model.people import Person, Technician
from bot.model.values import Audience, ClosedReason, Language, TicketStatus
from tests.digest.scene import Scene, at

MINUTE = timedelta(minutes=1)
CLOSED = {"Zéphyrine Quatremain": 37, "Ottokar Lindqvist": 6, "Balthazar Ombrecourt": 1, "Philippa Winterbourne": 0}
ASKED = {"Wilhelmina Featherstone": 41, "Nestor Vandevelde": 3}
NAMES = {part for name in (*CLOSED, *ASKED) for part in name.split()}


def busy(scene: Scene) -> list[Person | Technician]:
    """Who closed most, who has nothing but late tickets, who asks all the time; and words that name them."""
    people: list[Person | Technician] = []
    for number, (name, count) in enumerate(CLOSED.items(), 71):
        person = Person(name, f"{name.split()[0].lower()}@acme.example")
        technician = Technician(person.id, number)
        people += [person, technician]
        for one in range(count):
            when = at(11, 9) + one * MINUTE
            scene.opens(
                "Blank pages", when - MINUTE, status=TicketStatus.CLOSED, closed_reason=ClosedReason.CONFIRMED,
                claimed_at=when, closed_at=when, assignee_id=technician.id,
            )  # fmt: skip
        scene.opens(f"{name} never came back to me", at(12), at(12, 12), assignee_id=technician.id, claimed_at=at(12))
    for name, count in ASKED.items():
        person = Person(name, f"{name.split()[0].lower()}@acme.example")
        people.append(person)
        text = f"{name} here: {next(iter(CLOSED))} said that the VPN works, and it does not?"
        for one in range(count):
            message = Message(scene.place.id, "person", text, when := at(10) + one * MINUTE, person_id=person.id)
            asked = AskedQuestion(
                text, Language.EN, Audience.INTERNAL, when, message_id=message.id, asker_id=person.id,
                outcome="answered", confirmed=True,
            )  # fmt: skip
            scene.records += [message, asked]
        ticket = scene.opens(f"{name}'s badge is dead", at(12), at(12, 12))
        scene.records[-1] = replace(ticket, asker_id=person.id)
    scene.lacks(f"What does {next(iter(ASKED))} need for the garage?", at(9), 5)
    scene.holds(at(14, 18))
    return people


@pytest.mark.parametrize("language", list(Language))
async def test_nobody_is_named_or_ranked(scene: Scene, language: Language) -> None:
    people = busy(scene)
    async with scene.storage.unit_of_work() as uow:
        for one in people:
            uow.people.add(one)
        await uow.commit()
    digest = await scene.digest()
    said = "\n".join([scene.said(digest, language), scene.writer(language).alternative(digest)])
    for known in (*NAMES, "TECH-", "acme.example", "mallory", "Lovelace", "Moreau", "Dubois"):
        assert known.casefold() not in said.casefold(), known
    # What is told is what all of them did together, and never what one of them did.
    told = set(map(int, re.findall(r"(?<![\d:.])\d+(?![\d:.])", said)))
    assert sum(CLOSED.values()) in told and sum(ASKED.values()) in told
    assert not told & {max(CLOSED.values()), max(ASKED.values())}
