"""`guichet kb`: the knowledge base. One command a file."""

import click

from bot.cli.lazy import LazyGroup

COMMANDS = {
    "sync": ("bot.cli.kb.sync", "Bring the articles to the state of a folder."),
    "list": ("bot.cli.kb.list", "Show where the articles come from."),
    "remove": ("bot.cli.kb.remove", "Withdraw the articles of an origin."),
    "search": ("bot.cli.kb.search", "Show which articles a question finds, and how surely."),
    "eval": ("bot.cli.kb.eval", "Measure retrieval on labelled questions."),
    "calibrate": ("bot.cli.kb.calibrate", "Make confidence a probability, for a wanted share of false answers."),
}


@click.group(name="kb", cls=LazyGroup, commands_by_name=COMMANDS)
def command() -> None:
    """Synchronise, list, remove, search and measure articles."""
