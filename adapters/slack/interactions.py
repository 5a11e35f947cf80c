"""What people press, fill in and type as commands, as events of ours. Pure, like translate."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from adapters.slack.files import files_of
from adapters.slack.ids import HOME, PLATFORM, Asked, At, channel_room, delivery_of, person_room
from adapters.slack.payloads import (
    BlockActions,
    MessageId,
    MessageShortcut,
    Payload,
    Pressed,
    SlashCommand,
    ViewSubmission,
)
from adapters.slack.translate import Here, is_direct_message, is_spoken, moment
from adapters.slack.views import LONGEST_METADATA
from bot.model.forms import Form
from bot.model.messages import ConversationRef, IncomingClick, IncomingForm, IncomingMessage, Quoted

ASKING = ("/ask", "/demander")
QUOTED_TEXT = 1_000  # characters of a message that its form remembers, in case that the desk cannot read there

Kind = Literal["event", "command", "press", "submission", "shortcut", "other"]


def kind_of(body: Mapping[str, Any]) -> Kind:
    match body.get("type"):
        case "event_callback":
            return "event"
        case "block_actions":
            return "press"
        case "view_submission":
            return "submission"
        case "message_action":
            return "shortcut"
        case None if "command" in body:
            return "command"
        case None if "event" in body:  # over a socket the envelope says it, too
            return "event"
        case _:
            return "other"


def account_of(body: Mapping[str, Any], known: Mapping[str, object], *, alone: bool = True) -> str | None:
    """The workspace that an event is for. In channels shared between organisations it may come from another one.

    `alone`: no other workspace can have the app, so whatever comes is for the one that is known.
    """
    said: list[Any] = [one.get("team_id") for one in body.get("authorizations") or () if isinstance(one, Mapping)]
    said.append(body.get("team_id"))
    for name, of in (("team", "id"), ("view", "app_installed_team_id"), ("user", "team_id")):
        part = body.get(name)
        said.append(part.get(of) if isinstance(part, Mapping) else None)
    if found := next((one for one in said if isinstance(one, str) and one in known), None):
        return found
    return next(iter(known)) if alone and len(known) == 1 else None


# --- commands ---------------------------------------------------------------------------------------------------------


def command(body: Mapping[str, Any], here: Here, now: datetime) -> IncomingMessage:
    """`/ask` puts a question, the others are commands. Whatever comes of them at once is for who typed them alone.

    In a desk channel a command is given there. Everywhere else it begins a thread of the direct messages.
    """
    typed = SlashCommand.model_validate(body)
    text = here.plain(typed.text)
    asked = Asked(typed.channel_id, typed.trigger_id)
    asks = typed.command.lower() in ASKING
    in_desk = here.is_desk(typed.channel_id) and not asks
    direct = is_direct_message(typed.channel_id)
    return IncomingMessage(
        key=here.key("message", asked),
        conversation=channel_room(here.account, typed.channel_id)
        if in_desk
        else person_room(here.account, typed.user_id, asked),
        author=here.identity(typed.user_id),
        text=text if asks else f"{typed.command.lower()} {text}".strip(),
        sent_at=now,
        private=not in_desk,
        mentioned=True,
        quiet=True,
        asked_in=None if direct or not asks else channel_room(here.account, typed.channel_id),
        introduced=False,
    )


def home_question(text: str, pressed: BlockActions, here: Here, now: datetime) -> IncomingMessage:
    """What was written in the App Home's box; the answer begins a thread of the direct messages."""
    asked = Asked(HOME, pressed.trigger_id)
    return IncomingMessage(
        key=here.key("message", asked),
        conversation=person_room(here.account, pressed.user.id, asked),
        author=here.identity(pressed.user.id),
        text=here.plain(text),
        sent_at=now,
        private=True,
        mentioned=True,
        introduced=False,
    )


# --- buttons ----------------------------------------------------------------------------------------------------------


def is_shown_to_one(pressed: BlockActions) -> bool:
    """Whether a button stands in a message that only one person sees; Slack says little of those."""
    return pressed.view is None and (pressed.container.is_ephemeral or pressed.message is None)


def click(action: Pressed, pressed: BlockActions, here: Here, now: datetime) -> IncomingClick:
    """A button's press, in the conversation in which the message stands, as far as the press says."""
    at = _message_at(pressed)
    where = str(at) if at else HOME
    return IncomingClick(
        key=here.key("click", f"{where}/{action.action_id}/{pressed.user.id}", action.action_ts or pressed.trigger_id),
        conversation=_place_of_button(pressed, at, here),
        author=here.identity(pressed.user.id),
        action=action.action_id.partition(":")[0],
        value=action.chosen,
        sent_at=moment(action.action_ts) if _is_ts(action.action_ts) else now,
        delivery=delivery_of(action.block_id),
        introduced=False,
    )


