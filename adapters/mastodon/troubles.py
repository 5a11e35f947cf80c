"""What may be wrong with the account or its server, and what to do about it."""

from collections.abc import Callable
from datetime import datetime

from bot.troubles import Troubles, UntoldTroubles

REMEDIES = {
    "token": "the token was refused ({error}): guichet mastodon login has the server make another",
    "scope": "the token is not good for {where} ({error}): guichet mastodon login has the server make one that is",
    "server": "the server cannot be reached ({error}); it is tried again",
    "stream": "the stream of {where} is lost ({error}); meanwhile the server is asked for news",
    "reading": "{where} cannot be read ({error}); it is tried again",
}


def mastodon_troubles(clock: Callable[[], datetime]) -> Troubles:
    return Troubles("mastodon", REMEDIES, clock)


def untold_troubles(clock: Callable[[], datetime]) -> Troubles:
    return UntoldTroubles("mastodon", REMEDIES, clock)
