"""What is put together belongs together: measured on invented outages among past tickets and other matters."""

import json

import pytest

from bot.problems.alike import are_alike, groups, likeness, same_word, telling_words
from knowledge.demo import FOLDER, TICKETS
from tests.problems.outages import OTHERS, OUTAGES

PRECISION = 0.9  # share of the tickets in a group that belong to its outage
FOUND = 6  # of the eight outages


def waiting() -> dict[str, list[tuple[str, str]]]:
    """Tickets by category, each with the name of what it is about."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, texts in OUTAGES.items():
        found.setdefault(name.split("/")[0], []).extend((name, text) for text in texts)
    for category, texts in OTHERS.items():
        found[category].extend((text, text) for text in texts)
    for past in json.loads((FOLDER / TICKETS).read_text(encoding="utf-8")):
        category = str(past["category"]).split("/")[0].lower()
        found.setdefault(category, []).append((past["ticket_id"], f"{past['subject']}. {past['content']}"))
    return found


def test_groups_are_right_and_most_outages_are_found() -> None:
    right = wrong = 0
    outages: set[str] = set()
    for tickets in waiting().values():
        for group in groups([text for _, text in tickets], 3):
            names = [tickets[at][0] for at in group]
            usual = max(names, key=names.count)
            right += names.count(usual)
            wrong += len(names) - names.count(usual)
            outages.add(usual)
    precision = right / (right + wrong)
    print(
        f"precision {precision:.2f} of {right + wrong} tickets in groups, {len(outages & OUTAGES.keys())} outages found"
    )
    assert precision >= PRECISION
    assert len(outages & OUTAGES.keys()) >= FOUND


def test_past_tickets_of_different_matters_are_no_group() -> None:
    tickets = json.loads((FOLDER / TICKETS).read_text(encoding="utf-8"))
    assert groups([f"{past['subject']}. {past['content']}" for past in tickets], 3) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vpn", "vnp"),
        ("outlook", "outlok"),
        ("imprimante", "imprimantes"),
        ("messagerie", "mesagerie"),
        ("mail", "mails"),
    ],
)
def test_a_mistyped_word_is_the_word(one: str, other: str) -> None:
    assert same_word(one, other) and same_word(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("vpn", "van"), ("sap", "sas"), ("internet", "intranet"), ("mail", "main"), ("809", "808"), ("e05", "e06")],
)
def test_another_word_is_another(one: str, other: str) -> None:
    assert not same_word(one, other)


def test_likeness_is_the_same_both_ways_and_whole_for_the_same() -> None:
    texts = [telling_words(text) for group in OUTAGES.values() for text in group]
    for one in texts[:12]:
        assert likeness(one, one) == 1
        for other in texts:
            assert 0 <= likeness(one, other) <= 1
            assert likeness(one, other) == pytest.approx(likeness(other, one))


@pytest.mark.parametrize("text", ["", "???", "the and of", "🙂", " "])
def test_what_says_nothing_is_like_nothing(text: str) -> None:
    assert not are_alike(text, text)
    assert groups([text] * 5, 3) == []
