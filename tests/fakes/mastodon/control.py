"""Driving a fake Mastodon that runs in another process: `POST /control` with what to do, by name, as JSON."""

import asyncio
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

from tests.fakes.mastodon.rendering import Seen
from tests.fakes.mastodon.state import Json, Status

if TYPE_CHECKING:
    from tests.fakes.mastodon.server import FakeMastodon


class Control:
    """Each public method is a command; its arguments and its answer are JSON. People are named by their handles, posts
    by their ids."""

    def __init__(self, mastodon: "FakeMastodon") -> None:
        self.mastodon = mastodon

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
        mastodon = self.mastodon
        return {
            "url": mastodon.url,
            "token": mastodon.token,
            "bot": mastodon.bot.id,
            "streams": len(mastodon.streams.connections),
            "connected": mastodon.streams.connected,
        }

    def accepts(self) -> None:
        self.mastodon.accepts()

    async def says(self, who: str, text: str, to: str = "", **more: Any) -> Json:
        """`to`: the post that it answers."""
        above = self._status(to) if to else None
        return _post(await self.mastodon.person(who).says(text, to=above, **more))

    async def edits(self, who: str, status: str, text: str) -> None:
        await self.mastodon.person(who).edits(self._status(status), text)

    async def deletes(self, who: str, status: str) -> None:
        await self.mastodon.person(who).deletes(self._status(status))

    async def load(
        self, count: int, rate: float, text: str = "@guichet question {number}", people: int = 50
    ) -> list[Json]:
        """So many people ask in turn, `rate` posts a second; answered once the last one has."""
        said, loop = [], asyncio.get_running_loop()
        began = loop.time()
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
            who = self.mastodon.person(f"caller{number % people:03d}@elsewhere.example")
            said.append(_post(await who.says(text.format(number=number))))
        return said

    def posts(self) -> list[Json]:
        return [_seen(one) for one in self.mastodon.posts()]

    def replies(self, status: str) -> list[Json]:
        return [_seen(one) for one in self.mastodon.replies(self._status(status))]

    def faults(self, **switches: Any) -> Json:
        """Set switches; returned is what has happened so far."""
        for name, value in switches.items():
            assert hasattr(self.mastodon.faults, name), name
            setattr(self.mastodon.faults, name, set(value) if name == "hang" else value)
        return dict(self.mastodon.faults.happened)

    def clear_faults(self) -> None:
        self.mastodon.faults.clear()

    def quirks(self, **switches: Any) -> None:
        for name, value in switches.items():
            assert hasattr(self.mastodon.quirks, name), name
            setattr(self.mastodon.quirks, name, set(value) if name in ("without", "missing") else value)

    def counts(self) -> Json:
        calls = self.mastodon.calls
        return {
            "calls": Counter(one.name for one in calls),
            "errors": Counter(f"{one.name}: {one.status} {one.error}" for one in calls if one.error),
            "events": Counter(name for _, name, _ in self.mastodon.streams.sent),
            "happened": self.mastodon.faults.happened,
        }

    def cut(self) -> None:
        self.mastodon.streams.cut()

    def transcript(self) -> str:
        return self.mastodon.transcript()

    async def quiet(self, seconds: float = 0.3, timeout: float = 10.0) -> None:
        await self.mastodon.quiet(seconds, timeout)

    def _status(self, wanted: str) -> Status:
        found = self.mastodon.state.statuses.get(wanted)
        assert found, f"no post {wanted}"
        return found


def _post(status: Status) -> Json:
    return {"id": status.id, "at": status.at}


def _seen(one: Seen) -> Json:
    names = (
        "id",
        "author",
        "by_bot",
        "text",
        "visibility",
        "cw",
        "language",
        "reply_to",
        "to",
        "tags",
        "files",
        "edited",
    )
    return {name: getattr(one, name) for name in names} | {"at": one.status.at}


class RemoteMastodon:
    """A fake Mastodon in another process. `await remote.do("says", who="ada", text="@guichet hello")`: see Control."""

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
async def mastodon_process(port: int, state: Path | None = None, *arguments: str) -> AsyncIterator[RemoteMastodon]:
    """A fake Mastodon of its own process, ended afterwards; with `state` it goes on where the last one stopped."""
    more = ["--state", str(state)] if state else []
    command = [sys.executable, "-m", "tests.fakes.mastodon", "--port", str(port), *more, *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parents[3], stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with ClientSession(trust_env=False) as session:
            remote = RemoteMastodon(f"http://127.0.0.1:{port}", session)
            await _ready(remote, process)
            yield remote
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGTERM)
        await process.wait()


async def _ready(remote: RemoteMastodon, process: asyncio.subprocess.Process) -> None:
    for _ in range(200):
        try:
            await remote.do("about")
        except ClientError:
            assert process.returncode is None, "the fake Mastodon did not start"
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("the fake Mastodon is not ready after 10 s")


def describe(about: Json) -> str:
    """What the app needs, as settings."""
    return json.dumps({"GUICHET_MASTODON_URL": about["url"], "GUICHET_MASTODON_TOKEN": about["token"]})
