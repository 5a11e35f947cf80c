"""`guichet run`: the desk, until it is told to stop."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import click

from bot.cli.console import run_desk
from bot.settings import load_settings


@click.command(name="run")
@click.option("--no-console", is_flag=True, help="Do not open the console, even on a terminal.")
def command(no_console: bool) -> None:
    """Start every configured platform and, on a terminal, the console."""
    settings = load_settings()
    console = sys.stdin.isatty() and sys.stdout.isatty() and not no_console
    asyncio.run(until_told(run_desk(settings, doing="run", console=console)))


async def until_told(desk: Coroutine[Any, Any, None]) -> None:
    """Run until it ends by itself or SIGTERM or SIGINT arrives; then it is wound up in order."""
    task = asyncio.ensure_future(desk)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
