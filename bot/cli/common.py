"""What the subcommands share."""

import asyncio
import json
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

T = TypeVar("T")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def print_json(value: object) -> None:
    """One JSON value on one line, flushed: whoever reads the pipe has it at once."""
    click.echo(json.dumps(value, ensure_ascii=False, default=str))
    sys.stdout.flush()
