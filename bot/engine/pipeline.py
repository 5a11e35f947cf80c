"""One event, led through the steps. Nothing here commits: the dispatcher does, once."""

import time
from dataclasses import replace
from datetime import datetime, timedelta

from bot.attachments.receiving import attachments_of
from bot.commands.table import GROUPS
from bot.engine.following import follow_deletion, follow_edit
from bot.engine.identify import conversation_at, identify
from bot.engine.recording import forget_question
from bot.engine.rules import decide
from bot.engine.rules.clicks import clicked
from bot.engine.rules.files import not_taken
from bot.engine.rules.small_talk import secret_warning
from bot.engine.rules.tickets import reminder
from bot.engine.services import EDIT_WINDOW, LONGEST_TEXT, Services
from bot.engine.turn import Answer, Turn
from bot.engine.work import Work
from bot.model.conversations import AwaitsConfirmation, Conversation, Matter, Message, Outcome
from bot.model.documents import Actions, Document
from bot.model.ledger import InboxRow
from bot.model.messages import IncomingClick, IncomingDeletion, IncomingMessage, MaskedSecret
from bot.model.people import Known
from bot.model.understanding import Understanding
from bot.model.values import AnswerKind, Intent, Language, Sentiment, Urgency, Visibility
from bot.ports.storage import UnitOfWork
from bot.tickets.cards import refresh_cards
from bot.tickets.numbers import TicketNumbers
from bot.tickets.proposals import follow_resolutions
from bot.tickets.threads import answered_here, tickets_asked_in

REMIND_EVERY = timedelta(days=1)
ASK = ("/ask ", "/demander ")


async def handle(services: Services, row: InboxRow, uow: UnitOfWork, numbers: TicketNumbers) -> None:
    """Lead one inbox event through the steps; everything that is to become of it is left in the unit of work."""
    match row.event:
        case IncomingDeletion():
            await take_back(services, row, row.event, uow)
        case _:
            await answer_event(services, row, row.event, uow, numbers)


async def take_back(services: Services, row: InboxRow, event: IncomingDeletion, uow: UnitOfWork) -> None:
    """The author deleted a message: what was not yet sent in answer to it is withdrawn, what it asked is forgotten,
    and what was relayed of it is taken back."""
    conversation = await uow.conversations.by_ref(event.conversation)
    message = await uow.conversations.message_by_native_id(conversation.id, event.message) if conversation else None
    if conversation is None or message is None or message.deleted:
        return
    uow.conversations.save(replace(message, deleted=True, text=""))
    work = Work(uow=uow, services=services, now=services.clock(), key=str(row.id), actor_id=message.person_id)
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
    event: IncomingMessage | IncomingClick,
    uow: UnitOfWork,
    numbers: TicketNumbers,
) -> None:
    started, now = time.perf_counter(), services.clock()
    found = await conversation_at(uow, event.conversation, now, services.policy.idle)
    if not is_addressed(services, event, found) and not await is_of_ticket(uow, event, found, now):
        return
    edited = await version_before(uow, found, event) if found else None
    if edited and isinstance(event, IncomingMessage) and event.key.revision and event.sent_at >= edited.sent_at:
        work = Work(uow=uow, services=services, now=now, key=str(row.id), actor_id=edited.person_id)
        if await follow_edit(work, edited, event.text[:LONGEST_TEXT]):
            return
    if edited and found and is_overtaken(event, edited, found):
        return
    known, is_stranger = await identify(uow, event.author)
    conversation = found or Conversation(event.conversation, person_id=known.person.id)
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
    answer = await reminded(turn, not_taken(turn, secret_warning(turn, answer)))
    await follow_resolutions(turn)
    await refresh_cards(turn)
    conclude(turn, answer, found is None, (time.perf_counter() - started) * 1000)


