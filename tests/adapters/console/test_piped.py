import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from adapters.console.terminal import claim_terminal
from bot.errors import PlatformUnavailable, StorageUnavailable
from bot.model.documents import Block, Paragraph
from bot.model.messages import Incoming, IncomingClick, IncomingMessage
from tests.adapters.console.desk import FEEDBACK, EchoDesk, echo
from tests.contract.rigs.console import SENTENCES, until


def ask(home: Path, typed: bytes, **options: object) -> tuple[EchoDesk, str]:
    """Run a whole piped session; what was heard, and the transcript."""
    out = StringIO()

    async def session() -> EchoDesk:
        with claim_terminal(home) as terminal:
            desk = EchoDesk(terminal, home, stdin=BytesIO(typed), stdout=out, **options)  # type: ignore[arg-type]
            await asyncio.wait_for(desk.run(), 10)
            return desk

    return asyncio.run(session()), out.getvalue()


def said(desk: EchoDesk) -> list[str]:
    return [event.text if isinstance(event, IncomingMessage) else event.type for event in desk.events]


def test_a_transcript_reads_like_a_conversation(tmp_path: Path) -> None:
    desk, transcript = ask(
        tmp_path, b"my printer is jammed\r\n\n  \n2\n/as technician\n/ticket list\n/quit\nnever read\n"
    )
    assert transcript == (
        "> my printer is jammed\n"
        "guichet → Ada · #1\n"
        "  You said: my printer is jammed\n"
        "\n"
        "  [1] It worked  [2] Next solution\n"
        "  Type a number to choose.\n"
        "\n"
        "> 2\n"
        "guichet → Ada · #2\n"
        "  You pressed next=article-8.\n"
        "\n"
        "> /as technician\n"
        "You are now Ada, a technician.\n"
        "\n"
        "> /ticket list\n"
        "guichet → desk · #3\n"
        "  You said: /ticket list\n"
        "\n"
        "  [1] It worked  [2] Next solution\n"
        "  Type a number to choose.\n"
        "\n"
        "> /quit\n"
    )
    question, click, command = desk.events
    assert isinstance(click, IncomingClick) and isinstance(command, IncomingMessage)
    assert question.conversation == click.conversation
    assert question.conversation.room == "chat" and question.conversation.thread
    assert (command.conversation.room, command.conversation.thread) == ("desk", None)
    assert (question.author.native_id, command.author.native_id) == ("ada", "ada@desk")


def test_every_run_is_a_conversation_of_its_own(tmp_path: Path) -> None:
    (first,), (second,) = (ask(tmp_path, b"hello")[0].events for _ in range(2))
    assert first.conversation.account == second.conversation.account
    assert first.conversation != second.conversation


def test_whatever_is_piped_in(tmp_path: Path) -> None:
    typed = b"x" * 10_000_000 + b"\ncaf\xe9\x00\x1b[2J\r\n\xe2\x80\xae\nlast, without an end"
    desk, transcript = ask(tmp_path, typed)
    assert said(desk) == ["x" * 6000, "caf\ufffd", "last, without an end"]
    assert "6000 characters" in transcript and "\x1b" not in transcript and "\x00" not in transcript
    assert max(map(len, transcript.splitlines())) < 250


def test_no_input_at_all(tmp_path: Path) -> None:
    desk, transcript = ask(tmp_path, b"")
    assert (desk.events, transcript) == ([], "")


def test_one_line_waits_for_the_answer_to_the_one_before(tmp_path: Path) -> None:
    running: list[str] = []

    async def slow(event: Incoming) -> tuple[Block, ...] | None:
        running.append("begin")
        await asyncio.sleep(0.03)
        running.append("end")
        return await echo(event)

    ask(tmp_path, b"one\ntwo\nthree\n", answer=slow)
    assert running == ["begin", "end"] * 3


def test_a_question_without_an_answer_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    desk, transcript = ask(tmp_path, b"silence\nhello\n", patience=0.05)
    assert said(desk) == ["silence", "hello"]
    assert transcript.startswith(f"> silence\n{SENTENCES['console.no_answer']}\n\n> hello\nguichet → Ada · #1\n")


