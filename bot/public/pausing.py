"""The switch that stops everything automatic in public. Private messages go on."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bot.engine.work import Work
from bot.model.ledger import Cursor
from bot.ports.storage import UnitOfWork

NAME = "public:paused"
_BETWEEN = " "


async def is_paused(uow: UnitOfWork) -> bool:
    return await paused_by(uow) is not None


async def paused_by(uow: UnitOfWork) -> tuple[datetime, UUID] | None:
    """Since when, and by whom (a Person); None while nothing is paused."""
    found = await uow.cursors.get(NAME)
    if found is None or not found.value:
        return None
    at, _, person = found.value.partition(_BETWEEN)
    return datetime.fromisoformat(at), UUID(person)


async def pause(work: Work, person_id: UUID) -> bool:
    """False if it was paused already."""
    return not await is_paused(work.uow) and await _keep(work, f"{work.now.isoformat()}{_BETWEEN}{person_id}")


async def resume(work: Work) -> bool:
    """False if nothing was paused."""
    return await is_paused(work.uow) and await _keep(work, "")


async def _keep(work: Work, value: str) -> bool:
    found = await work.uow.cursors.get(NAME)
    work.uow.cursors.save(replace(found, value=value) if found else Cursor(NAME, value))
    return True