def is_addressed(services: Services, event: IncomingMessage | IncomingClick, conversation: Conversation | None) -> bool:
    """Whether the bot is spoken to: alone with somebody, by name, in the desk, or in a thread of its own.

    Follow-ups in its own threads need no mention, until the thread has been silent for long. Elsewhere people talk to
    each other, and the bot leaves them alone.
    """
    if isinstance(event, IncomingClick) or event.private or event.mentioned:
        return True
    if services.desk.contains(event.conversation):
        return True
    last = conversation.last_message_at if conversation and event.conversation.thread else None
    return last is not None and services.clock() - last <= services.policy.idle


async def is_of_ticket(
    uow: UnitOfWork, event: IncomingMessage | IncomingClick, conversation: Conversation | None, now: datetime
) -> bool:
    """Whether who asked says it in the thread of their ticket: technicians may answer there days later, and so may
    they."""
    known = await uow.people.known(event.author) if conversation and event.conversation.thread else None
    if conversation is None or known is None:
        return False
    askers = {one.asker_id for one in await tickets_asked_in(uow, conversation, now)}
    return bool(askers) and known.person.id in {*askers, conversation.person_id}


def begin(
    services: Services,
    row: InboxRow,
    event: IncomingMessage | IncomingClick,
    uow: UnitOfWork,
    numbers: TicketNumbers,
    now: datetime,
    known: Known,
    conversation: Conversation,
) -> Turn:
    language = conversation.language or Language.of(known.person.locale) or services.policy.desk_language
    nothing = Understanding("", language, Intent.OTHER, Urgency.LOW, Sentiment.NEUTRAL)
    at_work = known.technician is not None and services.desk.contains(conversation.ref)
    message = Message(
        conversation_id=conversation.id,
        author="technician" if at_work else "person",
        text="",
        sent_at=event.sent_at,
        native_id=event.key.native_id,
        person_id=known.person.id,
        audience=event.audience,
        id=row.id,  # an event is one message: the id that `trace` takes is known to whoever stored it
    )
    files = attachments_of(event.files, message.id, services.files, now) if isinstance(event, IncomingMessage) else ()
    return Turn(
        uow=uow,
        services=services,
        now=now,
        key=str(row.id),
        actor_id=known.person.id,
        event=event,
        numbers=numbers,
        known=known,
        conversation=conversation,
        message=message,
        understanding=nothing,
        files={message.id: files} if files else {},
    )


def understand(turn: Turn) -> None:
    """Fill in what the message says. Commands and clicks say it themselves."""
    event, services = turn.event, turn.services
    if isinstance(event, IncomingClick):
        label = label_of(turn, event)
        turn.understanding = replace(turn.understanding, text=f"[{label}]", because=("click",))
        return
    text = event.text
    for prefix in ASK:
        text = text[len(prefix) :] if text.lower().startswith(prefix) else text
    if len(text) > LONGEST_TEXT:
        turn.understanding = replace(turn.understanding, text=text, because=("too_long",))
        return
    turn.understanding = services.understander.understand(
        text, locale=turn.known.person.locale, language=event.language, previous=turn.conversation.language
    )
    understood = turn.understanding
    if event.language is None and turn.conversation.language and is_fragment(understood):
        # The language of the last real message stands: a "non" or a "2" does not change it.
        turn.understanding = replace(understood, language=turn.conversation.language)
    if services.commands.parse(text):
        language = event.language or turn.conversation.language or Language.of(turn.known.person.locale)
        spoken = language or services.policy.desk_language
        turn.understanding = replace(turn.understanding, language=spoken, because=("command",))
    secrets = tuple(MaskedSecret(kind) for kind in event.masked)
    turn.understanding = replace(turn.understanding, secrets=(*secrets, *turn.understanding.secrets))


def label_of(turn: Turn, event: IncomingClick) -> str:
    """What stood on the button: of a choice its words, else the catalogue's."""
    choices = getattr(turn.matter.pending, "choices", ())
    chosen = next((choice.label for choice in choices if choice.value == event.value), None)
    # Of the last article the button says that it did not work: there is no next one.
    is_last = event.action == "next" and not turn.matter.candidates
    is_answer = event.action == "reopen" and isinstance(turn.matter.pending, AwaitsConfirmation)
    key = "button.did_not_work" if is_last else "button.not_settled" if is_answer else f"button.{event.action}"
    group, _, name = event.action.partition("_")
    # A command's button has the command's name, but for those that show a list's next page.
    keys = (key, f"button.{name.replace('-', '_')}", "button.more") if group in GROUPS else (key,)
    return chosen or next((turn.say(one) for one in keys if turn.services.texts.has(one)), event.action)


