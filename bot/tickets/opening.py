"""Escalate: open a ticket with everything that is known, and announce it to the desk."""

from dataclasses import replace

from bot.contact.chat import note_ticket
from bot.engine.recording import record_not_looked_up
from bot.engine.turn import Answer, Turn
from bot.model.conversations import Conversation, Matter
from bot.model.documents import Actions, Button, Document, Paragraph
from bot.model.messages import IncomingMessage, Quoted
from bot.model.tickets import Ticket, TicketLink, TicketPlace
from bot.model.values import AnswerKind, Urgency
from bot.problems.joining import problem_of
from bot.tickets import lifecycle
from bot.tickets.background import background
from bot.tickets.cards import announce
from bot.tickets.devices import with_device
from bot.tickets.duty import alert_leads, assign_by_turn
from bot.tickets.promises import by_when, promise
from bot.tickets.recurring import flag_recurring
from bot.tickets.summary import summary_of, title_of
from bot.understanding.moments import deadline_from

UNCATEGORISED = "uncategorised"
AT_LEAST_HIGH = frozenset(
    {"security", "cancellation", "refund", "dispute", "complaint", "urgent", "sentiment", "human"}
)


async def open_ticket(
    turn: Turn,
    because: str,
    matter: Matter | None = None,
    *,
    previous: Ticket | None = None,
    quoted: Quoted | None = None,
    asked_at: Conversation | None = None,
) -> Answer:
    """Open a ticket about the matter at hand, tell the person, and announce it in the desk's rooms.

    `because` is why: one of the reasons in AT_LEAST_HIGH, `failed_attempts`, `reaction` or `asked`. The conversation's
    whole history belongs to the ticket; articles that were proposed are noted on it. `previous` is a closed ticket that
    the new one goes on with, `quoted` a message that it is about. `asked_at`: where it is answered, which is where it
    was asked unless that is public.
    """
    with turn.step("escalate") as step:
        matter = matter or turn.matter
        understanding = turn.understanding
        urgency = understanding.urgency if understanding.urgency.rank > matter.urgency.rank else matter.urgency
        entities = matter.entities.merged(understanding.entities)
        question = matter.question or turn.text
        asked = None if previous else matter.question_message
        if asked:
            await record_not_looked_up(turn, matter, "escalated")
        ticket = Ticket(
            number=await turn.numbers.next(turn.uow),
            title=title_of(question),
            summary="",
            category=matter.category or understanding.category or UNCATEGORISED,
            priority=urgency.at_least(Urgency.HIGH) if because in AT_LEAST_HIGH else urgency,
            asker_id=turn.known.person.id,
            conversation_id=turn.conversation.id,
            opened_because=because,
            created_at=turn.now,
            language=turn.language,
            audience=turn.audience,
            intent=understanding.intent if not matter.question else matter.intent,
            sentiment=understanding.sentiment,
            entities=entities,
            deadline=(deadline := understanding.deadline or matter.deadline),
            deadline_at=deadline_from(deadline, f"{question}\n{turn.text}", turn.now, turn.zone) if deadline else None,
            previous_id=previous.id if previous else None,
            question_id=asked,
            problem_id=await problem_of(turn, matter),
            link=quoted.link if quoted else getattr(turn.event, "link", None),
        )
        rows = await turn.uow.knowledge.articles(matter.offered)
        tried = [rows[id].title for id in matter.offered if id in rows]
        ticket = replace(ticket, summary=summary_of(turn, ticket, question, tried, quoted))
        ticket = await with_device(turn, ticket, f"{question}\n{turn.text}", turn.known.person)
        change = lifecycle.opened(ticket, turn.actor_id)
        ticket = turn.save(change)
        turn.uow.tickets.add(TicketPlace(ticket.id, (asked_at or turn.conversation).id, "asker"))
        if previous:
            turn.uow.tickets.add(TicketLink(ticket.id, previous.id, "follows", turn.now))
        for proposal in await turn.proposals():
            if proposal.ticket_id is None:
                await turn.keep_proposal(replace(proposal, ticket_id=ticket.id))
        if turn.services.policy.round_robin:
            ticket = await assign_by_turn(turn, ticket)
        await note_ticket(turn, ticket)
        again = await flag_recurring(turn, ticket)
        about = await background(turn, ticket, turn.services.policy.desk_language, turn.known.person, again)
        await announce(turn, ticket, turn.known.person.name, about)
        await alert_leads(turn, ticket)
        turn.tickets.insert(0, ticket)
        step.outcome = because
        step.detail |= {"ticket": ticket.reference, "priority": ticket.priority, "failed": matter.failed}
    return Answer(AnswerKind.TICKET, opened_document(turn, ticket), Matter(), ticket=ticket)


def opened_document(turn: Turn, ticket: Ticket) -> Document:
    """What the person reads: a sentence of its own per reason, the reference, and who acts next."""
    key = ticket.opened_because
    if key == "human" and ticket.question_id not in (None, turn.message.id):  # they asked about it before
        key = "human_about"
    elif key == "human" and ticket.category == UNCATEGORISED:
        key = "human_about_what"
    reason = turn.paragraph(f"ticket.opened.{key}", reference=ticket.reference, title=ticket.title)
    settled = Button("settled", turn.say("button.settled"), ticket.reference)
    return Document((reason, *who_acts_next(turn, ticket), Actions((settled,))))


def who_acts_next(turn: Turn, ticket: Ticket) -> tuple[Paragraph, ...]:
    """Who, and by when where that is promised; and where one hears of it, which is not where only they see this."""
    is_elsewhere = isinstance(turn.event, IncomingMessage) and turn.event.quiet and not turn.in_desk
    key = "ticket.opened.next_direct" if is_elsewhere else "ticket.opened.next"
    if claimed_by := promise(ticket, "acknowledge"):
        when = by_when(turn, claimed_by, turn.language)
        return (turn.paragraph(f"{key}_by", reference=ticket.reference, when=when),)
    return (turn.paragraph(key, reference=ticket.reference),)
