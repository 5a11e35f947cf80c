"""Somebody's own page: their tickets and who acts next, the last answers, announced problems, and where to ask."""

from itertools import islice
from zoneinfo import ZoneInfo

from bot.engine.retrieval import may_show
from bot.engine.services import Services
from bot.engine.work import Work
from bot.model.conversations import Message
from bot.model.documents import Actions, Block, Button, Document, Fields, Paragraph, plain
from bot.model.people import Known
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind, Audience, Language, TicketStatus
from bot.ports.storage import UnitOfWork
from bot.problems.wording import body
from bot.tickets.status import status_fields
from bot.tickets.summary import title_of

MOST_TICKETS = 10
MOST_ANSWERS = 5
MOST_PROBLEMS = 5
LOOKED_UP = frozenset(
    {AnswerKind.ANSWER, AnswerKind.SUGGESTIONS, AnswerKind.KNOWN_PROBLEM, AnswerKind.REFERRAL, AnswerKind.LOST}
)


async def home(
    services: Services, uow: UnitOfWork, known: Known | None, language: Language, audience: Audience
) -> Document:
    """`audience`: what who reads it may see. Nothing is stored."""
    say = services.texts
    new = Button("ticket_new", say("button.ticket_new", language))
    blocks: list[Block] = [Paragraph(say("home.hello", language)), Actions((new,))]
    blocks += await _problems(services, uow, language, audience)
    blocks += await _tickets(services, uow, known, language)
    blocks += await _answers(services, uow, known, language, audience)
    return Document(tuple(blocks))


async def _problems(services: Services, uow: UnitOfWork, language: Language, audience: Audience) -> list[Block]:
    announced = (await uow.problems.announced())[-MOST_PROBLEMS:]
    if not announced:
        return []
    blocks: list[Block] = [Paragraph(f"**{services.texts('home.problems', language)}**")]
    for problem in reversed(announced):
        blocks += body(services, problem.texts, audience, language)
    return blocks


async def _tickets(services: Services, uow: UnitOfWork, known: Known | None, language: Language) -> list[Block]:
    heading = Paragraph(f"**{services.texts('home.tickets', language)}**")
    tickets = await uow.tickets.active_of(known.person.id) if known else []
    if known is None or not tickets:
        return [heading, Paragraph(services.texts("home.no_tickets", language))]
    work = Work(uow=uow, services=services, now=services.clock(), key="home", actor_id=known.person.id)
    zone = ZoneInfo(known.person.timezone or services.policy.timezone)
    blocks: list[Block] = [heading]
    for ticket in tickets[:MOST_TICKETS]:
        title = f"{ticket.reference} · {plain(ticket.title)}"
        blocks.append(await status_fields(work, ticket, title, language, zone))
        if buttons := _buttons(services, ticket, language):
            blocks.append(Actions(buttons))
    if len(tickets) > MOST_TICKETS:
        blocks.append(Paragraph(services.texts("home.more_tickets", language, count=len(tickets) - MOST_TICKETS)))
    return blocks


def _buttons(services: Services, ticket: Ticket, language: Language) -> tuple[Button, ...]:
    if ticket.status is not TicketStatus.RESOLVED:
        return (Button("settled", services.texts("button.settled", language), ticket.reference),)
    return (
        Button("settled", services.texts("button.confirm", language), ticket.reference, "primary"),
        Button("reopen", services.texts("button.not_settled", language), ticket.reference),
    )


async def _answers(
    services: Services, uow: UnitOfWork, known: Known | None, language: Language, audience: Audience
) -> list[Block]:
    """What they asked last, and the article that answered it, if that may still be shown."""
    asked = await uow.conversations.last_asked(known.person.id, limit=50) if known else []
    asked = list(islice((one for one in asked if _is_question(services, one)), MOST_ANSWERS))
    if not asked:
        return []
    articles = await uow.knowledge.articles({source for one in asked for source in _source(one)})
    items = []
    for one in asked:
        shown = [articles[id].title for id in _source(one) if id in articles and may_show(articles[id], audience)]
        key = f"home.answer.{one.outcome.kind}" if one.outcome else ""
        said = plain(shown[0]) if shown else services.texts(key, language) if services.texts.has(key) else "–"
        items.append((plain(title_of(one.text)), said))
    return [Fields(tuple(items), title=services.texts("home.answers", language))]


def _is_question(services: Services, message: Message) -> bool:
    """Neither a press nor "that did not help", which are answered with articles as well."""
    outcome = message.outcome
    if outcome is None or outcome.kind not in LOOKED_UP or message.text.startswith("["):
        return False
    said = services.understander.understand(message.text, language=outcome.language)
    return said.feedback is None and said.choice is None


def _source(message: Message) -> tuple[str, ...]:
    """The article that was the answer."""
    outcome = message.outcome
    is_answer = outcome is not None and outcome.kind is AnswerKind.ANSWER
    return (outcome.sources[0].id,) if outcome and is_answer and outcome.sources else ()
