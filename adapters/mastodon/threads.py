"""What was said around a post, read back to the post that its thread begins with."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.errors import is_gone
from adapters.mastodon.payloads import Status
from adapters.mastodon.translate import Around, Here, is_direct, line_of
from bot.errors import DeliveryRefused, PlatformUnavailable

log = logging.getLogger(__name__)

MOST_LINES = 30  # of a thread, the last ones
MOST_STEPS = 20  # up a thread, one by one, where the server does not tell what is above
ATTEMPTS = 3  # to read a thread, before its post is heard without
REMEMBERED = 5_000  # posts of which it is known where their threads begin


@dataclass(frozen=True, slots=True)
class Found:
    """`answers`: what the desk's account has written under it."""

    around: Around
    answers: tuple[Status, ...] = ()


class Threads:
    """Of one account."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._roots: OrderedDict[str, str] = OrderedDict()
        self._failures: Counter[str] = Counter()

    async def around(self, status: Status, here: Here, *, below: bool = False) -> Found:
        """`below`: look, too, whether it was answered. What the server does not tell, or fails to tell again and
        again, is left out: no post is lost, nor are those behind it, since its thread cannot be read.

        Raises RateLimited, and PlatformUnavailable to be asked again.
        """
        if not below and (status.in_reply_to_id is None or is_direct(status)):
            return Found(self._known(status, Around(self._roots.get(status.id) or status.id)))
        try:
            context = await self._context(status)
            above = _statuses(context, "ancestors")
            if not above and status.in_reply_to_id is not None:
                above = await self._climb(status)
        except PlatformUnavailable as error:
            self._failures[status.id] += 1
            if self._failures[status.id] < ATTEMPTS:
                raise
            log.warning("mastodon: post %s is heard without its thread: %s", status.id, error)
            context, above = {}, []
        self._failures.pop(status.id, None)
        # Without the first of them: a thread stays what it was when somebody deletes the post above theirs.
        kept = self._roots.get(status.id) or self._roots.get(status.in_reply_to_id or "")
        root = kept or (above[0].id if above else status.in_reply_to_id)
        lines = tuple(line_of(one, here) for one in above[-MOST_LINES:])
        ours = (one for one in _statuses(context, "descendants") if one.account.id == here.id)
        answers = tuple(one for one in ours if one.in_reply_to_id == status.id)
        around = Around(root or status.id, lines)
        for one in above:
            self.remember(one.id, around.root)
        return Found(self._known(status, around), answers)

    async def _context(self, status: Status) -> Any:
        try:
            return await self._api.read("status_context", status.id)
        except DeliveryRefused as error:
            log.info("mastodon: the thread of post %s is not told: %s", status.id, error)
            return {}

    async def _climb(self, status: Status) -> list[Status]:
        found: list[Status] = []
        above = status.in_reply_to_id
        while above and len(found) < MOST_STEPS and above not in {one.id for one in found}:
            try:
                one = Status.model_validate(await self._api.read("status", above))
            except ValidationError:
                break
            except DeliveryRefused as error:
                if not is_gone(error):
                    log.info("mastodon: post %s is not told: %s", above, error)
                break
            found.append(one)
            above = one.in_reply_to_id
        return found[::-1]

    def remember(self, post: str, root: str) -> None:
        """Its thread begins there."""
        self._roots[post] = root
        self._roots.move_to_end(post)
        if len(self._roots) > REMEMBERED:
            self._roots.popitem(last=False)

    def _known(self, status: Status, around: Around) -> Around:
        self.remember(status.id, around.root)
        return around


def _statuses(context: Any, part: str) -> list[Status]:
    """Those that can be read."""
    found: Iterable[Any] = context.get(part) or () if isinstance(context, dict) else ()
    read: list[Status] = []
    for one in found if isinstance(found, list | tuple) else ():
        try:
            read.append(Status.model_validate(one))
        except ValidationError:
            continue
    return read
