"""Driving a fake Mastodon that runs in another process: `POST /control` with what to do, by name, as JSON."""

import asyncio
import json
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fakes.mastodon.rendering import Seen
from tests.fakes.mastodon.state import Json, Status
from tests.fakes.remote import Commanded, Remote, remote_process

if TYPE_CHECKING:
    from tests.fakes.mastodon.server import FakeMastodon


class Control(Commanded):
    """Each public method is a command; its arguments and its answer are JSON. People are named by their handles, posts
    by their ids."""

    def __init__(self, mastodon: "FakeMastodon") -> None:
        self.mastodon = mastodon

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


RemoteMastodon = Remote


def mastodon_process(port: int, state: Path | None = None, *arguments: str) -> AbstractAsyncContextManager[Remote]:
    """A fake Mastodon of its own process, ended afterwards; with `state` it goes on where the last one stopped."""
    return remote_process("tests.fakes.mastodon", port, state, *arguments)


def describe(about: Json) -> str:
    """What the app needs, as settings."""
    return json.dumps({"GUICHET_MASTODON_URL": about["url"], "GUICHET_MASTODON_TOKEN": about["token"]})
