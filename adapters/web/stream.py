"""News for an open page, by server-sent events."""

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request

from adapters.web.site import Site
from bot.errors import StorageUnavailable
from bot.model.ledger import Delivery
from bot.model.values import OutboxState

LOOK = 0.5  # seconds between two looks where nothing tells of news
PING = 15  # seconds between two signs of life, so that no proxy takes a quiet stream for a dead one
LARGEST_NUMBER = 2**63 - 1
OVER = (OutboxState.SENT, OutboxState.FAILED, OutboxState.WITHDRAWN)


def is_over(delivery: Delivery) -> bool:
    return delivery.state in OVER


def after_of(request: Request) -> int:
    """What the page has already: by what the browser resumes with, else by what the page was made with."""
    for value in (request.headers.get("last-event-id"), request.query_params.get("after")):
        if value and value.isascii() and value.isdecimal():
            return min(int(value[:20]), LARGEST_NUMBER)
    return 0


def stream(site: Site, news: AsyncIterator[ServerSentEvent | None]) -> EventSourceResponse:
    """`news` is looked at whenever something was sent; each None ends a look. Ends when the site stops."""
    return EventSourceResponse(_paced(site, news), ping=PING, headers={"X-Accel-Buffering": "no"})


async def _paced(site: Site, news: AsyncIterator[ServerSentEvent | None]) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="open", retry=1000)
    try:
        while not site.stopping.is_set():
            async for event in news:
                if event is None:
                    break
                yield event
            else:
                return
            await site.storage.changed("outbox", LOOK)
    except StorageUnavailable:
        return  # the browser comes back by itself, with what it has
