"""From a folder of documents to articles. What cannot be read is reported, one by one, and stops nothing else."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from bot.errors import LoadError
from bot.model.knowledge import Article
from knowledge.loaders import faq_json, markdown
from knowledge.loaders.source import Categories, Source, read_text

Loader = Callable[[Source], Iterator[Article | LoadError]]

LOADERS: dict[str, Loader] = {
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".json": faq_json.load,
}


def load_folder(directory: Path, categories: Categories, origin: str = "") -> Iterator[Article | LoadError]:
    """Everything in a folder and those below it, in the order of the paths; hidden files and folders are left out.

    Raises LoadError if the folder itself cannot be read.
    """
    for found in find_documents(directory):
        if isinstance(found, LoadError):
            yield found
        else:
            yield from load_document(directory, found, categories, origin)


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
    directory: Path, path: Path, categories: Categories, origin: str = ""
) -> Iterator[Article | LoadError]:
    """The articles of one file below `directory`, or why there are none."""
    name = _name(directory, path)
    try:
        below = PurePosixPath(name)
        source = Source(
            name=name,
            id=str(below.with_suffix("")),
            folders=below.parent.parts,
            text=read_text(path, name),
            categories=categories,
            origin=origin,
        )
        yield from LOADERS[path.suffix.lower()](source)
    except LoadError as error:
        yield error


def _name(directory: Path, path: Path) -> str:
    """The path below the folder, as it is shown; a name that is no text has its bytes written out."""
    return os.fsencode(path.relative_to(directory).as_posix()).decode("utf-8", "backslashreplace")


__all__ = ["LOADERS", "Categories", "find_documents", "load_document", "load_folder"]
