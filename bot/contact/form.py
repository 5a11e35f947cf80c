"""What somebody writes in the contact form, looked at before anything is kept of it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

import phonenumbers

from bot.engine.identify import readable
from bot.model.contact import Way
from bot.web_settings import email_address

LONGEST_NAME = 80
LONGEST_MESSAGE = 4_900
WAYS: tuple[Way, ...] = ("email", "mastodon", "phone")  # the first that is given is used, of those that can be

_HANDLE = re.compile(
    r"@?(\w(?:[\w.-]{0,62}\w)?)@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63})",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """`problems`: what is wrong, by field, as keys of the catalogue; nothing may be kept while there are any."""

    name: str
    message: str
    ways: dict[Way, str] = field(default_factory=dict)  # in their one form
    problems: dict[str, str] = field(default_factory=dict)

    @property
    def way(self) -> Way:
        return next(iter(self.ways))

    @property
    def address(self) -> str:
        return self.ways[self.way]

    @property
    def others(self) -> str:
        return ", ".join(value for way, value in self.ways.items() if way != self.way)


def checked(
    name: str,
    message: str,
    written: dict[Way, str],
    *,
    consent: bool,
    country: str,
    usable: Collection[Way] = WAYS,
) -> Checked:
    """`usable`: ways by which the desk itself can write to somebody."""
    problems: dict[str, str] = {}
    called = readable(name)
    if not called:
        problems["name"] = "web.contact.problem.name"
    elif len(called) > LONGEST_NAME:
        problems["name"] = "web.contact.problem.name_long"
    if not message.strip():
        problems["message"] = "web.contact.problem.message"
    elif len(message) > LONGEST_MESSAGE:
        problems["message"] = "web.contact.problem.message_long"
    ways: dict[Way, str] = {}
    for way in sorted(WAYS, key=lambda way: way not in usable):
        if not (text := written.get(way, "").strip()):
            continue
        if (found := one_form(way, text, country)) is None:
            problems[way] = f"web.contact.problem.{way}"
        else:
            ways[way] = found
    if not ways and not any(way in problems for way in WAYS):
        problems["ways"] = "web.contact.problem.ways"
    if not consent:
        problems["consent"] = "web.contact.problem.consent"
    return Checked(called, message.strip(), ways, problems)


def one_form(way: Way, text: str, country: str) -> str | None:
    """An address as it is kept; None if it is none of that kind."""
    match way:
        case "email":
            return email_address(text)
        case "mastodon":
            match_ = _HANDLE.fullmatch(text)
            return f"@{match_[1]}@{match_[2].lower()}" if match_ else None
        case "phone":
            return phone_number(text, country)


def phone_number(text: str, country: str) -> str | None:
    """As one dials it from anywhere. `country`: of numbers that are written without one."""
    try:
        number = phonenumbers.parse(text[:60], country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
