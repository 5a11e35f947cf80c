import asyncio
import fcntl
import os
import pty
import select
import signal
import stat
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document as Line
from prompt_toolkit.formatted_text import to_plain_text
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.console.prompt import CommandCompleter, PrivateHistory
from adapters.console.terminal import claim_terminal
from bot.model.documents import Document, Paragraph
from bot.model.messages import IncomingClick, IncomingMessage
from tests.adapters.console.desk import FEEDBACK, EchoDesk
from tests.contract.rigs.console import SENTENCES, until


@dataclass(frozen=True, slots=True)
class Session:
    desk: EchoDesk
    keys: PipeInput
    out: StringIO
    running: asyncio.Task[None]
    prompt: Callable[[], str]
    cue: Callable[[], str]

    async def ended(self) -> None:
        await asyncio.wait_for(asyncio.shield(self.running), 5)

    async def shows(self, text: str) -> None:
        await until(lambda: text in self.out.getvalue())


@asynccontextmanager
async def session(home: Path, **options: Any) -> AsyncIterator[Session]:
    out = StringIO()
    with claim_terminal(home) as terminal, create_pipe_input() as keys:
        desk = EchoDesk(
            terminal, home, stdout=out, interactive=True, prompt_input=keys, prompt_output=DummyOutput(), **options
        )
        running = asyncio.create_task(desk.run())
        try:
            adapter = desk.adapter
            yield Session(desk, keys, out, running, lambda: to_plain_text(adapter._prompt_message()), adapter._cue)
        finally:
            running.cancel()
            await asyncio.wait({running})


