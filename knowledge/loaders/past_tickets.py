"""Tickets of another system: what was asked, and what helped, where that is written down.

A ticket with a resolution in words becomes an article, too, for members of the organisation only.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bot.model.knowledge import Article, PastTicket
from bot.model.values import Audience, Language, Urgency
from bot.understanding.normalise import fold
from bot.understanding.personal import without_personal_data
from knowledge.loaders.fields import article_of, plain_id
from knowledge.loaders.plain_text import escaped, paragraphs
from knowledge.loaders.source import LONGEST_TITLE, Notice, Source, language_of, text_of, usable

LONGEST = 5_000  # characters of a text that are kept
LONGEST_REQUEST = 600  # of them, shown below a resolution

_PRIORITIES = {
    Urgency.LOW: "low lowest minor trivial basse bas faible mineure mineur planning p4 p5 4 5",
    Urgency.MEDIUM: "medium normal moderate moyenne moyen normale p3 3",
    Urgency.HIGH: "high major important haute haut elevee eleve majeure majeur importante p2 2",
    Urgency.URGENT: "urgent urgente critical critique highest blocker bloquant bloquante emergency p1 p0 1",
}
_PRIORITY = {name: urgency for urgency, names in _PRIORITIES.items() for name in names.split()}
_MINUTES = {"m": 1, "h": 60, "d": 1440, "j": 1440, "s": 1 / 60}  # by the first letter of the unit
_DURATION = re.compile(
    r"(\d{1,6}(?:[.,]\d{1,3})?)\s*(min|minutes?|mn|m|hours?|heures?|hrs?|h|days?|jours?|d|j|s|sec\w*)?"
)
_DATES = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y/%m/%d %H:%M", "%Y/%m/%d")
_YES, _NO = {"true", "yes", "oui", "vrai", "1", "y", "o"}, {"false", "no", "non", "faux", "0", "n"}
_REQUEST = {Language.FR: "Demande d’origine :", Language.EN: "Original request:"}


def load(source: Source, values: dict[str, Any]) -> Iterator[Article | PastTicket | Notice]:
    """The ticket that the named values of a record make, after its article if it has a resolution. Raises LoadError."""
    number = text_of(source, "ticket_id", values.get("ticket_id") or values.get("id"))
    subject = _text(source, "subject", values.get("subject") or values.get("question"))
    content = _text(source, "content", values.get("content")) or subject
    if not content:
        raise source.error("a past ticket should have a subject and a content")
    subject = subject or content
    named = text_of(source, "category", values.get("category"))
    below = text_of(source, "subcategory", values.get("subcategory"))
    resolution = _text(source, "resolution", values.get("resolution") or values.get("answer"))
    ticket_id = (number or hashlib.blake2b(f"{subject}\n{content}".encode(), digest_size=5).hexdigest())[:100]
    ticket = PastTicket(
        id=f"{source.id}#{ticket_id.replace('#', '-')}",
        origin=source.origin,
        ticket_id=ticket_id,
        subject=_line(subject)[:LONGEST_TITLE],
        content=content,
        language=language_of(source, values.get("language") or None, f"{subject}\n{content}\n{resolution}"),
        asked_at=_moment(text_of(source, "timestamp", values.get("timestamp"))),
        channel=text_of(source, "channel", values.get("channel"))[:100] or None,
        client_id=_client(source, text_of(source, "client_id", values.get("client_id"))),
        category=_category(source, named, below),
        category_name=" / ".join(filter(None, (named, below)))[:200],
        priority=_PRIORITY.get(fold(text_of(source, "priority", values.get("priority"))).strip()),
        article=plain_id(text_of(source, "knowledge_base_ref", values.get("knowledge_base_ref"))) or None,
        resolution=resolution,
        resolution_type=text_of(source, "resolution_type", values.get("resolution_type"))[:100],
        auto_resolvable=_truth(values.get("auto_resolvable")),
        minutes=_minutes(values.get("estimated_resolution_time")),
    )
    if ticket.resolution:
        yield from _article(source, ticket)
    yield ticket


def _article(source: Source, ticket: PastTicket) -> Iterator[Article | Notice]:
    """What helped comes first, so that it is what an answer shows."""
    asked = _line(ticket.content)
    shown = asked if len(asked) <= LONGEST_REQUEST else asked[:LONGEST_REQUEST].rpartition(" ")[0] + " …"
    body = paragraphs(ticket.resolution, lists=True)
    if asked != ticket.subject:
        body += f"\n\n*{_REQUEST[ticket.language]}* {escaped(shown)}"
    fields = {
        "title": ticket.subject,
        "category": ticket.category,
        "language": ticket.language.value,
        "audience": Audience.INTERNAL.value,
    }
    yield from article_of(source, fields, body, id=ticket.id)


def _text(source: Source, key: str, value: Any) -> str:
    """Masked, with its lines."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise source.error(f"{key}: should be text")
    return without_personal_data(usable(source, key, str(value))[:LONGEST])


def _line(text: str) -> str:
    return " ".join(text.split())


def _category(source: Source, category: str, subcategory: str) -> str | None:
    if not category and not subcategory:
        return source.categories.by_folder(source.folders)
    if category in source.categories:
        return category
    return source.categories.by_foreign_name(category, subcategory)


def _client(source: Source, client: str) -> UUID | None:
    """The same for the same client of the same base. A stand-in, not a secret: whoever knows an id can make it, too."""
    if not client:
        return None
    return UUID(bytes=hashlib.blake2b(client.encode(), digest_size=16, key=source.origin.encode()[-64:]).digest())


def _moment(written: str) -> datetime | None:
    """ISO 8601, seconds or milliseconds since 1970, or a French date; without a zone UTC. Else None."""
    try:
        if re.fullmatch(r"\d{9,10}(\.\d+)?|\d{12,13}", written):
            seconds = float(written)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        moment = datetime.fromisoformat(written)
    except (ValueError, OverflowError, OSError):
        moment = next(filter(None, (_parsed(written, form) for form in _DATES)), None)  # type: ignore[assignment]
        if moment is None:
            return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:  # the first hours of year 1, in a zone east of Greenwich
        return None


def _parsed(written: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(written, form)  # noqa: DTZ007 (the caller says what a missing zone means)
    except ValueError:
        return None


def _truth(value: Any) -> bool | None:
    word = fold(str(value)).strip()
    return True if word in _YES else False if word in _NO else None


def _minutes(value: Any) -> int | None:
    """90, "90 min", "1.5 h", "1h30", "2 jours"; a number alone is minutes."""
    text = fold(str(value if value is not None else "")).strip()
    if re.fullmatch(r"\d{1,3}h\d{2}", text):
        hours, _, minutes = text.partition("h")
        return int(hours) * 60 + int(minutes)
    matched = _DURATION.fullmatch(text)
    if not matched:
        return None
    return round(float(matched[1].replace(",", ".")) * _MINUTES[(matched[2] or "m")[0]])
