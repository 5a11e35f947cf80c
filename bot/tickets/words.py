"""What people write for a priority, a status, a reason or a category, in both languages."""

import re

from bot.categories import Categories
from bot.engine.words import spoken
from bot.model.values import TicketStatus, Urgency

# A ticket named first, with what may stand between it and the words about it.
REFERENCE = re.compile(r"^#?t?(\d{1,9})\b(?:\s*[:,]|\s+[-–](?=\s))?\s*", re.IGNORECASE)
PRIORITIES = {
    "low": Urgency.LOW, "basse": Urgency.LOW, "faible": Urgency.LOW, "information": Urgency.LOW,
    "medium": Urgency.MEDIUM, "normal": Urgency.MEDIUM, "normale": Urgency.MEDIUM, "moyenne": Urgency.MEDIUM,
    "high": Urgency.HIGH, "haute": Urgency.HIGH, "elevee": Urgency.HIGH, "élevée": Urgency.HIGH,
    "urgent": Urgency.URGENT, "urgente": Urgency.URGENT, "critical": Urgency.URGENT, "critique": Urgency.URGENT,
}  # fmt: skip
STATUSES = {
    "open": (TicketStatus.OPEN,), "ouvert": (TicketStatus.OPEN,), "ouverts": (TicketStatus.OPEN,),
    "in_progress": (TicketStatus.IN_PROGRESS,), "in-progress": (TicketStatus.IN_PROGRESS,),
    "progress": (TicketStatus.IN_PROGRESS,), "en-cours": (TicketStatus.IN_PROGRESS,),
    "waiting": (TicketStatus.WAITING,), "attente": (TicketStatus.WAITING,), "en-attente": (TicketStatus.WAITING,),
    "resolved": (TicketStatus.RESOLVED,), "resolu": (TicketStatus.RESOLVED,), "résolu": (TicketStatus.RESOLVED,),
    "resolus": (TicketStatus.RESOLVED,), "résolus": (TicketStatus.RESOLVED,),
    "closed": (TicketStatus.CLOSED,), "ferme": (TicketStatus.CLOSED,), "fermé": (TicketStatus.CLOSED,),
    "fermes": (TicketStatus.CLOSED,), "fermés": (TicketStatus.CLOSED,), "clos": (TicketStatus.CLOSED,),
    "all": tuple(TicketStatus), "tous": tuple(TicketStatus), "tout": tuple(TicketStatus),
}  # fmt: skip
RESOLUTION_REASONS = {
    "fixed": "fixed", "resolu": "fixed", "résolu": "fixed", "repare": "fixed", "réparé": "fixed",
    "duplicate": "duplicate", "doublon": "duplicate",
    "no_reply": "no_reply", "sans_reponse": "no_reply", "sans_réponse": "no_reply",
    "not_reproducible": "not_reproducible", "non_reproductible": "not_reproducible",
}  # fmt: skip


def category_named(categories: Categories, word: str) -> str | None:
    """A category by its slug, number, code or name in any language, or another word for it; None if there is none."""
    wanted = spoken(word)
    if not wanted:
        return None
    for record in categories.records():
        names = (record.slug, record.slug.rpartition("/")[2], record.number, record.code, *record.names.values())
        if wanted in {spoken(name) for name in names}:
            return record.slug
    return categories.by_foreign_name(word)
