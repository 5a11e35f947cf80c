"""What a person says about their tickets, and what makes one at once."""

import re
from dataclasses import replace
from typing import Literal

from bot.engine.retrieval import find
from bot.engine.rules.questions import matter_of
from bot.engine.turn import Answer, Turn
from bot.errors import IllegalTransition, IndexUnavailable
from bot.model.conversations import AwaitsConfirmation, AwaitsTicketChoice, Choice, Matter
from bot.model.documents import Actions, Block, Button, Document, Fields, Paragraph, plain
from bot.model.messages import IncomingClick, IncomingMessage
from bot.model.tickets import Ticket
from bot.model.values import AnswerKind, ClosedReason, Intent, TicketStatus, Urgency
from bot.texts import Inline
from bot.tickets import lifecycle
from bot.tickets.background import again_words
from bot.tickets.cards import tell_desk
from bot.tickets.devices import with_device
from bot.tickets.duty import taken_from_disabled
from bot.tickets.merging import wholes
from bot.tickets.opening import AT_LEAST_HIGH, UNCATEGORISED, open_ticket
from bot.tickets.places import as_before_the_end, let_bot_speak, show_at
from bot.tickets.proposals import hear
from bot.tickets.recurring import flag_recurring
from bot.tickets.relay import says_something
from bot.tickets.status import assignee_name, status_fields
from bot.tickets.summary import title_of
from bot.understanding.moments import deadline_from

BEGINS_WITH_REFERENCE = re.compile(r"^\s*#?[Tt](\d{1,9})\b(?=\W+\w)")
MOST_AT_ONCE = 5  # tickets whose state is told
Wish = Literal["detail", "status", "settled"]


async def at_once(turn: Turn) -> Answer | None:
    """A security incident, a cancellation, a refund, a dispute, a complaint, great urgency or anger, a human wanted."""
    reason = turn.understanding.ticket_at_once
    if reason is None:
        return None
    if (ticket := open_here(turn)) and not turn.understanding.new_question:
        return await press(turn, ticket, reason)
    about_matter = reason == "human" and turn.matter.question
    return await open_ticket(turn, reason, turn.matter if about_matter else matter_of(turn))


async def requested(turn: Turn) -> Answer | None:
    """A form that asks for a ticket, whatever its words look like."""
    if not (isinstance(turn.event, IncomingMessage) and turn.event.wants_ticket):
        return None
    return await open_ticket(turn, turn.understanding.ticket_at_once or "asked", matter_of(turn))


async def press(turn: Turn, ticket: Ticket, reason: str) -> Answer:
    """What would open a ticket at once, said of one that is open: it matters more, and the desk reads why."""
    if reason not in AT_LEAST_HIGH or ticket.priority.rank >= Urgency.HIGH.rank:
        return await add_detail(turn, ticket)
    ticket = turn.save(lifecycle.prioritised(ticket, Urgency.HIGH, turn.known.person.id, turn.now))
    answer = await add_detail(turn, ticket)
    because = turn.services.texts.plain(f"because.{reason}", turn.services.policy.desk_language)
    await tell_desk(turn, ticket, "desk.pressing", because=because)
    return replace(answer, document=turn.document("ticket.pressed", reference=ticket.reference))


async def relay(turn: Turn) -> Answer | None:
    """Once a human has answered, the person's words go to them and the bot holds its tongue."""
    if not turn.conversation.silenced:
        return None
    ticket = open_here(turn)
    if ticket is None or turn.understanding.new_question:
        turn.conversation = replace(turn.conversation, silenced=False)
        return None
    in_a_thread = turn.conversation.ref.thread is not None  # for this matter alone: a new one begins elsewhere
    marked = in_a_thread and is_private(turn) and getattr(turn.event, "markable", False)
    await add_detail(turn, ticket, marked=marked)
    await hear(turn, ticket)
    if marked or (in_a_thread and not is_private(turn)):
        return Answer(AnswerKind.TICKET, None, turn.matter, ticket=ticket)
    assignee = await assignee_name(turn, ticket)
    button = Button("new_question", turn.say("button.new_question"))
    said = turn.paragraph("relay.sent", name=assignee or turn.say("desk.name"), reference=ticket.reference)
    return Answer(AnswerKind.TICKET, Document((said, Actions((button,)))), turn.matter, ticket=ticket)


def is_private(turn: Turn) -> bool:
    return isinstance(turn.event, IncomingMessage) and turn.event.private


