"""What people ask: unanswered questions in groups that somebody can decide about, and trends of all questions.

Nothing here commits. Grouping takes its time and happens before anything is written: the caller's commit is short.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.model.knowledge import AskedQuestion, GapGroup, GapState, KnowledgeGap
from bot.model.people import Technician
from bot.model.values import Language, Role, TicketStatus
from bot.ports.knowledge import QuestionGrouper
from bot.ports.storage import Knowledge, TicketFilter, UnitOfWork

MOST = 5000  # questions looked at, the newest
REMEMBERED = 25  # questions of a group, the newest, that tell what it is about
PERIOD = timedelta(days=28)
LONGEST_TITLE = 90
STATES: tuple[GapState, ...] = ("open", "planned", "written", "dismissed")  # as they are listed
EXPERIENCE = 1000  # tickets of a category, the newest, by which its owner is suggested
_GREETING = re.compile(
    r"(?i)^(?:(?:hello|hi|hey|dear all|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut|coucou)"
    r"(?: (?:all|there|team|everyone|tous|à tous|tout le monde))?\s*[,.!:–-]*\s+)+"
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A group with its questions, the newest first."""

    group: GapGroup
    questions: tuple[KnowledgeGap, ...]
    recent: int  # asked in the period that ends now
    before: int  # asked in the period before that
    people: int | None  # distinct askers; None if not one is known

    @property
    def count(self) -> int:
        return len(self.questions)

    @property
    def since_decided(self) -> int:
        """Questions that came after the group was written for or dismissed."""
        decided = self.group.changed_at
        if decided is None or self.group.state in ("open", "planned"):
            return 0
        return sum(question.asked_at > decided for question in self.questions)

    @property
    def needs_attention(self) -> bool:
        """Not decided yet, or asked again although an article was written."""
        if self.group.state == "written":
            return self.since_decided > 0
        return self.group.state in ("open", "planned")


@dataclass(frozen=True, slots=True)
class Trend:
    """Questions about one thing, asked in a period and in the one before."""

    title: str
    language: Language
    category: str | None
    recent: int
    before: int
    answered: int  # of the recent ones
    confirmed: int  # of the recent ones: the asker said that it helped
    people: int | None
    last: datetime
    article: str | None  # what was found most often


async def current_gaps(uow: UnitOfWork, grouper: QuestionGrouper, now: datetime) -> list[Gap]:
    """Every group, those that need attention first, then by state, the most asked first.

    Questions that belong to no group yet are given to one; what changes so is left in the unit of work.
    """
    questions = await uow.knowledge.gaps(None, MOST)
    groups = await uow.knowledge.gap_groups()
    fresh = [question for question in questions if question.group_id is None]
    if fresh:
        added, placed = await assigned(uow, grouper, fresh, questions, groups, now)
        groups = [*groups, *added]
        questions = [placed.get(question.id, question) for question in questions]
    askers = await known_askers(uow.knowledge)
    gaps = [gap_of(group, members, askers, now) for group in groups if (members := of_group(questions, group))]
    return sorted(
        gaps, key=lambda gap: (not gap.needs_attention, STATES.index(gap.group.state), -gap.count, gap.group.number)
    )


async def assigned(
    uow: UnitOfWork,
    grouper: QuestionGrouper,
    fresh: Sequence[KnowledgeGap],
    questions: Sequence[KnowledgeGap],
    groups: Sequence[GapGroup],
    now: datetime,
) -> tuple[list[GapGroup], dict[UUID, KnowledgeGap]]:
    """New groups, and the fresh questions as they are in a group, new or not; both noted to be written.

    A question joins the group that it is nearest to whatever was decided about that: it has the group's state.
    """
    examples = [
        [(group.title, group.language), *[(one.text, one.language) for one in of_group(questions, group)][:REMEMBERED]]
        for group in groups
    ]
    grouping = await grouper.group([(one.text, one.language) for one in fresh], examples)
    number = max((group.number for group in groups), default=0)
    added: list[GapGroup] = []
    for offset, title_at in enumerate(grouping.titles):
        members = [one for one, of in zip(fresh, grouping.group_of, strict=True) if of == len(groups) + offset]
        category = most_common(one.category for one in members)
        added.append(
            GapGroup(
                number=number + offset + 1,
                title=titled(fresh[title_at].text),
                language=fresh[title_at].language,
                category=category,
                created_at=now,
                owner_id=None,
            )
        )
    owners = await suggested_owners(uow, {group.category for group in added})
    added = [replace(group, owner_id=owners.get(group.category)) for group in added]
    every = [*groups, *added]
    placed = {}
    for question, of in zip(fresh, grouping.group_of, strict=True):
        placed[question.id] = replace(question, group_id=every[of].id, state=every[of].state)
    for group in added:
        uow.knowledge.add(group)
    for question in placed.values():
        uow.knowledge.save(question)
    return added, placed


