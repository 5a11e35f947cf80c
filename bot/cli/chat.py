"""`guichet chat`: the console."""

import sys

import click

from bot.cli.common import run_async
from bot.cli.console import run_desk
from bot.cli.run import until_told
from bot.settings import load_settings


@click.command(name="chat")
def command() -> None:
    """Talk to the desk in this terminal; lines of a pipe are asked one by one. `/as technician` changes sides."""
    settings = load_settings()
    run_async(until_told(run_desk(settings, doing="chat", console=True)))
    sys.stdout.flush()
