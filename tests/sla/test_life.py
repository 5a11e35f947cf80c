"""What is promised of a ticket through all of its life, by a fake clock, beside a model that adds up time by itself."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.model.ids import new_id
from bot.model.tickets import SlaKind, TicketEvent
from bot.model.values import ACTIVE, ClosedReason, TicketStatus, Urgency
from bot.sla.policies import SlaPolicies
from bot.sla.policy import KINDS, Policy
from bot.tickets import lifecycle
from bot.tickets.lifecycle import CLOSED, RESOLVED, UNDO_WINDOW, WAITING, Change
from tests.sla.policies import MONDAY, policies, target, ticket

TESS, ADA = new_id(), new_id()
RUNNING = (TicketStatus.OPEN, TicketStatus.IN_PROGRESS)
CATEGORIES = ("hardware/printers", "network", "security", "mail")
POLICIES = """
defaults:
  hours: {monday-friday: [09:00-12:30, 13:30-18:00]}
  levels: [{after: 1 h, tell: [lead]}, {after: 3 h, tell: [admin]}]
policies:
  - name: standard
  - {name: security, category: security, hours: always, targets: {first_contact: 30 min}}
  - {name: mail, category: mail, zone: America/New_York, targets: {resolution: none, acknowledge: {low: none}}}
  - {name: pressing, priorities: [urgent], hours: {monday-sunday: [07:00-22:00]}, warning: 0.5}
