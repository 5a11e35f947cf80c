"""Policies and tickets to try them with."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.ids import new_id
from bot.model.tickets import SlaKind, SlaTarget, Ticket
from bot.model.values import Language, Urgency
from bot.sla.policies import SlaPolicies

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)  # ten o'clock in Paris


def policies(
    text: str, folder: Path, timezone: str = "Europe/Paris", categories: set[str] | None = None
) -> SlaPolicies:
    file = folder / "sla.yaml"
    file.write_text(text, encoding="utf-8")
    return SlaPolicies.load(file, timezone, categories)


def ticket(**changes: Any) -> Ticket:
    made = Ticket(
        number=1,
        title="Paper jam",
        summary="",
        category="hardware/printers",
        priority=Urgency.MEDIUM,
        asker_id=new_id(),
        conversation_id=new_id(),
        opened_because="asked",
        created_at=MONDAY,
        language=Language.EN,
    )
    return replace(made, **changes)


def target(one: Ticket, kind: SlaKind) -> SlaTarget:
    return next(target for target in one.sla if target.kind == kind)
