"""A ticket for the author of a message that somebody pointed at, with an emoji or a form.

The author is told, and may decline. Once per message: whoever comes later is told its reference. The message and what
was said in its thread become part of the ticket's history.
"""

from dataclasses import replace
from datetime import timedelta

from bot.attachments.receiving import attachments_of
from bot.engine.beginning import understand
from bot.engine.concluding import conclude, understood
from bot.engine.identify import conversation_at, identify
from bot.engine.rules.files import not_taken
from bot.engine.rules.questions import matter_of
from bot.engine.rules.small_talk import secret_warning
from bot.engine.services import LONGEST_TEXT, Services
from bot.engine.turn import Answer, Turn
from bot.engine.work import Work
from bot.model.conversations import Conversation, Matter, Message
from bot.model.documents import Actions, Button, Document, Paragraph
from bot.model.ids import new_id
from bot.model.ledger import InboxRow
from bot.model.messages import IncomingForm, IncomingMessage, IncomingReaction, MessageKey, Quoted
from bot.model.people import Known
from bot.model.tickets import Ticket
from bot.model.understanding import Understanding
from bot.model.values import AnswerKind, Intent, Language, Sentiment, Urgency, Visibility
from bot.ports.storage import UnitOfWork
from bot.problems.card import refresh_problems
from bot.tickets.cards import refresh_cards
from bot.tickets.numbers import TicketNumbers
from bot.tickets.opening import open_ticket, who_acts_next
from bot.tickets.proposals import follow_resolutions
from bot.tickets.threads import answered_here
from bot.understanding.secrets import mask

MOST_OPENED = 10  # tickets that one person opens for others
WITHIN = timedelta(minutes=10)
OPEN_ONE_ANYHOW = frozenset({"reaction.unreadable", "reaction.in_desk"})  # none was opened, and one may be by hand

Pointed = IncomingReaction | IncomingForm


async def open_for_author(
    services: Services, row: InboxRow, event: Pointed, quoted: Quoted, uow: UnitOfWork, numbers: TicketNumbers
) -> None:
    """Open it, tell its author where they wrote, and who pointed at it what they need to know, alone."""
    now = services.clock()
    by, _ = await identify(uow, event.author)
    work = Work(uow=uow, services=services, now=now, key=str(row.id), actor_id=by.person.id)
    if quoted.author is None or not (quoted.text.strip() or quoted.files):
        await tell_alone(work, event, by, "reaction.unreadable")
        return
    if services.desk.contains(quoted.conversation):
        await tell_alone(work, event, by, "reaction.in_desk")
        return
    place = await conversation_at(uow, quoted.conversation, now, services.policy.idle)
    known = await uow.conversations.message_by_native_id(place.id, quoted.native_id) if place else None
    if place and known and (ticket := await ticket_of(uow, place, known)):
        if not await is_what_opened(uow, event, by, ticket):
            await tell_alone(work, event, by, "reaction.known", ticket=ticket)
        return
    if await uow.tickets.count_opened(by.person.id, now - WITHIN) >= MOST_OPENED:
        await tell_alone(work, event, by, "reaction.too_many", count=MOST_OPENED)
        return
    author, _ = await identify(uow, quoted.author, beside=by)
    conversation = place or Conversation(quoted.conversation, person_id=author.person.id)
    turn = turn_for(services, row, quoted, uow, numbers, author, by, conversation, known)
    turn.tickets = await uow.tickets.active_of(author.person.id)
    turn.here = await answered_here(turn) if place else []
    with turn.step("receive") as step:
        step.detail |= {"attempt": row.attempt, "type": event.type}
    with turn.step("identify") as step:
        step.detail |= {"person": str(author.person.id), "by": str(by.person.id)}
    answer = await opened(turn, event, quoted, by)
    await follow_resolutions(turn)
    await refresh_cards(turn)
    await refresh_problems(turn)
    conclude(turn, not_taken(turn, secret_warning(turn, answer)), place is None, 0.0)
    if by.person.id != author.person.id and quoted.conversation != event.conversation and answer.ticket:
        name = author.person.name
        await tell_alone(turn, event, by, "reaction.opened", ticket=answer.ticket, name=name)


async def is_what_opened(uow: UnitOfWork, event: Pointed, by: Known, ticket: Ticket) -> bool:
    """Whether it is the very emoji that the ticket came of: it was heard, and is met again in the history."""
    is_older = isinstance(event, IncomingReaction) and event.sent_at <= ticket.created_at
    return is_older and any(one.actor_id == by.person.id for one in (await uow.tickets.events(ticket.id))[:1])