def test_an_error_while_waiting_is_no_answer_either(tmp_path: Path) -> None:
    async def answered(_: object) -> None:
        raise StorageUnavailable("the database is away")

    _, transcript = ask(tmp_path, b"hello\n", answered=answered)
    assert SENTENCES["console.no_answer"] in transcript


def test_what_could_not_be_stored_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive(self: EchoDesk, *events: Incoming) -> int:
        raise StorageUnavailable("the database is away")

    monkeypatch.setattr(EchoDesk, "receive", receive)
    _, transcript = ask(tmp_path, b"hello\n")
    assert transcript == f"> hello\n{SENTENCES['console.not_stored']}\n\n"


def test_a_secret_is_not_echoed(tmp_path: Path) -> None:
    desk, transcript = ask(tmp_path, b"my password is hunter2\n", mask=lambda text: text.replace("hunter2", "•••"))
    assert said(desk) == ["my password is hunter2"]
    assert transcript.startswith("> my password is •••\n")


def test_an_unknown_role_gets_the_usage(tmp_path: Path) -> None:
    _, transcript = ask(tmp_path, b"/as king\n/as employee\n")
    assert transcript == (
        f"> /as king\n{SENTENCES['console.as_usage']}\n\n> /as employee\nYou are now Ada, an employee.\n\n"
    )


async def test_what_was_left_of_an_earlier_run_is_shown_but_not_pressed(tmp_path: Path) -> None:
    out = StringIO()
    with claim_terminal(tmp_path) as terminal:
        before = EchoDesk(terminal, tmp_path, stdin=BytesIO(), stdout=out)
        left = before.delivery(before.adapter.conversation, Paragraph("An answer."), FEEDBACK, repeated=True)
        now = EchoDesk(terminal, tmp_path, stdin=BytesIO(b"1\n"), stdout=out)
        assert await now.adapter.send(left) == f"{terminal.name}/1"
        assert out.getvalue() == "guichet → Ada · #1 · shown again · earlier session\n  An answer.\n\n"
        await now.run()
    assert said(now) == ["1"]


async def test_buttons_are_those_of_the_present_room_and_go_with_an_edit(tmp_path: Path) -> None:
    out = StringIO()
    reading, writing = os.pipe()
    with claim_terminal(tmp_path) as terminal, os.fdopen(reading, "rb") as stdin:
        desk = EchoDesk(terminal, tmp_path, stdin=stdin, stdout=out)
        running = asyncio.create_task(desk.run())
        room = desk.adapter.conversation
        card = desk.delivery(room, Paragraph("A card."), FEEDBACK)
        shown = await desk.adapter.send(card)

        async def type_line(line: str) -> Incoming:
            before = len(desk.events)
            os.write(writing, f"{line}\n".encode())
            await until(lambda: len(desk.events) > before)
            return desk.events[before]

        clicked = await type_line("1")
        assert isinstance(clicked, IncomingClick) and clicked.delivery == card.id

        os.write(writing, b"/as technician\n")
        assert isinstance(await type_line("1"), IncomingMessage)
        await desk.adapter.send(desk.delivery(room, Paragraph("Another."), FEEDBACK))
        assert "To choose: /as employee, then the number." in out.getvalue()
        os.write(writing, b"/as employee\n")
        assert isinstance(await type_line("2"), IncomingClick)

        latest = await desk.adapter.send(desk.delivery(room, Paragraph("A card."), FEEDBACK))
        await desk.adapter.send(desk.delivery(room, Paragraph("Settled."), replaces=latest))
        assert shown != latest
        assert isinstance(await type_line("2"), IncomingMessage)
        os.close(writing)
        await asyncio.wait_for(running, 5)