def is_fragment(said: Understanding) -> bool:
    return bool(said.feedback or said.choice or said.thanks)


async def decide_on(turn: Turn) -> tuple[str, Answer]:
    if isinstance(turn.event, IncomingClick):
        return "click", await clicked(turn, turn.event.action, turn.event.value)
    return await decide(turn)


async def version_before(
    uow: UnitOfWork, conversation: Conversation, event: IncomingMessage | IncomingClick
) -> Message | None:
    """The latest version of this message that is known: usually none, or the one that this is an edit of."""
    if not isinstance(event, IncomingMessage):
        return None
    return await uow.conversations.message_by_native_id(conversation.id, event.key.native_id)


def is_overtaken(event: IncomingMessage | IncomingClick, known: Message, conversation: Conversation) -> bool:
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
    if not is_reminder_due(turn) or answer.document is None:
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


def conclude(turn: Turn, answer: Answer, is_new: bool, ms: float) -> None:
    """Leave in the unit of work what the event came to: messages, steps, the conversation, what is to be sent."""
    understood = turn.understanding
    turn.adopt(answer)
    language = turn.language if isinstance(turn.event, IncomingMessage) else turn.conversation.language
    conversation = replace(turn.conversation, last_message_at=turn.now, language=language or turn.language)
    if is_new:
        turn.uow.conversations.add(conversation)
    else:
        turn.uow.conversations.save(conversation)
    document = answer.document
    outcome = Outcome(
        kind=answer.kind,
        language=turn.language,
        intent=understood.intent,
        urgency=understood.urgency,
        sentiment=understood.sentiment,
        category=answer.matter.category or understood.category or (answer.ticket.category if answer.ticket else None),
        complaint=understood.complaint,
        wants_human=understood.wants_human,
        entities=understood.entities,
        confidence=round(max(0.0, min(1.0, answer.confidence)), 4),
        calibrated=answer.calibrated,
        sources=answer.sources,
        ticket=answer.ticket.reference if answer.ticket else None,
        text=text_of(answer),
        ms=round(ms, 2),
    )
    turn.uow.conversations.add(replace(turn.message, text=understood.text, language=turn.language, outcome=outcome))
    for file in turn.own_files:
        turn.uow.attachments.add(file)
    if document is not None:
        with turn.step("send") as step:
            alone = turn.for_them_alone
            said = turn.post(
                turn.conversation,
                document,
                language=turn.language,
                replaces=turn.replaces,
                visibility=Visibility.ONLY_ASKER if alone else Visibility.ROOM,
                recipient=turn.event.author.native_id if alone else None,
            )
            step.outcome = answer.kind if answer.kind is not AnswerKind.CHAT else "chat"
            step.detail["message"] = str(said.id)
    turn.uow.conversations.add_steps(turn.steps)


def text_of(answer: Answer) -> str:
    """The answer as text; a question back is not one without its choices."""
    if answer.document is None:
        return ""
    asks = answer.kind in (AnswerKind.SUGGESTIONS, AnswerKind.CLARIFY)
    return answer.document.text_with_choices if asks else answer.document.text


def understood(found: Understanding) -> dict[str, object]:
    """What is recorded of the understanding: values and the names of rules, no text of the person."""
    return {
        "language": found.language,
        "intent": found.intent,
        "category": found.category,
        "urgency": found.urgency,
        "sentiment": found.sentiment,
        "rules": [reason.split(":")[0] for reason in found.because],
        "masked": len(found.secrets),
    }


def waited(row: InboxRow, now: datetime) -> float:
    return max(0.0, round((now - row.received_at).total_seconds() * 1000, 1))
