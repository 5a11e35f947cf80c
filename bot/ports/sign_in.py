"""One-time codes, as a part of bot.ports.storage."""

from datetime import datetime
from typing import Protocol

from bot.model.people import SignInCode


class SignInCodes(Protocol):
    """Each method is a transaction of its own. Times are the caller's."""

    async def add(self, code: SignInCode) -> None: ...

    async def consume(self, email: str, code_hash: str, now: datetime, most_attempts: int = 5) -> bool:
        """Whether the code was good, which it is once: of any number who submit it at once one is told True.

        A wrong one counts against every good code of the address; after `most_attempts` none of them is good any more.
        """
        ...

    async def recent(self, email: str, since: datetime) -> int:
        """How many were requested for the address, `since` included."""
        ...

    async def forget(self, before: datetime) -> int:
        """Delete those that expired before; return how many."""
        ...
