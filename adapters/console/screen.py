"""The terminal's output. What `show` was given has been handed to the operating system when it returns."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TextIO

from prompt_toolkit.application import get_app_or_none
from rich.console import RenderableType

from adapters.console.render import Surface, paint
from bot.errors import PlatformUnavailable

_WIDEST = 100  # columns: longer lines are hard to read


class Screen:
    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        self._out = out
        self._tty = out.isatty() and environ.get("TERM") != "dumb"
        self._colour = not environ.get("NO_COLOR")
        self.gone = asyncio.Event()  # nobody reads any more: the pipe is closed, the terminal hung up

    @property
    def surface(self) -> Surface:
        if not self._tty:
            return Surface()
        return Surface(width=min(self._columns(), _WIDEST), styled=True, colour=self._colour)

    async def show(self, renderable: RenderableType) -> None:
        """Print above the prompt, if there is one. Raises PlatformUnavailable when the terminal is gone."""
        text = paint(renderable, self.surface)
        encoding = self._out.encoding or "utf-8"
        printable = text.encode(encoding, "replace").decode(encoding)
        async with _above_the_prompt():
            try:
                self._out.write(printable)
                self._out.flush()
            except (OSError, ValueError) as error:  # ValueError: the stream was closed
                self.gone.set()
                raise PlatformUnavailable("the terminal is gone") from error

    def _columns(self) -> int:
        try:
            return max(20, os.get_terminal_size(self._out.fileno()).columns)
        except (OSError, ValueError):
            return max(20, shutil.get_terminal_size().columns)


@asynccontextmanager
async def _above_the_prompt() -> AsyncIterator[None]:
    """Take the prompt away while something is printed without waiting, and have it drawn again below.

    Unlike prompt_toolkit's `in_terminal`, this leaves the terminal in raw mode: in the moments of cooked mode a Ctrl-D
    would be lost, and typed letters would be echoed twice.
    """
    app = get_app_or_none()
    if app and app.is_running and app.output.responds_to_cpr:
        await app.renderer.wait_for_cpr_responses()  # their answers are positions of the prompt that is taken away
    if not app or not app.is_running:
        yield
        return
    app.renderer.erase()
    try:
        yield
    finally:
        if not app.is_done and not app.key_processor.input_queue:
            app.renderer.request_absolute_cursor_position()
        app.invalidate()
