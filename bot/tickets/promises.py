"""What is promised of a ticket, as people read it: clock times in business hours, in the reader's zone."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time
from babel.units import format_unit

from bot.engine.work import Work
from bot.model.tickets import SlaKind, SlaTarget, Ticket
from bot.model.values import Language, TicketStatus

WEEK = 7  # days, within which the name of the day says enough


def promise(ticket: Ticket, kind: SlaKind) -> datetime | None:
    """By when something is promised; None once it is done, while the clock stands, and where nothing is promised."""
    return next((target.due_at for target in ticket.sla if target.kind == kind and not target.met_at), None)


def by_when(work: Work, at: datetime, language: Language, zone: ZoneInfo | None = None) -> str:
    """A moment as one says it now: "today 14:30", "tomorrow 9:15", "Monday 9:15", "7 December 9:15".

    It is that of the reader's zone, or of `zone`. What is kept for long, such as a card, shows `dated` instead.
    """
    return said_of(at, work.now, zone or work.zone, language, work.services.texts)


def said_of(at: datetime, now: datetime, zone: ZoneInfo, language: Language, say: Callable[..., str]) -> str:
    """The same for whoever has no unit of work. `say`: a sentence of the catalogue, by key and language."""
    here, today, locale = at.astimezone(zone), now.astimezone(zone).date(), str(language)
    time = format_time(here.time(), "H:mm", locale=locale)
    days = (here.date() - today).days
    near = {-1: "when.yesterday", 0: "when.today", 1: "when.tomorrow"}
    if days in near:
        return say(near[days], language, time=time)
    if 0 < days < WEEK:
        return say("when.weekday", language, day=format_date(here, "EEEE", locale=locale), time=time)
    pattern = "d MMMM" if here.year == today.year else "d MMMM y"
    return say("when.date", language, day=format_date(here, pattern, locale=locale), time=time)


def dated(work: Work, at: datetime, language: Language, zone: ZoneInfo | None = None) -> str:
    """A moment as it reads at any time: "Mon 16 Nov 14:30"."""
    return format_datetime(at, "EEE d MMM H:mm", tzinfo=zone or work.zone, locale=str(language))


def promised_fields(
    work: Work, ticket: Ticket, language: Language, zone: ZoneInfo | None = None
) -> list[tuple[str, str]]:
    """What is still to be done, and by when. While the ticket waits on the person: how much time there will be."""
    fields = []
    for target in ticket.sla if ticket.is_active else ():
        if not target.met_at and (value := _value(work, ticket, target, language, zone)):
            fields.append((work.services.texts(f"field.sla.{target.kind}", language), value))
    return fields


def _value(work: Work, ticket: Ticket, target: SlaTarget, language: Language, zone: ZoneInfo | None) -> str | None:
    say = work.services.texts
    if target.due_at is not None:
        when = dated(work, target.due_at, language, zone)
        return say("sla.late", language, when=when) if target.due_at < work.now else when
    if ticket.status is TicketStatus.WAITING and target.left and target.left > 0:
        return say("sla.stands", language, left=working_time(target.left, language))
    return None


def working_time(seconds: float, language: Language) -> str:
    """In hours and minutes, never in days: those of a desk have fewer than 24 hours."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    parts = [
        format_unit(number, f"duration-{unit}", locale=str(language))
        for number, unit in ((hours, "hour"), (0 if hours >= 10 else minutes, "minute"))
        if number
    ]
    return " ".join(parts)
