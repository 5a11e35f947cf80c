"""Moments as technicians type them, read on Monday 16 November 2026 at 10:00."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.understanding.moments import moment_from

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 16, 10, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("2h", "16 12:00"), ("90 min", "16 11:30"), ("half an hour", "16 10:30"), ("in a week", "23 10:00"),
        ("demain 9h", "17 09:00"), ("tomorrow 9:00", "17 09:00"), ("demain", "17 09:00"), ("tomorrow 14", "17 14:00"),
        ("demain midi", "17 12:00"), ("tomorrow noon", "17 12:00"), ("midi", "16 12:00"),
        ("demain matin 8h", "17 08:00"), ("tomorrow morning at 8", "17 08:00"), ("demain matin", "17 09:00"),
        ("tomorrow afternoon at 3", "17 15:00"), ("demain après-midi", "17 14:00"), ("demain après midi", "17 14:00"),
        ("demain soir 8h", "17 20:00"), ("demain après-midi à 15h", "17 15:00"), ("vendredi midi", "20 12:00"),
        ("fin de journée", "16 18:00"), ("end of day", "16 18:00"), ("la semaine prochaine", "23 09:00"),
        ("next week", "23 09:00"), ("lundi 14h", "23 14:00"), ("à 14h", "16 14:00"),
    ],
)  # fmt: skip
def test_a_moment_in_words(said: str, when: str) -> None:
    found = moment_from(said, NOW, PARIS)
    assert found and f"{found.astimezone(PARIS):%d %H:%M}" == when


@pytest.mark.parametrize("said", ["hier", "yesterday", "jamais", "demain 25h", "tomorrow 9:75", "", "2 years"])
def test_what_is_no_moment_to_come(said: str) -> None:
    assert moment_from(said, NOW, PARIS) is None
