"""`guichet ticket files`: the files that came with a ticket, for a look and to be saved."""

import os
import re
from pathlib import Path
from typing import Any, BinaryIO

import click

from bot.app import Desk, open_desk
from bot.attachments.names import safe_name
from bot.cli.common import print_json, run_async
from bot.errors import FileMissing, InvalidInput
from bot.model.tickets import Attachment, Ticket
from bot.ports.storage import UnitOfWork
from bot.public.files import message_ids
from bot.settings import Settings, load_settings


@click.command(name="files")
@click.argument("reference")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Save them in this folder.")
@click.option("--json", "as_array", is_flag=True, help="Print an array of objects.")
def files_command(reference: str, folder: Path | None, as_array: bool) -> None:
    """List the files of a ticket's history and notes; with --to, save them."""
    match = re.fullmatch(r"#?[tT]?(\d{1,9})", reference.strip())
    if match is None:
        raise InvalidInput(f"{reference!r} is not a ticket; they look like T12")
    found = run_async(listed(load_settings(), int(match[1]), folder))
    if as_array:
        return print_json(found)
    for one in found:
        state = one["problem"] or ("" if one["stored"] else "being fetched")
        click.echo("  ".join(str(part) for part in (one["name"], one["size"], one["media_type"], state) if part))
        if "saved_as" in one:
            click.echo(f"  {one['saved_as']}")
    if not found:
        click.echo("No files.", err=True)
    return None


async def listed(settings: Settings, number: int, folder: Path | None) -> list[dict[str, Any]]:
    async with open_desk(settings) as desk:
        async with desk.storage.unit_of_work() as uow:
            ticket = await uow.tickets.by_number(number)
            if ticket is None:
                raise InvalidInput(f"there is no ticket T{number}")
            attachments = await files_of(uow, ticket)
        rows = [shown(one) for one in attachments]
        for position, (row, one) in enumerate(zip(rows, attachments, strict=True), 1):
            if folder and one.stored_as:
                try:
                    row["saved_as"] = str(await saved(desk, one, folder, position))
                except FileMissing:
                    row |= {"stored": False, "problem": "gone"}
        return rows


async def files_of(uow: UnitOfWork, ticket: Ticket) -> list[Attachment]:
    """Of what was said where its askers are, by both sides, of the posts that it came of, and of the notes; in the
    order in which they came."""
    shown_in = {place.conversation_id for place in await uow.tickets.places(ticket.id) if place.side == "asker"}
    messages = [one for id in shown_in | {ticket.conversation_id} for one in await uow.conversations.messages(id)]
    notes = await uow.tickets.notes(ticket.id)
    ids = {one.id for one in messages} | {one.relay_of for one in messages} | {note.message_id for note in notes}
    ids |= set(await message_ids(uow, ticket))
    return await uow.attachments.of([id for id in ids if id])


def shown(one: Attachment) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "size": one.size,
        "media_type": one.media_type,
        "stored": one.stored_as is not None,
        "problem": one.problem,
    }


def created(file: Path) -> BinaryIO:
    file.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


async def saved(desk: Desk, one: Attachment, folder: Path, position: int) -> Path:
    """For this user alone, under a name of its own. Nothing is overwritten. Raises FileMissing, InvalidInput."""
    file = folder / f"{position:02} {safe_name(one.name)}"
    try:
        with created(file) as out:
            async for portion in desk.files.store.open(one.stored_as or ""):
                out.write(portion)
    except FileExistsError as error:
        raise InvalidInput(f"{file} is there already") from error
    except FileMissing:
        file.unlink()
        raise
    except OSError as error:
        raise InvalidInput(f"{file}: cannot be written ({error.strerror})") from error
    return file
