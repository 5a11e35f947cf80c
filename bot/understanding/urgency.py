"""How much is unavailable: information (low), annoying (medium), partly (high), wholly unavailable (urgent)."""

from dataclasses import dataclass

from bot.model.values import Intent, Urgency
from bot.understanding.deadline import Deadline
from bot.understanding.phrases import Evidence

# Only asking: what these speak of has not happened to the person.
_ASKING = (Intent.HOWTO, Intent.PLAN, Intent.SMALLTALK, Intent.STATUS)
_AT_LEAST_MEDIUM = (Intent.FAULT, Intent.COMPLAINT, Intent.DISPUTE, Intent.CANCELLATION)
_RANSOM = ("ransom", "rancon", "chiffr", "crypt", "encrypt")


@dataclass(frozen=True, slots=True)
class Pressure:
    urgency: Urgency
    words: str = ""


def urgency(evidence: Evidence, intent: Intent, deadline: Deadline | None) -> Pressure:
    """Words such as "very urgent" win; "not urgent" caps; a deadline within hours lifts what is a matter to high."""
    if words := very_urgent(evidence):
        return Pressure(Urgency.URGENT, words)
    calm = evidence.words("urgency.calm")
    if intent is Intent.SECURITY:
        words = evidence.words("escalation.incident")
        if words:
            grave = any(stem in words.lower() for stem in _RANSOM) or evidence.has("urgency.wholly")
            return Pressure(Urgency.URGENT if grave else Urgency.HIGH, words)
        return Pressure(Urgency.MEDIUM, evidence.words("escalation.threat"))
    if calm:
        return Pressure(Urgency.LOW, calm)
    asking = intent in _ASKING
    if not asking and (words := evidence.words("urgency.wholly")):
        return Pressure(Urgency.URGENT, words)
    if not asking and (words := evidence.words("urgency.partly")):
        return Pressure(Urgency.HIGH, words)
    floor = Urgency.MEDIUM if intent in _AT_LEAST_MEDIUM else Urgency.LOW
    if deadline and deadline.near and not asking:
        return Pressure(Urgency.HIGH, deadline.words)
    if deadline and not asking:
        return Pressure(floor.at_least(Urgency.MEDIUM), deadline.words)
    if asking and (words := _said_urgent(evidence)):
        return Pressure(Urgency.HIGH, words)
    return Pressure(floor, evidence.words("urgency.minor", "intent.fault_strong", "intent.fault_weak"))


def very_urgent(evidence: Evidence) -> str:
    """The words that say so: "very urgent" and the like, or a plain "urgent" that is shouted."""
    said = _said_urgent(evidence)
    return evidence.words("urgency.very_urgent") or (said if said.isupper() else "")


def _said_urgent(evidence: Evidence) -> str:
    """The person's own "urgent" counts whatever is asked; outages that are only spoken of do not."""
    return next((hit.words for hit in evidence.of("urgency.partly") if "urgen" in hit.words.lower()), "")
