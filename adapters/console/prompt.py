"""The prompt of an interactive session: a line editor with history, completion and a status line."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.output import Output
from prompt_toolkit.styles import Style

_STYLE = Style.from_dict({"bottom-toolbar": "noreverse", "employee": "ansicyan bold", "technician": "ansimagenta bold"})
_LONGEST_REMEMBERED = 2_000


class PrivateHistory(FileHistory):
    """Typed lines, readable by their owner alone; one in which there is something to mask is not written."""

    def __init__(self, file: Path, mask: Callable[[str], str]) -> None:
        self._file = file
        self._mask = mask
        super().__init__(str(file))

    def store_string(self, string: str) -> None:
        if len(string) > _LONGEST_REMEMBERED or self._mask(string) != string:
            return
        os.close(os.open(self._file, os.O_CREAT | os.O_WRONLY, 0o600))
        self._file.chmod(0o600)
        super().store_string(string)


class CommandCompleter(Completer):
    """Whole commands, once a line begins with a slash or an exclamation mark: those of who speaks at the moment."""

    def __init__(self, commands: Callable[[], Sequence[str]]) -> None:
        self._commands = commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        typed = document.text_before_cursor
        if typed.startswith(("/", "!")):
            for command in dict.fromkeys(self._commands()):
                if command.casefold().startswith(typed.casefold()) and command != typed:
                    yield Completion(command, start_position=-len(typed))


class Prompt:
    """`message`, `cue` and `toolbar` are asked at every redraw; `begun` is called when a line gets its first character.

    The cue stands above the prompt and is not left behind when the line is entered.
    """

    def __init__(
        self,
        message: Callable[[], StyleAndTextTuples],
        cue: Callable[[], str],
        toolbar: Callable[[], str],
        begun: Callable[[], None],
        history: PrivateHistory,
        commands: Callable[[], Sequence[str]],
        input: Input | None = None,
        output: Output | None = None,
    ) -> None:
        self._message = message
        self._cue = cue
        self._begun = begun
        self._empty = True
        self._session: PromptSession[str] = PromptSession(
            self._shown,
            bottom_toolbar=lambda: [("class:bottom-toolbar", toolbar())],
            history=history,
            completer=CommandCompleter(commands),
            complete_while_typing=True,
            reserve_space_for_menu=5,
            key_bindings=self._keys(),
            style=_STYLE,
            input=input,
            output=output,
        )
        self._session.default_buffer.on_text_changed += lambda _: self._changed()

    async def line(self) -> str | None:
        """The next line; None when the person wants to leave (Ctrl-D, or Ctrl-C on an empty line, or SIGINT)."""
        self._empty = True
        try:
            return await self._session.prompt_async()
        except (EOFError, KeyboardInterrupt):
            return None

    def refresh(self) -> None:
        self._session.app.invalidate()

    def _shown(self) -> StyleAndTextTuples:
        cue = "" if self._session.app.is_done else self._cue()
        return [("", f"{cue}\n" if cue else ""), *self._message()]

    def _changed(self) -> None:
        empty = not self._session.default_buffer.text
        if self._empty and not empty:
            self._begun()
        self._empty = empty

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add("c-c", filter=Condition(lambda: not self._empty))
        def _(event: KeyPressEvent) -> None:
            event.current_buffer.reset()
            self._empty = True

        return keys
