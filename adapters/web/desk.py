"""The technicians' pages, and what is new on them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

from sse_starlette import ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.acts import SEEN_COOKIE, Acts
from adapters.web.behind import technician_of, ticket_of
from adapters.web.digest import PATH as DIGEST
from adapters.web.digest import is_details, is_digest
from adapters.web.history import history_of
from adapters.web.notices import headline, is_notice, notices_of, path_in
from adapters.web.places import WebDesk
from adapters.web.site import Site, script_texts
from adapters.web.stream import is_over, stream
from adapters.web.tickets import SHOWS, Listing, TicketPage, listing
from adapters.web.translate import clean
from adapters.web.write_ups import WriteUps
from bot.model.documents import Document
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.people import Technician
from bot.ports.storage import UnitOfWork

SCRIPT_TEXTS = ("web.not_sent", "web.offline")

Seen = tuple[object, Callable[[], str]]  # a fingerprint, and what makes the HTML
Look = Callable[[UnitOfWork, Technician], Awaitable[Seen]]


class Desk:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._acts = Acts(site, self.ticket_response)
        self._write_ups = WriteUps(site, self._acts)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/desk", self.list_page),
            Route("/desk/stream", self.list_news),
            Route("/desk/T{number:int}", self.ticket_page),
            Route("/desk/T{number:int}/stream", self.ticket_news),
            *self._write_ups.routes,
            *self._acts.routes,
        ]

    # --- pages -----------------------------------------------------------------------------------------------------

    async def list_page(self, request: Request) -> Response:
        show, text = wanted(request)
        async with self._site.storage.unit_of_work() as uow:
            technician = await technician_of(self._site, request, uow)
            values = await self._list_values(request, uow, technician, show, text)
            outcome = await self._said(request, uow)
        return self._site.page(request, "desk.html", **values[1], outcome=outcome)

    async def ticket_page(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            technician = await technician_of(self._site, request, uow)
            page = await ticket_of(self._site, request, uow, technician)
            outcome = await self._said(request, uow)
        return self.ticket_response(request, page, outcome)

    def ticket_response(
        self, request: Request, page: TicketPage, outcome: Document | None, draft: str = "", chosen: str = "reply"
    ) -> Response:
        """With `draft`: what was not done, to be tried again or left."""
        return self._site.page(
            request,
            "ticket.html",
            page=page,
            outcome=outcome,
            draft=draft,
            chosen=chosen if page.ticket.is_active else "note",  # all that words can still do
            refused=bool(draft),
            texts=self._texts(request),
        )

    async def _list_values(
        self, request: Request, uow: UnitOfWork, technician: Technician, show: str, text: str
    ) -> tuple[object, dict[str, Any]]:
        """What tells whether the list is another, and what it is made of."""
        found = await listing(uow, show, text, technician)
        room, now = self._site.visitor(request).commands, self._site.clock()
        notices = await notices_of(uow, room, seen_by(request), now)
        return (found.fingerprint, notices), self._shown(request, found, show, text) | {"notices": notices}

    def _shown(self, request: Request, found: Listing, show: str, text: str) -> dict[str, Any]:
        return {
            "rows": found.rows,
            "counts": found.counts,
            "total": found.total,
            "more": found.total > len(found.rows),
            "me": found.me,
            "present": found.present,
            "show": show,
            "q": text,
            "query": request.url.query,
            "texts": self._texts(request),
        }

    def _texts(self, request: Request) -> str:
        language = self._site.language_of(request)
        return script_texts(lambda key: self._site.say(key, language), SCRIPT_TEXTS)

    async def _said(self, request: Request, uow: UnitOfWork) -> Document | None:
        """What the desk answered to the last press, for pages without scripts."""
        try:
            message = await uow.conversations.message(UUID(request.query_params.get("said", "")))
        except ValueError:
            return None
        conversation = await uow.conversations.by_ref(self._site.visitor(request).commands)
        ours = message is not None and conversation is not None and message.conversation_id == conversation.id
        return message.document if message and ours else None

    # --- news ------------------------------------------------------------------------------------------------------

    async def list_news(self, request: Request) -> Response:
        show, text = wanted(request)

        async def look(uow: UnitOfWork, technician: Technician) -> Seen:
            fingerprint, values = await self._list_values(request, uow, technician, show, text)
            return fingerprint, lambda: self._site.fragment(request, "desk_list.html", **values)

        return await self._stream(request, look)

    async def ticket_news(self, request: Request) -> Response:
        async def look(uow: UnitOfWork, technician: Technician) -> Seen:
            page = await ticket_of(self._site, request, uow, technician)
            return page.fingerprint, lambda: self._site.fragment(request, "ticket_live.html", page=page)

        return await self._stream(request, look)

    async def _stream(self, request: Request, look: Look) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            await technician_of(self._site, request, uow)  # or no stream at all
        return stream(self._site, self._news(request, look))

    async def _news(self, request: Request, look: Look) -> AsyncIterator[ServerSentEvent | None]:
        """The page's changing part whenever it is another; what is announced in the desk's room, and to this technician
        alone."""
        site = self._site
        (room,) = WebDesk().rooms
        own = site.visitor(request).commands
        seen: object = None
        async with site.storage.unit_of_work() as uow:
            after = {ref: await latest(uow, ref) for ref in (room, own)}
        while True:
            try:
                async with site.storage.unit_of_work() as uow:
                    fingerprint, html = await look(uow, await technician_of(site, request, uow))
            except HTTPException:  # no technician any more
                return
            if fingerprint != seen:
                seen = fingerprint
                yield ServerSentEvent(html(), event="live")
            for ref in after:
                for row in await site.storage.outbox.of_conversation(ref, after[ref]):
                    if not is_over(row):
                        break
                    after[ref] = row.number
                    if (ref == room and not is_details(row)) or (ref == own and await self._is_notice(row)):
                        text = headline(row.document)
                        path = DIGEST if is_digest(row) else path_in(text)
                        values = {"text": text, "path": path, "own": ref == own}
                        yield ServerSentEvent(site.fragment(request, "notice.html", **values), event="notice")
            yield None

    async def _is_notice(self, row: Delivery) -> bool:
        """Whether what was sent to a technician's room was said of the desk's own accord."""
        if row.message_id is None:
            return row.reaction == "undelivered"
        async with self._site.storage.unit_of_work() as uow:
            message = await uow.conversations.message(row.message_id)
        return message is not None and is_notice(message)


async def latest(uow: UnitOfWork, ref: ConversationRef) -> int:
    """The number of the latest delivery there: what comes later is news."""
    return (await history_of(uow, ref)).after


def seen_by(request: Request) -> int:
    value = request.cookies.get(SEEN_COOKIE, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def wanted(request: Request) -> tuple[str, str]:
    """Which tickets: one of SHOWS, and words to look for."""
    show = request.query_params.get("show", "")
    return (show if show in SHOWS else SHOWS[0]), clean(request.query_params.get("q", "")).strip()[:100]
