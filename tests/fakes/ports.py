"""Ports for servers of the tests."""

import socket
from random import SystemRandom

LOWEST, HIGHEST = 15_000, 30_000  # below those that the system gives to whoever calls out meanwhile
TRIES = 100


def free_port() -> int:
    """One that nobody listens on now. Raises OSError if there is none."""
    dice = SystemRandom()  # whatever a test makes of the usual one
    for left in reversed(range(TRIES)):
        with socket.socket() as listener:
            port = dice.randrange(LOWEST, HIGHEST)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                if not left:
                    raise
                continue
            return port
    raise AssertionError
