"""From a folder of documents to articles and past tickets. What cannot be read is reported and stops nothing else.

Beside a document that cannot say so itself, a file named like it with `.yaml` added (`manual.pdf.yaml`) gives its
title, category, audience, language and the other keys of `knowledge.loaders.fields`.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bot.errors import LoadError
from knowledge.loaders import csv_records, json_records, markdown, pdf
from knowledge.loaders.fields import LARGEST_FIELDS, fields_of
from knowledge.loaders.source import (
    LARGEST,
    LARGEST_PDF,
    LARGEST_TABLE,
    Categories,
    Devices,
    Loaded,
    Notice,
    Source,
    read,
)

Loader = Callable[[Source], Iterator[Loaded]]


def _html(source: Source) -> Iterator[Loaded]:
    from knowledge.loaders import html  # its parser takes a fifth of a second to import, which most starts do not need

    return html.load(source)


LOADERS: dict[str, Loader] = {
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".json": json_records.load,
    ".csv": csv_records.load,
    ".html": _html,
    ".htm": _html,
    ".pdf": pdf.load,
}
MOST_BYTES = {".json": LARGEST_TABLE, ".csv": LARGEST_TABLE, ".pdf": LARGEST_PDF}  # others: LARGEST
DESCRIBED_BESIDE = frozenset({".pdf", ".html", ".htm"})


def load_folder(
    directory: Path, categories: Categories, origin: str = "", devices: Devices | None = None
) -> Iterator[Loaded]:
    """Everything in a folder and those below it, in the order of the paths; hidden files and folders are left out.

    Raises LoadError if the folder itself cannot be read.
    """
    for found in find_documents(directory):
        if isinstance(found, LoadError):
            yield found
        else:
            yield from load_document(directory, found, categories, origin, devices)


def find_documents(directory: Path) -> list[Path | LoadError]:
    """The files that a loader is responsible for, and what stands in the way of finding them all, in order of path.

    Linked folders are not entered, so that there are no circles; a linked file is read only if it lies below the
    folder, so that whoever may write there cannot publish what else this process can read. Raises LoadError if
    `directory` cannot be read.
    """
    try:
        with os.scandir(directory):
            pass
    except OSError as error:
        raise LoadError(str(directory), f"is not a folder that can be read ({error.strerror})") from error
    found: list[tuple[tuple[str, ...], Path | LoadError]] = []
    inside = Path(os.path.realpath(directory))

    def note(path: Path, reason: str) -> None:
        found.append((path.parts, LoadError(_name(directory, path), reason)))

    def unreadable(error: OSError) -> None:
        note(Path(error.filename), f"is a folder that cannot be read ({error.strerror})")

    for parent, folders, files in os.walk(directory, onerror=unreadable):
        for name in list(folders):
            path = Path(parent, name)
            if name.startswith("."):
                folders.remove(name)
            elif path.suffix.lower() in LOADERS:
                folders.remove(name)
                note(path, "is a folder, though its name is a document's")
        for name in files:
            path = Path(parent, name)
            if name.startswith(".") or path.suffix.lower() not in LOADERS:
                continue
            # realpath does not mind circles; the loader says what is wrong with those.
            if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
                note(path, "is a link that leads out of the folder")
            else:
                found.append((path.parts, path))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def load_document(
    directory: Path, path: Path, categories: Categories, origin: str = "", devices: Devices | None = None
) -> Iterator[Loaded]:
    """What one file below `directory` holds, or why there is nothing to be had of it."""
    name = _name(directory, path)
    suffix = path.suffix.lower()
    try:
        below = PurePosixPath(name)
        source = Source(
            name=name,
            id=str(below.with_suffix("")),
            folders=below.parent.parts,
            content=read(path, name, MOST_BYTES.get(suffix, LARGEST)),
            categories=categories,
            origin=origin,
            devices=devices,
        )
        if suffix in DESCRIBED_BESIDE:
            source = _described(source, path.with_name(f"{path.name}.yaml"))
        yield from LOADERS[suffix](source)
    except LoadError as error:
        yield error


def _described(source: Source, beside: Path) -> Source:
    """With what the file beside it says; a link is not followed, as little as for documents."""
    if beside.is_symlink() or not beside.is_file():
        return source
    about = replace(source, name=f"{source.name}.yaml", content=read(beside, f"{source.name}.yaml", LARGEST_FIELDS))
    try:
        return replace(source, fields=fields_of(about, about.text(), "it"))
    except LoadError as error:
        raise source.error(f"is described by {about.name}, which cannot be used: {error.reason}") from error


def _name(directory: Path, path: Path) -> str:
    """The path below the folder, as it is shown; a name that is no text has its bytes written out."""
    return os.fsencode(path.relative_to(directory).as_posix()).decode("utf-8", "backslashreplace")


__all__ = [
    "LOADERS",
    "Categories",
    "Devices",
    "Loaded",
    "Notice",
    "find_documents",
    "load_document",
    "load_folder",
]
