"""The parts of Slack's payloads that are read, checked. Everything else in them is ignored."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _none_is_empty(value: Any) -> Any:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_none_is_empty)]  # null where there is nothing to say
_TS = r"^[0-9]{1,11}\.[0-9]{1,9}$"  # seconds, within the years that there are dates of


def _ts_or_empty(value: Any) -> Any:
    return value if isinstance(value, str) and re.match(_TS, value) else ""


Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]  # of a user, a channel, a workspace: part of ids of ours
AnyId = Annotated[str, BeforeValidator(_none_is_empty), Field(pattern="^[A-Za-z0-9_-]{0,64}$")]
MessageId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}:[0-9]{1,11}\.[0-9]{1,9}$")]  # of ours, see ids.At
Trigger = Annotated[str, Field(pattern="^[!-~]{1,200}$")]
Ts = Annotated[str, Field(pattern=_TS)]
AnyTs = Annotated[str, BeforeValidator(_ts_or_empty)]  # empty where it is none, and can be done without


class Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class SentFile(Payload):
    id: str
    name: Text = ""
    title: Text = ""
    mimetype: Text = ""
    size: int = 0
    mode: Text = ""
    is_external: bool = False
    url_private: Text = ""
    url_private_download: Text = ""


class Edited(Payload):
    ts: Ts


class Message(Payload):
    """One message, as an event brings it and as the history shows it."""

    ts: Ts
    type: Text = ""
    subtype: Text = ""
    channel: AnyId = ""
    channel_type: Text = ""
    user: AnyId = ""
    bot_id: Text = ""
    username: Text = ""  # what a bot calls itself
    text: Text = ""
    thread_ts: Ts | None = None
    edited: Edited | None = None
    files: tuple[SentFile, ...] = ()
    reply_count: int = 0
    latest_reply: Text = ""

    @property
    def root(self) -> str | None:
        """The `ts` of the message whose thread this is in; None for one that is in none, or hangs a thread itself."""
        return self.thread_ts if self.thread_ts and self.thread_ts != self.ts else None


class Changed(Payload):
    channel: Id
    channel_type: Text = ""
    message: Message
    previous_message: Message | None = None


class Deleted(Payload):
    channel: Id
    channel_type: Text = ""
    deleted_ts: Ts
    event_ts: Ts | None = None
    previous_message: Message | None = None


class ReactedTo(Payload):
    type: Text = ""
    channel: AnyId = ""
    ts: Ts | None = None


class Reaction(Payload):
    user: Id
    reaction: str
    item: ReactedTo
    item_user: AnyId = ""
    event_ts: Ts


class Person(Payload):
    id: Id
    team_id: Text = ""


class Named(Payload):
    id: AnyId = ""
    name: Text = ""


class Option(Payload):
    value: Text = ""


class Pressed(Payload):
    action_id: str
    block_id: Text = ""
    type: Text = ""
    value: Text = ""
    selected_option: Option | None = None
    action_ts: AnyTs = ""

    @property
    def chosen(self) -> str:
        return self.selected_option.value if self.selected_option else self.value


class Container(Payload):
    type: Text = ""
    message_ts: Ts | None = None
    channel_id: AnyId = ""
    thread_ts: Ts | None = None
    is_ephemeral: bool = False


class View(Payload):
    id: str
    type: Text = ""
    callback_id: Text = ""
    private_metadata: Text = ""
    state: dict[str, Any] = Field(default_factory=dict)


class BlockActions(Payload):
    user: Person
    trigger_id: Text = ""
    channel: Named | None = None
    container: Container = Container()
    message: Message | None = None
    view: View | None = None
    actions: tuple[Pressed, ...]


class ViewSubmission(Payload):
    user: Person
    view: View


class MessageShortcut(Payload):
    user: Person
    trigger_id: Trigger
    callback_id: str
    channel: Named
    message: Message
    message_ts: Text = ""


class SlashCommand(Payload):
    command: str
    text: Text = ""
    user_id: Id
    user_name: Text = ""
    channel_id: Id
    trigger_id: Trigger


class Revoked(Payload):
    """Users' ids, by the kind of token."""

    tokens: dict[str, Any] | None = None


class HomeOpened(Payload):
    user: Id
    tab: Text = "home"
