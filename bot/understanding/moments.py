"""A moment to come, in words: "2h", "tomorrow 9:00", "demain 9h", "vendredi", "2026-12-01 14:30"."""

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

START_OF_DAY = time(9)
PARTS_OF_DAY = {
    "this morning": 9, "ce matin": 9, "this afternoon": 14, "cet apres-midi": 14, "cet après-midi": 14,
    "tonight": 18, "this evening": 18, "ce soir": 18,
}  # fmt: skip
_DURATION = re.compile(r"^(?:in |dans )?(?:(\d+)\s*(?:h|hours?|heures?)\s*)?(?:(\d+)\s*(?:m|mn|min|minutes?)?)?$")
# "9h30" is a time of the day after a day or an "à", and a duration by itself.
_PARTS = (("matin|morning", "9:00"), ("apr[eè]s[- ]midi|aprem|afternoon", "14:00"), ("soir|evening", "18:00"))
_LATE_PARTS = re.compile(r"\b(?:apr[eè]s[- ]midi|aprem|afternoon|soir|evening)\b")
_CLOCK = re.compile(r"\b(\d{1,2})\s?h\s?(\d{2})?\b")
_HOUR = re.compile(r"\d\s?:\s?\d{2}|\d\s?[ap]m\b")
_AGO_OR_NEXT = re.compile(r"\b(?:next|prochaine?|ce|cette|this|at|à|a|vers|le|on)\b")
_LONGEST = 60
FURTHEST = timedelta(days=366)


_FIRST_DAY = re.compile(r"\b(?:tomorrow|demain)\b")
_DAY_SAID = re.compile(
    r"\b(?:today|aujourd.?hui|tomorrow|demain|tonight|this|ce|cet|cette|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|in|dans)\b"
)
_CALLED = (
    (r"(?<!-)\b(?:noon|midday|midi)\b", "12:00"), (r"\bend of (?:the )?day\b|\bfin de (?:la )?journ[eé]e\b", "18:00"),
    (r"\b(?:an|une) (?:hour|heure)\b", "1h"), (r"\bhalf an hour\b|\bune demi-?heure\b", "30 min"),
    (r"\b(?:at|à|a) (\d{1,2})$", r"\1:00"), (r"\b(?:today|aujourd.?hui)$", "18:00"),
)  # fmt: skip
_TIME = re.compile(r"\b(\d{1,2})\s?:\s?(\d{2})\b")
_SAID_SHORT = (  # what the parser of dates passes over
    (r"(?<!-)(?<!s )\b(?:noon|midday|midi)\b", "12:00"),
    (r"\bend of (?:the )?day\b|\bfin de (?:la )?journ[eé]e\b", "18:00"),
    (r"\bhalf an hour\b|\bune demi-?heure\b", "30 minutes"), (r"\bin an? (?=week|month|day|hour)", "in 1 "),
    (r"\bnext week\b|\b(?:la )?semaine prochaine\b", "monday"),
    (r"\b((?:at|à|a|tomorrow|demain) )(\d{1,2})$", r"\1\2:00"),
)  # fmt: skip
_HOUR_AFTER = re.compile(r"\s*,?\s*(?:at |à |a |vers |by )?\d{1,2}(?:\s?h(?:\s?\d{2})?|:\d{2}|\s?[ap]m)\b")


def deadline_from(words: str, text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When a deadline is that somebody named: "meeting at 9", "avant midi", "by Friday"; None where that is not plain.

    `text`: all that they said, which may name the day elsewhere ("tomorrow I have a training at 10 am").
    """
    said, everything = " ".join(words.lower().split())[-_LONGEST:], " ".join(text.lower().split())
    before, found_at, after = everything.partition(said)
    if found_at and (hour := _HOUR_AFTER.match(after)):
        said = re.sub(r"\s+(?:morning|matin|afternoon|apr[eè]s-midi|evening|soir)$", "", said) + hour[0]
    day = _FIRST_DAY.search(before) or _FIRST_DAY.search(after)
    for pattern, clock in (*_CALLED[3:4], *_CALLED):
        said = re.sub(pattern, clock, said)
    if day and not _DAY_SAID.search(said):
        said = f"{said} {day[0]}"
    parts = said.split()
    for start in range(len(parts)):  # what comes before the moment says what it is the moment of
        if found := moment_from(" ".join(parts[start:]), now, zone):
            return found
    return None


def moment_from(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """When that is, aware; None if it says no moment, or one that is past or more than a year away.

    `now` is aware. A day without an hour means the start of its working day; an hour without a day the next time that
    it strikes.
    """
    said = " ".join(text.lower().split())
    if not said or len(said) > _LONGEST:
        return None
    here = now.astimezone(zone)
    found = _duration(said, now) or _part_of_day(said, here) or _parsed(said, here, zone)
    return found if found and now < found <= now + FURTHEST else None


def _duration(said: str, now: datetime) -> datetime | None:
    match = _DURATION.match(said)
    if match is None or not any(match.groups()) or said.isdigit():
        return None
    return now + timedelta(hours=min(int(match[1] or 0), 10_000), minutes=min(int(match[2] or 0), 1_000_000))


def _part_of_day(said: str, here: datetime) -> datetime | None:
    hour = PARTS_OF_DAY.get(said)
    return here.replace(hour=hour, minute=0, second=0, microsecond=0) if hour else None


def _parsed(said: str, here: datetime, zone: ZoneInfo) -> datetime | None:
    import dateparser  # type: ignore[import-untyped]  # takes a quarter of a second; few messages need it

    plain = _CLOCK.sub(lambda match: f"{match[1]}:{match[2] or '00'}", said)
    for words, clock in _SAID_SHORT:
        plain = re.sub(words, clock, plain)
    has_hour = bool(_HOUR.search(plain))
    if any(int(hour) > 23 or int(minute) > 59 for hour, minute in _TIME.findall(plain)):
        return None
    if has_hour and _LATE_PARTS.search(plain):  # "tomorrow afternoon at 3:00"
        plain = _TIME.sub(lambda match: f"{int(match[1]) % 12 + 12}:{match[2]}", plain)
    for words, clock in _PARTS:
        plain = re.sub(rf"\b(?:{words})\b", "" if has_hour else clock, plain)
    plain = " ".join(_AGO_OR_NEXT.sub(" ", plain).split())
    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": here.replace(tzinfo=None),
        "DATE_ORDER": "DMY",
        "PREFER_LOCALE_DATE_ORDER": False,
        "PARSERS": ["relative-time", "absolute-time"],
    }
    try:
        found = dateparser.parse(plain, languages=["fr", "en"], settings=settings)
    except (ValueError, OverflowError):
        return None
    if found is None:
        return None
    is_relative = plain.startswith(("in ", "dans ")) or re.match(r"^(\d+|une?|an?) ", plain)
    if not _HOUR.search(plain) and not is_relative:
        found = datetime.combine(found.date(), START_OF_DAY)
    moment: datetime = found.replace(tzinfo=zone, fold=0)
    return moment