async def suggested_owners(uow: UnitOfWork, categories: Iterable[str | None]) -> dict[str | None, UUID]:
    """For each category the technician who has settled most of its tickets, else a lead."""
    technicians = {one.id: one for one in await uow.people.technicians() if not one.disabled}
    lead = next((one for role in (Role.LEAD, Role.CURATOR, Role.ADMIN) for one in by_role(technicians, role)), None)
    owners: dict[str | None, UUID] = {}
    for category in categories:
        settled: Counter[UUID] = Counter()
        if category:
            wanted = TicketFilter(
                statuses=(TicketStatus.RESOLVED, TicketStatus.CLOSED), category=category.split("/")[0]
            )
            for ticket in await uow.tickets.find(wanted, "newest", EXPERIENCE):
                if ticket.assignee_id is not None and ticket.assignee_id in technicians:
                    settled[ticket.assignee_id] += 1
        if settled:
            owners[category] = min(settled, key=lambda id: (-settled[id], technicians[id].number))
        elif lead:
            owners[category] = lead.id
    return owners


def of_group(questions: Iterable[KnowledgeGap], group: GapGroup) -> list[KnowledgeGap]:
    return [question for question in questions if question.group_id == group.id]


def by_role(technicians: dict[UUID, Technician], role: Role) -> list[Technician]:
    return [one for one in technicians.values() if one.role is role]


async def decided(uow: UnitOfWork, gap: Gap, state: GapState, now: datetime, article: str | None = None) -> GapGroup:
    """Change a group's state, and with it that of its questions."""
    group = replace(gap.group, state=state, changed_at=now, article_id=article)
    uow.knowledge.save(group)
    for question in gap.questions:
        if question.state != state:
            uow.knowledge.save(replace(question, state=state))
    return group


async def trends(uow: UnitOfWork, grouper: QuestionGrouper, now: datetime, period: timedelta) -> list[Trend]:
    """What was looked up in the period and in the one before, answered or not; what grew most comes first."""
    asked = [
        one
        for one in await uow.knowledge.asked(limit=MOST)
        if one.asked_at > now - 2 * period and one.outcome not in ("problem", "escalated")
        if one.text  # those of who was erased have none
    ]
    grouping = await grouper.group([(one.text, one.language) for one in asked])
    members: list[list[AskedQuestion]] = [[] for _ in grouping.titles]
    for question, of in zip(asked, grouping.group_of, strict=True):
        members[of].append(question)
    found = [trend_of(asked[title], ones, now - period) for title, ones in zip(grouping.titles, members, strict=True)]
    return sorted(found, key=lambda trend: (trend.before - trend.recent, -trend.recent, trend.title))


def trend_of(title: AskedQuestion, questions: Sequence[AskedQuestion], since: datetime) -> Trend:
    recent = [one for one in questions if one.asked_at > since]
    return Trend(
        title=titled(title.text),
        language=title.language,
        category=most_common(one.category for one in questions),
        recent=len(recent),
        before=len(questions) - len(recent),
        answered=sum(one.outcome == "answered" for one in recent),
        confirmed=sum(one.confirmed is True for one in recent),
        people=len({one.asker_id for one in questions if one.asker_id}) or None,
        last=max(one.asked_at for one in questions),
        article=most_common(one.best_article for one in questions),
    )


def gap_of(group: GapGroup, questions: Sequence[KnowledgeGap], askers: dict[UUID, UUID], now: datetime) -> Gap:
    recent = sum(one.asked_at > now - PERIOD for one in questions)
    before = sum(now - 2 * PERIOD < one.asked_at <= now - PERIOD for one in questions)
    people = {askers[one.message_id] for one in questions if one.message_id in askers}
    return Gap(group, tuple(questions), recent, before, len(people) or None)


async def known_askers(knowledge: Knowledge) -> dict[UUID, UUID]:
    """Who asked, by message."""
    asked = await knowledge.asked(limit=MOST)
    return {one.message_id: one.asker_id for one in asked if one.message_id and one.asker_id}


def most_common(values: Iterable[str | None]) -> str | None:
    """The value found most often, the first of several; None counts for nothing."""
    counted = Counter(value for value in values if value)
    return max(counted, key=lambda value: counted[value]) if counted else None


def titled(text: str) -> str:
    """A question as a title: no greeting, one line, a capital, no more than a line's length."""
    line = " ".join(_GREETING.sub("", text.strip()).split()) or " ".join(text.split())
    if len(line) > LONGEST_TITLE:
        line = line[: LONGEST_TITLE - 2].rsplit(" ", 1)[0].rstrip(",;:") + " …"
    line = line.rstrip(" .,;:!")
    return line[:1].upper() + line[1:]
