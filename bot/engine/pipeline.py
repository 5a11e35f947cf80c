"""One event, led through the steps. Nothing here commits: the dispatcher does, once."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine.addressed import Concern, aside, concern
from bot.engine.beginning import begin, understand
from bot.engine.concluding import conclude, understood
from bot.engine.courtesy import opening
from bot.engine.following import follow_deletion, follow_edit
from bot.engine.identify import conversation_at, identify
from bot.engine.numbered import as_pressed
from bot.engine.pointed import open_for_author
from bot.engine.reactions import reacted
from bot.engine.recording import forget_question
from bot.engine.rules import decide
from bot.engine.rules.clicks import clicked
from bot.engine.rules.files import not_taken
from bot.engine.rules.forms import is_for_author, submitted
from bot.engine.rules.sharing import shareable
from bot.engine.rules.small_talk import secret_warning
from bot.engine.rules.tickets import reminder
from bot.engine.services import EDIT_WINDOW, LONGEST_TEXT, Services
from bot.engine.turn import Answer, Heard, Turn
from bot.engine.work import Work
from bot.model.conversations import Conversation, Matter, Message
from bot.model.documents import Actions, Document
from bot.model.ledger import InboxRow
from bot.model.messages import IncomingClick, IncomingDeletion, IncomingForm, IncomingMessage, IncomingReaction, Quoted
from bot.model.public import Post
from bot.ports.storage import UnitOfWork
from bot.problems.card import refresh_problems
from bot.public import after_stop
from bot.public.careful import careful
from bot.public.following import post_taken_back
from bot.public.hearing import hear
from bot.tickets.cards import refresh_cards
from bot.tickets.numbers import TicketNumbers
from bot.tickets.proposals import follow_resolutions
from bot.tickets.threads import answered_here

REMIND_EVERY = timedelta(days=1)


async def handle(services: Services, row: InboxRow, uow: UnitOfWork, numbers: TicketNumbers) -> None:
    """Lead one inbox event through the steps; everything that is to become of it is left in the unit of work, the end
    of its row included."""
    event = row.event
    is_post = isinstance(event, IncomingMessage) and event.post is not None
    concerns = Concern.DESK if is_post or isinstance(event, IncomingDeletion) else await concern(services, uow, event)
    match event:
        case IncomingMessage(post=Post()):
            await hear(services, row, event, uow, numbers)
        case _ if concerns is Concern.NOTHING:
            pass
        case IncomingMessage() if concerns is Concern.ASIDE:
            await note_aside(services, row, event, uow)
        case IncomingDeletion():
            await take_back(services, row, event, uow)
        case IncomingReaction(cue="ticket"):
            await open_for_author(services, row, event, event.quoted, uow, numbers)
        case IncomingForm(form="ticket_new", quoted=Quoted() as quoted) if is_for_author(event):
            await open_for_author(services, row, event, quoted, uow, numbers)
        case _:
            await answer_event(services, row, event, uow, numbers)
    uow.inbox.done(row, dismissed=concerns is Concern.NOTHING)


async def note_aside(services: Services, row: InboxRow, event: IncomingMessage, uow: UnitOfWork) -> None:
    found = await conversation_at(uow, event.conversation, services.clock(), services.policy.idle)
    if found:
        uow.conversations.add(aside(found, event, row.id))


async def take_back(services: Services, row: InboxRow, event: IncomingDeletion, uow: UnitOfWork) -> None:
    """The author deleted a message: what was not yet sent in answer to it is withdrawn, what it asked is forgotten,
    and what was relayed of it is taken back."""
    work = Work(uow=uow, services=services, now=services.clock(), key=str(row.id))
    event = await post_taken_back(work, event)
    conversation = await uow.conversations.by_ref(event.conversation)
    message = await uow.conversations.message_by_native_id(conversation.id, event.message) if conversation else None
    if conversation is None or message is None or message.deleted:
        return
    uow.conversations.save(replace(message, deleted=True, text=""))
    work.actor_id = message.person_id
    await follow_deletion(work, message)
    for file in await uow.attachments.of([message.id]):
        uow.attachments.save(replace(file, stored_as=None, problem="gone", next_at=None))  # its bytes are nobody's now
    await forget_question(uow, message.id)
    for said in await uow.conversations.messages(conversation.id):
        if said.in_reply_to == message.id:
            uow.outbox.withdraw(said.id)
    if conversation.matter.question_message == message.id:
        uow.conversations.save(replace(conversation, matter=Matter()))


async def answer_event(
    services: Services,
    row: InboxRow,
    event: Heard,
    uow: UnitOfWork,
    numbers: TicketNumbers,
) -> None:
    started, now = time.perf_counter(), services.clock()
    found = await conversation_at(uow, event.conversation, now, services.policy.idle)
    edited = await version_before(uow, found, event) if found else None
    if edited and isinstance(event, IncomingMessage) and event.key.revision and event.sent_at >= edited.sent_at:
        work = Work(uow=uow, services=services, now=now, key=str(row.id), actor_id=edited.person_id)
        if await follow_edit(work, edited, event.text[:LONGEST_TEXT]):
            return
    if edited and found and is_overtaken(event, edited, found):
        return
    event = await as_pressed(uow, found, event) if edited is None else event
    known, is_stranger = await identify(uow, event.author)
    conversation = found or Conversation(event.conversation, person_id=known.person.id)
    if isinstance(event, IncomingReaction) and (known.technician is None or known.technician.disabled):
        return
    identified = time.perf_counter()
    turn = begin(services, row, event, uow, numbers, now, known, conversation)
    turn.tickets = await uow.tickets.active_of(known.person.id)
    turn.here = await answered_here(turn) if found else []
    with turn.step("receive") as step:
        step.detail |= {"attempt": row.attempt, "waited_ms": waited(row, now), "type": event.type}
    with turn.step("identify") as step:
        step.outcome = "new" if is_stranger else "known"
        step.detail |= {"person": str(known.person.id), "technician": bool(turn.technician)}
        step.detail["ms"] = round((identified - started) * 1000, 3)
        if known.found:
            step.detail["address"] = known.found
    with turn.step("understand") as step:
        understand(turn)
        step.detail |= understood(turn.understanding)
    if edited:
        await forget_answer(turn, edited)
    with turn.step("decide") as step:
        rule, answer = await decide_on(turn)
        step.outcome = rule
        step.detail["kind"] = answer.kind
    if not turn.says_no_more:
        answer = await reminded(turn, not_taken(turn, secret_warning(turn, answer)))
        answer = shareable(turn, await opening(turn, await careful(turn, answer)))
    await follow_resolutions(turn)
    await refresh_cards(turn)
    await refresh_problems(turn)
    conclude(turn, answer, found is None, (time.perf_counter() - started) * 1000)


async def decide_on(turn: Turn) -> tuple[str, Answer]:
    match turn.event:
        case IncomingClick(action=action, value=value):
            return "click", await after_stop.pressed(turn, action, value) or await clicked(turn, action, value)
        case IncomingReaction(cue=cue):
            return "reaction", await reacted(turn, cue)
        case IncomingForm():
            return "form", await submitted(turn, turn.event)
        case _:
            return await decide(turn)


async def version_before(uow: UnitOfWork, conversation: Conversation, event: Heard) -> Message | None:
    """The latest version of this message that is known: usually none, or the one that this is an edit of."""
    if not isinstance(event, IncomingMessage):
        return None
    return await uow.conversations.message_by_native_id(conversation.id, event.key.native_id)


def is_overtaken(event: Heard, known: Message, conversation: Conversation) -> bool:
    """What was answered stands: this edit comes too late, the conversation has gone on, or, as events may come out of
    order, a later edit has been answered."""
    if not event.key.revision or event.sent_at < known.sent_at:
        return True
    return event.sent_at - known.sent_at > EDIT_WINDOW or conversation.matter.question_message != known.id


async def forget_answer(turn: Turn, edited: Message) -> None:
    """Put the new answer in the old one's place: withdraw it if it was not sent, else edit it."""
    for said in await turn.uow.conversations.messages(turn.conversation.id):
        if said.in_reply_to == edited.id and said.author == "bot":
            turn.uow.outbox.withdraw(said.id)
            turn.replaces = said.native_id
    turn.uow.conversations.save(replace(edited, deleted=True))
    await forget_question(turn.uow, edited.id)
    turn.conversation = replace(turn.conversation, matter=Matter())


async def reminded(turn: Turn, answer: Answer) -> Answer:
    """The answer with a reminder of open tickets, if one is due: first of all if it is about the same thing."""
    is_quiet = isinstance(turn.event, IncomingMessage) and turn.event.quiet  # its answer may be shown to others
    if not is_reminder_due(turn) or answer.document is None or is_quiet:
        return answer
    line, first = await reminder(turn, answer)
    if line is None:
        return answer
    turn.uow.people.save(replace(turn.known.person, reminded_at=turn.now))
    blocks = answer.document.blocks
    at = 0 if first else next((i for i, block in enumerate(blocks) if isinstance(block, Actions)), len(blocks))
    return replace(answer, document=Document((*blocks[:at], line, *blocks[at:])))


def is_reminder_due(turn: Turn) -> bool:
    last = turn.known.person.reminded_at
    return last is None or turn.now - last >= REMIND_EVERY


def waited(row: InboxRow, now: datetime) -> float:
    return max(0.0, round((now - row.received_at).total_seconds() * 1000, 1))
