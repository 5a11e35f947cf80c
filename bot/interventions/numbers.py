"""References of write-ups: INT-2026-01-NET-001, counted per month and category code."""

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.model.ledger import Cursor
from bot.ports.storage import UnitOfWork

REFERENCE = re.compile(r"INT-(\d{4}-(?:0[1-9]|1[0-2])-[A-Z]{3})-(\d{3,9})", re.IGNORECASE)


async def next_reference(uow: UnitOfWork, at: datetime, zone: ZoneInfo, code: str) -> str:
    """The next reference of the month that `at` lies in where the desk is, for one write-up of this unit of work.

    The count is read here and written on condition that nobody else has written it meanwhile, in the commit that brings
    the write-up itself: a unit of work that is not committed takes no number, and of two at once one gets StaleWrite
    and is done again. So there are neither gaps nor doubles.
    """
    stem = f"INT-{at.astimezone(zone):%Y-%m}-{code}"
    count = await uow.cursors.get(stem)
    number = int(count.value) + 1 if count else 1
    uow.cursors.save(replace(count, value=str(number)) if count else Cursor(stem, "1"))
    return f"{stem}-{number:03d}"


async def note_reference(uow: UnitOfWork, reference: str) -> None:
    """Take note of a reference that was given elsewhere: the count goes on after it."""
    match = REFERENCE.fullmatch(reference)
    if match is None:
        return
    stem, number = f"INT-{match[1].upper()}", int(match[2])
    count = await uow.cursors.get(stem)
    if count is None or int(count.value) < number:
        uow.cursors.save(replace(count, value=str(number)) if count else Cursor(stem, str(number)))


def reference_in(text: str) -> str | None:
    """The reference that the text begins with, as it is written."""
    match = REFERENCE.match(text.strip())
    return match.group().upper() if match else None
