"""Calls to a Qdrant server: bounded in time, tried again where that does no harm, every failure one of ours."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx
from qdrant_client import AsyncQdrantClient
from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from bot.errors import IndexUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 3
FIRST_PAUSE = 0.2  # seconds before the second try; each further one waits three times as long, give or take half
LONGEST_PAUSE = 5.0  # seconds, whatever the server asks for: somebody waits for an answer
PASSING = frozenset({429, 500, 502, 503, 504})  # what may be over in a moment
# Everything the client raises, in memory or over the network. In memory it says with ValueError what a server says with
# 400 and 404, and with RuntimeError that another client has the folder.
FAILURES = (ApiException, QdrantException, httpx.HTTPError, OSError, ValueError, RuntimeError, KeyError)


@dataclass(frozen=True, slots=True)
class Calls:
    """`timeout`: seconds that one try may take."""

    client: AsyncQdrantClient
    where: str  # as it is shown: without a key
    timeout: float

    async def __call__(self, call: Callable[[AsyncQdrantClient], Awaitable[T]]) -> T:
        """Every call can be repeated, as points are written and deleted by their ids. Raises IndexUnavailable."""
        for number in range(1, TRIES + 1):
            try:
                async with asyncio.timeout(self.timeout):
                    return await call(self.client)
            except FAILURES as error:
                if number == TRIES or not is_passing(error):
                    raise IndexUnavailable(f"The Qdrant server {self.where} {reason(error)}.") from error
                await asyncio.sleep(pause(number, error))
        raise AssertionError("unreachable")


def is_passing(error: Exception) -> bool:
    """Whether a moment later it may work. A time-out is not tried again: the wait was long enough."""
    if isinstance(error, ResourceExhaustedResponse):  # 429, when the answer says how long to wait
        return True
    if isinstance(error, UnexpectedResponse):
        return error.status_code in PASSING
    if isinstance(error, ResponseHandlingException):
        return isinstance(error.source, httpx.ConnectError | httpx.ReadError | httpx.RemoteProtocolError)
    return False


def pause(number: int, error: Exception) -> float:
    """Seconds before the next try, after the `number`-th."""
    if isinstance(error, ResourceExhaustedResponse):
        return min(float(error.retry_after_s), LONGEST_PAUSE)
    growing: float = FIRST_PAUSE * 3 ** (number - 1) * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
    return min(growing, LONGEST_PAUSE)


def reason(error: Exception) -> str:
    """What went wrong, to follow the server's name; no text of a request in it."""
    if isinstance(error, ResourceExhaustedResponse):
        return "has too much to do (429)"
    if isinstance(error, UnexpectedResponse):
        if error.status_code in (401, 403):
            return "refuses the key: check GUICHET_QDRANT_API_KEY"
        return f"answers {error.status_code} {error.reason_phrase}"
    source = error.source if isinstance(error, ResponseHandlingException) else error
    if isinstance(source, TimeoutError | httpx.TimeoutException):
        return "does not answer in time"
    if isinstance(source, httpx.HTTPError | OSError):
        return f"cannot be reached ({type(source).__name__})"
    return f"cannot be used ({type(source).__name__}: {str(source)[:200]})"
