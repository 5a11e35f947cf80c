"""Copies of homes: an index is mostly holes, and a plain copy would fill them with hundreds of megabytes of zeros."""

import os
from pathlib import Path


def copy_home(source: Path, target: Path) -> None:
    """Copy a folder with everything below it, holes as holes."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        copy = copy_home if path.is_dir() else copy_file
        copy(path, target / path.name)


def copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        size = os.fstat(reader.fileno()).st_size
        at = 0
        while at < size:
            try:
                start = os.lseek(reader.fileno(), at, os.SEEK_DATA)
            except OSError:  # nothing but a hole up to the end
                break
            at = os.lseek(reader.fileno(), start, os.SEEK_HOLE)
            reader.seek(start)
            writer.seek(start)
            writer.write(reader.read(at - start))
        writer.truncate(size)
