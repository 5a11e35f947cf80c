"""The HTTP server, in the loop of the desk itself."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from adapters.web.security import server_options
from bot.errors import SettingsError
from bot.settings import Settings

GRACE = 3  # seconds that open requests have to end
BACKLOG = 512


class Server(uvicorn.Server):
    """Leaves the process's signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises SettingsError if the address cannot be had."""
    host, port = settings.web_host.strip("[]"), settings.web_port
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise SettingsError(f"GUICHET_WEB_HOST: {host} is no address of this machine ({error.strerror})") from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"GUICHET_WEB_PORT: {host}:{port} cannot be listened on ({error.strerror}); "
            "set it to a free port, or GUICHET_WEB=false"
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def serve(app: ASGIApp, settings: Settings, listening: socket.socket, stopping: asyncio.Event) -> None:
    """Until cancelled; then `stopping` is set, which ends the open streams, and what is being answered is finished."""
    options = server_options(settings) | {"lifespan": "off", "log_level": "warning", "timeout_graceful_shutdown": GRACE}
    server = Server(uvicorn.Config(app, **options))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    finally:
        stopping.set()
        server.should_exit = True
        await serving
