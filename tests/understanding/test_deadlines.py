"""When a deadline is that somebody names: told where it is plain, and not guessed where it is not."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.categories import Categories
from bot.understanding import Understander
from bot.understanding.moments import deadline_from

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)  # 8:00 in Paris


def named(text: str) -> str | None:
    words = Understander(Categories.load(None)).understand(text).deadline
    until = deadline_from(words, text, MONDAY, PARIS) if words else None
    return until.astimezone(PARIS).strftime("%a %d %H:%M") if until else None


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("my vpn is down and I have a meeting at 9", "Mon 16 09:00"),
        ("I need it before noon", "Mon 16 12:00"),
        ("réunion à 14h", "Mon 16 14:00"),
        ("j'ai un rendez-vous client à 10h30", "Mon 16 10:30"),
        ("before 5pm", "Mon 16 17:00"),
        ("j'ai une présentation cet après-midi", "Mon 16 14:00"),
        ("d'ici ce soir", "Mon 16 18:00"),
        ("by end of day", "Mon 16 18:00"),
        ("i need it today", "Mon 16 18:00"),
        ("exam in 20 minutes", "Mon 16 08:20"),
        ("réunion dans une heure", "Mon 16 09:00"),
        ("by friday", "Fri 20 09:00"),
        ("client presentation tomorrow morning, projector broken", "Tue 17 09:00"),
        ("demain matin à 8h", "Tue 17 08:00"),
        ("urgent, training at 10 am tomorrow", "Tue 17 10:00"),
        ("demain j'ai une réunion à 9h", "Tue 17 09:00"),
    ],
)
def test_a_moment_by_the_clock(text: str, until: str) -> None:
    assert named(text) == until


@pytest.mark.parametrize(
    "text",
    ["I have a meeting", "within the hour", "by 3", "as soon as possible", "réunion", "meeting at 99", "🎉 at 9"],
)
def test_what_is_no_plain_moment_is_none(text: str) -> None:
    assert named(text) is None