"""


@pytest.fixture
def sla(tmp_path: Path) -> SlaPolicies:
    return policies(POLICIES, tmp_path)


class Life(RuleBasedStateMachine):
    """The model keeps, of each promise, its length and the business time that its clock has run."""

    def __init__(self) -> None:
        super().__init__()
        with TemporaryDirectory() as folder:
            self.sla = policies(POLICIES, Path(folder))
        self.now = MONDAY
        self.events: list[TicketEvent] = []
        self.notices: set[tuple[SlaKind, int, int]] = set()
        self.escalated = 0
        self.seconds: dict[SlaKind, int] = {}
        self.spent: dict[SlaKind, float] = {}
        self.before_step: tuple[Any, ...] | None = None  # what an undo brings back
        self.other = ticket(number=2)
        self.ticket = self.sla.applied(None, ticket(), self.now)
        self.events.append(lifecycle.opened(self.ticket, ADA).event)
        self.policy = self.fitting()
        self.promise(KINDS)

    # The model

    def fitting(self) -> Policy:
        found = self.sla.policy_for(self.ticket)
        assert found is not None
        return found

    def promise(self, kinds: Any) -> None:
        for kind in kinds:
            terms = self.policy.terms(kind, self.ticket.priority)
            if terms is None:
                self.seconds.pop(kind, None)
            else:
                self.seconds[kind] = terms.seconds
                self.spent.setdefault(kind, 0.0)

    def is_kept(self, kind: SlaKind) -> bool:
        found = next((one for one in self.ticket.sla if one.kind == kind), None)
        return found is not None and found.met_at is not None

    def pass_time(self, span: timedelta) -> None:
        if self.ticket.status in RUNNING:
            ran = self.policy.calendar.between(self.now, self.now + span)
            for kind in self.seconds:
                if not self.is_kept(kind):
                    self.spent[kind] += ran
        self.now += span

    def take(self, change: Change, *, undoable: bool = False) -> None:
        before = self.ticket
        snapshot = (self.now, before, dict(self.spent))
        self.ticket = self.sla.applied(before, change.ticket, self.now)
        self.events.append(change.event)
        self.before_step = snapshot if undoable else None
        for one in before.sla:
            if one.met_at and change.event.kind not in ("undone", "reopened"):
                assert target(self.ticket, one.kind) == one, "what was kept stays kept"

    # What happens

    @invariant()
    def no_two_steps_are_at_one_moment(self) -> None:
        self.pass_time(timedelta(seconds=1))

    @rule(minutes=st.one_of(st.integers(1, 90), st.integers(90, 6000)))
    def time_passes(self, minutes: int) -> None:
        self.pass_time(timedelta(minutes=minutes))

    @rule(seconds=st.integers(1, 20))
    def moments_pass(self, seconds: int) -> None:
        self.pass_time(timedelta(seconds=seconds))

    @precondition(lambda self: self.ticket.status is TicketStatus.OPEN)
    @rule()
    def is_claimed(self) -> None:
        self.take(lifecycle.claimed(self.ticket, TESS, TESS, self.now), undoable=True)

    @precondition(lambda self: self.ticket.status in ACTIVE)
    @rule(what=st.sampled_from(("released", "assigned", "replied", "snoozed", "woken", "heard", "wait")))
    def something_happens(self, what: str) -> None:
        one, now = self.ticket, self.now
        match what:
            case "released":
                change = lifecycle.released(one, TESS, now)
            case "assigned":
                change = lifecycle.assigned(one, TESS, TESS, now)
            case "replied":
                change = lifecycle.replied(one, TESS, now)
            case "snoozed":
                change = lifecycle.snoozed(one, now + timedelta(hours=2), TESS, now)
            case "woken":
                change = lifecycle.woken(one, None, now)
            case "heard":
                change = lifecycle.heard(one, ADA, now, new_id())
            case _:
                change = lifecycle.waiting(one, TESS, TESS, now)
        before = self.ticket.sla
        self.take(change)
        if what in ("snoozed", "woken", "assigned"):
            assert self.ticket.sla == before or one.status is WAITING, "neither stops nor moves a clock"

    @precondition(lambda self: self.ticket.status in ACTIVE)
    @rule()
    def is_resolved(self) -> None:
        self.take(lifecycle.resolved(self.ticket, TESS, TESS, self.now, "Done."), undoable=True)

    @precondition(lambda self: self.ticket.status is not CLOSED)
    @rule(reason=st.sampled_from((ClosedReason.CANCELLED, ClosedReason.NOT_A_REQUEST, ClosedReason.CONFIRMED)))
    def is_closed(self, reason: ClosedReason) -> None:
        self.take(lifecycle.closed(self.ticket, TESS, self.now, reason), undoable=True)

    @precondition(lambda self: self.ticket.status in ACTIVE)
    @rule()
    def is_merged(self) -> None:
        self.take(lifecycle.merged(self.ticket, self.other, TESS, self.now), undoable=True)

    @precondition(lambda self: self.ticket.merged_into_id is not None)
    @rule()
    def is_unmerged(self) -> None:
        merging = next(event for event in reversed(self.events) if event.kind == "merged")
        if self.now - merging.at <= UNDO_WINDOW:  # as if it had never been merged
            for kind in self.seconds if TicketStatus(merging.detail["set"]["status"][0]) in RUNNING else ():
                if not self.is_kept(kind):
                    self.spent[kind] += self.policy.calendar.between(merging.at, self.now)
        self.take(lifecycle.unmerged(self.ticket, self.events, TESS, self.now))

    @precondition(lambda self: self.ticket.status in (RESOLVED, CLOSED) and self.ticket.merged_into_id is None)
    @rule()
    def is_reopened(self) -> None:
        kept = {kind for kind in KINDS if self.is_kept(kind) and kind != "resolution"}
        self.take(lifecycle.reopened(self.ticket, TESS, self.now, by_desk=True))
        self.policy = self.fitting()
        for kind in set(KINDS) - kept:
            self.spent.pop(kind, None)
        self.promise(set(KINDS) - kept)
        for kind in kept:
            assert self.is_kept(kind)

    @precondition(lambda self: self.before_step is not None and self.now - self.before_step[0] <= UNDO_WINDOW)
    @rule()
    def is_undone(self) -> None:
        assert self.before_step is not None
        at, before, spent = self.before_step
        self.take(lifecycle.undone(self.ticket, self.events, TESS, self.now))
        ran = self.policy.calendar.between(at, self.now) if before.status in RUNNING else 0.0
        kept = {one.kind for one in before.sla if one.met_at}
        self.spent = {
            kind: used + (0.0 if kind in kept or kind not in self.seconds else ran) for kind, used in spent.items()
        }
        for was, now in zip(before.sla, self.ticket.sla, strict=True):
            assert replace(now, next_at=None, stage=0) == replace(was, next_at=None, stage=0), "as if it never happened"

    @precondition(lambda self: self.ticket.status in ACTIVE)
    @rule(priority=st.sampled_from(Urgency))
    def priority_changes(self, priority: Urgency) -> None:
        changes = priority is not self.ticket.priority
        self.take(lifecycle.prioritised(self.ticket, priority, TESS, self.now))
        if changes:
            self.promise_changed()

    @rule(category=st.sampled_from(CATEGORIES))
    def category_changes(self, category: str) -> None:
        changes = category != self.ticket.category
        self.take(lifecycle.categorised(self.ticket, category, TESS, self.now))
        if changes:
            self.promise_changed()

    def promise_changed(self) -> None:
        self.policy = self.fitting()
        known = {one.kind for one in self.ticket.sla}
        self.promise(kind for kind in KINDS if kind in known and not self.is_kept(kind))

    @rule()
    def notices_go_out(self) -> None:
        due = self.sla.notices_due(self.ticket, self.now)
        for one in due:
            key = (one.kind, one.stage, self.ticket.reopened)
            assert key not in self.notices, "each notice goes out once"
            assert (one.kind, one.stage - 1, self.ticket.reopened) in self.notices or one.stage == 1, "in order"
            assert one.due_at <= self.now and not self.is_kept(one.kind) and self.ticket.status in RUNNING
            if one.stage == 2:
                assert self.spent[one.kind] >= self.seconds[one.kind] - 1e-3, "only what is late is called late"
            self.notices.add(key)
        noticed = self.sla.noticed(self.ticket, due)
        if any(one.roles for one in due) and noticed.priority is not Urgency.URGENT and not self.escalated:
            self.escalated += 1
            raised = tuple(Urgency)[noticed.priority.rank + 1]
            change = lifecycle.escalated(noticed, None, self.now, "sla", raised)
            self.events.append(change.event)
            noticed, self.before_step = change.ticket, None
        self.ticket = noticed
        assert not self.sla.notices_due(self.ticket, self.now), "nothing is due twice"

    # What holds whatever happened

    @invariant()
    def the_next_look_is_when_the_first_notice_is_due(self) -> None:
        wanted = min((one.next_at for one in self.ticket.sla if one.next_at), default=None)
        assert self.ticket.sla_next_at == wanted

    @invariant()
    def a_clock_runs_only_while_technicians_have_the_ticket(self) -> None:
        for one in self.ticket.sla:
            runs = self.ticket.status in RUNNING and one.kind in self.seconds
            assert (one.due_at is not None) == (runs or one.met_at is not None)
            assert (one.left is None) == (one.due_at is not None)
            assert one.next_at is None or (runs and one.met_at is None)
            if runs and one.met_at is None and one.stage < 4:
                assert one.next_at is not None, "there is always a next notice, until the last"

    @invariant()
    def as_much_time_is_left_as_was_not_used(self) -> None:
        for one in self.ticket.sla:
            if one.met_at is None and one.kind in self.seconds:
                left = one.left if one.due_at is None else self.policy.calendar.between(self.now, one.due_at)
                assert one.seconds == self.seconds[one.kind]
                assert left == pytest.approx(self.seconds[one.kind] - self.spent[one.kind], abs=0.01)

    @invariant()
    def a_human_keeps_a_promise_and_nothing_else(self) -> None:
        for one in self.ticket.sla:
            if one.met_at is None:
                is_promised = one.kind in self.seconds
                assert not (is_promised and one.kind == "acknowledge" and self.ticket.claimed_at)
                assert not (is_promised and one.kind == "first_contact" and self.ticket.first_reply_at)
                assert not (is_promised and one.kind == "resolution" and self.ticket.resolved_at)
            elif one.kind == "acknowledge":
                assert one.met_at == self.ticket.claimed_at
            elif one.kind == "resolution":
                assert one.met_at == self.ticket.resolved_at

    @invariant()
    def the_trail_rebuilds_the_ticket(self) -> None:
        rebuilt = lifecycle.rebuilt(self.events)
        assert {name: getattr(self.ticket, name) for name in rebuilt} == rebuilt


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
