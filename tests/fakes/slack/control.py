"""Driving a fake Slack that runs in another process: `POST /control` with what to do, by name, as JSON."""

import dataclasses
import json
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.remote import Commanded, Remote, remote_process
from tests.fakes.slack import load
from tests.fakes.slack.rendering import Seen
from tests.fakes.slack.state import Json, Message

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Control(Commanded):
    """Each public method is a command; its arguments and its answer are JSON. People are named by their full names."""

    def __init__(self, slack: "FakeSlack") -> None:
        self.slack = slack
        self.asked: list[Message] = []

    def about(self) -> Json:
        slack = self.slack
        return {
            "api_url": slack.api_url,
            "bot_token": slack.bot_token,
            "app_token": slack.app_token,
            "signing_secret": slack.signing_secret,
            "team": slack.team.id,
            "bot": slack.bot.id,
            "sockets": len(slack.sockets.open),
            "connected": slack.sockets.connected,
        }

    def person(self, name: str, **account: Any) -> str:
        return self.slack.person(name, **account).id

    def channel(self, name: str, members: list[str], **more: Any) -> str:
        return self.slack.channel(name, [self.slack.person(one) for one in members], **more).id

    async def says(self, who: str, text: str, where: str = "", thread: str | None = None) -> Json:
        """Without `where`, to the app itself."""
        person = self.slack.person(who)
        return _message(await person.says(where or person.dm(), text, thread))

    async def presses(self, who: str, channel: str, ts: str, button: str) -> Json:
        message = self.slack.state.channels[channel].messages[ts]
        return dataclasses.asdict(await self.slack.person(who).presses(message, button))

    async def asks(self, who: str, command: str, text: str, where: str) -> Json:
        return dataclasses.asdict(await self.slack.person(who).asks(command, text, where))

    async def reacts(self, who: str, channel: str, ts: str, name: str) -> None:
        await self.slack.person(who).reacts(self.slack.state.channels[channel].messages[ts], name)

    def messages(self, channel: str, thread: str | None = None, by_bot: bool | None = None) -> list[Json]:
        return [_seen(one) for one in self.slack.messages(channel, thread, by_bot=by_bot)]

    def posts(self) -> list[Json]:
        return [_seen(one) for one in self.slack.posts()]

    def faults(self, **switches: Any) -> Json:
        """Set switches; returned is what has happened so far."""
        for name, value in switches.items():
            assert hasattr(self.slack.faults, name), name
            setattr(self.slack.faults, name, set(value) if name == "hang" else value)
        return dict(self.slack.faults.happened)

    def clear_faults(self) -> None:
        self.slack.faults.clear()

    def counts(self) -> Json:
        acks = [one.seconds for one in self.slack.acks if one.seconds is not None]
        return {
            "calls": Counter(one.method for one in self.slack.calls),
            "errors": Counter(f"{one.method}: {one.error}" for one in self.slack.calls if one.error),
            "acks": len(acks),
            "slowest_ack": max(acks, default=0.0),
            "unacknowledged": len(self.slack.acks) - len(acks),
            "events": len(self.slack.deliveries.sent),
            "lost": len(self.slack.deliveries.lost),
            "pending": self.slack.deliveries.pending,
            "happened": self.slack.faults.happened,
        }

    async def load(self, channels: int, count: int, rate: float, text: str = "@{bot} question {number}") -> list[Json]:
        """Ask at a pace; answered once the last one is asked. Their answers are in `waited`."""
        bot = self.slack.bot.real_name
        rooms = load.crowd(self.slack, channels)
        said = await load.ask(rooms, count, rate, lambda number: text.format(bot=bot, number=number))
        self.asked += said
        return [_message(one) for one in said]

    def waited(self) -> list[float | None]:
        """Seconds until the first answer to each message of `load`."""
        return load.waited(self.slack.state, self.asked)

    def finished(self) -> list[float | None]:
        """Seconds until the app's last call about each message of `load`, or in its thread."""
        last: dict[str, float] = {}
        for one in self.slack.calls:
            for name in ("timestamp", "thread_ts"):
                if about := one.params.get(name):
                    last[f"{one.params.get('channel')}:{about}"] = one.at
        ends = [last.get(f"{message.channel}:{message.ts}") for message in self.asked]
        return [end - message.at if end else None for end, message in zip(ends, self.asked, strict=True)]

    def forget_load(self) -> None:
        self.asked.clear()

    def harm(self) -> list[Json]:
        return [dataclasses.asdict(one) for one in self.slack.harm()]

    def transcript(self) -> str:
        return self.slack.transcript()

    def cut(self) -> None:
        self.slack.sockets.cut()

    async def refresh(self) -> None:
        await self.slack.sockets.refresh()

    async def quiet(self, seconds: float = 0.3, timeout: float = 10.0) -> None:
        await self.slack.quiet(seconds, timeout)


def _message(message: Message) -> Json:
    return {"ts": message.ts, "channel": message.channel, "thread": message.thread_ts, "at": message.at}


def _seen(one: Seen) -> Json:
    names = ("ts", "channel", "thread", "author", "by_bot", "text", "buttons", "reactions", "files", "edited")
    return {name: getattr(one, name) for name in (*names, "ephemeral_to")} | {"at": one.message.at}


RemoteSlack = Remote


def slack_process(port: int, state: Path | None = None, *arguments: str) -> AbstractAsyncContextManager[Remote]:
    """A fake Slack of its own process, ended afterwards; with `state` it goes on where the last one stopped."""
    return remote_process("tests.fakes.slack", port, state, *arguments)


def describe(about: Json) -> str:
    """What the app needs, as settings."""
    return json.dumps({name: about[name] for name in ("api_url", "bot_token", "app_token", "signing_secret", "team")})
