"""Qdrant without a server: the client's local mode, which keeps collections in a folder or in memory."""

import warnings
from pathlib import Path

from qdrant_client import AsyncQdrantClient

from bot.errors import IndexUnavailable
from knowledge.index.server import ServerIndex
from knowledge.index.server_generation import Layout


def local_server(folder: Path, timeout: float = 30.0) -> ServerIndex:
    """Raises IndexUnavailable while another has the folder."""
    # The local mode tells of what a server has and it has not: payload indexes, many points.
    warnings.filterwarnings("ignore", message="Payload indexes have no effect", category=UserWarning)
    warnings.filterwarnings("ignore", message="Local mode is not recommended", category=UserWarning)
    try:
        client = AsyncQdrantClient(path=str(folder))
    except RuntimeError as error:
        raise IndexUnavailable(f"{folder} is in use by another process") from error
    return ServerIndex(client, str(folder), timeout, "guichet", Layout())
