"""The HTTP server, in the loop of the desk itself."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from adapters.web.security import server_options
from bot.listening import listened_on, socket_on
from bot.settings import Settings

GRACE = 3  # seconds that open requests have to end


class Server(uvicorn.Server):
    """Leaves the process's signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on. Raises SettingsError if the address cannot be had."""
    return socket_on(
        settings.web_host.strip("[]"),
        settings.web_port,
        host_setting="GUICHET_WEB_HOST",
        port_setting="GUICHET_WEB_PORT",
        instead="set it to a free port, or GUICHET_WEB=false",
    )


def address_of(listening: socket.socket) -> str:
    return f"http://{listened_on(listening)}"


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
