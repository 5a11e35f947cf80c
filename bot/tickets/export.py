"""Tickets as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from bot.model.tickets import Ticket
from bot.ports.storage import UnitOfWork

COLUMNS = (
    "reference", "title", "status", "closed_reason", "priority", "category", "intent", "asker", "assignee", "language",
    "audience", "opened_because", "created_at", "claimed_at", "first_reply_at", "resolved_at", "closed_at",
    "resolution_reason", "reopened",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula: what begins as one, after spaces too, gets an apostrophe before."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def written(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV as RFC 4180 has it. Text is made safe; numbers stay numbers, and None is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if cell is None else cell if _is_number(cell) else safe(str(cell)) for cell in row])
    return file.getvalue()


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


async def exported(uow: UnitOfWork, tickets: Sequence[Ticket]) -> str:
    technicians = {one.id: one.person_id for one in await uow.people.technicians()}
    wanted = {ticket.asker_id for ticket in tickets} | set(technicians.values())
    names = {id: person.name for id, person in (await uow.people.persons(wanted)).items()}
    return written(COLUMNS, [_row(ticket, names, technicians) for ticket in tickets])


def _row(ticket: Ticket, names: Mapping[UUID, str], technicians: Mapping[UUID, UUID]) -> list[object]:
    """Times in UTC."""
    assignee = technicians.get(ticket.assignee_id) if ticket.assignee_id else None
    special: dict[str, object] = {
        "asker": names.get(ticket.asker_id),
        "assignee": names.get(assignee) if assignee else None,
        **{name: at.isoformat() if (at := getattr(ticket, name)) else None for name in COLUMNS if name.endswith("_at")},
    }
    return [special[name] if name in special else getattr(ticket, name) for name in COLUMNS]