async def named(turn: Turn) -> Answer | None:
    """ "T1 still does not work": a message that begins with a ticket's reference goes to that ticket, always."""
    match = BEGINS_WITH_REFERENCE.match(turn.text)
    if match is None or turn.understanding.asks_status:
        return None
    ticket = await theirs(turn, int(match[1]))
    if ticket is None:
        return turn.chat("status.unknown", reference=f"T{int(match[1])}")
    if turn.understanding.settled:
        return await drop(turn, ticket)
    if ticket.is_active:
        return await add_detail(turn, ticket)
    return await resume(turn, ticket.reference)


async def theirs(turn: Turn, number: int) -> Ticket | None:
    """A ticket of theirs, or what it became part of; or one that is answered in this conversation."""
    ticket = await turn.uow.tickets.by_number(number)
    if ticket is None or not (is_own(turn, ticket) or ticket.id in {one.id for one in turn.here}):
        return None
    return [ticket, *await wholes(turn, ticket)][-1]


def is_own(turn: Turn, ticket: Ticket) -> bool:
    """Whether they asked it themselves. Of somebody else's, which theirs became part of, they do not read the words."""
    return ticket.asker_id == turn.known.person.id


async def named_for(turn: Turn, ticket: Ticket) -> str:
    return f"{ticket.reference} · {ticket.title}" if await may_be_named(turn, ticket) else ticket.reference


async def may_be_named(turn: Turn, ticket: Ticket) -> bool:
    """Whether a ticket's title may be said here. Of what was asked elsewhere, others read nothing."""
    if not is_own(turn, ticket):
        return False
    if turn.is_click or is_private(turn) or ticket.id in {one.id for one in turn.here}:
        return True
    asked = await turn.place_by_id(ticket.conversation_id)
    return asked is not None and replace(asked.ref, thread=None) == replace(turn.conversation.ref, thread=None)


async def settled(turn: Turn) -> Answer | None:
    """ "Never mind, fixed": the question is dropped, or the ticket is closed."""
    if not turn.understanding.settled:
        return None
    here = [ticket for ticket in turn.here if ticket.asker_id == turn.known.person.id]
    if turn.matter.question and not (turn.understanding.references or here):
        return turn.chat("chat.settled", matter=Matter())
    return await one_of(turn, here or turn.tickets, "settled") or turn.chat("chat.settled", matter=Matter())


async def status(turn: Turn) -> Answer | None:
    """ "Where is my ticket": every ticket of theirs, what it waits for, and who acts next."""
    if not turn.understanding.asks_status:
        return None
    wanted = turn.understanding.references
    everything = {ticket.id: ticket for ticket in (*turn.tickets, *turn.here)}.values()
    tickets = [ticket for ticket in everything if not wanted or ticket.number in wanted]
    tickets = tickets or [ticket for number in wanted[:5] if (ticket := await theirs(turn, number))]
    if not tickets:
        return turn.chat("status.unknown" if wanted else "status.none", reference=f"T{wanted[0]}" if wanted else "")
    blocks: list[Block] = [await status_here(turn, ticket) for ticket in tickets[:MOST_AT_ONCE]]
    if (more := len(tickets) - MOST_AT_ONCE) > 0:
        button = Button("ticket_mine", turn.say("button.more"))
        blocks += [turn.paragraph("home.more_tickets", count=more), Actions((button,))]
    return Answer(AnswerKind.TICKET, Document(tuple(blocks)), turn.matter, ticket=tickets[0])


async def details(turn: Turn) -> Answer | None:
    """Something to add to an open ticket, or to one that is not settled after all; unless it is a new question."""
    understood = turn.understanding
    mine = turn.here
    named = [ticket for ticket in turn.tickets if ticket.number in understood.references]
    asked = turn.matter.pending  # whether it is settled is asked; what is neither yes nor no says that it is not
    if not (mine or named) or understood.new_question or not isinstance(asked, AwaitsConfirmation | None):
        return None
    if not named and await is_new_question(turn, mine):
        return None
    return await one_of(turn, named or mine, "detail")


async def is_new_question(turn: Turn, tickets: list[Ticket]) -> bool:
    """The message belongs elsewhere, and either says so by its category or has an answer in the base."""
    category = turn.understanding.category
    if any(ticket.opened_because == "human" and ticket.category == UNCATEGORISED for ticket in tickets):
        return False  # a human was asked for, and this is what for
    if category and not any(_same_top(ticket.category, category) for ticket in tickets):
        return True
    if category or turn.understanding.intent is not Intent.HOWTO:
        return False
    try:
        found = await find(turn, turn.text)
    except IndexUnavailable:
        return False
    best = found.candidates[0].article.category if found.is_confident else None
    return best is not None and not any(_same_top(ticket.category, best) for ticket in tickets)


