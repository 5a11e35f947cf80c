"""The console as a chat platform: what is typed goes to the inbox, what is delivered is printed."""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TextIO

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.output import Output
from prompt_toolkit.patch_stdout import patch_stdout
from rich.console import Group
from rich.text import Text

from adapters.console import render
from adapters.console.lines import piped_lines
from adapters.console.prompt import PrivateHistory, Prompt
from adapters.console.safe import one_line
from adapters.console.screen import Screen
from adapters.console.speaker import DESK, PLATFORM, LocalUser, Speaker, local_user, room_of
from adapters.console.terminal import Terminal
from adapters.console.translate import Offer, Press, Quit, Say, Switch, event, read
from bot.errors import GuichetError, PlatformUnavailable, StorageError
from bot.model.documents import Document
from bot.model.ids import new_id
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef, MessageKey
from bot.model.values import Language
from bot.ports.adapters import ExternalId, Inbox

Translate = Callable[..., str]  # (key, language, **values): a sentence of the catalogue

CUE = "🤔"
CUE_AFTER = 1.0  # seconds
PATIENCE = 60.0  # seconds
OWN_COMMANDS = ("/as technician", "/as employee", "/quit")

log = logging.getLogger(__name__)


class ConsoleAdapter:
    """One terminal, at which one person speaks in one of two roles.

    `answered(key)` returns when everything that answers that event has been delivered. `mask` replaces secrets in a
    text. `commands` are offered to who speaks. `page`: the address of the web page, if there is one. Without
    `interactive`, it is a session with a prompt when both standard input and output are a terminal; else lines are read
    one by one, each when the one before is answered.
    """

    platform = PLATFORM

    def __init__(
        self,
        terminal: Terminal,
        translate: Translate,
        language: Language,
        home: Path,
        *,
        answered: Callable[[MessageKey], Awaitable[None]],
        mask: Callable[[str], str],
        commands: Mapping[Speaker, Sequence[str]] | None = None,
        interactive: bool | None = None,
        stdin: BinaryIO | None = None,
        stdout: TextIO | None = None,
        prompt_input: Input | None = None,
        prompt_output: Output | None = None,
        user: LocalUser | None = None,
        patience: float = PATIENCE,
        page: str = "",
    ) -> None:
        self._terminal = terminal.name
        self._translate = translate
        self._language = language
        self._answered = answered
        self._mask = mask
        self._patience = patience
        self._page = page
        self._user = user or local_user(os.environ)
        self._stdin = stdin or (sys.stdin.buffer if sys.stdin else BytesIO())
        out = stdout or sys.stdout
        self._screen = Screen(out, os.environ)
        self._interactive = (self._stdin.isatty() and out.isatty()) if interactive is None else interactive
        self._thread = None if self._interactive else str(new_id())
        self._speaker = Speaker.EMPLOYEE
        self._offers: dict[ConversationRef, Offer] = {}
        self._offer: Offer | None = None  # what was on show when the present line was begun
        self._in_order = asyncio.Lock()  # a line is stored, then echoed, and only then is anything printed below it
        self._late: set[MessageKey] = set()
        self._prompt = partial(
            Prompt,
            self._prompt_message,
            self._cue,
            self._toolbar,
            self._begin_line,
            PrivateHistory(home / "console_history", mask),
            lambda: (*(commands or {}).get(self._speaker, ()), *OWN_COMMANDS),
            prompt_input,
            prompt_output,
        )

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset() if self._screen.gone.is_set() else frozenset({self._terminal})

    @property
    def conversation(self) -> ConversationRef:
        """Where the person speaks at present."""
        return room_of(self._speaker, self._terminal, self._thread)

    async def run(self, inbox: Inbox) -> None:
        """Returns when the person leaves, the input ends, or nobody reads the output any more."""
        try:
            await (self._converse(inbox) if self._interactive else self._read_through(inbox))
        except PlatformUnavailable:
            log.info("the terminal is gone")

    async def send(self, delivery: Delivery) -> ExternalId:
        if delivery.conversation.account != self._terminal:
            raise PlatformUnavailable(f"{delivery.conversation.account} is another process")
        message = delivery.replaces or f"{self._terminal}/{delivery.number}"
        marks = ["console.updated"] * bool(delivery.replaces) + ["console.again"] * delivery.repeated
        await self._post(delivery.conversation, message, delivery.document, delivery.language, marks, delivery)
        return message

    async def edit(self, conversation: ConversationRef, message: ExternalId, document: Document) -> None:
        """Print the new version; what was printed stays where it is."""
        await self._post(conversation, message, document, self._language, ["console.updated"])

    async def delete(self, conversation: ConversationRef, message: ExternalId) -> None:
        """Say that a message is withdrawn; its buttons cannot be pressed any more."""
        async with self._in_order:
            await self._note("console.withdrawn", number=_number(message))
            self._forget_buttons(conversation, message)

    async def show(self, document: Document) -> None:
        """Print a document of this process itself, such as a greeting."""
        say = self._say(self._language)
        async with self._in_order:
            await self._screen.show(Group(render.body(document, say, self._language, None), Text("")))

    # --- what is printed -------------------------------------------------------------------------------------------

    async def _post(
        self,
        conversation: ConversationRef,
        message: ExternalId,
        document: Document,
        language: Language,
        marks: list[str],
        delivery: Delivery | None = None,
    ) -> None:
        say = self._say(language)
        desk = conversation.room == DESK
        earlier = not desk and conversation.thread != self._thread
        heading = render.Heading(
            say("console.to_desk") if desk else say("console.to_employee", name=self._user.name),
            _number(message),
            tuple(say(mark) for mark in [*marks, *["console.earlier"] * earlier]),
            desk,
        )
        async with self._in_order:
            hint = None if earlier else self._hint(conversation, say)
            await self._screen.show(render.delivered(heading, document, say, language, hint, self._page))
            if buttons := render.buttons_of(document):
                self._offers[conversation] = Offer(message, buttons, delivery.id if delivery else None)
            else:
                self._forget_buttons(conversation, message)

    def _hint(self, conversation: ConversationRef, say: render.Say) -> str:
        if conversation == self.conversation:
            return say("console.choose")
        speaker = Speaker.TECHNICIAN if conversation.room == DESK else Speaker.EMPLOYEE
        return say("console.choose_elsewhere", command=f"/as {speaker}")

    def _forget_buttons(self, conversation: ConversationRef, message: ExternalId) -> None:
        offer = self._offers.get(conversation)
        if offer and offer.message == message:
            del self._offers[conversation]

    def _say(self, language: Language) -> render.Say:
        return lambda key, **values: self._translate(key, language, **values)

    async def _note(self, key: str, **values: str) -> None:
        """A line of the adapter's own."""
        await self._screen.show(Group(self._sentence(key, **values), Text("")))

    def _sentence(self, key: str, **values: str) -> Text:
        return render.sentence(self._translate(key, self._language, **values), "dim")

    # --- what is typed ---------------------------------------------------------------------------------------------

    async def _read_through(self, inbox: Inbox) -> None:
        async for line in piped_lines(self._stdin):
            if self._screen.gone.is_set():
                return
            self._begin_line()
            taken = await self._take(line, inbox, echo=True)
            if taken is Quit:
                return
            if isinstance(taken, MessageKey):
                await self._wait_for_answer(taken)

    async def _converse(self, inbox: Inbox) -> None:
        prompt = self._prompt()
        watches: set[asyncio.Task[None]] = set()
        try:
            with patch_stdout(raw=True):
                while (line := await prompt.line()) is not None:
                    taken = await self._take(line, inbox, echo=False)
                    if taken is Quit:
                        return
                    if isinstance(taken, MessageKey):
                        watch = asyncio.create_task(self._watch(taken, prompt))
                        watches.add(watch)
                        watch.add_done_callback(watches.discard)
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def _take(self, line: str, inbox: Inbox, *, echo: bool) -> MessageKey | type[Quit] | None:
        """Do what a line says; return the key of what was stored, if anything was."""
        said = read(line, self._offer)
        if said is None:
            return None
        async with self._in_order:
            stored = None
            if isinstance(said, Press | Say):
                incoming = event(said, self.conversation, self._user.identity(self._speaker), datetime.now(UTC))
                try:
                    await inbox.receive(incoming)
                    stored = incoming.key
                except StorageError as error:
                    log.warning("a line was not stored: %s", error)
            if echo:
                await self._screen.show(render.echo(self._mask(one_line(line))))
            match said:
                case Quit():
                    return Quit
                case Switch(speaker=None):
                    await self._note("console.as_usage")
                case Switch(speaker=Speaker() as speaker):
                    self._speaker = speaker
                    await self._note(f"console.now_{speaker}", name=self._user.name)
                case _ if stored is None:
                    await self._note("console.not_stored")
            return stored

    async def _wait_for_answer(self, key: MessageKey) -> None:
        """Return when it has been answered, when the terminal is gone, or after saying that it takes long."""
        answer = asyncio.ensure_future(self._answered(key))
        gone = asyncio.ensure_future(self._screen.gone.wait())
        try:
            await asyncio.wait({answer, gone}, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
            if answer.done() and not isinstance(error := answer.exception(), GuichetError):
                if error:
                    raise error
            elif not gone.done():
                async with self._in_order:
                    await self._note("console.no_answer")
        finally:
            answer.cancel()
            gone.cancel()

    async def _watch(self, key: MessageKey, prompt: Prompt) -> None:
        """The same with a cue at the prompt, from one second on and until the wait is over, however it ends."""

        def show_cue() -> None:
            self._late.add(key)
            prompt.refresh()

        timer = asyncio.get_running_loop().call_later(CUE_AFTER, show_cue)
        try:
            await self._wait_for_answer(key)
        finally:
            timer.cancel()
            self._late.discard(key)
            prompt.refresh()

    def _begin_line(self) -> None:
        self._offer = self._offers.get(self.conversation)

    def _prompt_message(self) -> StyleAndTextTuples:
        place = f"{self._user.name} @ {DESK}" if self._speaker is Speaker.TECHNICIAN else self._user.name
        return [(f"class:{self._speaker}", f"{place} › ")]

    def _cue(self) -> str:
        return CUE if self._late else ""

    def _toolbar(self) -> str:
        return render.sentence(
            self._say(self._language)(f"console.toolbar_{self._speaker}", name=self._user.name)
        ).plain


def _number(message: ExternalId) -> str:
    return message.rpartition("/")[2]
