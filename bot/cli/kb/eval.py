"""`guichet kb eval`: measure retrieval."""

from pathlib import Path
from typing import Any

import click

from bot.cli.common import print_json
from bot.settings import load_settings
from knowledge.dense.embedders import InstalledEmbedders
from knowledge.evaluation import evaluate

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="eval")
@click.option("--kb", "bases", type=FILE, multiple=True, required=True, help="A base; several make one.")
@click.option("--queries", type=FILE, multiple=True, required=True, help="Labelled questions.")
@click.option("--words", is_flag=True, help="By words alone, whatever model is installed.")
@click.option("--json", "as_object", is_flag=True, help="Print one object.")
def command(bases: tuple[Path, ...], queries: tuple[Path, ...], words: bool, as_object: bool) -> None:
    """Measure retrieval on labelled questions, in a throw-away index with the desk's own retrieval and model.

    KB rows {"id", "lang", "question", "answer"}, query rows {"query", "relevant": [ids]}; several files make one base.
    """
    settings = load_settings()
    embedders = None if words else InstalledEmbedders(settings.home, settings.embedding_model)
    model = embedders.name if embedders else ""
    figures: dict[str, Any] = {"model": model or None} | evaluate(bases, queries, embedders)
    if as_object:
        return print_json(figures)
    for name, value in figures.items():
        click.echo(f"{name:<18} {value if value is not None else '-'}")
    return None
