"""Ask how it went: after a human's answer once a ticket, after the bot's own at most once in a while, never twice."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from bot.engine.services import Policy, Services
from bot.engine.turn import Answer, Turn
from bot.engine.work import Work
from bot.model.conversations import AwaitsRating, Conversation, Matter
from bot.model.documents import Actions, Block, Button, Document, Paragraph
from bot.model.messages import IncomingMessage
from bot.model.tickets import Survey, Ticket
from bot.model.values import Audience, Visibility
from bot.public.left_alone import has_asked, wants_no_word
from bot.surveys.reading import RANGES, Kind

CHANGEABLE = timedelta(days=1)  # for so long a score may be changed
ANSWERABLE = timedelta(days=3)  # for so long a number by itself is taken for an answer


def question(services: Services, survey: Survey, reference: str | None = None) -> list[Block]:
    """The question and a button a score. One through ten come first: by their numbers they are what they say."""
    low, high = RANGES[survey.kind]
    scores = [*range(1, high + 1), *([0] if low == 0 else [])]
    key = "survey.nps" if survey.kind == "nps" else "survey.ticket" if reference else "survey.csat"
    asked = Paragraph(services.texts(key, survey.language, reference=reference or ""))
    buttons = tuple(Button("rate", str(score), f"{survey.id}:{score}") for score in scores)
    return [asked, Actions(buttons)]


async def with_survey(turn: Turn, answer: Answer, ticket: Ticket | None = None) -> Answer:
    """The answer that thanks for a confirmation, with the question how it went, if that is to be asked here."""
    if not is_private(turn) or turn.says_no_more or not await is_due(turn, ticket):
        return answer
    survey = Survey(
        "csat",
        turn.known.person.id,
        turn.now,
        ticket.id if ticket else None,
        turn.conversation.id,
        language=turn.language,
    )
    turn.uow.tickets.add(survey)
    blocks = answer.document.blocks if answer.document else ()
    document = Document((*blocks, *question(turn.services, survey)))
    return replace(answer, document=document, matter=Matter(pending=AwaitsRating(survey.id)))


async def is_due(turn: Turn, ticket: Ticket | None) -> bool:
    policy = turn.services.policy
    if not policy.surveys:
        return False
    if ticket is not None:
        return not any(survey.kind == "csat" for survey in await turn.uow.tickets.surveys(ticket.id))
    if policy.survey_days == 0:
        return False
    since = turn.now - timedelta(days=policy.survey_days)
    asked = await turn.uow.tickets.surveys_of(turn.known.person.id)
    return not any(survey.kind == "csat" and survey.sent_at > since for survey in asked)


def is_private(turn: Turn) -> bool:
    """Whether a score may be asked for here: among employees, or alone with somebody from outside."""
    if turn.audience is Audience.INTERNAL:
        return True
    if isinstance(turn.event, IncomingMessage):
        return turn.event.private
    return turn.conversation.ref.thread is None


async def ask_later(work: Work, place: Conversation, kind: Kind, ticket: Ticket | None, id: UUID | None = None) -> bool:
    """Ask somebody in their conversation, unless it is busy with something else; where others read it, in a direct
    message. False if not now."""
    policy = work.services.policy
    if place.person_id is None or place.ref.is_public or is_busy(place, work, policy):
        return False
    if await wants_no_word(work, place) or not await has_asked(work, place, ticket):
        return False
    language = ticket.language if ticket else place.language or policy.desk_language
    person = await work.uow.people.person(place.person_id)
    if person is None or person.erased_at is not None:
        return False
    survey = Survey(kind, person.id, work.now, ticket.id if ticket else None, place.id, language=language)
    survey = replace(survey, id=id) if id else survey
    document = Document(tuple(question(work.services, survey, ticket.reference if ticket else None)))
    recipient = await _to_whom(work, place) if await _is_read_by_others(work, place) else None
    if recipient == "":
        return False
    work.uow.tickets.add(survey)
    visibility = Visibility.DIRECT if recipient else Visibility.ROOM
    work.post(place, document, language=language, visibility=visibility, recipient=recipient, key=kind)
    if not recipient:
        work.keep(replace(place, matter=replace(place.matter, pending=AwaitsRating(survey.id, kind))))
    return True


def is_busy(place: Conversation, work: Work, policy: Policy) -> bool:
    """Whether a human speaks there, or something else was asked a short while ago."""
    if place.silenced:
        return True
    is_recent = place.last_message_at is not None and work.now - place.last_message_at <= policy.idle
    return place.matter.pending is not None and is_recent


async def _is_read_by_others(work: Work, place: Conversation) -> bool:
    return place.ref.thread is not None and bool(await work.uow.conversations.public_among([place.id]))


async def _to_whom(work: Work, place: Conversation) -> str:
    """The person's native id where they wrote; empty if there is none."""
    identities = await work.uow.people.identities(place.person_id) if place.person_id else []
    here = (place.ref.platform, place.ref.account)
    return next((one.native_id for one in identities if (one.platform, one.account) == here), "")
