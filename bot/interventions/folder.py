"""Write-ups as a folder of files: one a write-up, named by its reference."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.categories import Categories
from bot.engine.reruns import rerun_when_stale
from bot.errors import InvalidInput, LoadError
from bot.interventions.markdown import LARGEST, Imported, exported, imported
from bot.interventions.numbers import note_reference
from bot.interventions.review import article_id, article_of, follow
from bot.model.tickets import Intervention, TicketEvent
from bot.ports.storage import UnitOfWork, UnitOfWorkFactory
from bot.texts import Texts

PAGE = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    """References by what became of them. `errors`: files that could not be used; nothing was changed for them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    errors: tuple[LoadError, ...]


async def export_write_ups(unit_of_work: UnitOfWorkFactory, directory: Path) -> int:
    """Write every write-up to `directory`, over what is there of that name; return how many. Raises LoadError."""
    written = 0
    await asyncio.to_thread(_make, directory)
    async with unit_of_work() as uow:
        while page := await uow.tickets.written_up(limit=PAGE, offset=written):
            tickets = await uow.tickets.by_ids({one.ticket_id for one in page})
            files = {f"{one.reference}.md": exported(one, tickets[one.ticket_id].reference) for one in page}
            await asyncio.to_thread(_write, directory, files)
            written += len(page)
    return written


async def import_write_ups(
    unit_of_work: UnitOfWorkFactory,
    directory: Path,
    categories: Categories,
    texts: Texts,
    clock: Callable[[], datetime],
    *,
    dry_run: bool = False,
) -> ImportReport:
    """Bring write-ups to what the files of `directory` say, their articles included; what has no file stays as it is.

    A file that is wrong is left out with an error that names it. With `dry_run` nothing is changed. Raises LoadError if
    the folder cannot be read.
    """
    files = await asyncio.to_thread(_files, directory)
    done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    errors: list[LoadError] = []
    seen: dict[str, str] = {}
    for file in files:
        try:
            found = imported(await asyncio.to_thread(_read, file))
            reference = found.front.reference
            if (other := seen.setdefault(reference, file.name)) != file.name:
                raise InvalidInput(f"{reference} is that of {other} already")
            if found.front.category not in categories:
                raise InvalidInput(f"category: {found.front.category!r} is not one of the categories")

            async def once(found: Imported = found) -> str:
                async with unit_of_work() as uow:
                    became = await bring_in(uow, found, texts, clock())
                    if not dry_run:
                        await uow.commit()
                    return became

            done[await rerun_when_stale(once, reference)].append(reference)
        except InvalidInput as error:
            errors.append(LoadError(file.name, str(error)))
    return ImportReport(
        added=tuple(done["added"]),
        changed=tuple(done["changed"]),
        unchanged=tuple(done["unchanged"]),
        errors=tuple(errors),
    )


async def bring_in(uow: UnitOfWork, found: Imported, texts: Texts, at: datetime) -> str:
    """Bring one write-up to what its file says: added, changed or unchanged. Raises InvalidInput."""
    ticket = await uow.tickets.by_number(found.ticket_number)
    if ticket is None:
        raise InvalidInput(f"ticket: there is no {found.front.ticket} here")
    known = await uow.tickets.intervention(found.front.reference)
    if known and known.ticket_id != ticket.id:
        raise InvalidInput(f"ticket: {found.front.reference} is of another ticket here")
    one = found.applied_to(ticket.id, known)
    keeps = known.article_id if known else None
    if one.article_id not in (None, keeps, article_id(one)):
        raise InvalidInput(f"article: should be {article_id(one)}, the write-up's own, or not be there")
    if one.article_id is None:
        one = replace(one, article_id=keeps or (article_id(one) if one.state == "approved" else None))
    if one == known and await _in_step(uow, one, texts):
        return "unchanged"
    (uow.tickets.save if known else uow.tickets.add)(one)
    await note_reference(uow, one.reference)
    await follow(uow, one, texts)
    uow.tickets.add_event(
        TicketEvent(ticket.id, "written_up", at, None, ticket.status, {"intervention": one.reference})
    )
    return "changed" if known else "added"


async def _in_step(uow: UnitOfWork, one: Intervention, texts: Texts) -> bool:
    """Whether the article is what the write-up says and is."""
    article = await uow.knowledge.article(one.article_id) if one.article_id else None
    if one.state != "approved":
        return article is None or article.withdrawn
    return article is not None and not article.withdrawn and article.revision == article_of(one, texts).revision


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LoadError(str(directory), f"cannot be written ({error.strerror})") from error


def _write(directory: Path, files: dict[str, str]) -> None:
    try:
        for name, text in files.items():
            (directory / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise LoadError(str(directory), f"cannot be written ({error.strerror})") from error


def _files(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.suffix == ".md" and path.is_file())
    except OSError as error:
        raise LoadError(str(directory), f"cannot be read ({error.strerror})") from error


def _read(file: Path) -> str:
    try:
        with file.open("rb") as source:
            found = source.read(4 * LARGEST + 1)
        return found.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("is not text in UTF-8") from error
    except OSError as error:
        raise InvalidInput(f"cannot be read ({error.strerror})") from error
