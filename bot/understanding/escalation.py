"""What needs a human at once, and why; whether the person complains or asks for one."""

from dataclasses import dataclass

from bot.model.understanding import TicketReason
from bot.model.values import Sentiment
from bot.understanding.phrases import Evidence
from bot.understanding.urgency import very_urgent

_INCIDENT = "escalation.incident"
_REACH = 6  # tokens between "if" or "how do I recognise" and what they make hypothetical


@dataclass(frozen=True, slots=True)
class Escalation:
    complaint: bool
    wants_human: bool
    ticket_at_once: TicketReason | None
    words: str = ""


def without_hypotheses(evidence: Evidence) -> Evidence:
    """The evidence without imagined incidents: "if my laptop is stolen", "how to report a stolen phone"."""
    imagined = evidence.of("escalation.hypothetical")
    real = tuple(
        hit
        for hit in evidence.of(_INCIDENT)
        if not any(other.first <= hit.first <= other.last + _REACH for other in imagined)
    )
    hits = {group: found for group, found in evidence.hits.items() if group != _INCIDENT}
    return Evidence({**hits, _INCIDENT: real} if real else hits)


def escalation(evidence: Evidence, sentiment: Sentiment, *, small_talk: bool) -> Escalation:
    """The first reason that holds, the gravest first. A question about a danger or about the rules is none."""
    formal = evidence.words("escalation.complaint_formal")
    complaint = bool(formal) or evidence.has("escalation.complaint", "intent.dispute")
    human = evidence.words("intent.human")
    if small_talk:
        return Escalation(False, False, None)
    asked = evidence.has("intent.howto_strong") and not evidence.has("intent.fault_strong")
    informed = evidence.has("intent.cancellation_info")
    reasons: tuple[tuple[TicketReason, str], ...] = (
        ("security", evidence.words("escalation.incident")),
        ("cancellation", "" if informed else evidence.words("intent.cancellation")),
        ("refund", "" if asked else evidence.words("intent.refund")),
        ("dispute", evidence.words("intent.dispute")),
        ("complaint", formal),
        ("human", human),
        ("urgent", very_urgent(evidence)),
        (
            "sentiment",
            evidence.words("sentiment.very_negative", "sentiment.negative")
            if sentiment is Sentiment.VERY_NEGATIVE
            else "",
        ),
    )
    reason = next(((name, words) for name, words in reasons if words), None)
    return Escalation(complaint, bool(human), reason[0] if reason else None, reason[1] if reason else "")
