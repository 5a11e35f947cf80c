"""What each form asks for. A form has the name of the button that opens it; its fields have these names everywhere."""

from dataclasses import dataclass
from typing import Literal

from bot.categories import Categories
from bot.commands.table import Right
from bot.model.forms import FieldKind
from bot.model.values import Language, Urgency
from bot.texts import Texts
from bot.tickets.words import RESOLUTION_REASONS

LONGEST_WORDS = 3_000  # characters, what Slack takes in one field
LONGEST_PUBLIC = 1_000  # characters of a public reply in a form: what is too long for a post is told with its length
Offers = Literal["categories", "priorities", "reasons", "askers"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    name: str
    kind: FieldKind = "text"
    required: bool = True
    longest: int = LONGEST_WORDS
    offers: Offers | None = None
    moment: bool = False


@dataclass(frozen=True, slots=True)
class FormSpec:
    """`right`: who may open and send it; `command`: what carries it out, of the group `ticket`."""

    fields: tuple[FieldSpec, ...]
    right: Right = "technician"
    command: str | None = None


WORDS = FieldSpec("text")
CAUSE = FieldSpec("cause", required=False, longest=2_000)
STEPS = FieldSpec("steps", required=False)
KEYWORDS = FieldSpec("keywords", "line", required=False, longest=500)

FORMS: dict[str, FormSpec] = {
    "ticket_new": FormSpec(
        (
            WORDS,
            FieldSpec("category", "choice", required=False, offers="categories"),
            FieldSpec("priority", "choice", required=False, offers="priorities"),
            FieldSpec("asker", "choice", required=False, offers="askers"),
        ),
        right="anyone",
        command="new",
    ),
    "ticket_reply": FormSpec((WORDS,), command="reply"),
    "ticket_note": FormSpec((WORDS,), command="note"),
    "ticket_priority": FormSpec((FieldSpec("priority", "choice", offers="priorities"),), command="priority"),
    "ticket_snooze": FormSpec((FieldSpec("when", "line", longest=60, moment=True),), command="snooze"),
    "ticket_resolve": FormSpec(
        (
            WORDS,
            CAUSE,
            STEPS,
            KEYWORDS,
            FieldSpec("reason", "choice", required=False, offers="reasons"),
        ),
        command="resolve",
    ),
    "ticket_write-up": FormSpec(
        (
            FieldSpec("title", "line", longest=120),
            FieldSpec("symptoms", required=False, longest=2_000),
            CAUSE,
            STEPS,
            KEYWORDS,
        ),
        command="write-up",
    ),
    "post_edit": FormSpec((FieldSpec("text", longest=LONGEST_PUBLIC),)),
}

AUTHOR, ONESELF = "author", "me"  # whom a ticket is for that comes of somebody else's message


def options(
    offers: Offers | None, texts: Texts, categories: Categories, language: Language
) -> tuple[tuple[str, str], ...]:
    """What a choice offers: (value, label)."""
    match offers:
        case "categories":
            return tuple((slug, categories.name(slug, language)) for slug in categories.top_level())
        case "priorities":
            return tuple((level.value, texts.plain(f"priority.{level}", language)) for level in Urgency)
        case "reasons":
            reasons = dict.fromkeys(RESOLUTION_REASONS.values())
            return tuple((reason, texts.plain(f"resolution_reason.{reason}", language)) for reason in reasons)
        case "askers":
            return tuple((who, texts.plain(f"form.asker.{who}", language)) for who in (AUTHOR, ONESELF))
        case _:
            return ()