async def test_when_nobody_reads_any_more_nothing_counts_as_sent(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with claim_terminal(tmp_path) as terminal, os.fdopen(writing, "wb", buffering=0) as pipe:
        out = TextIOWrapper(pipe, write_through=True)
        desk = EchoDesk(terminal, tmp_path, stdin=BytesIO(b"one\ntwo\n"), stdout=out)
        assert desk.adapter.accounts == {terminal.name}
        with pytest.raises(PlatformUnavailable):
            await desk.adapter.send(desk.delivery(desk.adapter.conversation, Paragraph("Hello.")))
        assert desk.adapter.accounts == frozenset()
        await asyncio.wait_for(desk.run(), 5)
        assert desk.events == []


async def nothing(_: object) -> None:
    """No answer, ever."""


async def test_a_reader_who_left_ends_the_run(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with claim_terminal(tmp_path) as terminal, os.fdopen(writing, "wb", buffering=0) as pipe:
        out = TextIOWrapper(pipe, write_through=True)
        desk = EchoDesk(terminal, tmp_path, answer=nothing, stdin=BytesIO(b"one\ntwo\n"), stdout=out)
        await asyncio.wait_for(desk.run(), 5)
    assert said(desk) == ["one"]


async def test_a_reader_who_leaves_is_not_waited_for(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with claim_terminal(tmp_path) as terminal, os.fdopen(writing, "wb", buffering=0) as pipe:
        out = TextIOWrapper(pipe, write_through=True)
        desk = EchoDesk(terminal, tmp_path, answer=nothing, stdin=BytesIO(b"one\ntwo\n"), stdout=out)
        running = asyncio.create_task(desk.run())
        assert await asyncio.to_thread(os.read, reading, 100) == b"> one\n"
        os.close(reading)
        with pytest.raises(PlatformUnavailable):
            await desk.adapter.send(desk.delivery(desk.adapter.conversation, Paragraph("Too late.")))
        await asyncio.wait_for(running, 5)
    assert said(desk) == ["one"]


async def test_a_fault_while_waiting_is_not_hidden(tmp_path: Path) -> None:
    async def answered(_: object) -> None:
        raise ZeroDivisionError

    with claim_terminal(tmp_path) as terminal:
        desk = EchoDesk(terminal, tmp_path, answered=answered, stdin=BytesIO(b"hello\n"), stdout=StringIO())
        with pytest.raises(ZeroDivisionError):
            await desk.run()


async def test_an_output_without_the_letters_gets_question_marks(tmp_path: Path) -> None:
    raw = BytesIO()
    with claim_terminal(tmp_path) as terminal:
        out = TextIOWrapper(raw, encoding="ascii")
        desk = EchoDesk(terminal, tmp_path, stdin=BytesIO(), stdout=out)
        await desk.adapter.send(desk.delivery(desk.adapter.conversation, Paragraph("L’été")))
        assert raw.getvalue() == b"guichet ? Ada ? #1\n  L??t?\n\n"


@contextmanager
def chat(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "tests.adapters.console.desk", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[bytes], wanted: bytes) -> bytes:
    assert process.stdout
    seen = b""
    while wanted not in seen:
        assert select.select([process.stdout], [], [], 10)[0], seen
        block = os.read(process.stdout.fileno(), 4096)
        assert block, seen
        seen += block
    return seen


def test_a_process_reads_a_pipe_to_its_end(tmp_path: Path) -> None:
    with chat(tmp_path) as process:
        out, errors = process.communicate("l’imprimante\nadieu".encode(), timeout=10)
    assert (process.returncode, errors) == (0, b"")
    assert "> l’imprimante\n" in out.decode() and "You said: adieu" in out.decode()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_process_that_waits_for_input(tmp_path: Path, number: signal.Signals) -> None:
    with chat(tmp_path) as process:
        assert process.stdin and process.stderr
        process.stdin.write(b"hello\n")
        read_until(process, b"You said: hello")
        process.send_signal(number)
        assert process.wait(5) == 0
        assert process.stderr.read() == b""


def test_after_a_kill_the_next_process_is_the_same_terminal(tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):
        with chat(tmp_path) as process:
            seen.add(read_until(process, b"]").split(b"]")[0])
            process.kill()
    assert len(seen) == 1