def turn_for(
    services: Services,
    row: InboxRow,
    quoted: Quoted,
    uow: UnitOfWork,
    numbers: TicketNumbers,
    author: Known,
    by: Known,
    conversation: Conversation,
    known: Message | None,
) -> Turn:
    """As if the author had written their message to the desk, on the wish of somebody else."""
    assert quoted.author is not None
    now = services.clock()
    key = MessageKey(quoted.author.platform, quoted.author.account, "message", quoted.native_id)
    event = IncomingMessage(
        key=key,
        conversation=quoted.conversation,
        author=quoted.author,
        text=quoted.text[:LONGEST_TEXT],
        sent_at=quoted.sent_at or now,
        audience=quoted.audience,
        files=quoted.files,
        link=quoted.link,
    )
    message = known or Message(
        conversation_id=conversation.id,
        author="person",
        text="",
        sent_at=event.sent_at,
        native_id=quoted.native_id,
        person_id=author.person.id,
        audience=quoted.audience,
        id=row.id,
    )
    files = () if known else attachments_of(quoted.files, message.id, services.files, now)
    language = conversation.language or Language.of(author.person.locale) or services.policy.desk_language
    return Turn(
        uow=uow,
        services=services,
        now=now,
        key=str(row.id),
        actor_id=by.person.id,
        event=event,
        numbers=numbers,
        known=author,
        conversation=conversation,
        message=message,
        understanding=Understanding("", language, Intent.OTHER, Urgency.LOW, Sentiment.NEUTRAL),
        is_stored=known is not None,
        files={message.id: files} if files else {},
    )


async def opened(turn: Turn, event: Pointed, quoted: Quoted, by: Known) -> Answer:
    """The ticket, and what its author reads."""
    with turn.step("understand") as step:
        understand(turn)
        step.detail |= understood(turn.understanding)
    is_about_it = turn.is_stored and turn.matter.question_message == turn.message.id
    matter = turn.matter if is_about_it else matter_of(turn)
    if isinstance(event, IncomingForm):
        matter = filled_in(turn, matter, event)
    keep_thread(turn, quoted)
    is_own = by.person.id == turn.known.person.id
    answer = await open_ticket(turn, "asked" if is_own else "reaction", matter, quoted=quoted)
    if is_own or answer.ticket is None:
        return answer
    reference = answer.ticket.reference
    told = turn.paragraph("reaction.told", name=by.person.name, reference=reference)
    decline = Button("decline_ticket", turn.say("button.decline_ticket"), reference)
    document = Document((told, *who_acts_next(turn, answer.ticket), Actions((decline,))))
    return Answer(AnswerKind.TICKET, document, Matter(), ticket=answer.ticket)


def filled_in(turn: Turn, matter: Matter, form: IncomingForm) -> Matter:
    """The matter as the form words it."""
    values = form.values
    matter = replace(matter, question=values.get("text", "").strip() or matter.question)
    if values.get("category") in turn.services.categories:
        matter = replace(matter, category=values["category"])
    if values.get("priority") in tuple(Urgency):
        priority = Urgency(values["priority"])
        turn.understanding = replace(turn.understanding, urgency=priority)
        matter = replace(matter, urgency=priority)
    return matter


def keep_thread(turn: Turn, quoted: Quoted) -> None:
    """What was said around the message, in the words and under the names of who said it, as part of the history."""
    if turn.is_stored:
        return  # what the desk heard itself is there
    for said in quoted.thread:
        text = mask(f"{said.name}: {said.text}"[:LONGEST_TEXT]).text
        message = Message(turn.conversation.id, "person", text, said.sent_at, audience=turn.audience, id=new_id())
        turn.uow.conversations.add(message)


async def ticket_of(uow: UnitOfWork, place: Conversation, message: Message) -> Ticket | None:
    """The ticket that a message became, or that it was added to."""
    shown = [one.ticket_id for one in await uow.tickets.places_in(place.id) if one.side == "asker"]
    tickets = (await uow.tickets.by_ids(shown)).values() if shown else ()
    return next((ticket for ticket in tickets if _is_part_of(message, ticket)), None)


def _is_part_of(message: Message, ticket: Ticket) -> bool:
    is_later_word = message.person_id == ticket.asker_id and message.sent_at >= ticket.created_at
    return ticket.question_id == message.id or (ticket.is_active and is_later_word)


async def tell_alone(
    work: Work, event: Pointed, who: Known, key: str, /, *, ticket: Ticket | None = None, **values: object
) -> None:
    """A sentence for who pointed at the message, and nobody else."""
    language = Language.of(who.person.locale) or work.services.policy.desk_language
    reference = ticket.reference if ticket else ""
    document = Document((Paragraph(work.services.texts(key, language, reference=reference, **values)),))
    if key in OPEN_ONE_ANYHOW:
        button = Button("ticket_new", work.services.texts("button.ticket_new", language))
        document = Document((*document.blocks, Actions((button,))))
    can_write_there = not isinstance(event, IncomingReaction) or event.quoted.conversation == event.conversation
    work.post(
        await work.place(event.conversation),
        document,
        language=language,
        visibility=Visibility.ONLY_ASKER if can_write_there else Visibility.DIRECT,
        recipient=event.author.native_id,
    )
