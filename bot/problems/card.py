"""An announced problem in the desk's rooms: one card, edited in place, with how many were told and how many wait."""

import hashlib
from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.engine.work import Work
from bot.model.conversations import Conversation
from bot.model.documents import Document, Fields, plain
from bot.model.ids import new_id
from bot.model.messages import ConversationRef
from bot.model.tickets import Problem, ProblemSubscription, Ticket
from bot.model.values import Audience
from bot.problems import wording
from bot.problems.recipients import joined_tickets
from bot.problems.states import state
from bot.tickets.cards import moment

MOST_TICKETS = 15  # references on a card
_LOW_BITS = 62  # of a UUIDv7: random


async def refresh_problems(work: Work) -> None:
    """Show the problems that this work concerns as they are now, where cards can be edited."""
    concerned = {one.problem_id for one in work.subscriptions.values()} | work.stale_problems
    concerned |= {ticket.problem_id for ticket in work.touched.values() if ticket.problem_id}
    for id in sorted(concerned):
        problem = work.problems.get(id) or await work.uow.problems.get(id)
        if problem is not None:
            await show_problem(work, problem)
    work.stale_problems.clear()


async def show_problem(work: Work, problem: Problem) -> None:
    """Post its card where it is to be and is not yet; edit it where it stands."""
    document: Document | None = None
    for ref in work.services.desk.rooms_for(problem.category):
        if not work.services.desk.shows_cards(ref):
            continue
        id = card_id(problem, ref)
        stands = await work.uow.conversations.message(id) is not None
        if not stands and not problem.is_announced:
            continue
        document = document or await card(work, problem)
        language = work.services.policy.desk_language
        coalesce = f"problem:{problem.id}"
        place = await work.place(ref)
        if stands:
            # Each state is news, also of work that is done in portions under one name.
            work.post(place, document, language=language, coalesce=coalesce, edits=id, key=f"problem:{new_id()}")
        else:
            work.post(place, document, language=language, coalesce=coalesce, key=f"problem:{id}", id=id)


def card_id(problem: Problem, ref: ConversationRef) -> UUID:
    """The Message that is a problem's card in a room: as old as the problem, and the same whoever computes it."""
    digest = int.from_bytes(hashlib.sha256(f"{problem.id}\x1f{ref.key}".encode()).digest()[:8])
    return UUID(int=problem.id.int >> _LOW_BITS << _LOW_BITS | digest & (1 << _LOW_BITS) - 1)


async def card(work: Work, problem: Problem) -> Document:
    """The problem for technicians, in the desk's language."""
    say, language = work.services.texts, work.services.policy.desk_language
    zone = ZoneInfo(work.services.policy.timezone)
    joined = await joined_tickets(work, problem)
    told = await subscriptions(work, problem)
    items = [
        (say("field.status", language), say(state(problem), language)),
        (say("field.category", language), plain(work.services.categories.name(problem.category, language))),
        (say("problem.field.told", language), str(len({one.person_id for one in told}))),
        (say("problem.field.waiting", language), str(len(waiting(told, joined)))),
        (say("problem.field.tickets", language), _references(joined)),
    ]
    author = await work.uow.people.person(problem.author_id) if problem.author_id else None
    if author is not None:
        items.append((say("problem.field.author", language), plain(author.name)))
    news = problem.updated_at if problem.updated_at != problem.announced_at else None
    for key, at in (("announced", problem.announced_at), ("updated", news), ("ended", problem.ended_at)):
        if at is not None:
            items.append((say(f"problem.field.{key}", language), moment(work, at, language, zone)))
    fields = Fields(tuple(items), title=f"{problem.reference} · {plain(problem.title)}")
    blocks = wording.body(work.services, problem.texts, Audience.INTERNAL, language)
    if problem.ended_at is not None and wording.text_for(problem.end_texts, Audience.INTERNAL, language):
        blocks += wording.body(work.services, problem.end_texts, Audience.INTERNAL, language)
    return Document((fields, *blocks))


def waiting(told: Iterable[ProblemSubscription], joined: Iterable[Ticket]) -> set[UUID]:
    """Who is still to hear that it is over: who asked for it, and the askers of tickets that are part of it."""
    asked = {one.person_id for one in told if one.wants_end and one.told_at is None}
    return asked | {ticket.asker_id for ticket in joined}


def _references(joined: list[Ticket]) -> str:
    shown = ", ".join(ticket.reference for ticket in joined[:MOST_TICKETS])
    return f"{shown}, … ({len(joined)})" if len(joined) > MOST_TICKETS else shown or "–"


async def subscriptions(work: Work, problem: Problem) -> list[ProblemSubscription]:
    """As they will be once this work is done."""
    stored = {one.id: one for one in await work.uow.problems.subscriptions(problem.id)}
    changed = {one.id: one for one in work.subscriptions.values() if one.problem_id == problem.id}
    return list((stored | changed).values())


async def under_card(work: Work, problem: Problem, place: Conversation) -> Conversation | None:
    """The thread under its card in a room; None where it has none that was posted."""
    message = await work.uow.conversations.message(card_id(problem, place.ref))
    if message is None or message.native_id is None or not work.services.desk.shows_cards(place.ref):
        return None
    ref = place.ref
    return await work.place(ConversationRef(ref.platform, ref.account, ref.room, message.native_id))
