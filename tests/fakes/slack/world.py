"""What happens in the workspaces, whoever does it: each change is made in the state, and the app is told."""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.slack.deliveries import MESSAGES, Deliveries
from tests.fakes.slack.rendering import notified
from tests.fakes.slack.shapes import channel_json, message_json, user_json
from tests.fakes.slack.state import Channel, Installation, Json, Message, State, User

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS, RESPONSE_USES = 1_800.0, 5


@dataclass
class Trigger:
    """What an interaction lets the app do once, within three seconds: open a view for `user`."""

    team: str
    user: str
    channel: str | None = None
    view: str | None = None
    at: float = field(default_factory=time.monotonic)
    used: bool = False


@dataclass
class ResponseUrl:
    """Where the app may answer an interaction: for `user`, in `channel`, beside or in place of `message`."""

    team: str
    user: str
    channel: str
    message: str | None = None
    thread: str | None = None
    uses: int = 0
    at: float = field(default_factory=time.monotonic)


@dataclass
class World:
    state: State
    deliveries: Deliveries
    base: str = ""  # the server's address
    triggers: dict[str, Trigger] = field(default_factory=dict)
    responses: dict[str, ResponseUrl] = field(default_factory=dict)
    changes: int = 0  # of anything that people see

    def post(self, channel: Channel, user: str, text: str, **more: Any) -> Message:
        """A message appears; `more` are fields of Message."""
        self.changes += 1
        author = self.state.users.get(user)
        message = Message(self.state.new_ts(), channel.id, user, text, author.team if author else channel.team, **more)
        channel.add(message)
        self._notify(message)
        for installation in self.state.installed_for(channel):
            event = self.event_of(message, channel)
            self.deliveries.emit(installation, event, MESSAGES[channel.type], channel)
            if channel.kind != "im" and f"<@{installation.bot_user}" in text and user != installation.bot_user:
                mention = {name: value for name, value in event.items() if name not in ("channel_type", "subtype")}
                self.deliveries.emit(installation, mention | {"type": "app_mention"}, "app_mention", channel)
        return message

    def whisper(self, channel: Channel, user: str, to: str, text: str, **more: Any) -> Message:
        """A message that only one person sees, and that no event and no method tells of."""
        self.changes += 1
        message = Message(self.state.new_ts(), channel.id, user, text, channel.team, ephemeral_to=to, **more)
        channel.ephemerals.append(message)
        self._notify(message)
        return message

    def _notify(self, message: Message) -> None:
        """Whom a message of the app's calls; what it says after an edit calls nobody."""
        if message.app_id == self.state.app_id:
            calls = ((message.channel, message.ts, mention, message.text) for mention in notified(message))
            self.state.notified.extend(calls)

    def event_of(self, message: Message, channel: Channel) -> Json:
        event = message_json(self.state, message, base=self.base)
        event |= {"channel": channel.id, "channel_type": channel.type, "event_ts": message.ts}
        if message.subtype == "thread_broadcast" and message.thread_ts in channel.messages:
            event["root"] = message_json(self.state, channel.messages[message.thread_ts], base=self.base)
        author = self.state.users.get(message.user)
        if author and author.team != channel.team:
            event |= {"user_team": author.team, "source_team": author.team}
        return event

    def edit(self, message: Message, by: str, *, edited: bool = True, **changes: Any) -> None:
        """Fields of a message change; `edited`: people see that they did."""
        self.changes += 1
        channel = self.state.channels[message.channel]
        before = message_json(self.state, message, base=self.base)
        for name, value in changes.items():
            setattr(message, name, value)
        now = self.state.new_ts()
        if edited:
            message.edited_ts, message.edited_by, message.edited_at = now, by, time.time()
        after = message_json(self.state, message, base=self.base)
        self._changed(channel, "message_changed", now, {"message": after, "previous_message": before})

    def delete(self, message: Message) -> None:
        """It is gone; where replies hang from it, a gravestone stays."""
        self.changes += 1
        channel = self.state.channels[message.channel]
        before = message_json(self.state, message, base=self.base)
        now = self.state.new_ts()
        if not message.is_reply and channel.thread(message.ts):
            message.text, message.blocks, message.files, message.metadata = "This message was deleted.", [], [], None
            message.subtype, message.user, message.reactions = "tombstone", "USLACKBOT", {}
            message.bot_id = message.app_id = None
            after = message_json(self.state, message, base=self.base) | {"hidden": True}
            self._changed(channel, "message_changed", now, {"message": after, "previous_message": before})
            return
        del channel.messages[message.ts]
        if message.is_reply and message.thread_ts:
            channel.replies[message.thread_ts].remove(message.ts)
        self._changed(channel, "message_deleted", now, {"deleted_ts": message.ts, "previous_message": before})

    def _changed(self, channel: Channel, subtype: str, ts: str, more: Json) -> None:
        event = {
            "type": "message",
            "subtype": subtype,
            "hidden": True,
            "channel": channel.id,
            "channel_type": channel.type,
            "ts": ts,
            "event_ts": ts,
            **more,
        }
        for installation in self.state.installed_for(channel):
            self.deliveries.emit(installation, event, MESSAGES[channel.type], channel)

    def react(self, message: Message, user: str, name: str) -> bool:
        """False if that was already there."""
        who = message.reactions.setdefault(name, [])
        if user in who:
            return False
        who.append(user)
        self._reacted("reaction_added", message, user, name)
        return True

    def unreact(self, message: Message, user: str, name: str) -> bool:
        """False if that was not there."""
        who = message.reactions.get(name, [])
        if user not in who:
            return False
        who.remove(user)
        if not who:
            del message.reactions[name]
        self._reacted("reaction_removed", message, user, name)
        return True

    def _reacted(self, kind: str, message: Message, user: str, name: str) -> None:
        self.changes += 1
        channel = self.state.channels[message.channel]
        event = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "event_ts": self.state.new_ts(),
        }
        for installation in self.state.installed_for(channel):
            self.deliveries.emit(installation, event, kind, channel)

    def join(self, channel: Channel, user: str, inviter: str | None = None) -> None:
        if user in channel.members:
            return
        channel.members.append(user)
        self.post(channel, user, f"<@{user}> has joined the channel", subtype="channel_join")
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "channel" else "G",
            "team": self.state.users[user].team,
            "event_ts": self.state.new_ts(),
        } | ({"inviter": inviter} if inviter else {})
        for installation in self.state.installed_for(channel):
            self.deliveries.emit(installation, event, "member_joined_channel", channel)

    def leave(self, channel: Channel, user: str) -> None:
        """Leave or be removed; an app that is removed is told so, and no more."""
        told = list(self.state.installed_for(channel))
        channel.members.remove(user)
        self.changes += 1
        for installation in told:
            if installation.bot_user == user:
                kind = "group_left" if channel.is_private else "channel_left"
                event: Json = {"type": kind, "channel": channel.id, "event_ts": self.state.new_ts()}
                self.deliveries.emit(installation, event, kind, channel)
            else:
                event = {"type": "member_left_channel", "user": user, "channel": channel.id}
                self.deliveries.emit(installation, event, "member_left_channel", channel)

    def archive(self, channel: Channel, by: str, *, archived: bool = True) -> None:
        channel.is_archived = archived
        self.changes += 1
        kind = f"{'group' if channel.is_private else 'channel'}_{'archive' if archived else 'unarchive'}"
        for installation in self.state.installed_for(channel):
            event = {"type": kind, "channel": channel.id, "user": by, "event_ts": self.state.new_ts()}
            self.deliveries.emit(installation, event, kind, channel)

    def share(self, channel: Channel, *, shared: bool = True) -> None:
        """A channel becomes one that another organisation reads, or no longer is."""
        channel.is_ext_shared = shared
        kind = "channel_shared" if shared else "channel_unshared"
        for installation in self.state.installed_for(channel):
            event = {
                "type": kind,
                "channel": channel.id,
                "connected_team_id": "TOTHER",
                "event_ts": self.state.new_ts(),
            }
            self.deliveries.emit(installation, event, kind, channel)

    def changed(self, user: User) -> None:
        """Somebody's profile is another one now."""
        if installation := self.state.installed_in(user.team):
            shown = user_json(user, installation.scopes, user.team, locale=True)
            event = {"type": "user_change", "user": shown, "event_ts": self.state.new_ts()}
            self.deliveries.emit(installation, event, "user_change")

    def revoke(self, installation: Installation, error: str, *, uninstalled: bool = False) -> None:
        """The workspace wants the app no more: its token is refused with `error` from now on."""
        event: Json = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [installation.bot_user]}}
        self.deliveries.emit(installation, event, "tokens_revoked")
        if uninstalled:
            self.deliveries.emit(installation, {"type": "app_uninstalled"}, "app_uninstalled")
        installation.gone = error

    def trigger(self, team: str, user: str, channel: str | None = None, view: str | None = None) -> str:
        key = f"{self.state.new_id('T')}.{team}.{len(self.triggers):x}"
        self.triggers[key] = Trigger(team, user, channel, view)
        return key

    def response_url(
        self, team: str, user: str, channel: str, message: str | None = None, thread: str | None = None
    ) -> str:
        key = f"{team}/{self.state.new_id('R')}"
        self.responses[key] = ResponseUrl(team, user, channel, message, thread)
        return f"{self.base}/actions/{key}"

    def shown(self, channel: Channel, viewer: str, team: str) -> Json:
        return channel_json(self.state, channel, viewer, team)