def root_of_button(pressed: BlockActions) -> At | None:
    """The message that the thread with the button hangs from; of a message in no thread, itself."""
    at = _message_at(pressed)
    root = pressed.container.thread_ts or (pressed.message.thread_ts if pressed.message else None)
    return At(at.channel, root) if at and root else at


def _message_at(pressed: BlockActions) -> At | None:
    channel = pressed.container.channel_id or (pressed.channel.id if pressed.channel else "")
    ts = pressed.container.message_ts or (pressed.message.ts if pressed.message else None)
    return At(channel, ts) if channel and ts else None


def _place_of_button(pressed: BlockActions, at: At | None, here: Here) -> ConversationRef:
    user = pressed.user.id
    if at is None:
        return person_room(here.account, user, Asked(HOME, pressed.trigger_id))
    root = root_of_button(pressed)
    in_thread = root if root and root.ts != at.ts else None
    if is_direct_message(at.channel):
        return person_room(here.account, user, in_thread)
    return channel_room(here.account, at.channel, in_thread.ts if in_thread else None)


def _is_ts(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


# --- forms ------------------------------------------------------------------------------------------------------------


class Remembered(Payload):
    """What an open form remembers of where it was opened, within the space that Slack gives it."""

    form: str
    subject: str = ""
    room: str
    thread: str | None = None
    about: MessageId | None = None  # the message that it was opened on
    author: str = ""
    text: str = ""
    root: MessageId | None = None  # of the thread that the message is in


def remembered(form: Form, conversation: ConversationRef, quoted: Quoted | None = None) -> str:
    """For the form's metadata."""
    kept = Remembered(form=form.name, subject=form.subject, room=conversation.room, thread=conversation.thread)
    if quoted:
        kept = kept.model_copy(
            update={
                "about": quoted.native_id,
                "author": quoted.author.native_id if quoted.author else "",
                "text": quoted.text[:QUOTED_TEXT],
                "root": quoted.conversation.thread,
            }
        )
    while len(written := json.dumps(kept.model_dump(exclude_defaults=True), ensure_ascii=False)) > LONGEST_METADATA:
        kept = kept.model_copy(update={"text": kept.text[: len(kept.text) // 2]})
    return written


def form(body: Mapping[str, Any], values: dict[str, str], here: Here, now: datetime) -> IncomingForm:
    """A form that was sent. Raises ValidationError for one that is none of ours."""
    sent = ViewSubmission.model_validate(body)
    kept = Remembered.model_validate_json(sent.view.private_metadata)
    conversation = ConversationRef(PLATFORM, here.account, kept.room, kept.thread)
    return IncomingForm(
        key=here.key("form", sent.view.id),
        conversation=conversation,
        author=here.identity(sent.user.id),
        form=kept.form,
        values=values,
        sent_at=now,
        subject=kept.subject,
        quoted=_quoted_again(kept, here),
        introduced=False,
    )


def _quoted_again(kept: Remembered, here: Here) -> Quoted | None:
    if kept.about is None:
        return None
    at = At.of(kept.about)
    author = here.identity(kept.author) if kept.author else None
    root = At.of(kept.root).ts if kept.root else at.ts
    return Quoted(
        kept.about, channel_room(here.account, at.channel, root), author, text=kept.text, sent_at=moment(at.ts)
    )


def shortcut(body: Mapping[str, Any], here: Here) -> tuple[MessageShortcut, Quoted, ConversationRef]:
    """A message that a form is to be opened on, and where its outcome is told."""
    used = MessageShortcut.model_validate(body)
    at = At(used.channel.id, used.message.ts)
    spoken = is_spoken(used.message, here)
    quoted = Quoted(
        str(at),
        channel_room(here.account, at.channel, used.message.root or at.ts),
        here.identity(used.message.user) if spoken else None,
        text=here.plain(used.message.text),
        sent_at=moment(at.ts),
        files=files_of(used.message.files),
    )
    return used, quoted, person_room(here.account, used.user.id, Asked(used.channel.id, used.trigger_id))


def in_thread(event: IncomingMessage, asked: Asked) -> IncomingMessage:
    """The same in the thread that began with a question put with `/ask`."""
    return replace(event, conversation=replace(event.conversation, thread=str(asked)))
