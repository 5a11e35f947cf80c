"""Whether a post whose answer was lost has arrived after all: servers show no mark of ours, so it is told by its words.

Among the account's own posts, and in the thread, since not every server shows direct messages in both.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.mastodon.html import plain
from adapters.mastodon.server import Server
from bot.errors import DeliveryRefused
from bot.model.public import Reach

SKEW = timedelta(hours=1)  # by which the server's clock may be behind ours
PAGES = 3  # of 40 posts, through which one is looked for


def made_at(delivery: UUID) -> datetime:
    """When a delivery was made: its id is a UUIDv7, whose first 48 bits are milliseconds."""
    return datetime.fromtimestamp((delivery.int >> 80) / 1000, UTC)


async def posted(
    server: Server,
    delivery: UUID,
    texts: Sequence[str],
    *,
    handle: str,
    parent: str | None,
    reach: Reach,
    others: Collection[str] = (),
) -> dict[int, str]:
    """The ids of the posts that say one of the texts to that person, by its number. `parent`: what the first one
    answers. `others` are posts that are known to be of other deliveries. Raises RateLimited or PlatformUnavailable when
    it cannot be told now."""
    since = made_at(delivery) - SKEW
    found: dict[int, str] = {}
    for own in (_listed, _below):
        for status in await own(server, since, parent):
            id = str(status.get("id") or "")
            if id and id not in others and id not in found.values() and _is_to(server, status, handle, reach):
                said = as_read(plain(str(status.get("content") or "")))
                number = next((n for n, text in enumerate(texts) if n not in found and as_read(text) == said), None)
                if number is not None:
                    found[number] = id
        if len(found) == len(texts):
            break
    return found


def as_read(text: str) -> str:
    """Without what servers write otherwise than it was sent, and without whom it begins with."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(one for one in text if unicodedata.category(one) != "Cf")
    text = "".join(re.sub(r"^(\s*@[\w.-]+(@[\w.-]+(:\d+)?)?(?=[\s,:]|$)[,:]*)+", "", text).split())
    return re.sub(r"(@[A-Za-z0-9_.-]*\w)@[\w.-]*\w", r"\1", text).lstrip(",:")


async def _listed(server: Server, since: datetime, parent: str | None) -> list[Mapping[str, Any]]:
    """The account's own posts since then, the oldest first."""
    me, before, found = await server.sign_in(), None, []
    for _ in range(PAGES):
        page: Any = ()
        with suppress(DeliveryRefused):
            page = await server.api.read("account_statuses", me.id, max_id=before, limit=40)
        page = [one for one in page or () if isinstance(one, Mapping)]
        found += [one for one in page if _is_recent(one, since)]
        if not page or not all(_is_recent(one, since) for one in page):
            break
        before = page[-1].get("id")
    return sorted(found, key=lambda one: str(one.get("created_at")))


async def _below(server: Server, since: datetime, parent: str | None) -> list[Mapping[str, Any]]:
    """The same, of what answers a post."""
    if parent is None:
        return []
    me = await server.sign_in()
    try:
        context = await server.api.read("status_context", parent)
    except DeliveryRefused:  # it is gone
        return []
    below = [one for one in context.get("descendants") or () if isinstance(one, Mapping)]
    return [one for one in below if str((one.get("account") or {}).get("id")) == me.id and _is_recent(one, since)]


def _is_recent(status: Mapping[str, Any], since: datetime) -> bool:
    at = status.get("created_at")
    return not isinstance(at, datetime) or (at if at.tzinfo else at.replace(tzinfo=UTC)) >= since


def _is_to(server: Server, status: Mapping[str, Any], handle: str, reach: Reach) -> bool:
    """Whether it is as open as it was to be, and for that person."""
    if (status.get("visibility") == "direct") is not (reach == "direct"):
        return False
    mentions = [one for one in status.get("mentions") or () if isinstance(one, Mapping)]
    return any(server.full(str(one.get("acct") or "")).lower() == handle.lower() for one in mentions)
