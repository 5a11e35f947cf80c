"""Whether a post whose answer was lost has arrived after all."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from adapters.slack.ids import At, delivery_of
from adapters.slack.workspace import Workspace

EVENT_TYPE = "guichet_delivery"
SKEW = timedelta(minutes=2)  # by which Slack's clock may be behind ours
PAGES = 10  # of 200 messages, through which a post is looked for


def metadata(delivery: UUID) -> dict[str, Any]:
    """What a post carries so that it can be found: invisible to people."""
    return {"event_type": EVENT_TYPE, "event_payload": {"id": str(delivery)}}


def made_at(delivery: UUID) -> datetime:
    """When a delivery was made: its id is a UUIDv7, whose first 48 bits are milliseconds."""
    return datetime.fromtimestamp((delivery.int >> 80) / 1000, UTC)


async def posted(workspace: Workspace, delivery: UUID, channel: str, thread: str | None) -> list[At]:
    """The messages of a delivery that stand in a channel, or in the thread under `thread` (a `ts`), in order.

    Raises PlatformUnavailable when that cannot be told now.
    """
    found = set()
    asked: dict[str, Any] = {"channel": channel, "limit": 200, "include_all_metadata": True}
    asked["oldest"] = f"{(made_at(delivery) - SKEW).timestamp():.6f}"
    method = "conversations.replies" if thread else "conversations.history"
    if thread:
        asked["ts"] = thread
    for _ in range(PAGES):
        answer = await workspace.api.read(method, **asked)
        for message in answer.get("messages") or ():
            if is_of(message, delivery) and isinstance(message.get("ts"), str):
                found.add(message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
        asked["cursor"] = cursor
    return [At(channel, ts) for ts in sorted(found)]


def is_of(message: Mapping[str, Any], delivery: UUID) -> bool:
    """Whether a message is part of a delivery: by its metadata, or by its blocks where a server keeps no metadata."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    if payload.get("id") == str(delivery):
        return True
    return any(
        isinstance(block, Mapping) and delivery_of(block.get("block_id")) == delivery
        for block in message.get("blocks") or ()
    )
