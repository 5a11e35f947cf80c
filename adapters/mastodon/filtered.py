"""What the server keeps back: direct messages of people whom the account does not follow, and the like.

The account is there to be written to. So the server is told to keep nothing of that back, where it has a policy and the
token may set it; what was kept back all the same, or before, is accepted and read. Whom the account's holder drops
altogether, or the server's moderators have limited, stays where they are.
"""

import logging
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from adapters.mastodon.api import Api
from adapters.mastodon.errors import is_lacking
from adapters.mastodon.feeds import Notifications
from adapters.mastodon.payloads import Request
from adapters.mastodon.translate import Here
from bot.errors import DeliveryError

log = logging.getLogger(__name__)

KEPT_BACK = ("for_private_mentions", "for_not_following", "for_not_followers", "for_new_accounts")
REQUESTS = 40  # in one call
ROUNDS = 4  # in which what was accepted is looked for: servers bring it over in their own time


class Filtered:
    """Of one account."""

    def __init__(self, api: Api, here: Here) -> None:
        self._api = api
        self._here = here
        self.is_known = True  # to the server; until it says otherwise
        self.is_open = False  # nothing is kept back that could be accepted
        self._awaited: dict[str, int] = {}  # rounds that are left, by whose messages were accepted

    @property
    def awaits(self) -> bool:
        """Whether something was accepted that may still be on its way."""
        return bool(self._awaited)

    async def open(self) -> None:
        """Have nothing kept back from now on."""
        try:
            policy = await self._api.read("notifications_policy")
        except DeliveryError as error:
            self._fails("the policy of notifications", error)
            return
        kept = {name: "accept" for name in KEPT_BACK if isinstance(policy, dict) and policy.get(name) == "filter"}
        try:
            if kept:
                await self._api.call("update_notifications_policy", **kept)
                log.info("mastodon: the server keeps back no more: %s", ", ".join(sorted(kept)))
            self.is_open = True
        except DeliveryError as error:
            log.info("mastodon: the policy of notifications cannot be set: %s", error)

    async def feeds(self) -> Sequence[Notifications]:
        """Accept what is kept back; return what is to be read for it, now and in the next rounds."""
        try:
            for request in _requests(await self._api.read("notification_requests", limit=REQUESTS)):
                if not request.account.limited:
                    await self._api.call("accept_notification_request", request.id)
                    self._awaited[request.account.id] = ROUNDS
        except DeliveryError as error:
            self._fails("what is kept back", error)
        found = [Notifications(self._api, self._here.account, self._here.id, of=one) for one in self._awaited]
        self._awaited = {one: left - 1 for one, left in self._awaited.items() if left > 1}
        return found

    def _fails(self, what: str, error: DeliveryError) -> None:
        if is_lacking(error):
            self.is_known = False
        else:
            log.info("mastodon: %s cannot be asked for: %s", what, error)


def _requests(found: Any) -> list[Request]:
    """Those that can be read."""
    read = []
    for one in found if isinstance(found, list) else ():
        try:
            read.append(Request.model_validate(one))
        except ValidationError:
            continue
    return read
