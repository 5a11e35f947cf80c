"""Slack's events as ours. Pure: nothing is asked of anybody, and what cannot be known from an event is left open.

Authors are user ids, audiences public, until the adapter has introduced them. A body that is not as Slack documents it
raises pydantic's ValidationError.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, get_args

from adapters.slack.files import files_of
from adapters.slack.ids import PLATFORM, At, channel_room, person_room
from adapters.slack.payloads import Changed, Deleted, Message, Reaction
from adapters.slack.plain import Named, mentions, plain
from bot.model.messages import (
    ConversationRef,
    Identity,
    IncomingDeletion,
    IncomingMessage,
    IncomingReaction,
    MessageKey,
    Quoted,
    ReactionCue,
)

SPOKEN = ("", "file_share", "thread_broadcast", "me_message")  # subtypes that are words of people
NOT_PEOPLE = ("USLACKBOT",)
CUES: Mapping[str, ReactionCue] = {
    "eyes": "claim",
    "white_check_mark": "resolve",
    "heavy_check_mark": "resolve",
    "rotating_light": "urgent",
}
assert set(CUES.values()) <= set(get_args(ReactionCue))


def _nobody(_: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Here:
    """Where an event arrived. `is_desk`: whether technicians work in a channel. Names: those known by heart."""

    account: str
    bot: str  # the bot's user id
    bot_id: str = ""
    is_desk: Callable[[str], bool] = field(default=lambda channel: False)
    ticket_emoji: str = "ticket"
    user_name: Named = _nobody
    channel_name: Named = _nobody

    def identity(self, user: str) -> Identity:
        return Identity(PLATFORM, self.account, user, name=self.user_name(user))

    def key(self, kind: str, native_id: object, revision: str = "") -> MessageKey:
        return MessageKey(PLATFORM, self.account, kind, str(native_id), revision)

    def plain(self, text: str) -> str:
        return plain(text, bot=self.bot, user_name=self.user_name, channel_name=self.channel_name)


def moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def is_direct_message(channel: str, channel_type: str = "") -> bool:
    return channel_type in ("im", "app_home") or (not channel_type and channel.startswith("D"))


def message_event(event: Mapping[str, Any], here: Here) -> IncomingMessage | IncomingDeletion | None:
    """What an event of type message or app_mention says; None if it is nothing for the desk."""
    match event.get("subtype"):
        case "message_changed":
            return _changed(Changed.model_validate(event), here)
        case "message_deleted":
            deleted = Deleted.model_validate(event)
            when = deleted.event_ts or deleted.deleted_ts
            before = deleted.previous_message
            return _deletion(deleted.channel, deleted.channel_type, deleted.deleted_ts, when, before, here)
        case _:
            return said(Message.model_validate(event), here)


def said(message: Message, here: Here, *, channel: str = "", caught_up: bool = False) -> IncomingMessage | None:
    """A message, new or as it stands in the history of `channel`; None if it is nothing for the desk.

    In channels the desk hears what names it and what is said in threads; in its own, everything.
    """
    channel = message.channel or channel
    if not channel or not is_spoken(message, here):
        return None
    direct = is_direct_message(channel, message.channel_type)
    mentioned = mentions(message.text, here.bot)
    if not (direct or mentioned or message.root or here.is_desk(channel)):
        return None
    edited = message.edited.ts if message.edited else ""
    return IncomingMessage(
        key=here.key("message", At(channel, message.ts), edited),
        conversation=conversation_of(message, channel, here),
        author=here.identity(message.user),
        text=here.plain(message.text),
        sent_at=moment(edited or message.ts),
        private=direct,
        mentioned=mentioned,
        files=files_of(message.files),
        caught_up=caught_up,
        introduced=False,
        markable=True,
    )


def is_spoken(message: Message, here: Here) -> bool:
    """Whether a person said it: no bot, no workflow, and nothing that Slack says by itself."""
    return (
        message.subtype in SPOKEN
        and not message.bot_id
        and bool(message.user)
        and message.user not in (here.bot, *NOT_PEOPLE)
    )


def conversation_of(message: Message, channel: str, here: Here) -> ConversationRef:
    """A thread for each question; at the top of a desk channel the channel itself."""
    if is_direct_message(channel, message.channel_type):
        return person_room(here.account, message.user, At(channel, message.root or message.ts))
    if here.is_desk(channel) and message.root is None:
        return channel_room(here.account, channel)
    return channel_room(here.account, channel, message.root or message.ts)


def _changed(changed: Changed, here: Here) -> IncomingMessage | IncomingDeletion | None:
    message = changed.message.model_copy(update={"channel": changed.channel, "channel_type": changed.channel_type})
    before = changed.previous_message
    if message.subtype == "tombstone":  # what remains of a deleted message that has replies
        return _deletion(changed.channel, changed.channel_type, message.ts, message.ts, before, here)
    if message.edited is None or (before is not None and before.text == message.text):
        return None  # a link was unfolded, a reply was counted: nobody changed a word
    return said(message, here)


def _deletion(
    channel: str, channel_type: str, ts: str, when: str, before: Message | None, here: Here
) -> IncomingDeletion | None:
    if before is None or not is_spoken(before, here):
        return None
    before = before.model_copy(update={"ts": ts, "channel_type": channel_type})
    at = At(channel, ts)
    return IncomingDeletion(
        key=here.key("deletion", at),
        conversation=conversation_of(before, channel, here),
        author=here.identity(before.user),
        message=str(at),
        sent_at=moment(when),
    )


def reaction_event(event: Mapping[str, Any], here: Here) -> IncomingReaction | None:
    """An emoji that means something where it was put; None for every other.

    Which thread the message is part of is not said: its own is supposed, until it is looked up.
    """
    reaction = Reaction.model_validate(event)
    channel, ts = reaction.item.channel, reaction.item.ts
    cue = cue_of(reaction.reaction, here)
    if cue is None or reaction.item.type != "message" or not channel or ts is None or reaction.user == here.bot:
        return None
    if cue != "ticket" and not here.is_desk(channel):
        return None
    at, who = At(channel, ts), here.identity(reaction.user)
    if is_direct_message(channel):
        conversation = person_room(here.account, reaction.user, at)
    else:
        conversation = channel_room(here.account, channel, ts)
    author = here.identity(reaction.item_user) if reaction.item_user else None
    return IncomingReaction(
        key=here.key("reaction", f"{at}/{cue}/{reaction.user}", reaction.event_ts),
        conversation=conversation,
        author=who,
        cue=cue,
        quoted=Quoted(str(at), conversation, author, sent_at=moment(ts)),
        sent_at=moment(reaction.event_ts),
        introduced=False,
    )


def cue_of(reaction: str, here: Here) -> ReactionCue | None:
    """Whatever the colour of the hand that it shows."""
    name = reaction.partition("::")[0].strip(":")
    return "ticket" if name == here.ticket_emoji.strip(":") else CUES.get(name)
