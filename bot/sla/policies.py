"""The desk's policies, and what they make of each step of a ticket's life."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.model.tickets import SlaKind, SlaTarget, Ticket
from bot.model.values import Role
from bot.sla.clocks import carried, kept_at, next_notice, runs, started
from bot.sla.hours import Calendar
from bot.sla.notices import Due
from bot.sla.policy import BREACH, KINDS, WARNING, Policy, Terms
from bot.sla.policy_file import read_policies


@dataclass(frozen=True, slots=True)
class SlaPolicies:
    """Of the policies that fit a ticket the most specific holds; where none does, nothing is promised."""

    policies: tuple[Policy, ...]

    @classmethod
    def load(
        cls, path: Path | None = None, timezone: str = "UTC", categories: Collection[str] | None = None
    ) -> "SlaPolicies":
        """Read the organisation's file, or the product's own. `timezone`: the desk's, for policies that name none. With
        `categories`, those of policies must be among them. Raises SettingsError, which says what should be."""
        return cls(read_policies(path, timezone, categories))

    def policy_for(self, ticket: Ticket) -> Policy | None:
        fitting = (policy for policy in self.policies if policy.fits(ticket))
        return max(fitting, key=lambda policy: policy.specificity, default=None)

    @property
    def calendar(self) -> Calendar | None:
        """The desk's own: of the policy that holds where no other does; else of the first."""
        return min(self.policies, key=lambda policy: policy.specificity).calendar if self.policies else None

    def applied(self, before: Ticket | None, after: Ticket, at: datetime) -> Ticket:
        """`after` with its promises as the step from `before` leaves them. Of a new ticket everything is promised; of
        one reopened what is still to come is promised anew, and what was kept before stays kept."""
        policy = self.policy_for(after)
        if before is None or after.reopened > before.reopened:
            kept = {target.kind: target for target in after.sla if target.met_at and target.kind != "resolution"}
            return _with(after, policy, [*kept.values(), *_made(after, policy, at, without=kept)])
        changed = (before.priority, before.category) != (after.priority, after.category)
        was = self._policy_of(before)
        targets = []
        for target in after.sla:
            own = _own(target, was)
            if changed:
                terms = policy.terms(target.kind, after.priority) if policy else None
            else:
                runs_on = target.due_at is not None and target.met_at is None
                still = runs_on or (was and was.terms(target.kind, before.priority))
                terms = own if still else None
            targets.append(carried(target, terms, own, before, after, at))
        if changed and after.is_active:  # what this policy promises and the one before did not
            targets += _made(after, policy, at, without={target.kind for target in targets}, stands=not runs(after))
        return _with(after, policy if changed else was, targets)

    def notices_due(self, ticket: Ticket, now: datetime) -> tuple[Due, ...]:
        """Every notice that is due and has not gone out, in order; of each promise only the last need be said."""
        policy = self._policy_of(ticket)
        return tuple(due for target in ticket.sla for due in _due(target, _own(target, policy), now))

    def noticed(self, ticket: Ticket, notices: Sequence[Due]) -> Ticket:
        """The ticket once these notices are out."""
        last = {due.kind: due for due in notices}
        targets = [
            replace(target, stage=due.stage, next_at=due.next_at) if (due := last.get(target.kind)) else target
            for target in ticket.sla
        ]
        return replace(ticket, sla=tuple(targets), sla_next_at=_earliest(targets))

    def _policy_of(self, ticket: Ticket) -> Policy | None:
        """The one that its promises were made by, as it now is; if it is gone, the one that fits."""
        named = (policy for policy in self.policies if policy.name == ticket.sla_policy)
        return next(named, None) or self.policy_for(ticket)


def _made(
    ticket: Ticket, policy: Policy | None, at: datetime, *, without: Collection[SlaKind], stands: bool = False
) -> Iterator[SlaTarget]:
    for kind in KINDS if policy else ():
        terms = policy.terms(kind, ticket.priority) if policy else None
        if terms is None or kind in without or kept_at(kind, ticket) is not None:
            continue
        target = started(kind, terms, at)
        yield replace(target, due_at=None, next_at=None, left=float(terms.seconds)) if stands else target


def _own(target: SlaTarget, policy: Policy | None) -> Terms | None:
    """The terms that a target was made by."""
    if policy is None:
        return None
    return Terms(policy.name, target.seconds, policy.calendar, policy.warning, policy.levels)


def _with(ticket: Ticket, policy: Policy | None, targets: Iterable[SlaTarget]) -> Ticket:
    ordered = tuple(sorted(targets, key=lambda target: KINDS.index(target.kind)))
    return replace(ticket, sla=ordered, sla_policy=policy.name if policy else None, sla_next_at=_earliest(ordered))


def _earliest(targets: Iterable[SlaTarget]) -> datetime | None:
    return min((target.next_at for target in targets if target.next_at), default=None)


def _due(target: SlaTarget, terms: Terms | None, now: datetime) -> Iterator[Due]:
    while target.next_at is not None and target.due_at is not None and target.next_at <= now:
        due_at, stage = target.next_at, target.stage + 1
        target = replace(target, stage=stage, next_at=None)
        if terms:
            target = replace(target, next_at=next_notice(target, terms, due_at))
        promised = target.due_at or due_at
        roles, next_roles = _roles(stage, terms), _roles(stage + 1, terms) if target.next_at else ()
        yield Due(target.kind, stage, due_at, promised, roles, target.next_at, next_roles)


def _roles(stage: int, terms: Terms | None) -> tuple[Role, ...]:
    if stage <= WARNING:
        return ()
    if stage == BREACH or terms is None:
        return (Role.LEAD,)
    return terms.levels[stage - BREACH - 1].roles
