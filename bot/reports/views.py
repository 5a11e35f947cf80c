"""Three views of the work as tables of words: what needs a human now, the pipeline by day, what is not handled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from bot.model.reports import Backlog, Failed, InNeed, Need
from bot.reports.figures import DayOfPipeline
from bot.reports.sheets import Sheet
from bot.reports.wording import NOTHING, Wording

NEEDS: tuple[Need, ...] = ("overdue", "unclaimed", "reopened", "answered")
STEPS = ("receive", "identify", "understand", "decide", "retrieve", "answer", "escalate", "send")
MOST = 20  # tickets shown; how many there are is said


def work(
    found: Sequence[InNeed], names: Mapping[UUID, str], now: datetime, say: Wording, most: int = MOST
) -> list[Sheet]:
    """Tickets that need a human now. `names`: of technicians."""
    counts = Counter(need for one in found for need in one.needs)
    total = [(say(f"stats.need.{need}"), say.number(counts[need])) for need in NEEDS if counts[need]]
    if not total:
        return [Sheet(say("stats.work"), ("", ""), ((say("stats.work.none"), say.number(0)),))]
    rows = tuple(
        (
            one.reference,
            one.title,
            ", ".join(say(f"stats.need.{need}") for need in one.needs),
            say(f"priority.{one.priority}"),
            _due(one, now, say),
            names.get(one.assignee_id, "?") if one.assignee_id else say("stats.nobody"),
        )
        for one in found[:most]
    )
    headings = tuple("" if name == "what" else say(f"stats.column.{name}") for name in _NEED_COLUMNS)
    shown = say("stats.work.shown", shown=len(rows), count=len(found))
    return [Sheet(say("stats.work"), ("", ""), tuple(total)), Sheet(shown, headings, rows)]


_NEED_COLUMNS = ("what", "ticket", "why", "priority", "due", "assignee")


def _due(one: InNeed, now: datetime, say: Wording) -> str:
    if one.due_at is None:
        return say("stats.since", moment=say.moment(one.since))
    if one.due_at < now:
        return say(
            "stats.overdue_by", span=say.duration((now - one.due_at).total_seconds()), moment=say.moment(one.due_at)
        )
    return say("stats.due_at", moment=say.moment(one.due_at))


def pipeline(days: Sequence[DayOfPipeline], say: Wording) -> list[Sheet]:
    """By day: what was asked, answered and lost, and how long each step took."""
    columns = ("what", "asked", "answered", "lost", "received", "retried", "dead", "p50", "p95")
    rows = tuple(
        (
            say.day(one.day),
            say.number(one.questions.asked),
            say.number(one.questions.answered),
            say.number(one.questions.lost + one.questions.unavailable),
            say.number(one.handled.received),
            say.number(one.handled.retried),
            say.number(one.handled.dead),
            say.milliseconds(one.handled.p50),
            say.milliseconds(one.handled.p95),
        )
        for one in days
    )
    taken = [step for step in STEPS if any(each.step == step for one in days for each in one.steps)]
    steps = tuple((say.day(one.day), *(_step(one, step, say) for step in taken)) for one in days if one.steps)
    headings = tuple("" if name == "what" else say(f"stats.column.{name}") for name in columns)
    sheets = [Sheet(say("stats.pipeline"), headings, rows)]
    return (
        [*sheets, Sheet(say("stats.steps"), ("", *(say(f"stats.step.{step}") for step in taken)), steps)]
        if steps
        else sheets
    )


def _step(one: DayOfPipeline, step: str, say: Wording) -> str:
    found = next((each for each in one.steps if each.step == step), None)
    return NOTHING if found is None else f"{say.number(round(found.p50, 1))} / {say.number(round(found.p95, 1))}"


def queue(backlog: Sequence[Backlog], failed: Sequence[Failed], now: datetime, say: Wording) -> list[Sheet]:
    """What was received and is not handled, and what is to be sent and was not."""
    if not backlog:
        return [Sheet(say("stats.queue"), ("", ""), ((say("stats.queue.none"), say.number(0)),))]

    def age(since: datetime) -> str:
        return say.duration(max(0.0, (now - since).total_seconds()))

    rows = tuple((say(f"stats.{one.ledger}.{one.state}"), say.number(one.count), age(one.oldest)) for one in backlog)
    sheets = [Sheet(say("stats.queue"), ("", "", say("stats.column.oldest")), rows)]
    if failed:
        headings = tuple(say(f"stats.column.{name}") for name in ("platform", "age", "attempt", "error"))
        given_up = tuple(
            (
                say(f"stats.{one.ledger}.{one.state}"),
                one.platform,
                age(one.since),
                say.number(one.attempt),
                one.error[:200],
            )
            for one in failed
        )
        sheets.append(Sheet(say("stats.failed"), ("", *headings), given_up))
    return sheets
