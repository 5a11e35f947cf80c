"""Identify and understand: a turn begins with who speaks, where, and what they say."""

import re
from dataclasses import replace
from datetime import datetime

from bot.attachments.receiving import attachments_of
from bot.commands.table import GROUPS
from bot.engine.services import LONGEST_TEXT, Services
from bot.engine.turn import Heard, Turn
from bot.forms.sent import main_words
from bot.model.conversations import AwaitsConfirmation, Conversation, Message
from bot.model.ledger import InboxRow
from bot.model.messages import IncomingClick, IncomingForm, IncomingMessage, IncomingReaction, MaskedSecret
from bot.model.people import Known
from bot.model.understanding import Understanding
from bot.model.values import Intent, Language, Sentiment, Urgency
from bot.ports.storage import UnitOfWork
from bot.tickets.numbers import TicketNumbers

ASK = ("/ask ", "/demander ")
OF_TICKET = re.compile(r"#?[tT]\d{1,9}\b")


def begin(
    services: Services,
    row: InboxRow,
    event: Heard,
    uow: UnitOfWork,
    numbers: TicketNumbers,
    now: datetime,
    known: Known,
    conversation: Conversation,
) -> Turn:
    language = spoken_at(services, conversation, known) or services.policy.desk_language
    nothing = Understanding("", language, Intent.OTHER, Urgency.LOW, Sentiment.NEUTRAL)
    at_work = known.technician is not None and services.desk.contains(conversation.ref)
    message = Message(
        conversation_id=conversation.id,
        author="technician" if at_work else "person",
        text="",
        sent_at=event.sent_at,
        native_id=native_id_of(event),
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


def spoken_at(services: Services, conversation: Conversation, known: Known) -> Language | None:
    """The language to answer in what is no sentence: the conversation's; in a room where several technicians work,
    their own, since whoever spoke last there was somebody else."""
    own = Language.of(known.person.locale)
    shared = services.desk.shows_cards(replace(conversation.ref, thread=None))
    return (own or conversation.language) if shared else (conversation.language or own)


def native_id_of(event: Heard) -> str | None:
    """The platform's id of what stands in the room; None where nothing does."""
    match event:
        case IncomingMessage():
            return None if event.quiet else event.key.native_id
        case IncomingClick():
            return event.key.native_id
        case _:
            return None


def understand(turn: Turn) -> None:
    """Fill in what the message says. Commands, clicks, reactions and forms say it themselves."""
    event, services = turn.event, turn.services
    match event:
        case IncomingClick():
            turn.understanding = replace(turn.understanding, text=f"[{label_of(turn, event)}]", because=("click",))
            return
        case IncomingReaction():
            label = turn.say("priority.urgent" if event.cue == "urgent" else f"button.{event.cue}")
            turn.understanding = replace(turn.understanding, text=f"[{label}]", because=("reaction",))
            return
        case IncomingForm():
            secrets = tuple(MaskedSecret(kind) for kind in event.masked)
            text = main_words(event)
            turn.understanding = replace(turn.understanding, text=text, secrets=secrets, because=("form",))
            return
    text = event.text
    for prefix in ASK:
        text = text[len(prefix) :] if text.lower().startswith(prefix) else text
    if is_command_by_name(turn, text):
        text = f"!{text.strip()}"
    if len(text) > LONGEST_TEXT:
        turn.understanding = replace(turn.understanding, text=text, because=("too_long",))
        return
    turn.understanding = services.understander.understand(
        text,
        locale=turn.known.person.locale,
        language=event.language,
        previous=turn.conversation.language,
        post=event.as_post or event.post is not None,
    )
    understood = turn.understanding
    if event.language is None and turn.conversation.language and is_fragment(understood):
        # The language of the last real message stands: a "non" or a "2" does not change it.
        turn.understanding = replace(understood, language=turn.conversation.language)
    if services.commands.parse(text):
        language = event.language or spoken_at(services, turn.conversation, turn.known)
        spoken = language or services.policy.desk_language
        turn.understanding = replace(turn.understanding, language=spoken, because=("command",))
    secrets = tuple(MaskedSecret(kind) for kind in event.masked)
    turn.understanding = replace(turn.understanding, secrets=(*secrets, *turn.understanding.secrets))


def is_command_by_name(turn: Turn, text: str) -> bool:
    """A technician's command after the bot's name: in the desk, or about a ticket that is named. Anybody else's first
    word begins a question."""
    if turn.technician is None or not turn.calls_bot:
        return False
    parsed = turn.services.commands.addressed(text)
    return parsed is not None and (turn.in_desk or OF_TICKET.match(parsed.argument) is not None)


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
