"""Driving a fake Slack that runs in another process: `POST /control` with what to do, by name, as JSON."""

import asyncio
import dataclasses
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, web

from tests.fakes.slack import load
from tests.fakes.slack.rendering import Seen
from tests.fakes.slack.state import Json, Message

if TYPE_CHECKING:
    from tests.fakes.slack.server import FakeSlack


class Control:
    """Each public method is a command; its arguments and its answer are JSON. People are named by their full names."""

    def __init__(self, slack: "FakeSlack") -> None:
        self.slack = slack
        self.asked: list[Message] = []

    async def serve(self, request: web.Request) -> web.Response:
        body = await request.json()
        name = str(body.pop("do"))
        command = None if name.startswith("_") or name == "serve" else getattr(self, name, None)
        if command is None:
            return web.json_response({"error": f"no command {name}"}, status=404)
        try:
            answer = command(**body)
            if asyncio.iscoroutine(answer):
                answer = await answer
        except AssertionError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"answer": answer})

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


class RemoteSlack:
    """A fake Slack in another process. `await remote.do("says", who="Ada", text="hello")`: see Control."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.url, self.session = url, session

    async def do(self, command: str, **arguments: Any) -> Any:
        """AssertionError with its words, where the command failed."""
        async with self.session.post(f"{self.url}/control", json={"do": command, **arguments}) as answer:
            body = await answer.json()
        if "error" in body:
            raise AssertionError(body["error"])
        return body["answer"]

    async def until(self, true: Callable[[Any], Any], command: str, timeout: float = 10.0, **arguments: Any) -> Any:
        """Ask until the answer satisfies `true`; returned is that answer."""
        end = asyncio.get_running_loop().time() + timeout
        while not true(answer := await self.do(command, **arguments)):
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"not within {timeout:g} s: {command}\n{await self.do('transcript')}")
            await asyncio.sleep(0.05)
        return answer


@asynccontextmanager
async def slack_process(port: int, state: Path | None = None, *arguments: str) -> AsyncIterator[RemoteSlack]:
    """A fake Slack of its own process, ended afterwards; with `state` it goes on where the last one stopped."""
    more = ["--state", str(state)] if state else []
    command = [sys.executable, "-m", "tests.fakes.slack", "--port", str(port), *more, *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parents[3], stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with ClientSession(trust_env=False) as session:
            remote = RemoteSlack(f"http://127.0.0.1:{port}", session)
            await _ready(remote, process)
            yield remote
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGTERM)
        await process.wait()


async def _ready(remote: RemoteSlack, process: asyncio.subprocess.Process) -> None:
    for _ in range(200):
        try:
            await remote.do("about")
        except ClientError:
            assert process.returncode is None, "the fake Slack did not start"
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("the fake Slack is not ready after 10 s")


def describe(about: Json) -> str:
    """What the app needs, as settings."""
    return json.dumps({name: about[name] for name in ("api_url", "bot_token", "app_token", "signing_secret", "team")})
