"""What people are called: one writes to somebody by their handle, and knows them by their account's id."""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.mastodon.errors import is_gone
from adapters.mastodon.server import Server
from bot.errors import DeliveryRefused, PlatformUnavailable

SECONDS = 3_600.0  # for which a handle is taken to be good; people move
MOST = 5_000
_HANDLE = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?(?:@[\w.-]*\w(?::\d{1,5})?)?")


class Handles:
    """Of people, by their ids. `ticks` is monotonic, in seconds. `left_alone` tells of an id whether they said stop."""

    def __init__(
        self,
        server: Server,
        ticks: Callable[[], float],
        left_alone: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self._server = server
        self._ticks = ticks
        self._left_alone = left_alone
        self._known: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def of(self, id: str, *, said: str | None = None, anew: bool = False) -> str:
        """`said`: a post of theirs, or to them, where the server does not tell of accounts.

        Raises DeliveryRefused for who is not there, RateLimited, PlatformUnavailable.
        """
        if not anew and (known := self._known.get(id)) and self._ticks() - known[0] < SECONDS:
            return known[1]
        try:
            found = await self._server.api.read("account", id)
        except DeliveryRefused as error:
            if not is_gone(error):
                raise
            if (found := await self._of_post(said, id)) is None:
                raise DeliveryRefused(f"there is no account {id}") from error
        if not isinstance(found, dict):
            raise PlatformUnavailable("account: an answer that cannot be read")
        handle = mentionable(self._server.full(str(found.get("acct") or "")))
        self._known[id] = (self._ticks(), handle)
        self._known.move_to_end(id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
        return handle

    async def given(self, handle: str) -> str:
        """One that somebody gave as theirs, which nobody vouches for, as it is mentioned; it may begin with an @.

        Raises DeliveryRefused for what is none, for the desk's own and that of who said stop, RateLimited,
        PlatformUnavailable.
        """
        me = await self._server.sign_in()
        handle = self._server.full(mentionable(handle.removeprefix("@")))
        id = await self._id_of(handle)
        if id == me.id or handle.lower() == me.handle.lower():
            raise DeliveryRefused("the account does not write to itself")
        if id is not None and self._left_alone and await self._left_alone(id):
            raise DeliveryRefused(f"account {id} wants no word")
        return handle

    async def _id_of(self, handle: str) -> str | None:
        """None of whom the server has not met: the desk has not heard of them either. Not every server is asked in the
        same way."""
        for method in ("account_lookup", "account_search"):
            try:
                found = await self._server.api.read(method, handle)
            except DeliveryRefused:
                continue
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict) and self._server.full(str(one.get("acct") or "")).lower() == handle.lower():
                    return str(one.get("id"))
        return None

    async def _of_post(self, said: str | None, id: str) -> Any:
        """The account, as the post tells of it; None where it does not."""
        try:
            post = await self._server.api.read("status", said) if said else None
        except DeliveryRefused:
            return None
        people = [post.get("account"), *(post.get("mentions") or ())] if isinstance(post, dict) else []
        return next((one for one in people if isinstance(one, dict) and str(one.get("id")) == id), None)


def mentionable(handle: str) -> str:
    """The same. Raises DeliveryRefused for what is no handle: it would call somebody else, or nobody."""
    if not _HANDLE.fullmatch(handle):
        raise DeliveryRefused("somebody's handle is none")
    return handle
