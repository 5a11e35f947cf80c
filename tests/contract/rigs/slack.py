"""Slack, over a socket and over HTTP: the fake server, and people at their clients."""

import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.slack.adapter import SlackAdapter
from adapters.slack.ids import At, channel_room, person_room
from adapters.slack.sending import EMOJI
from bot.model.messages import ConversationRef, Incoming, IncomingClick, IncomingForm, IncomingMessage
from bot.ports.adapters import ExternalId
from tests.adapters.slack.hearing import E, Store, listening
from tests.adapters.slack.reading import read
from tests.contract.rigs.rig import Post, Rig, RigKind
from tests.fakes.ports import free_port
from tests.fakes.slack import FakeSlack, Seen
from tests.fakes.slack.forms import fields
from tests.fakes.slack.rendering import elements, label

FASTER = 1_000  # times, by which the clock that posts are paced by runs ahead: contracts are not about waiting
POST = "chat.postMessage"


class SlackRig:
    """Ada asks in her direct messages, in one thread; technicians have a channel."""

    hostile = (
        "<!channel> <!here|here> <!everyone>",
        "<@U000000099> <@USLACKBOT|bob> <#C000000001|secret> <!subteam^S1|everybody>",
        "@channel @here @everyone",
        "<https://evil.example|https://bank.example> <javascript:alert(1)|click>",
        "&lt;!channel&gt; &amp;lt;!here&amp;gt; <<!here>>",
        "*bold* _thin_ ~gone~ `code` ```block``` > quote\n>>> more",
        "<!date^1392734382^{date}|today> <mailto:a@b.example|x>",
        "\u202egnp.exe\u2066 \u200f\u2060\u200b \x00\x1b[2J",
        "|<|>|<!|@|#|&|<@|<!channel",
    )

    def __init__(self, slack: FakeSlack, adapter: SlackAdapter, store: Store) -> None:
        self.slack = slack
        self.adapter = adapter
        self.inbox = store
        self._heard: list[Incoming] = []
        self._ada = slack.person("Ada Martin", locale="en-GB")
        grace = slack.person("Grace Moreau", locale="en-GB")
        self._desk = slack.channel("support-desk", [grace])
        self.desk = channel_room(slack.team.id, self._desk.id)
        self._root: str | None = None

    # --- what people do --------------------------------------------------------------------------------------------

    async def user_says(self, text: str) -> IncomingMessage:
        return await self._says(text)

    async def user_sends(self, text: str, name: str, content: bytes) -> IncomingMessage:
        return await self._says(text, files=[(name, content)])

    async def user_says_unheard(self, text: str) -> datetime:
        deliveries = self.slack.deliveries
        deliveries.running = False
        said = await self._ada.says(self._ada.dm(), text)
        deliveries.running = True
        return datetime.fromtimestamp(float(said.ts), UTC) - timedelta(seconds=1)

    async def user_presses(self, label: str) -> IncomingClick:
        number = len(self.inbox.events)
        await self._press(label)
        return await self._stored(IncomingClick, number)

    async def user_gets_trigger(self, label: str) -> str:
        await self.user_presses(label)
        return list(self.slack.world.triggers)[-1]

    async def user_submits(self, values: dict[str, str]) -> IncomingForm:
        number = len(self.inbox.events)
        assert (await self._ada.submits(None, values)).ok
        return await self._stored(IncomingForm, number)

    async def _says(self, text: str, **more: Any) -> IncomingMessage:
        number = len(self.inbox.events)
        said = await self._ada.says(self._ada.dm(), text, self._root, **more)
        self._root = self._root or said.ts
        return await self._stored(IncomingMessage, number)

    async def _press(self, button: str) -> None:
        shown = self.slack.messages(self._ada.dm(), self._root, by_bot=True)
        assert (await self._ada.presses([one for one in shown if button in one.buttons][-1], button)).ok

    async def _stored(self, kind: type[E], number: int) -> E:
        """The event that is stored next, introduced: so it stands in the inbox from now on."""
        await self.slack.until(lambda: len(self.inbox.events) > number)
        heard = self.inbox.events[number]
        self._heard.append(heard)
        event = await self.adapter.introduce(heard)
        assert event is not None
        self.inbox.events[number] = event
        assert isinstance(event, kind)
        return event

    # --- what befalls the platform ---------------------------------------------------------------------------------

    def lose_answer(self) -> None:
        self.slack.faults.lose_answer(POST)

    def lose_call(self) -> None:
        self.slack.faults.cut(POST)

    def refuse_with_rate_limit(self, retry_after: float) -> float:
        self.slack.faults.rate_limit(POST, retry_after)
        return retry_after

    # --- what can be seen ------------------------------------------------------------------------------------------

    def heard(self) -> list[Incoming]:
        return self._heard

    def posts(self) -> list[Post]:
        return [
            Post(self._conversation(one), self._words(one), labels_of(one), edited=one.edited)
            for one in self.slack.posts()
            if not one.files
        ]

    def cues(self, message: ExternalId) -> set[str]:
        at = At.of(message)
        stand = self.slack.state.channels[at.channel].messages[at.ts].reactions
        return {cue for cue, emoji in EMOJI.items() if self.slack.bot.id in stand.get(emoji, ())}

    def form(self) -> tuple[str, dict[str, str]]:
        modal = self._ada.modal()
        assert modal
        stand = {
            block["label"]["text"]: str(element.get("initial_value", ""))
            for block, element in fields(modal.view)
            if block["type"] == "input"
        }
        return modal.view["title"]["text"], stand

    def readers(self, conversation: ConversationRef) -> set[str]:
        """The app itself is nobody."""
        room = conversation.room
        channel = self.slack.state.channels.get(room) or self.slack.state.direct(self.slack.bot.id, room)
        return {one for one in channel.members if one != self.slack.bot.id}

    def files(self, conversation: ConversationRef) -> list[tuple[str, bytes]]:
        known = self.slack.state.files
        return [
            (known[file].name, known[file].content)
            for one in self.slack.posts()
            if self._conversation(one) == conversation
            for file in one.message.files
        ]

    def harm(self) -> list[str]:
        """Notifications, and what cannot be read as text and links of the web."""
        found = [f"{one.mention} in {one.text}" for one in self.slack.harm()]
        for post in self.slack.posts():
            for shown in marked(post.message.blocks):
                try:
                    read(shown, "few")
                except AssertionError as error:
                    found.append(str(error))
        return found

    def _conversation(self, one: Seen) -> ConversationRef:
        channel = self.slack.state.channels[one.channel]
        if channel.kind == "im":
            thread = At(channel.id, one.thread) if one.thread else None
            return person_room(channel.team, self._ada.id, thread)
        return channel_room(channel.team, channel.id, one.thread)

    def _words(self, one: Seen) -> str:
        return "\n".join(words(shown) for shown in texts(one.message.blocks))


