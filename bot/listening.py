"""A socket to serve on, had before anything else begins, so that whoever starts knows whether it can be."""

import socket

from bot.errors import SettingsError

BACKLOG = 512


def socket_on(host: str, port: int, *, host_setting: str, port_setting: str, instead: str = "") -> socket.socket:
    """On exactly that address and port. Raises SettingsError, which names the setting and says what to do `instead`."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise SettingsError(f"{host_setting}: {host} is no address of this machine ({error.strerror})") from error
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        why = f"{host}:{port} cannot be listened on ({error.strerror})"
        raise SettingsError(f"{port_setting}: {why}{instead and f'; {instead}'}") from error
    return listening


def listened_on(listening: socket.socket) -> str:
    """`127.0.0.1:3000`, `[::1]:3000`."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
