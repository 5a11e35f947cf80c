"""Whether the bot is spoken to: alone with somebody, by name, in the desk, or in a thread of its own.

In a room that others read, follow-ups in its own threads need no mention from who asked there, until the thread has
been silent for long or somebody else has answered; words for a ticket that is not over get through whatever was said.
Elsewhere people talk to each other, and the bot leaves them alone.
"""

from datetime import datetime
from enum import Enum
from uuid import UUID

from bot.engine.services import Services
from bot.model.conversations import Conversation, Message
from bot.model.messages import Incoming, IncomingMessage, IncomingReaction
from bot.model.values import Audience
from bot.ports.storage import UnitOfWork
from bot.tickets.threads import place_of_thread, tickets_asked_in

RECENT = 20  # messages looked at for who spoke last


class Concern(Enum):
    DESK = "desk"  # it is for the desk
    ASIDE = "aside"  # somebody else speaks in a thread of the desk's: that they do is noted, and nothing said
    NOTHING = "nothing"


async def concern(services: Services, uow: UnitOfWork, event: Incoming) -> Concern:
    """Of an event as it stands, introduced or not."""
    match event:
        case IncomingMessage():
            return await _of_message(services, uow, event)
        case IncomingReaction() if event.cue != "ticket":
            return await _of_cue(services, uow, event)
        case _:
            return Concern.DESK


async def _of_cue(services: Services, uow: UnitOfWork, event: IncomingReaction) -> Concern:
    """An emoji means something on a ticket's card and under it, of who works there or has not been met yet."""
    if not services.desk.contains(event.conversation) or await place_of_thread(uow, event.conversation) is None:
        return Concern.NOTHING
    known = await uow.people.known(event.author)
    is_asked = services.policy.desk_members  # the platform tells whether they are one
    works_here = is_asked or known is None or (known.technician is not None and not known.technician.disabled)
    return Concern.DESK if works_here else Concern.NOTHING


async def _of_message(services: Services, uow: UnitOfWork, event: IncomingMessage) -> Concern:
    if event.private or event.mentioned or services.desk.contains(event.conversation):
        return Concern.DESK
    found = await uow.conversations.by_ref(event.conversation) if event.conversation.thread else None
    if found is None or found.last_message_at is None:
        return Concern.NOTHING
    known = await uow.people.known(event.author)
    askers = await askers_at(uow, found, services.clock())
    if known is not None and known.person.id in askers:
        return Concern.DESK
    if services.clock() - found.last_message_at > services.policy.idle or await is_left_alone(uow, found):
        return Concern.NOTHING
    return Concern.DESK if known is not None and known.person.id == found.person_id else Concern.ASIDE


async def is_left_alone(uow: UnitOfWork, conversation: Conversation) -> bool:
    """Whether somebody else was the last to speak, without speaking to the bot."""
    said = await uow.conversations.messages(conversation.id, limit=RECENT)
    spoken = (one for one in reversed(said) if one.author == "person" and not is_others_press(one, conversation))
    last = next(spoken, None)
    return last is not None and is_aside(last)


def is_others_press(message: Message, conversation: Conversation) -> bool:
    """A press of somebody else's came to nothing, and says nothing of who speaks to whom."""
    return message.person_id not in (None, conversation.person_id) and message.text.startswith("[")


async def askers_at(uow: UnitOfWork, conversation: Conversation, now: datetime) -> set[UUID]:
    """Who has a ticket that is answered in a conversation: technicians may answer there days later, and so may they."""
    tickets = await tickets_asked_in(uow, conversation, now)
    # Of a ticket that theirs became part of, who asked here is told here.
    here = {conversation.person_id for ticket in tickets if ticket.conversation_id != conversation.id}
    return {ticket.asker_id for ticket in tickets} | {id for id in here if id}


def aside(conversation: Conversation, event: IncomingMessage, id: UUID) -> Message:
    """That somebody else spoke there; neither who nor what."""
    return Message(conversation.id, "person", "", event.sent_at, audience=Audience.INTERNAL, id=id)


def is_aside(message: Message) -> bool:
    return message.author == "person" and message.person_id is None and not message.text
