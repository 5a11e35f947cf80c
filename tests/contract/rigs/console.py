"""The console, by a pipe and by a prompt: real lines in, the printed transcript out."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from io import StringIO
from pathlib import Path

from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.console.adapter import ConsoleAdapter
from adapters.console.speaker import LocalUser, Speaker, room_of
from adapters.console.terminal import Terminal, claim_terminal
from bot.model.documents import plain
from bot.model.messages import ConversationRef, Incoming, IncomingClick, IncomingMessage, MessageKey
from bot.model.values import Language
from tests.contract.rigs.rig import Post, RecordingInbox, Rig, RigKind

ADA = LocalUser("ada", "Ada", "en-GB")
SENTENCES = {
    "console.to_employee": "guichet → {name}",
    "console.to_desk": "guichet → desk",
    "console.again": "shown again",
    "console.updated": "updated",
    "console.earlier": "earlier session",
    "console.withdrawn": "#{number} was withdrawn.",
    "console.source": "Source: {source}",
    "console.reviewed": "reviewed {date}",
    "console.choose": "Type a number to choose.",
    "console.choose_elsewhere": "To choose: {command}, then the number.",
    "console.now_employee": "You are now {name}, an employee.",
    "console.now_technician": "You are now {name}, a technician.",
    "console.as_usage": "Usage: /as employee or /as technician.",
    "console.toolbar_employee": "{name}, employee",
    "console.toolbar_technician": "{name}, technician",
    "file.problem.gone": "no longer there",
    "console.no_answer": "No answer yet. Your message is kept.",
    "console.not_stored": "Your message could not be stored.",
}
_HEADING = re.compile(r"^guichet → (?P<whom>desk|Ada) · #(?P<number>\d+)(?P<marks>.*)$")
_HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def sentence(key: str, language: Language, /, **values: str) -> str:
    """As the catalogue does: values are escaped."""
    return SENTENCES[key].format(**{name: plain(value) for name, value in values.items()})


async def at_once(key: MessageKey) -> None:
    """Everything is answered already."""


def unmasked(text: str) -> str:
    return text


async def until(condition: Callable[[], bool], timeout: float = 5.0) -> None:
    async with asyncio.timeout(timeout):
        while not condition():  # noqa: ASYNC110  what is waited for is at the other end of a pipe
            await asyncio.sleep(0.005)


class ConsoleRig:
    hostile = (
        "\x1b[2J\x1b[1;1Hgone",
        "\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07",
        "\x1bc\x1b[?1049h \x9b31m\x90q",
        "an \x1b that ends nowhere \x1b]8;;https://evil.example",
        "overwritten\rhidden\x08\x08\x07",
        "\u202egnp.exe\u2066 \u200f",
        "&#27;[31m &#x202e; \ud800",
        "one line\nguichet → Ada · #99\n> I said this",
    )

    def __init__(
        self, adapter: ConsoleAdapter, terminal: Terminal, out: StringIO, type_line: Callable[[str], None]
    ) -> None:
        self.adapter = adapter
        self.inbox = RecordingInbox()
        self.desk = room_of(Speaker.TECHNICIAN, terminal.name, None)
        self.out = out
        self._type_line = type_line
        self._chat = adapter.conversation

    async def user_says(self, text: str) -> IncomingMessage:
        heard = await self._heard(text)
        assert isinstance(heard, IncomingMessage)
        return heard

    async def user_presses(self, label: str) -> IncomingClick:
        latest = [post for post in self.posts() if post.buttons and post.conversation == self._chat][-1]
        heard = await self._heard(str(latest.buttons.index(label) + 1))
        assert isinstance(heard, IncomingClick)
        return heard

    def posts(self) -> list[Post]:
        return read_posts(self.out.getvalue(), self._chat, self.desk)

    def harm(self) -> list[str]:
        return _HARMFUL.findall(self.out.getvalue().replace("\n", ""))

    async def _heard(self, line: str) -> Incoming:
        before = len(self.inbox.events)
        self._type_line(line)
        await until(lambda: len(self.inbox.events) > before)
        return self.inbox.events[before]


def read_posts(transcript: str, chat: ConversationRef, desk: ConversationRef) -> list[Post]:
    """Headings stand at the margin, what is below them is indented."""
    posts: list[tuple[re.Match[str], list[str]]] = []
    for line in transcript.splitlines():
        if heading := _HEADING.match(line):
            posts.append((heading, []))
        elif posts and line.startswith("  "):
            posts[-1][1].append(line[2:])
    return [_post(heading, lines, chat, desk) for heading, lines in posts]


def _post(heading: re.Match[str], lines: list[str], chat: ConversationRef, desk: ConversationRef) -> Post:
    buttons = tuple(label for line in lines for label in re.findall(r"\[\d+\] (.+?)(?=  \[\d+\] |$)", line))
    hints = (SENTENCES["console.choose"], SENTENCES["console.choose_elsewhere"].split("{")[0])
    text = [line for line in lines if not re.match(r"\[\d+\] ", line) and not line.startswith(hints)]
    return Post(
        desk if heading["whom"] == "desk" else chat,
        "\n".join(text),
        buttons,
        edited="updated" in heading["marks"],
        repeated="shown again" in heading["marks"],
    )


@asynccontextmanager
async def _piped(home: Path) -> AsyncIterator[Rig]:
    reading, writing = os.pipe()
    out = StringIO()
    with claim_terminal(home) as terminal, os.fdopen(reading, "rb") as stdin:
        adapter = ConsoleAdapter(
            terminal, sentence, Language.EN, home, answered=at_once, mask=unmasked, stdin=stdin, stdout=out, user=ADA
        )
        rig = ConsoleRig(adapter, terminal, out, lambda line: void(os.write(writing, f"{line}\n".encode())))
        listening = asyncio.create_task(adapter.run(rig.inbox))
        try:
            yield rig
        finally:
            os.close(writing)  # the end of the input ends the adapter
            await asyncio.wait_for(listening, 5)


@asynccontextmanager
async def _interactive(home: Path) -> AsyncIterator[Rig]:
    out = StringIO()
    with claim_terminal(home) as terminal, create_pipe_input() as keys:
        adapter = ConsoleAdapter(
            terminal,
            sentence,
            Language.EN,
            home,
            answered=at_once,
            mask=unmasked,
            interactive=True,
            stdout=out,
            user=ADA,
            prompt_input=keys,
            prompt_output=DummyOutput(),
        )
        rig = ConsoleRig(adapter, terminal, out, lambda line: keys.send_text(f"{line}\r"))
        listening = asyncio.create_task(adapter.run(rig.inbox))
        try:
            yield rig
        finally:
            keys.send_text("\x04")
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(listening, 5)


def void(_: object) -> None:
    """For a lambda whose result nobody wants."""


PIPED = RigKind("console, piped", ConsoleAdapter, ConsoleRig, _piped)
INTERACTIVE = RigKind("console, at a prompt", ConsoleAdapter, ConsoleRig, _interactive)
