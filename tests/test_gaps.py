"""Groups of unanswered questions: owners, trends, and titles that one can read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.engine.services import EachAlone
from bot.gaps import current_gaps, suggested_owners, titled, trends
from bot.model.conversations import Conversation
from bot.model.knowledge import AskedQuestion, KnowledgeGap, QuestionOutcome
from bot.model.people import Person, Technician
from bot.model.values import Audience, Language, Role, TicketStatus
from bot.phrasings import is_nearly
from bot.ports.storage import Storage
from knowledge.clustering import Clusterer
from tests.contract.storage.makers import AT, room, ticket

WEEK = timedelta(days=7)


async def test_the_owner_is_who_settled_most_of_such_tickets_else_a_lead(storage: Storage) -> None:
    people = [Person(name) for name in ("Tess", "Tom", "Lea", "Gone")]
    staff = [Technician(person.id, number) for number, person in enumerate(people, 1)]
    staff[2] = replace(staff[2], role=Role.LEAD)
    staff[3] = replace(staff[3], disabled=True)
    place = Conversation(room())
    settled = [(1, 0), (2, 0), (3, 1), (4, 3), (5, 3), (6, 3)]
    async with storage.unit_of_work() as work:
        for person, technician in zip(people, staff, strict=True):
            work.people.add(person)
            work.people.add(technician)
        work.conversations.add(place)
        for number, of in settled:
            done = {"status": TicketStatus.CLOSED, "assignee_id": staff[of].id, "category": "hardware/printers"}
            work.tickets.add(ticket(people[0], place, number, **done))
        await work.commit()
        owners = await suggested_owners(work, {"hardware", "network", None})
    assert owners == {"hardware": staff[0].id, "network": staff[2].id, None: staff[2].id}


def gap(text: str, weeks_ago: float) -> KnowledgeGap:
    return KnowledgeGap(text, Language.EN, Audience.INTERNAL, AT - weeks_ago * WEEK, None)


async def test_a_trend_compares_four_weeks_with_the_four_before(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        for weeks in (0, 1, 3, 5, 9):
            work.knowledge.add(gap("who waters the plants", weeks))
        await work.commit()
        (found,) = await current_gaps(work, Clusterer(), AT)
        await work.commit()
        assert (found.count, found.recent, found.before, found.people) == (5, 3, 1, None)
        (again,) = await current_gaps(work, EachAlone(), AT + 6 * WEEK)
        assert (again.group, again.recent, again.before) == (found.group, 0, 2)


def asked(text: str, weeks_ago: float, outcome: QuestionOutcome = "answered") -> AskedQuestion:
    return AskedQuestion(text, Language.EN, Audience.INTERNAL, AT - weeks_ago * WEEK, outcome)


async def test_what_grows_most_comes_first_among_all_questions(storage: Storage) -> None:
    async with storage.unit_of_work() as work:
        for weeks in (0, 1, 2):
            work.knowledge.add(asked("the vpn does not connect", weeks))
        work.knowledge.add(asked("the vpn does not connect", 3, "lost"))
        for weeks in (1, 5, 6):
            work.knowledge.add(asked("where is the toner kept", weeks))
        work.knowledge.add(asked("long forgotten matters", 30))
        await work.commit()
        found = await trends(work, Clusterer(), AT, 4 * WEEK)
    assert [(one.title, one.recent, one.before, one.answered) for one in found] == [
        ("The vpn does not connect", 4, 0, 3),
        ("Where is the toner kept", 1, 2, 1),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("hello,  who waters\nthe plants?", "Who waters the plants?"),
        ("Bonjour, où est le toner", "Où est le toner"),
        ("Hi team - hello!", "Hello"),
        ("hello", "Hello"),
        ("history of printing.", "History of printing"),
        ("word " * 40, "Word " + "word " * 16 + "…"),
    ],
)
def test_a_title_is_one_line_without_a_greeting(text: str, title: str) -> None:
    assert titled(text) == title
    assert len(titled(text)) <= 90


def test_texts_that_differ_in_case_accents_and_a_letter_are_nearly_the_same() -> None:
    assert is_nearly("Réseau wifi indisponible !", "reseau WIFI indisponibles")
    assert not is_nearly("the vpn does not connect", "the printer does not print")
