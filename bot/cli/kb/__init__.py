"""`guichet kb`: the knowledge base. One command a file."""

import click

from bot.cli.lazy import LazyGroup

COMMANDS = {
    "sync": ("bot.cli.kb.sync", "Bring the articles to the state of a folder."),
    "list": ("bot.cli.kb.list", "Show where the articles come from."),
    "remove": ("bot.cli.kb.remove", "Withdraw the articles of an origin."),
    "search": ("bot.cli.kb.search", "Show which articles a question finds, and how surely."),
    "show": ("bot.cli.kb.show", "Show an article's data and whether its translation is stale."),
    "gaps": ("bot.cli.kb.gaps", "Show what people ask and no article answers."),
    "trends": ("bot.cli.kb.trends", "Show what people ask, this period against the one before."),
    "review": ("bot.cli.kb.review", "Show the phrasings that wait for a curator."),
    "approve": ("bot.cli.kb.approve", "Use proposed phrasings."),
    "reject": ("bot.cli.kb.reject", "Drop proposed phrasings."),
    "export-write-ups": ("bot.cli.kb.export_write_ups", "Write what resolved tickets taught to files."),
    "import-write-ups": ("bot.cli.kb.import_write_ups", "Bring write-ups back from files, edited or not."),
    "eval": ("bot.cli.kb.eval", "Measure retrieval on labelled questions."),
    "calibrate": ("bot.cli.kb.calibrate", "Make confidence a probability, for a wanted share of false answers."),
}


@click.group(name="kb", cls=LazyGroup, commands_by_name=COMMANDS)
def command() -> None:
    """Synchronise, list, remove, search and measure articles."""
