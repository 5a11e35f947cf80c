"""Several open tickets that read alike are perhaps one problem: the desk is told so, once for each group."""

from collections.abc import Sequence
from datetime import timedelta

from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.documents import Actions, Button, Document, Paragraph, plain
from bot.model.tickets import Ticket
from bot.model.values import Language
from bot.ports.storage import TicketFilter
from bot.problems.alike import groups, telling_words
from bot.problems.matching import WISHES, names, question_of
from bot.tickets.lifecycle import ACTIVE

WINDOW = timedelta(hours=1)
SMALLEST = 3  # tickets of one group
MOST_TICKETS = 500  # of the latest that are looked at
SUGGESTED, DECLINED = "problem_suggested", "problem_declined"  # events
SHOWN = 8


async def suggestions(work: Work) -> list[list[Ticket]]:
    """Groups of tickets of the last hour, of one category, that read alike and belong to no problem yet."""
    recent = await work.uow.tickets.find(
        TicketFilter(statuses=ACTIVE, created_after=work.now - WINDOW), "newest", MOST_TICKETS
    )
    faults = [ticket for ticket in reversed(recent) if ticket.problem_id is None and ticket.intent not in WISHES]
    found: list[list[Ticket]] = []
    for area in dict.fromkeys(_area(ticket) for ticket in faults):
        tickets = [ticket for ticket in faults if _area(ticket) == area]
        for group in groups([question_of(ticket) for ticket in tickets], SMALLEST):
            members = [tickets[at] for at in group]
            if not await _has_event(work, members, DECLINED):
                found.append(members)
    return found


async def was_suggested(work: Work, group: Sequence[Ticket]) -> bool:
    """Whether the desk has been told of the group, or of a smaller one that has grown since."""
    return await _has_event(work, group, SUGGESTED)


async def _has_event(work: Work, group: Sequence[Ticket], kind: str) -> bool:
    for ticket in group:
        if any(event.kind == kind for event in await work.uow.tickets.events(ticket.id)):
            return True
    return False


def suggestion(work: Work, group: Sequence[Ticket], language: Language) -> Document:
    """The group with what can be done about it."""
    say = work.services.texts
    category = work.services.categories.name(group[0].category, language)
    first = Paragraph(say("problem.suggestion", language, count=len(group), category=category))
    lines = [f"{ticket.reference} · {plain(ticket.title)}" for ticket in group[:SHOWN]]
    if len(group) > SHOWN:
        lines.append("…")
    references = " ".join(ticket.reference for ticket in group)
    make = Button("ticket_problem", say("button.problem_make", language), f"make {references}", "primary")
    different = Button("ticket_problem", say("button.problem_different", language), f"different {references}")
    return Document((first, Paragraph("\n".join(lines)), Actions((make, different))))


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
