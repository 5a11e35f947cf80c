"""News for an open contact page, and that it is open."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sse_starlette import ServerSentEvent
from starlette.requests import Request

from adapters.web.contact.history import items_in
from adapters.web.contact.seats import NoSuchPage, NotTheirs, Seat, Seats
from adapters.web.history import LONGEST, Item
from adapters.web.site import Site
from adapters.web.stream import is_over
from bot.contact.going_on import still_sits_at
from bot.engine.services import Services
from bot.errors import StaleWrite
from bot.model.ledger import Delivery

SIGNS = 3  # of life that a page gives in the time after which nobody sits there


class News:
    def __init__(self, site: Site, services: Services, seats: Seats) -> None:
        self._site = site
        self._pause = services.policy.public.away / SIGNS
        self._seats = seats

    async def of(self, request: Request, after: int) -> AsyncIterator[ServerSentEvent | None]:
        """As of the chat: one event an item, an edited one once more. None: a pause. Ends when the page is no more."""
        site = self._site
        looked_at: datetime | None = None
        sent: dict[str, Item] = {}
        seen: set[UUID] = set()
        while True:
            now = site.clock()
            if looked_at is None or now - looked_at >= self._pause:
                looked_at = now
                try:
                    seat = await self._sits(request, now)
                except (NoSuchPage, NotTheirs):
                    return
            over, pending = await self._delivered(seat, after)
            if over and {row.id for row in over} != seen:
                if not await self._still_theirs(seat):
                    return
                seen = {row.id for row in over}
                after = min([max(row.number for row in over), *(row.number - 1 for row in pending)])
                items = [item for item in await self._items(seat, over) if sent.get(item.id) != item]
                sent |= {item.id: item for item in items}
                offer = next((item.id for item in reversed(items) if item.has_buttons), None)
                for item in items:
                    html = site.fragment(request, "items.html", items=[item], offer=offer)
                    yield ServerSentEvent(html, event="item", id=str(after))
            yield None

    async def _sits(self, request: Request, now: datetime) -> Seat:
        """Who sits there now, which is written down."""
        async with self._site.storage.unit_of_work() as uow:
            seat = await self._seats.of(request, uow)
            if seat.visit:
                uow.contact.save(replace(seat.visit, seen_at=now))
                with suppress(StaleWrite):  # another tab was first
                    await uow.commit()
        return seat

    async def _still_theirs(self, seat: Seat) -> bool:
        """Whether the chat is open in that browser at this moment: it may have become that of another one."""
        async with self._site.storage.unit_of_work() as uow:
            return seat.visit is not None and await still_sits_at(uow, seat.visit.id, seat.browser.id)

    async def _delivered(self, seat: Seat, after: int) -> tuple[list[Delivery], list[Delivery]]:
        """What is over in all places, and what still waits there with what is behind it: in each, deliveries end in
        order."""
        over: list[Delivery] = []
        pending: list[Delivery] = []
        for place in seat.places:
            rows = await self._site.storage.outbox.of_conversation(place.ref, after)
            ended = next((i for i, row in enumerate(rows) if not is_over(row)), len(rows))
            over += rows[:ended]
            pending += rows[ended:]
        return over, pending

    async def _items(self, seat: Seat, over: list[Delivery]) -> list[Item]:
        said = {row.message_id for row in over if row.message_id}
        items: list[Item] = []
        async with self._site.storage.unit_of_work() as uow:
            for place in seat.places:
                messages = await uow.conversations.messages(place.id, LONGEST)
                items += await items_in(uow, seat, place, messages, said)
        return sorted(items, key=lambda one: one.at)