async def one_of(turn: Turn, tickets: list[Ticket], wish: Wish) -> Answer | None:
    """Do what is wished with the ticket meant; with several, ask which."""
    named = [ticket for ticket in tickets if ticket.number in turn.understanding.references]
    tickets = named or tickets
    if len(tickets) > 1 and (open_ones := [ticket for ticket in tickets if ticket.is_active]):
        tickets = open_ones
    if len(tickets) < 2:
        return await wish_for(turn, tickets[0], wish, turn.text) if tickets else None
    options = tuple([Choice(await named_for(turn, ticket), ticket.reference) for ticket in tickets[:5]])
    buttons = tuple(Button("which_ticket", choice.label, choice.value) for choice in options)
    document = Document((turn.paragraph("ticket.which"), Actions(buttons)))
    matter = replace(turn.matter, pending=AwaitsTicketChoice(options, turn.text, wish))
    return Answer(AnswerKind.CLARIFY, document, matter)


async def wish_for(turn: Turn, ticket: Ticket, wish: Wish, text: str) -> Answer:
    turn.conversation = replace(turn.conversation, matter=replace(turn.matter, pending=None))
    match wish:
        case "settled":
            return await drop(turn, ticket)
        case "status":
            fields = await status_here(turn, ticket)
            return Answer(AnswerKind.TICKET, Document((fields,)), turn.matter, ticket=ticket)
        case _:
            if ticket.status is TicketStatus.RESOLVED:
                return await resume(turn, ticket.reference)
            return await add_detail(turn, ticket, text)


async def add_detail(turn: Turn, ticket: Ticket, text: str | None = None, *, marked: bool = False) -> Answer:
    """Add the person's words to their ticket; the desk reads them where the ticket is shown. `marked`: that they have
    arrived there is shown on them."""
    entities = ticket.entities.merged(turn.understanding.entities)
    ticket = replace(ticket, entities=entities)
    if ticket.category == UNCATEGORISED and turn.understanding.category:
        # "I want to talk to a human", and only then what about.
        ticket = replace(ticket, title=title_of(text or turn.text))
        ticket = turn.save(lifecycle.categorised(ticket, turn.understanding.category, None, turn.now))
    ticket = await with_device(turn, ticket, text or turn.text)
    again = await flag_recurring(turn, ticket)
    ticket = with_deadline(turn, ticket, text or turn.text)
    change = lifecycle.heard(ticket, turn.known.person.id, turn.now, turn.message.id)
    ticket = turn.save(change)
    if ticket.id not in {one.id for one in turn.here} and turn.audience.may_read(ticket.audience):
        await show_at(turn, ticket, turn.conversation)  # answers come to where they wrote last
    own = turn.message if text is None else None  # words of an earlier message do not follow this one
    said = text or turn.text
    key = "desk.detail" if says_something(said) else "desk.files"
    await tell_desk(turn, ticket, key, relay_of=own, marked=marked, name=turn.known.person.name, text=said)
    if again:
        desk_language = turn.services.policy.desk_language
        await tell_desk(turn, ticket, "desk.recurring", words=Inline(again_words(turn, ticket, again, desk_language)))
    return turn.chat("ticket.detail_added", ticket=ticket, reference=ticket.reference)


def with_deadline(turn: Turn, ticket: Ticket, text: str) -> Ticket:
    """The ticket with a deadline that the person named only now, where it can be told when that is."""
    words = turn.understanding.deadline
    until = deadline_from(words, text, turn.now, turn.zone) if words else None
    if until is None or not ticket.is_active:
        return ticket
    return turn.save(lifecycle.due_set(ticket, words, until, turn.known.person.id, turn.now))


async def drop(turn: Turn, ticket: Ticket) -> Answer:
    """Close a ticket because its asker says that it is settled."""
    if ticket.status is TicketStatus.CLOSED or not is_own(turn, ticket):
        return turn.chat("chat.settled", matter=Matter())
    reason = ClosedReason.CONFIRMED if ticket.status is TicketStatus.RESOLVED else ClosedReason.CANCELLED
    ticket = turn.save(lifecycle.closed(ticket, turn.known.person.id, turn.now, reason))
    await let_bot_speak(turn, ticket)
    turn.conversation = replace(turn.conversation, silenced=False)
    await tell_desk(turn, ticket, "desk.settled", name=turn.known.person.name)
    reopen = Button("reopen", turn.say("button.reopen"), ticket.reference)
    said = turn.paragraph("ticket.settled", reference=ticket.reference)
    return Answer(AnswerKind.TICKET, Document((said, Actions((reopen,)))), Matter(), ticket=ticket)


