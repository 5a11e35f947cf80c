"""What the message wants: one table, read from the top."""

from dataclasses import dataclass

from bot.model.values import Intent
from bot.understanding.phrases import Evidence


@dataclass(frozen=True, slots=True)
class Rule:
    """The intent if something of `groups` was found and nothing of `unless`."""

    intent: Intent
    groups: tuple[str, ...]
    unless: tuple[str, ...] = ()


# A danger comes before all else, then what needs a person, then matters of the contract, then faults and questions.
# Within faults, "does not work" is stronger than a question and a question stronger than the bare word "problem".
PRECEDENCE: tuple[Rule, ...] = (
    Rule(Intent.SECURITY, ("escalation.incident",)),
    Rule(Intent.STATUS, ("intent.status",)),
    Rule(Intent.DISPUTE, ("intent.dispute",)),
    Rule(Intent.CANCELLATION, ("intent.cancellation",)),
    Rule(Intent.COMPLAINT, ("escalation.complaint_formal",)),
    Rule(Intent.HUMAN, ("intent.human",)),
    Rule(Intent.BILLING, ("intent.refund",)),
    Rule(Intent.ACTIVATION, ("intent.activation",)),
    Rule(Intent.FAULT, ("intent.fault_strong",), unless=("intent.billing",)),
    Rule(Intent.BILLING, ("intent.billing",), unless=("intent.plan",)),
    Rule(Intent.PLAN, ("intent.plan",)),
    Rule(Intent.BILLING, ("intent.billing",)),
    Rule(Intent.SECURITY, ("escalation.threat",), unless=("intent.howto_strong",)),
    Rule(Intent.ORDER, ("intent.order",), unless=("intent.howto_strong",)),
    Rule(Intent.HOWTO, ("intent.howto_strong",)),
    Rule(Intent.FAULT, ("intent.fault_weak",), unless=("intent.request",)),
    Rule(Intent.COMPLAINT, ("escalation.complaint",)),
    Rule(Intent.REQUEST, ("intent.request",)),
    Rule(Intent.FAULT, ("intent.fault_weak", "urgency.wholly", "urgency.partly")),
    Rule(Intent.SMALLTALK, ("intent.smalltalk",)),
)


def intent(evidence: Evidence, *, small_talk: bool) -> tuple[Intent, str]:
    """The intent and the words that decided it. `small_talk`: the message is a greeting or thanks and nothing else."""
    if small_talk:
        return Intent.SMALLTALK, ""
    for rule in PRECEDENCE:
        if evidence.has(*rule.groups) and not evidence.has(*rule.unless):
            return rule.intent, evidence.words(*rule.groups)
    return Intent.OTHER, ""
