"""Mastodon, by stream and by asking, and servers like it: the fake server, and people at their clients. Buttons are
numbers there, which people write: no adapter sees a press."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.mastodon.adapter import MastodonAdapter
from adapters.mastodon.errors import UNTOLD_PAUSE
from adapters.mastodon.ids import direct_room
from bot.model.messages import ConversationRef, IncomingMessage
from bot.model.values import Language
from bot.settings import Settings
from bot.texts import Texts
from tests.contract.rigs.rig import Post, RecordingInbox, Rig, RigKind
from tests.fakes.mastodon import FakeMastodon, Quirks, Seen, Status

HOST = "127.0.0.1"
LONGEST = 20_000  # characters of a post, so that whatever is not about length is one post
PART = re.compile(r"\(\d+/\d+\)")  # which one of how many a post is
LATER = 10  # seconds
# Times by which the clock that calls are paced by runs ahead: where the server is asked every half second, no faster
# than it is asked in time.
FASTER, FASTER_ASKED = 1_000, 20


def streams(mastodon: FakeMastodon) -> bool:
    return mastodon.quirks.streaming == "sse"


class Kept(RecordingInbox):
    """Inbox and memory in one."""

    async def recall(self, name: str) -> str | None:
        return self.reached.get(name)

    async def keep(self, name: str, value: str) -> None:
        self.reached[name] = value

    async def kept(self, prefix: str) -> dict[str, str]:
        return {name: value for name, value in self.reached.items() if name.startswith(prefix)}

    async def forget(self, name: str) -> None:
        self.reached.pop(name, None)


class MastodonRig:
    """Ada writes direct messages, and so does Grace, to whom the desk can write too."""

    hostile = (
        "@bob @bob@elsewhere.example @everyone ＠bob",
        "#printer #nobot #Été ＃tag",
        "https://evil.example/@bob acct:bob@elsewhere.example",
        "<script>alert(1)</script> &lt;b&gt; <a href='https://evil.example'>x</a>",
        ":blobcat: :verified:",
        "\u202egnp.exe\u2066 \u200f\u2060\u200b \x00\x1b[2J",
        "x\n@bob\n\n\n#tag\n1. @guichet",
    )

    def __init__(self, mastodon: FakeMastodon, adapter: MastodonAdapter, inbox: Kept) -> None:
        self.mastodon = mastodon
        self.adapter = adapter
        self.inbox = inbox
        self._ada = mastodon.person("ada@elsewhere.example", name="Ada")
        mastodon.person("bob@elsewhere.example")
        mastodon.person("bob")
        self._grace = mastodon.person("grace")
        self.desk = direct_room(HOST, self._grace.id)
        self._is_put_off = False
        self._choose = Texts.load().plain("mastodon.choose", Language.EN)

    # --- what people do --------------------------------------------------------------------------------------------

    async def user_says(self, text: str) -> IncomingMessage:
        return await self._heard(await self._says(text))

    async def user_sends(self, text: str, name: str, content: bytes) -> IncomingMessage:
        return await self._heard(await self._says(text, files=[(name, content)]))

    async def user_says_unheard(self, text: str) -> datetime:
        """Its streams lose it; who asks for news is told to come again much later."""
        if not streams(self.mastodon):
            await self._put_off()
        self.mastodon.faults.drop_every = 1
        since = datetime.now(UTC) - timedelta(seconds=1)
        await self._says(text)
        await asyncio.sleep(0.002)  # nobody writes twice in a millisecond, by which some servers put them in order
        self.mastodon.faults.drop_every = 0
        return since

    async def _put_off(self) -> None:
        """By what stands before the server, where that itself never says for how long. By the adapter's own clock that
        is over soon; until the loop that asks goes on, it is not."""
        if self._is_put_off:
            return
        asked, quirks = "GET /api/v1/notifications", self.mastodon.quirks
        says, quirks.rate_limit_headers = quirks.rate_limit_headers, True
        self.mastodon.faults.rate_limit(asked, LATER)
        await self.mastodon.until(lambda: [one for one in self.mastodon.called(asked) if one.status == 429], 10)
        await asyncio.sleep(1.1 * LATER / FASTER_ASKED)
        self._is_put_off, quirks.rate_limit_headers = True, says

    async def _says(self, text: str, **more: Any) -> Status:
        return await self._ada.says(f"@guichet {text}", visibility="direct", **more)

    async def _heard(self, said: Status) -> IncomingMessage:
        def found() -> list[IncomingMessage]:
            messages = (one for one in self.inbox.events if isinstance(one, IncomingMessage))
            return [one for one in messages if one.key.native_id == said.id]

        heard: list[IncomingMessage] = await self.mastodon.until(found, 10, "a message")
        return heard[0]

    # --- what befalls the platform ---------------------------------------------------------------------------------

    def lose_answer(self) -> None:
        self.mastodon.faults.lose_answer()

    def lose_call(self) -> None:
        self.mastodon.faults.cut()

    def refuse_with_rate_limit(self, retry_after: float) -> float:
        self.mastodon.faults.rate_limit("POST /api/v1/statuses", retry_after)
        return retry_after if self.mastodon.quirks.rate_limit_headers else UNTOLD_PAUSE

    # --- what can be seen ------------------------------------------------------------------------------------------

    def posts(self) -> list[Post]:
        return [self._post(one) for one in self.mastodon.posts() if not one.files]

    def readers(self, conversation: ConversationRef) -> set[str]:
        """The account itself is nobody."""
        found = [one.status for one in self.mastodon.posts() if self._conversation(one) == conversation]
        return {party for status in found for party in status.parties if party != self.mastodon.bot.id}

    def files(self, conversation: ConversationRef) -> list[tuple[str, bytes]]:
        known = self.mastodon.state.media
        return [
            (known[file].name, known[file].content)
            for one in self.mastodon.posts()
            if self._conversation(one) == conversation
            for file in one.status.media
        ]

    def harm(self) -> list[str]:
        """Who else was told, hashtags that it is found by, and whatever is more open than it should be."""
        found = []
        for one in self.mastodon.posts():
            if len(one.to) != 1 or one.tags or one.visibility != "direct":
                found.append(f"{one.visibility} to {one.to} with {one.tags}: {one.text}")
        return found

    def _post(self, one: Seen) -> Post:
        text = one.text.partition(" ")[2] if one.text.startswith("@") else one.text
        text, _, choices = text.partition(f"\n\n{self._choose}\n")
        buttons = tuple(line.partition(". ")[2] for line in choices.split("\n") if line)
        lines = "\n".join(line for line in text.split("\n") if line and not PART.fullmatch(line))
        return Post(self._conversation(one), lines, buttons, edited=one.edited)

    def _conversation(self, one: Seen) -> ConversationRef:
        (reader,) = one.status.mentions or ("nobody",)
        return direct_room(HOST, reader)


@asynccontextmanager
async def _rig(mastodon: FakeMastodon) -> AsyncIterator[Rig]:
    mastodon.accepts()
    async with mastodon.running():
        given: dict[str, Any] = {
            "_env_file": None,
            "mastodon_url": mastodon.url,
            "mastodon_token": mastodon.token,
            "mastodon_poll_seconds": 3600 if streams(mastodon) else 0.5,
        }
        inbox = Kept()
        faster = FASTER if streams(mastodon) else FASTER_ASKED
        adapter = MastodonAdapter(
            Settings(**given), inbox, lambda: datetime.now(UTC), ticks=lambda: time.monotonic() * faster
        )
        task = asyncio.create_task(adapter.run(inbox))
        try:
            await mastodon.until(lambda: inbox.reached or task.done(), 10, "a first look")
            if streams(mastodon):
                await mastodon.until(lambda: mastodon.streams.connections, 10, "a stream")
            await mastodon.quiet(0.1, ignoring=())
            yield MastodonRig(mastodon, adapter, inbox)
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _kind(name: str, quirks: Callable[[], Quirks], *, in_part: bool = False) -> RigKind:
    @asynccontextmanager
    async def opened(_: Path) -> AsyncIterator[Rig]:
        async with _rig(FakeMastodon(max_characters=LONGEST, quirks=quirks())) as rig:
            yield rig

    return RigKind(name, MastodonAdapter, MastodonRig, opened, in_part)


STREAMED = _kind("mastodon, by stream", Quirks)
POLLED = _kind("mastodon, by asking", lambda: Quirks(streaming="none"))
PLEROMA = _kind("pleroma", Quirks.pleroma)
GOTOSOCIAL = _kind("gotosocial", Quirks.gotosocial, in_part=True)
MISSKEY = _kind("misskey", Quirks.misskey, in_part=True)
ALL = (STREAMED, POLLED, PLEROMA, GOTOSOCIAL, MISSKEY)
