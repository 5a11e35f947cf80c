"""Whether a post whose answer was lost has arrived after all."""

from collections.abc import Container, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
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


async def posted(
    workspace: Workspace,
    delivery: UUID,
    channel: str,
    thread: str | None,
    texts: Sequence[str] = (),
    known: Container[At] = (),
) -> list[At]:
    """The messages of a delivery that stand in a channel, or in the thread under `thread` (a `ts`), in order.

    A server that keeps neither metadata nor the ids of blocks shows none of our marks anywhere: there messages are told
    by their `texts`, those left out that are `known` to be of other deliveries. Raises PlatformUnavailable when it
    cannot be told now.
    """
    found: set[str] = set()
    unmarked: dict[str, str] = {}
    keeps_marks = False
    asked: dict[str, Any] = {"channel": channel, "limit": 200, "include_all_metadata": True}
    asked["oldest"] = f"{(made_at(delivery) - SKEW).timestamp():.6f}"
    method = "conversations.replies" if thread else "conversations.history"
    if thread:
        asked["ts"] = thread
    for _ in range(PAGES):
        answer = await workspace.api.read(method, **asked)
        for message in answer.get("messages") or ():
            if not isinstance(message.get("ts"), str):
                continue
            if is_of(message, delivery):
                found.add(message["ts"])
            if is_marked(message):
                keeps_marks = True
            elif _is_own(message, workspace):
                unmarked[message["ts"]] = _as_read(str(message.get("text") or ""))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
        asked["cursor"] = cursor
    if not keeps_marks:
        candidates = [ts for ts in sorted(unmarked) if At(channel, ts) not in known]
        for text in map(_as_read, texts):
            ts = next((ts for ts in candidates if ts not in found and unmarked[ts] == text), None)
            if ts is None:
                break
            found.add(ts)
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


def is_marked(message: Mapping[str, Any]) -> bool:
    """Whether a message shows what delivery it is of, whichever that is."""
    if (message.get("metadata") or {}).get("event_type") == EVENT_TYPE:
        return True
    return any(isinstance(one, Mapping) and delivery_of(one.get("block_id")) for one in message.get("blocks") or ())


def _is_own(message: Mapping[str, Any], workspace: Workspace) -> bool:
    by_bot = bool(workspace.bot_id) and message.get("bot_id") == workspace.bot_id
    return by_bot or message.get("user") == workspace.user_id


def _as_read(text: str) -> str:
    """Without what a server may write otherwise than it was sent."""
    return " ".join(unescape(text).split())
