"""Who is to be told what of a problem, as it stands or as it would stand."""

from dataclasses import dataclass, replace
from uuid import UUID

from bot.engine.work import Work
from bot.model.conversations import Conversation
from bot.model.documents import Document
from bot.model.public import PublicPost
from bot.model.tickets import Problem, ProblemSubscription, Ticket
from bot.model.values import ACTIVE, Audience, Language
from bot.ports.storage import TicketFilter
from bot.problems import wording
from bot.public.ends import post_to_tell
from bot.public.left_alone import may_be_told
from bot.tickets.places import askers_places, places_to_tell

MOST_TICKETS = 1000
NOTHING = Document(())


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person in one conversation. `ticket`: what they are told concerns their ticket."""

    place: Conversation
    person_id: UUID
    audience: Audience
    language: Language
    document: Document
    ticket: Ticket | None = None
    subscription: ProblemSubscription | None = None
    untold: bool = False  # they said stop, or never asked: what is done for them is done without a word
    post: PublicPost | None = None  # under which they are told, where everybody reads: `document` is not said there


async def joined_tickets(work: Work, problem: Problem, most: int = MOST_TICKETS) -> list[Ticket]:
    """Those that are being worked on, the oldest first."""
    stored = await work.uow.tickets.find(TicketFilter(statuses=ACTIVE, problem_id=problem.id), "oldest", most)
    now = {ticket.id: ticket for ticket in stored} | work.touched  # with what this work changes
    return [ticket for ticket in now.values() if ticket.problem_id == problem.id and ticket.is_active]


async def to_tell(work: Work, problem: Problem) -> list[Recipient]:
    """Everybody who is still to be told what the problem's state asks for, once each in a conversation.

    Of an announcement: the askers of tickets that have joined. Of news: those, and who asked for news. Of the end:
    everybody who was told of it.
    """
    if problem.announced_at is None:
        return []
    subscriptions = await work.uow.problems.subscriptions(problem.id)
    by_place = {(one.conversation_id, one.person_id): one for one in subscriptions}
    found: list[Recipient] = []
    for ticket in await joined_tickets(work, problem):
        told = await places_to_tell(work, ticket)
        spoken_to = {place.person_id for place in told}
        silent = [place for place in await askers_places(work, ticket) if place.person_id not in spoken_to]
        for place in (*told, *silent):
            person = place.person_id or ticket.asker_id
            before = by_place.pop((place.id, person), None)
            if one := await _of_ticket(work, problem, ticket, place, person, before):
                found.append(replace(one, untold=place in silent))
    rest = [known for known in by_place.values() if _is_to_hear(problem, known)]
    places = await work.uow.conversations.by_ids({known.conversation_id for known in rest})
    public = await work.uow.conversations.public_among(places)
    document_of = wording.told_end if problem.ended_at else wording.told_news
    for known in rest:
        if (there := places.get(known.conversation_id)) and there.ref.is_public:
            post = await post_to_tell(work, known, there) if problem.ended_at else None
            if post is not None:
                found.append(
                    Recipient(
                        there, known.person_id, Audience.PUBLIC, post.language, NOTHING, subscription=known, post=post
                    )
                )
        elif there and await may_be_told(work, there):
            readers = Audience.PUBLIC if there.id in public else known.audience, known.language
            document = document_of(work.services, problem, *readers)
            found.append(Recipient(there, known.person_id, *readers, document, subscription=known))
    return found


async def _of_ticket(
    work: Work, problem: Problem, ticket: Ticket, place: Conversation, person: UUID, known: ProblemSubscription | None
) -> Recipient | None:
    audience, language = ticket.audience, ticket.language
    if await work.uow.conversations.public_among([place.id]):
        audience = Audience.PUBLIC
    if place.id != ticket.conversation_id:  # of another asker, whose ticket was merged into this one
        language = place.language or language
    if known is not None:
        audience = wording.least(audience, known.audience)
    if problem.ended_at is not None:
        if known is not None and known.told_at is not None and known.told_at >= problem.ended_at:
            return None  # told already, and not settled for them
        document = wording.told_ticket_end(work.services, problem, ticket, audience, language)
    elif known is None or known.told_at is not None:
        document = wording.told_ticket(work.services, problem, ticket, audience, language)
    elif _has_news(problem, known, audience, language):
        document = wording.told_news(work.services, problem, audience, language)
    else:
        return None
    return Recipient(place, person, audience, language, document, ticket, known)


def _is_to_hear(problem: Problem, one: ProblemSubscription) -> bool:
    if one.told_at is not None:
        return False
    if problem.ended_at is not None:
        return True
    return one.wants_end and _has_news(problem, one, one.audience, one.language)


def _has_news(problem: Problem, known: ProblemSubscription, audience: Audience, language: Language) -> bool:
    """Whether what this reader may see has changed since they were told."""
    told = wording.text_for(problem.texts, audience, language)
    return told is not None and told.news > known.news
