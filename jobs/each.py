"""Doing one thing to many, so that what fails for one does not hold up the others."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from bot.errors import StaleWrite, StorageUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")


async def each(items: Iterable[T], do: Callable[[T], Awaitable[bool]]) -> int:
    """Do it to each; return to how many it was done. What another writer changed meanwhile is left to the next run.

    Raises, at the end, the first of the failures.
    """
    done = 0
    failure: Exception | None = None
    for item in items:
        try:
            done += await do(item)
        except StaleWrite:
            continue
        except StorageUnavailable:
            raise
        except Exception as error:  # the job's boundary: one that fails must not hold up the others
            if failure:
                log.exception("one more of them failed")
            failure = failure or error
    if failure:
        raise failure
    return done
