"""People at their Slack: what they write, press, fill in and put on messages."""

import asyncio
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.slack import forms
from tests.fakes.slack.clients import called, pressed
from tests.fakes.slack.deliveries import Ack
from tests.fakes.slack.methods_chat import respond
from tests.fakes.slack.methods_views import place, replace, shown, top
from tests.fakes.slack.rendering import Seen
from tests.fakes.slack.shapes import message_json, rich_text
from tests.fakes.slack.state import Channel, Json, Message, Upload, User, View

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack

Where = Channel | str
Which = Message | Seen
File = tuple[str, bytes]


@dataclass(frozen=True)
class Person:
    """Somebody with an account. What they do happens at once; what the app makes of it is awaited with `until`."""

    slack: "FakeSlack"
    user: User

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.real_name

    @property
    def team(self) -> str:
        """The workspace whose app they meet: their own, or the one that invited them."""
        state = self.slack.state
        return self.user.team if state.installed_in(self.user.team) else self.slack.team.id

    def dm(self) -> Channel:
        """Their direct messages with the app."""
        app = self.slack.state.installed_in(self.team)
        return self.slack.state.direct(app.bot_user if app else self.slack.bot.id, self.id)

    async def says(
        self,
        where: Where,
        text: str,
        thread: Which | str | None = None,
        *,
        files: Iterable[File] = (),
        broadcast: bool = False,
        raw: bool = False,
        subtype: str | None = None,
    ) -> Message:
        """Write a message. `@name` and `#name` of whom and what there is become mentions (`@guichet` the app's), the
        rest is escaped, as Slack's own clients do; `raw`: the text is sent as it stands."""
        channel = self._channel(where)
        if self.id not in channel.members:
            raise AssertionError(f"{self.name} is not in {channel.name or channel.id}")
        if channel.is_archived:
            raise AssertionError(f"{channel.name} is archived")
        sent = text if raw else self.slack.typed(text, self.team)
        attached = [self._upload(channel, name, content) for name, content in files]
        root = (
            thread.message.root if isinstance(thread, Seen) else thread.root if isinstance(thread, Message) else thread
        )
        kind = "file_share" if attached else "thread_broadcast" if broadcast else subtype
        message = self.slack.world.post(
            channel,
            self.id,
            sent,
            thread_ts=root,
            blocks=rich_text(sent) if sent else [],
            files=attached,
            subtype=kind,
        )
        await asyncio.sleep(0)
        return message

    async def edits(self, which: Which, text: str) -> None:
        message = self._own(which)
        sent = self.slack.typed(text, self.team)
        self.slack.world.edit(message, self.id, text=sent, blocks=rich_text(sent))
        await asyncio.sleep(0)

    async def deletes(self, which: Which) -> None:
        self.slack.world.delete(self._own(which))
        await asyncio.sleep(0)

    async def reacts(self, which: Which, name: str) -> None:
        self.slack.world.react(self._message(which), self.id, name)
        await asyncio.sleep(0)

    async def unreacts(self, which: Which, name: str) -> None:
        self.slack.world.unreact(self._message(which), self.id, name)
        await asyncio.sleep(0)

    def joins(self, where: Where) -> None:
        self.slack.world.join(self._channel(where), self.id)

    def leaves(self, where: Where) -> None:
        self.slack.world.leave(self._channel(where), self.id)

    async def presses(
        self,
        which: Which | View,
        button: str,
        option: str = "",
        *,
        nth: int = 0,
        written: Mapping[str, str] | None = None,
    ) -> Ack:
        """Press what bears this label (or action id), the nth of several; choose `option` in a menu. `written`: what
        stands in a view's fields then, by label."""
        if isinstance(which, View):
            return await self._acts_in_view(which, button, option, nth, written or {})
        message = self._message(which)
        channel = self.slack.state.channels[message.channel]
        action = pressed(message.blocks, button, option, nth) | {"action_ts": self.slack.state.new_ts()}
        trigger = self.slack.world.trigger(self.team, self.id, channel.id)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        body = self._about("block_actions") | {
            "container": container,
            "trigger_id": trigger,
            "channel": {"id": channel.id, "name": called(channel)},
            "state": {"values": {}},
            "response_url": self.slack.world.response_url(
                self.team, self.id, channel.id, message.ts, message.thread_ts
            ),
            "actions": [action],
        }
        if not message.ephemeral_to:
            body["message"] = message_json(self.slack.state, message)
        return await self._interact(body)

    async def _acts_in_view(self, view: View, button: str, option: str, nth: int, written: Mapping[str, str]) -> Ack:
        current = self.slack.state.views[view.id]
        action = pressed(current.view["blocks"], button, option, nth) | {"action_ts": self.slack.state.new_ts()}
        body = self._about("block_actions") | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.slack.world.trigger(self.team, self.id, current.channel, view.id),
            "view": shown(self.slack.world, current) | {"state": {"values": forms.values(current.view, written)}},
            "actions": [action],
        }
        return await self._interact(body)

    def modal(self) -> View | None:
        """The modal before them."""
        return top(self.slack.world, self.id)

    async def sees_modal(self, title: str = "", timeout: float = 5.0) -> View:
        """Wait for a modal (with `title` in its title) to be before them."""

        def there() -> bool:
            view = self.modal()
            return view is not None and title in view.view["title"]["text"]

        await self.slack.until(there, timeout, f"a modal {title!r} before {self.name}")
        view = self.modal()
        assert view
        return view

    def home(self) -> View | None:
        """Their Home tab, if the app ever showed one."""
        views = self.slack.state.views.values()
        return next((one for one in views if one.user == self.id and one.view["type"] == "home"), None)

    async def submits(self, view: View | None = None, values: Mapping[str, str] | None = None) -> Ack:
        """Send a modal with values by label, block id or action id: text, or an option's label or value. The
        acknowledgement's payload has the `errors` that it was refused with; a modal that is taken closes."""
        view = view or self.modal()
        assert view and not view.closed, "no modal is open"
        state = forms.values(view.view, values or {})
        if missing := forms.missing(view.view, state):
            raise AssertionError(f"Slack would not send this form without {missing}")
        body = self._about("view_submission") | {
            "trigger_id": self.slack.world.trigger(self.team, self.id, view.channel, view.id),
            "view": shown(self.slack.world, view) | {"state": {"values": state}},
            "response_urls": [],
        }
        ack = await self._interact(body)
        if ack.ok:
            self._apply(view, ack.payload)
        return ack

    def _apply(self, view: View, answer: Json) -> None:
        match answer.get("response_action"):
            case "errors":
                known = {one["block_id"] for one in view.view["blocks"] if one["type"] == "input"}
                if unknown := set(answer["errors"]) - known:
                    raise AssertionError(f"errors for blocks that are no inputs: {unknown}")
            case "update":
                replace(self.slack.world, view, forms.checked(answer["view"]))
            case "push":
                place(self.slack.world, forms.checked(answer["view"]), view.team, self.id, view, view.channel)
            case "clear":
                for one in self.slack.state.views.values():
                    one.closed = one.closed or one.root == view.root
            case _:
                view.closed = True
        self.slack.world.changes += 1

    async def closes(self, view: View | None = None) -> Ack | None:
        """Close a modal; the app is told only if the modal asks for that."""
        view = view or self.modal()
        assert view
        view.closed = True
        if not view.view.get("notify_on_close"):
            return None
        body = self._about("view_closed") | {"view": shown(self.slack.world, view), "is_cleared": False}
        return await self._interact(body)

    async def asks(self, command: str, text: str = "", where: Where | None = None) -> Ack:
        """A slash command, in a channel or in the app's direct messages. Threads have none."""
        channel = self._channel(where) if where is not None else self.dm()
        if command not in self.slack.commands:
            raise AssertionError(f"{command} is not a valid command")
        assert self.id in channel.members
        url = self.slack.world.response_url(self.team, self.id, channel.id)
        body = {
            "token": "verification-token",
            "team_id": self.team,
            "team_domain": self.slack.state.teams[self.team].domain,
            "channel_id": channel.id,
            "channel_name": called(channel),
            "user_id": self.id,
            "user_name": self.user.name,
            "command": command,
            "text": text,
            "api_app_id": self.slack.state.app_id,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self.slack.world.trigger(self.team, self.id, channel.id),
        }
        ack = await self.slack.deliveries.interact("slash_commands", body)
        if ack.ok and (ack.payload.get("text") or ack.payload.get("blocks")):
            respond(self.slack.world, self.slack.world.responses[url.partition("/actions/")[2]], ack.payload)
        return ack

    async def uses_shortcut(self, callback_id: str, which: Which | None = None) -> Ack:
        """A message shortcut, or, without a message, a global one. They also work where the app is not."""
        body = self._about("shortcut" if which is None else "message_action")
        channel = None
        if which is not None:
            message = self._message(which)
            channel = self.slack.state.channels[message.channel]
            body |= {
                "channel": {"id": channel.id, "name": called(channel)},
                "message_ts": message.ts,
                "message": message_json(self.slack.state, message, base=self.slack.world.base),
                "response_url": self.slack.world.response_url(self.team, self.id, channel.id, message.ts),
            }
        body |= {
            "callback_id": callback_id,
            "action_ts": self.slack.state.new_ts(),
            "trigger_id": self.slack.world.trigger(self.team, self.id, channel.id if channel else None),
        }
        return await self._interact(body)

    async def opens_home(self, tab: str = "home") -> None:
        """Open the app: its Home tab, or its messages."""
        app = self.slack.state.installed_in(self.team)
        assert app
        channel = self.dm()
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self.slack.state.new_ts(),
        }
        if tab == "home" and (view := self.home()):
            event["view"] = shown(self.slack.world, view)
        self.slack.deliveries.emit(app, event, "app_home_opened", channel)
        await asyncio.sleep(0)

    def becomes(self, **fields: Any) -> None:
        """Fields of their account change: real_name, locale, is_restricted, deleted, …"""
        for name, value in fields.items():
            setattr(self.user, name, value)
        self.slack.world.changed(self.user)

    async def _interact(self, body: Json) -> Ack:
        return await self.slack.deliveries.interact("interactive", body)

    def _about(self, kind: str) -> Json:
        team = self.slack.state.teams[self.team]
        return {
            "type": kind,
            "team": {"id": team.id, "domain": team.domain},
            "user": {
                "id": self.id,
                "username": self.user.name,
                "name": self.user.name,
                "team_id": self.user.team,
            },
            "api_app_id": self.slack.state.app_id,
            "token": "verification-token",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, where: Where) -> Channel:
        if isinstance(where, Channel):
            return self.slack.state.channels[where.id]
        found = self.slack.state.channels.get(where) or self.slack.state.by_name(self.team, where)
        assert found, f"no channel {where}"
        return found

    def _message(self, which: Which) -> Message:
        """The message as it stands now, where they can see it."""
        message = which.message if isinstance(which, Seen) else which
        channel = self.slack.state.channels[message.channel]
        if self.id not in channel.members:
            raise AssertionError(f"{self.name} cannot see {channel.name or channel.id}")
        if message.ephemeral_to:
            assert message.ephemeral_to == self.id, f"{self.name} does not see that message"
            assert message in channel.ephemerals, "that message is gone"
            return message
        assert message.ts in channel.messages, "that message is gone"
        return channel.messages[message.ts]

    def _own(self, which: Which) -> Message:
        message = self._message(which)
        assert message.user == self.id, "that message is somebody else's"
        return message

    def _upload(self, channel: Channel, name: str, content: bytes) -> str:
        upload = Upload(
            self.slack.state.new_id("F"),
            name,
            mimetypes.guess_type(name)[0] or "application/octet-stream",
            content,
            self.id,
            self.user.team,
            channels=[channel.id],
        )
        self.slack.state.files[upload.id] = upload
        return upload.id
