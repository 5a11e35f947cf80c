"""Where a platform has no buttons they are numbered lines, and a number alone presses one.

What is pressed is a button of the message that was replied to or, where the platform does not tell, of the last one
that the person can have read. A message whose posting was never confirmed may be standing there. Where two may be
meant, nothing is pressed.
"""

import re
from datetime import timedelta

from bot.engine.turn import Answer, Heard, Turn
from bot.model.conversations import Conversation, Message
from bot.model.documents import Actions, Button, Document
from bot.model.messages import IncomingClick, IncomingMessage
from bot.model.values import AnswerKind
from bot.ports.storage import UnitOfWork

NUMBER = re.compile(r"\s*[(#\[]?([1-9]\d?)\s*[.)\]!]?\s*")
_KEYCAP = re.compile("[\ufe0f\u20e3]")
UNREAD = timedelta(seconds=5)  # what was said so shortly before may not have been read; clocks differ as much
RECENT = 10  # messages looked at


def number_alone(event: Heard) -> int | None:
    """The number that a message is made of, where buttons are numbers."""
    if not isinstance(event, IncomingMessage) or not event.numbered or event.files:
        return None
    match = NUMBER.fullmatch(_KEYCAP.sub("", event.text))
    return int(match[1]) if match else None


async def as_pressed(uow: UnitOfWork, there: Conversation | None, event: Heard) -> Heard:
    """The press that a number means; every other event as it is."""
    number = number_alone(event)
    if number is None or there is None or not isinstance(event, IncomingMessage):
        return event
    button = _meant(await last_said(uow, there, event), number)
    if button is None:
        return event
    return IncomingClick(
        key=event.key,
        conversation=event.conversation,
        author=event.author,
        action=button.action,
        value=button.value,
        sent_at=event.sent_at,
        audience=event.audience,
        introduced=event.introduced,
    )


async def last_said(uow: UnitOfWork, there: Conversation, event: IncomingMessage) -> list[Message]:
    """What the number may be said to, in order: one message, or several where any may have been the last one read."""
    perhaps_posted = [one for one in await uow.conversations.perhaps_posted(there.id) if not one.deleted]
    if event.answers:
        answered = await uow.conversations.message_by_native_id(there.id, event.answers)
        if answered is not None and answered.author != "person":
            return [answered]
        if answered is None and perhaps_posted:
            return perhaps_posted
    said = await uow.conversations.messages(there.id, RECENT)
    posted = [one for one in said if one.author != "person" and one.native_id and not one.deleted]
    read = [one for one in posted if event.sent_at - one.sent_at >= UNREAD]
    perhaps = [one for one in posted if abs(event.sent_at - one.sent_at) < UNREAD]
    return [*read[-1:], *perhaps, *perhaps_posted]


def _meant(said: list[Message], number: int) -> Button | None:
    pressed = [button for one in said if (button := _button(one, number))]
    if len({(one.action, one.value) for one in pressed}) != 1:
        return None
    # An earlier one's is not pressed where the last one asks something else.
    return pressed[0] if _button(said[-1], number) or not _buttons(said[-1]) else None


def _button(message: Message, number: int) -> Button | None:
    buttons = _buttons(message)
    return buttons[number - 1] if number <= len(buttons) else None


def _buttons(message: Message) -> list[Button]:
    return message.document.buttons if message.document else []


async def unsure(turn: Turn) -> Answer | None:
    """A number that presses nothing although there is something to press: that is shown again. Where a human answers,
    it is said to them."""
    if turn.conversation.silenced or number_alone(turn.event) is None or not isinstance(turn.event, IncomingMessage):
        return None
    shown = [found for one in await last_said(turn.uow, turn.conversation, turn.event) if (found := _buttons(one))]
    if not shown:
        return None
    again = Document((turn.paragraph("numbered.which"), Actions(tuple(shown[-1]))))
    return Answer(AnswerKind.CHAT, again, turn.matter)


async def nothing(turn: Turn) -> Answer | None:
    """A number where nothing can be pressed and no number was asked for."""
    return None if number_alone(turn.event) is None else turn.chat("numbered.nothing")
