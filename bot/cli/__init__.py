"""The `guichet` command. Each subcommand is a module of its own, imported only when it is called."""

import sys

import click

from bot import __version__
from bot.cli.lazy import LazyGroup
from bot.errors import GuichetError, InvalidInput

COMMANDS = {
    "run": ("bot.cli.run", "Start the desk: every configured platform and, on a terminal, the console."),
    "chat": ("bot.cli.chat", "Talk to the desk in this terminal."),
    "ask": ("bot.cli.ask", "Ask one question, or a file of them."),
    "kb": ("bot.cli.kb", "The knowledge base: sync, list, remove, search, eval."),
    "model": ("bot.cli.model", "Embedding models: install, list, remove."),
    "ticket": ("bot.cli.ticket", "List, show and export tickets."),
    "stats": ("bot.cli.stats", "The desk's figures, and what waits to be done."),
    "digest": ("bot.cli.digest", "What the lead is told of a day or a week: preview."),
    "technician": ("bot.cli.technician", "Who works the desk: add, list, disable, enable, skills."),
    "people": (
        "bot.cli.people",
        "Companies, people, devices and technicians: import; one person's data: export, erase.",
    ),
    "demo": ("bot.cli.demo", "Demonstration data: load, clean."),
    "trace": ("bot.cli.trace", "Tell the story of one message."),
    "mastodon": ("bot.cli.mastodon_login", "The desk's account on Mastodon: login."),
    "jobs": ("bot.cli.jobs", "What runs by itself: list, run, history."),
    "db": ("bot.cli.db", "The database: upgrade, backup, restore."),
    "doctor": ("bot.cli.doctor", "Check every part, and say what to do."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="guichet")
def guichet() -> None:
    """A support desk that lives in team messaging.

    Settings are environment variables GUICHET_* or lines of .env; see .env.example.
    """


def main() -> None:
    """Run the command line. Known errors are one clear line and exit status 1 (2 for unusable input)."""
    try:
        guichet(prog_name="guichet")
    except InvalidInput as error:
        click.echo(f"guichet: {error}", err=True)
        sys.exit(2)
    except GuichetError as error:
        click.echo(f"guichet: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)
