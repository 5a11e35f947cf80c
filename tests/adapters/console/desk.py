"""A desk that is only an echo, behind a real console; also a program: `python -m tests.adapters.console.desk HOME`."""

import asyncio
import signal
import sys
from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

from adapters.console.adapter import ConsoleAdapter
from adapters.console.terminal import Terminal, claim_terminal
from bot.model.documents import Actions, Block, Button, Document, Paragraph, plain
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, Incoming, IncomingClick, IncomingMessage, MessageKey
from bot.model.values import Language
from tests.contract.rigs.console import ADA, sentence

Answer = Callable[[Incoming], Awaitable[tuple[Block, ...] | None]]
FEEDBACK = Actions((Button("worked", "It worked", "article-7"), Button("next", "Next solution", "article-8")))


async def echo(event: Incoming) -> tuple[Block, ...] | None:
    """What was heard; no answer at all to "silence"."""
    if isinstance(event, IncomingClick):
        return (Paragraph(f"You pressed {event.action}={event.value}."),)
    assert isinstance(event, IncomingMessage)
    if event.text == "silence":
        return None
    shown = plain(event.text if len(event.text) < 100 else f"{len(event.text)} characters")
    return (Paragraph(f"You said: {shown}"), FEEDBACK)


class EchoDesk:
    """The inbox and the engine in one: an event is answered a moment after it was stored."""

    def __init__(self, terminal: Terminal, home: Path, answer: Answer = echo, **options: Any) -> None:
        self.events: list[Incoming] = []
        self._answer = answer
        self._done: defaultdict[MessageKey, asyncio.Event] = defaultdict(asyncio.Event)
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        settings: dict[str, Any] = {"mask": lambda text: text, "user": ADA, "answered": self.answered} | options
        self.adapter = ConsoleAdapter(terminal, sentence, Language.EN, home, **settings)

    async def receive(self, *events: Incoming) -> int:
        self.events += events
        for event in events:
            task = asyncio.create_task(self._handle(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(0)  # so that an answer could overtake the echo, if nothing kept it from doing so
        return len(events)

    async def answered(self, key: MessageKey) -> None:
        await self._done[key].wait()

    async def run(self) -> None:
        await self.adapter.run(self)

    def delivery(self, conversation: ConversationRef, *blocks: Block, **options: Any) -> Delivery:
        number = next(self._numbers)
        return Delivery(conversation, Document(blocks), f"key-{number}", number=number, **options)

    async def _handle(self, event: Incoming) -> None:
        if blocks := await self._answer(event):
            await self.adapter.send(self.delivery(event.conversation, *blocks))
            self._done[event.key].set()


async def main(home: Path) -> None:
    """As a composition root does it: a signal ends the console, and with it the process."""
    with claim_terminal(home) as terminal:
        desk = EchoDesk(terminal, home)
        running = asyncio.create_task(desk.run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
        print(f"[{terminal.name}]", flush=True)
        await asyncio.wait({running})


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