async def declined(turn: Turn, reference: str) -> Answer:
    """Somebody else asked for a ticket on their message; its author wants none."""
    ticket = await turn.uow.tickets.by_number(int(reference[1:])) if re.fullmatch(r"T\d{1,9}", reference) else None
    if ticket is None or not is_own(turn, ticket):
        return turn.not_theirs()
    if ticket.status is TicketStatus.CLOSED:
        return turn.chat("click.outdated")
    ticket = turn.save(lifecycle.closed(ticket, turn.known.person.id, turn.now, ClosedReason.NOT_A_REQUEST))
    await let_bot_speak(turn, ticket)
    turn.conversation = replace(turn.conversation, silenced=False)
    await tell_desk(turn, ticket, "desk.declined", name=turn.known.person.name)
    return turn.chat("ticket.declined", matter=Matter(), ticket=ticket, reference=ticket.reference)


async def resume(turn: Turn, reference: str) -> Answer:
    """The person says that a resolved or closed ticket is not settled: it is open again, or what it became part of."""
    number = int(reference[1:])
    ticket = await theirs(turn, number)  # of several who asked and whose tickets became one, each may say so
    if ticket is None:
        return turn.chat("status.unknown", reference=reference)
    reference = ticket.reference
    if ticket.status is TicketStatus.CLOSED:
        return await go_on(turn, await turn.uow.tickets.by_number(number) or ticket)
    if ticket.status is not TicketStatus.RESOLVED:
        return turn.chat("ticket.is_open", ticket=ticket, reference=reference)
    return await open_again(turn, turn.save(lifecycle.reopened(ticket, turn.known.person.id, turn.now)))


async def open_again(turn: Turn, ticket: Ticket) -> Answer:
    """Tell the desk what the person said, and answer from now on where they said it, too."""
    ticket = await taken_from_disabled(turn, ticket)
    if ticket.id not in {one.id for one in turn.here} and turn.audience.may_read(ticket.audience):
        await show_at(turn, ticket, turn.conversation)
    said = None if turn.is_click else turn.message
    await tell_desk(turn, ticket, "desk.reopened", relay_of=said, name=turn.known.person.name, text=turn.text)
    return turn.chat("ticket.reopened", matter=Matter(), ticket=ticket, reference=ticket.reference)


async def go_on(turn: Turn, closed: Ticket) -> Answer:
    """The person comes back to a ticket that is closed: one that they closed just now is as it was, and open; else a
    new one goes on where it ended."""
    try:
        events = await turn.uow.tickets.events(closed.id)
        ticket = turn.save(lifecycle.undone(closed, events, turn.known.person.id, turn.now))
    except IllegalTransition:
        matter = matter_of(turn)
        if isinstance(turn.event, IncomingClick):
            matter = replace(matter, question=closed.title)
        return await open_ticket(turn, "asked", replace(matter, category=closed.category), previous=closed)
    if ticket.status is TicketStatus.RESOLVED:
        ticket = turn.save(lifecycle.reopened(ticket, turn.known.person.id, turn.now))
    await as_before_the_end(turn, ticket)
    return await open_again(turn, ticket)


async def status_here(turn: Turn, ticket: Ticket) -> Fields:
    """A ticket as who asks sees it."""
    return await status_fields(turn, ticket, plain(await named_for(turn, ticket)), turn.language, turn.zone)


def open_here(turn: Turn) -> Ticket | None:
    """The newest ticket answered in this conversation that is being worked on."""
    return next((ticket for ticket in turn.here if ticket.is_active), None)


async def reminder(turn: Turn, answer: Answer) -> tuple[Paragraph | None, bool]:
    """A line about the person's open tickets elsewhere, and whether it belongs before the answer.

    At most once a day; before the answer if the message is about the same thing as one of them.
    """
    here = {ticket.id for ticket in turn.here}
    elsewhere = [ticket for ticket in turn.tickets if ticket.is_active and ticket.id not in here]
    others = [ticket for ticket in elsewhere if await may_be_named(turn, ticket)]
    if not others or turn.in_desk or answer.kind in (AnswerKind.COMMAND, AnswerKind.CHAT, AnswerKind.TICKET):
        return None, False
    similar = next((t for t in others if _same_category(t.category, answer.matter.category)), None)
    if similar:
        key, ticket = "reminder.same", similar
    else:
        key, ticket = "reminder.other" if len(others) == 1 else "reminder.others", others[0]
    values = {"reference": ticket.reference, "title": ticket.title, "count": len(others)}
    return turn.paragraph(key, **values), similar is not None


def _same_top(one: str, other: str) -> bool:
    return one.split("/")[0] == other.split("/")[0]


def _same_category(one: str, other: str | None) -> bool:
    return other is not None and one == other and one != "uncategorised"
