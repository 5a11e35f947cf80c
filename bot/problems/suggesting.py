"""Several open tickets that read alike are perhaps one problem: the desk is told so, once for each group."""

from collections.abc import Sequence
from datetime import timedelta

from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.documents import Actions, Button, Document, Paragraph, plain
from bot.model.tickets import Problem, Ticket
from bot.model.values import ACTIVE, Language
from bot.ports.storage import TicketFilter
from bot.problems.alike import groups, telling_words
from bot.problems.matching import COMPARED, WISHES, matches, names, question_of
from bot.problems.recipients import joined_tickets

WINDOW = timedelta(hours=1)
SMALLEST = 3  # tickets of one group
MOST_TICKETS = 500  # of the latest that are looked at
SUGGESTED, DECLINED = "problem_suggested", "problem_declined"  # events
UNCATEGORISED = "uncategorised"
SHOWN = 8


async def recent_faults(work: Work) -> list[Ticket]:
    """Tickets of the last hour that tell of a trouble and belong to no problem yet, the oldest first."""
    recent = await work.uow.tickets.find(
        TicketFilter(statuses=ACTIVE, created_after=work.now - WINDOW), "newest", MOST_TICKETS
    )
    return [ticket for ticket in reversed(recent) if ticket.problem_id is None and ticket.intent not in WISHES]


async def joinable(work: Work, faults: Sequence[Ticket]) -> list[tuple[Problem, list[Ticket]]]:
    """Tickets that read like a problem that is announced."""
    found = []
    for problem in await work.uow.problems.announced():
        joined = await joined_tickets(work, problem, COMPARED)
        alike = [ticket for ticket in faults if reads_like(problem, ticket, joined)]
        if alike := [ticket for ticket in alike if not await _has_event(work, [ticket], DECLINED)]:
            found.append((problem, alike))
    return found


def reads_like(problem: Problem, ticket: Ticket, joined: Sequence[Ticket]) -> bool:
    category = None if ticket.category == UNCATEGORISED else ticket.category
    return matches(problem, category, question_of(ticket), ticket.intent, joined)


async def suggestions(work: Work, faults: Sequence[Ticket]) -> list[list[Ticket]]:
    """Groups of tickets of one category that read alike."""
    found: list[list[Ticket]] = []
    for area in dict.fromkeys(_area(ticket) for ticket in faults):
        tickets = [ticket for ticket in faults if _area(ticket) == area]
        for group in groups([question_of(ticket) for ticket in tickets], SMALLEST):
            members = [tickets[at] for at in group]
            if not await _has_event(work, members, DECLINED):
                found.append(members)
    return found


async def untold(work: Work) -> tuple[list[tuple[Problem, list[Ticket]]], list[list[Ticket]]]:
    """What the desk has not been told of yet: tickets that read like a problem, and groups that are perhaps a new one.

    A group that has only grown is not told of again.
    """
    faults = await recent_faults(work)
    joins = await joinable(work, faults)
    taken = {ticket.id for _, tickets in joins for ticket in tickets}
    groups_found = await suggestions(work, [ticket for ticket in faults if ticket.id not in taken])
    new_joins = [
        (problem, new)
        for problem, tickets in joins
        if (new := [ticket for ticket in tickets if not await _has_event(work, [ticket], SUGGESTED)])
    ]
    return new_joins, [group for group in groups_found if not await _has_event(work, group, SUGGESTED)]


async def _has_event(work: Work, group: Sequence[Ticket], kind: str) -> bool:
    for ticket in group:
        if any(event.kind == kind for event in await work.uow.tickets.events(ticket.id)):
            return True
    return False


def suggestion(work: Work, group: Sequence[Ticket], language: Language) -> Document:
    """The group with what can be done about it."""
    category = work.services.categories.name(group[0].category, language)
    first = work.services.texts("problem.suggestion", language, count=len(group), category=category)
    return _offered(work, first, "make", "make", group, language)


def join_suggestion(work: Work, problem: Problem, tickets: Sequence[Ticket], language: Language) -> Document:
    """The same of tickets that read like a problem that there is."""
    names = {"reference": problem.reference, "title": problem.title}
    first = work.services.texts("problem.suggestion.join", language, count=len(tickets), **names)
    return _offered(work, first, "join", f"join {problem.reference}", tickets, language)


def _offered(work: Work, first: str, label: str, step: str, group: Sequence[Ticket], language: Language) -> Document:
    say = work.services.texts
    lines = [f"{ticket.reference} · {plain(ticket.title)}" for ticket in group[:SHOWN]]
    if len(group) > SHOWN:
        lines.append("…")
    references = " ".join(ticket.reference for ticket in group)
    do_it = Button("ticket_problem", say(f"button.problem_{label}", language), f"{step} {references}", "primary")
    different = Button("ticket_problem", say("button.problem_different", language), f"different {references}")
    return Document((Paragraph(first), Paragraph("\n".join(lines)), Actions((do_it, different))))


def words_naming(services: Services, category: str, text: str) -> tuple[str, ...]:
    """The category's own words that a text has: what people will name who ask about the same thing."""
    top = category.split("/")[0]
    found = [
        expression
        for slug, _, expressions in services.categories.words()
        if slug.split("/")[0] == top
        for expression in expressions
        if names(expression, text)
    ]
    return tuple(dict.fromkeys(sorted(found, key=len)))[:5]


def words_in_common(work: Work, tickets: Sequence[Ticket]) -> tuple[str, ...]:
    """The category's words that most of the tickets have; where there are none, the other words that all have."""
    texts = [question_of(ticket) for ticket in tickets]
    usual = words_naming(work.services, tickets[0].category, " . ".join(texts))
    common = [word for word in usual if sum(names(word, text) for text in texts) > len(texts) / 2]
    if not common:
        common = [word for word in telling_words(texts[0]) if all(names(word, text) for text in texts)]
    return tuple(common[:5])


def _area(ticket: Ticket) -> str:
    return ticket.category.split("/")[0]