async def test_a_question_is_answered_and_the_conversation_lasts(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        chat.keys.send_text("my printer is jammed\r")
        await chat.shows("You said: my printer is jammed")
        chat.keys.send_text("2\r")
        await chat.shows("You pressed next=article-8.")
        assert not any(line.startswith(">") for line in chat.out.getvalue().splitlines())
        chat.keys.send_text("/quit\r")
        await chat.ended()
    question, click = chat.desk.events
    assert isinstance(question, IncomingMessage) and isinstance(click, IncomingClick)
    assert question.conversation == click.conversation
    assert question.conversation.thread is None


@pytest.mark.parametrize("keys", ["\x04", "/exit\r", "/quit\r", "\x03", "half a line\x03\x03", "half a line\x03\x04"])
async def test_ways_to_leave(tmp_path: Path, keys: str) -> None:
    async with session(tmp_path) as chat:
        chat.keys.send_text(keys)
        await chat.ended()
    assert chat.desk.events == []


async def test_the_prompt_and_the_status_line_say_who_one_is(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        assert chat.prompt() == "Ada › "
        assert chat.desk.adapter._toolbar() == "Ada, employee"
        chat.keys.send_text("/as technician\r")
        await chat.shows("You are now Ada, a technician.")
        assert chat.prompt() == "Ada @ desk › "
        assert chat.desk.adapter._toolbar() == "Ada, technician"
        chat.keys.send_text("/ticket list\r")
        await chat.shows("guichet → desk · #1")
    assert [event.author.native_id for event in chat.desk.events] == ["ada@desk"]


async def test_the_cue_comes_after_a_second_and_goes_with_the_answer(tmp_path: Path) -> None:
    answered = asyncio.Event()

    async def wait(_: object) -> None:
        await answered.wait()

    async with session(tmp_path, answered=wait) as chat:
        chat.keys.send_text("hello\r")
        await chat.shows("You said: hello")
        assert not chat.cue()
        await until(lambda: chat.cue() == "🤔")
        answered.set()
        await until(lambda: not chat.cue())


async def test_the_cue_goes_when_no_answer_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.console.adapter.CUE_AFTER", 0.01)
    async with session(tmp_path, patience=0.1) as chat:
        chat.keys.send_text("silence\r")
        await until(lambda: chat.cue() == "🤔")
        await chat.shows(SENTENCES["console.no_answer"])
        await until(lambda: not chat.cue())


async def test_leaving_does_not_wait_for_answers(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        chat.keys.send_text("silence\r\x04")
        await chat.ended()
    assert len(chat.desk.events) == 1


async def test_news_arrives_while_a_line_is_being_typed(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        chat.keys.send_text("half of a ")
        await asyncio.sleep(0.05)
        await chat.desk.adapter.send(chat.desk.delivery(chat.desk.adapter.conversation, Paragraph("News.")))
        assert "News." in chat.out.getvalue()
        chat.keys.send_text("question\r")
        await chat.shows("You said: half of a question")


async def test_a_number_means_what_was_on_show_when_it_was_typed(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        adapter, desk = chat.desk.adapter, chat.desk
        first = desk.delivery(adapter.conversation, Paragraph("T1"), FEEDBACK)
        await adapter.send(first)
        chat.keys.send_text("1")
        await asyncio.sleep(0.05)
        second = desk.delivery(adapter.conversation, Paragraph("T2"), FEEDBACK)
        await adapter.send(second)
        chat.keys.send_text("\r")
        await until(lambda: len(desk.events) == 1)
        chat.keys.send_text("1\r")
        await until(lambda: len(desk.events) == 2)
    clicks = [event.delivery for event in desk.events if isinstance(event, IncomingClick)]
    assert clicks[0] == first.id and clicks[1] == second.id


async def test_pasted_lines_are_one_message(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        chat.keys.send_text("\x1b[200~two\nlines\x1b[201~\r")
        await chat.shows("You said: two")
    assert [event.text for event in chat.desk.events if isinstance(event, IncomingMessage)] == ["two\nlines"]


async def test_a_greeting_is_shown(tmp_path: Path) -> None:
    async with session(tmp_path) as chat:
        await chat.desk.adapter.show(Document((Paragraph("40 articles. **Try:** my printer is jammed"),)))
        assert chat.out.getvalue() == "40 articles. Try: my printer is jammed\n\n"


async def test_history_is_private_and_holds_no_secret(tmp_path: Path) -> None:
    async with session(tmp_path, mask=lambda text: text.replace("hunter2", "•••")) as chat:
        for line in ("my printer is jammed", "my password is hunter2", "thanks"):
            chat.keys.send_text(f"{line}\r")
            await chat.shows(f"You said: {line}")
    file = tmp_path / "console_history"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(PrivateHistory(file, lambda text: text).load_history_strings()) == ["thanks", "my printer is jammed"]


def at_a_terminal(home: Path, leave: Callable[[int, int], None]) -> tuple[str, int, bool]:
    """A whole session of a real process at a real (pseudo) terminal: what was on it, exit code, and whether the
    terminal echoes again afterwards."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""

    def read_until(wanted: bytes) -> None:
        nonlocal seen
        while wanted not in seen:
            assert select.select([ours], [], [], 10)[0], seen
            block = os.read(ours, 65_536)
            os.write(ours, b"\x1b[1;1R" * block.count(b"\x1b[6n"))  # the terminal is asked where its cursor is
            seen += block

    command = [sys.executable, "-W", "error", "-m", "tests.adapters.console.desk", str(home)]
    environ = os.environ | {"TERM": "xterm-256color"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as process:
        try:
            read_until("Ada › ".encode())
            os.write(ours, b"hello\r")
            read_until(b"Type a number to choose.")
            leave(process.pid, ours)
            code = process.wait(5)
            echoes = bool(termios.tcgetattr(ours)[3] & termios.ECHO)
        finally:
            process.kill()
            os.close(theirs)
            os.close(ours)
    return seen.decode(), code, echoes


@pytest.mark.parametrize(
    "leave",
    [
        lambda pid, terminal: os.write(terminal, b"\x04"),
        lambda pid, terminal: os.kill(pid, signal.SIGTERM),
        lambda pid, terminal: os.kill(pid, signal.SIGINT),
    ],
    ids=["Ctrl-D", "SIGTERM", "SIGINT"],
)
def test_a_real_terminal_gets_colours_and_is_left_as_it_was(tmp_path: Path, leave: Callable[[int, int], None]) -> None:
    seen, code, echoes = at_a_terminal(tmp_path, leave)
    assert (code, echoes) == (0, True)
    assert "\x1b[1;36mguichet → Ada" in seen and "Traceback" not in seen


def test_commands_are_completed_whole() -> None:
    completer = CommandCompleter(lambda: ["/ticket list", "/ticket claim", "!claim", "/as technician", "/ticket list"])

    def offered(typed: str) -> list[str]:
        return [completion.text for completion in completer.get_completions(Line(typed), CompleteEvent())]

    assert offered("/TICKET ") == ["/ticket list", "/ticket claim"]
    assert offered("/as t") == ["/as technician"]
    assert offered("!c") == ["!claim"]
    assert offered("/as technician") == offered("ticket") == offered("") == []
