"""`guichet people export` and `erase`: all data of one person, given to them or forgotten."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import click

from bot.app import now, open_desk
from bot.attachments.names import safe_name
from bot.cli.common import run_async
from bot.cli.desk import services_at
from bot.errors import FileMissing, InvalidInput
from bot.model.people import Person
from bot.people_erasure import erase_person, rehearsed
from bot.ports.files import FileStore
from bot.ports.personal import Erased
from bot.ports.storage import UnitOfWork
from bot.settings import Settings, load_settings


@click.command(name="export")
@click.argument("person")
@click.option(
    "--out", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .json or .zip that is new."
)
def export_command(person: str, file: Path) -> None:
    """Write everything the desk holds of PERSON (an e-mail address, or the id that guichet shows) into one file.

    A .zip has the files that they sent, too.
    """
    given = run_async(exported(load_settings(), person, file))
    for kind, rows in given.items():
        if rows:
            click.echo(f"{kind:<22}  {len(rows)}")
    click.echo(f"Written to {file}. It is readable by you alone: hand it to the person, then remove it.")


@click.command(name="erase")
@click.argument("person")
@click.option("--yes", is_flag=True, help="Erase. Without it, only say what would be erased.")
def erase_command(person: str, yes: bool) -> None:
    """Forget PERSON (an e-mail address, or an id): words, files, names and addresses; figures stay. For good.

    Tickets being worked on are settled before. What was posted on a platform, what backups hold, and documents of the
    knowledge base are beyond this.
    """
    erased = run_async(forgotten(load_settings(), person, yes))
    for table, count in erased.counts.items():
        click.echo(f"{table:<22}  {count}")
    if erased.files:
        click.echo(f"{'files':<22}  {len(erased.files)}")
    click.echo("Erased." if yes else "Nothing was changed. To erase all of this for good, add --yes.")


async def exported(settings: Settings, person: str, file: Path) -> dict[str, list[dict[str, Any]]]:
    write = {".json": write_json, ".zip": write_zip}.get(file.suffix.lower())
    if write is None:
        raise InvalidInput(f"{file}: the name should end with .json or .zip")
    async with open_desk(settings) as desk:
        async with desk.storage.unit_of_work() as uow:
            one = await person_meant(uow, person)
        given = await desk.storage.personal.gather(one.id)
    if given is None:
        raise InvalidInput("the person is not there any more")
    try:
        # Nobody else may read it, not even while it is being written; and nothing is overwritten.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        write(file, {"person": str(one.id), "exported_at": now().isoformat(), "data": given})
        if write is write_zip:
            await add_files(file, given["files"], desk.files.store)
    except FileExistsError as error:
        raise InvalidInput(f"{file} is there already") from error
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be written ({error.strerror})") from error
    return given


def write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def write_zip(file: Path, content: dict[str, Any]) -> None:
    """One file a kind."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        about = {name: value for name, value in content.items() if name != "data"}
        for name, value in {"about": about, **content["data"]}.items():
            archive.writestr(f"{name}.json", json.dumps(value, ensure_ascii=False, indent=1))


async def add_files(file: Path, rows: list[dict[str, Any]], store: FileStore) -> None:
    """The files themselves, those that are here, beside what is known of them."""
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        for row in rows:
            with suppress(FileMissing):
                content = [portion async for portion in store.open(row["stored_as"] or "")]
                archive.writestr(f"files/{row['id']}/{safe_name(row['name'])}", b"".join(content))


async def forgotten(settings: Settings, person: str, yes: bool) -> Erased:
    async with open_desk(settings) as desk:
        async with desk.storage.unit_of_work() as uow:
            one = await person_meant(uow, person)
        services = await services_at(desk)
        return await (erase_person(services, one) if yes else rehearsed(services, one))


async def person_meant(uow: UnitOfWork, words: str) -> Person:
    """By address or id. Raises InvalidInput for nobody, or for several: these are told apart by their ids."""
    found: list[Person] = []
    with suppress(ValueError):
        found = [one for one in [await uow.people.person(UUID(words))] if one]
    found = found or await uow.people.by_email([words])
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidInput(f"nobody is known who has the address or id {words[:100]}")
    raise InvalidInput("several people have that address: " + ", ".join(str(one.id) for one in found))
