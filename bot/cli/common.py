"""What the subcommands share."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, TypeVar

import click

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


def one_of(values: type[E]) -> click.Choice[str]:
    """An option that takes one of a vocabulary's values, as they stand in JSON."""
    return click.Choice([value.value for value in values])


def run_async(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def print_json(value: object) -> None:
    """One JSON value on one line, flushed: whoever reads the pipe has it at once."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))
    sys.stdout.flush()


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, where that is a terminal; the function given says how far it is."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console  # slow to import, and of no use to scripts
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
