"""Which figures are wanted, and every table of them: the same for a command, a page and a terminal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.ports.storage import UnitOfWork
from bot.reports import sheets, views
from bot.reports.figures import Figures, compared, pipeline
from bot.reports.periods import Period, named
from bot.reports.sheets import Sheet
from bot.reports.wording import Wording

View = Literal["overview", "work", "pipeline", "queue"]
VIEWS: tuple[View, ...] = get_args(View)
DEFAULT = "week"
_VIEWS: dict[str, View] = {
    "overview": "overview", "figures": "overview", "chiffres": "overview",
    "work": "work", "todo": "work", "travail": "work",
    "pipeline": "pipeline", "traitement": "pipeline",
    "queue": "queue", "file": "queue", "attente": "queue",
}  # fmt: skip


class UnknownWord(ValueError):
    """A word that names neither a period nor a view."""


@dataclass(frozen=True, slots=True)
class Wanted:
    period: Period
    view: View = "overview"


def wanted(words: Iterable[str], now: datetime, zone: ZoneInfo) -> Wanted:
    """A period and a view in any order, each at most once; by default the figures of a week. Raises UnknownWord."""
    period: Period | None = None
    view: View | None = None
    for word in words:
        if view is None and word.lower() in _VIEWS:
            view = _VIEWS[word.lower()]
        elif period is None and (found := named(word, now, zone)):
            period = found
        else:
            raise UnknownWord(word)
    period = period or named(DEFAULT, now, zone)
    assert period is not None
    return Wanted(period, view or "overview")


@dataclass(frozen=True, slots=True)
class Shown:
    title: str
    sheets: list[Sheet]
    notes: list[str]


async def tables(uow: UnitOfWork, asked: Wanted, now: datetime, say: Wording, *, technicians: bool = False) -> Shown:
    """`technicians`: only for who may read how each of them does."""
    match asked.view:
        case "work":
            found = await uow.reports.in_need(now)
            names = await technician_names(uow) if found else {}
            return Shown("", views.work(found, names, now, say), [])
        case "pipeline":
            return Shown("", views.pipeline(await pipeline(uow.reports, asked.period, now), say), [])
        case "queue":
            backlog, failed = await uow.reports.backlog(), await uow.reports.failed()
            return Shown("", views.queue(backlog, failed, now, say), [])
        case _:
            this, before = await compared(uow.reports, asked.period, now, technicians=technicians)
            names = await technician_names(uow) if technicians else {}
            return figures_shown(this, before, say, names)


def figures_shown(this: Figures, before: Figures, say: Wording, names: dict[UUID, str]) -> Shown:
    title = sheets.title(this, before, say)
    notes = [say("stats.empty")] if this.is_empty else sheets.notes(this, say)
    return Shown(title, [] if this.is_empty else sheets.overview(this, before, say, names), notes)


async def technician_names(uow: UnitOfWork) -> dict[UUID, str]:
    """TECH-042 Ada, by the technician's id."""
    technicians = await uow.people.technicians()
    people = await uow.people.persons([one.person_id for one in technicians])
    return {
        one.id: f"{one.badge} {people[one.person_id].name}" if one.person_id in people else one.badge
        for one in technicians
    }