def labels_of(one: Seen) -> tuple[str, ...]:
    return tuple(label(element) for _, element in elements(one.message.blocks))


def texts(blocks: list[dict[str, Any]]) -> Iterator[str]:
    """What can be read in blocks, as it was sent."""
    for block in blocks:
        if block["type"] == "image":
            yield block["alt_text"]
        elif block["type"] != "actions":
            yield from marked(block)


def marked(value: object) -> Iterator[str]:
    """Every text with Slack's mark-up in it."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield value["text"]
        for one in value.values():
            yield from marked(one)
    elif isinstance(value, list):
        for one in value:
            yield from marked(one)


def words(shown: str) -> str:
    """Without marks; the address that a link leads to stands behind it."""
    out, link = "", ""
    for one in read(shown, "few"):
        if link and one.link != link:
            out += f" ({link})"
        out, link = out + one.text, one.link
    return re.sub(r"[ \t]+", " ", out + (f" ({link})" if link else ""))


@asynccontextmanager
async def _rig(slack: FakeSlack, **settings: Any) -> AsyncIterator[Rig]:
    async with slack.running(), listening(slack, ticks=lambda: time.monotonic() * FASTER, **settings) as front:
        yield SlackRig(slack, front.adapter, front.store)


@asynccontextmanager
async def _by_socket(_: Path) -> AsyncIterator[Rig]:
    async with _rig(FakeSlack()) as rig:
        yield rig


@asynccontextmanager
async def _by_http(_: Path) -> AsyncIterator[Rig]:
    bind = f"127.0.0.1:{free_port()}"
    async with _rig(
        FakeSlack(request_urls=[f"http://{bind}/slack/events"]), slack_mode="http", slack_http_bind=bind
    ) as rig:
        yield rig


SOCKET = RigKind("slack, by socket", SlackAdapter, SlackRig, _by_socket)
HTTP = RigKind("slack, by http", SlackAdapter, SlackRig, _by_http)
