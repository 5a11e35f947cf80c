"""The technicians' pages. What is done on them is said to the desk as its commands: every rule is the desk's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from sse_starlette import ServerSentEvent
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.history import history_of
from adapters.web.limits import too_many
from adapters.web.places import WebDesk
from adapters.web.site import Site, script_texts
from adapters.web.stream import is_over, stream
from adapters.web.tickets import ACTS, SHOWS, Listing, TicketPage, listing, ticket_page
from adapters.web.translate import clean, commanded
from adapters.web.waiting import answers_to, ended
from bot.errors import StorageError
from bot.model.documents import Document, Paragraph
from bot.model.people import Technician
from bot.model.values import Language, TicketStatus
from bot.ports.storage import UnitOfWork

PATIENCE = 10.0  # seconds that a technician waits to hear what came of a press
SCRIPT_TEXTS = ("web.not_sent", "web.offline")

Seen = tuple[object, Callable[[], str]]  # a fingerprint, and what makes the HTML
Look = Callable[[UnitOfWork, Technician], Awaitable[Seen]]


class Desk:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/desk", self.list_page),
            Route("/desk/stream", self.list_news),
            Route("/desk/T{number:int}", self.ticket_page),
            Route("/desk/T{number:int}/stream", self.ticket_news),
            Route("/desk/T{number:int}/work", self.work, methods=["POST"]),
            Route("/desk/T{number:int}/{act:str}", self.act, methods=["POST"]),
        ]

    # --- pages -----------------------------------------------------------------------------------------------------

    async def list_page(self, request: Request) -> Response:
        show, text = wanted(request)
        async with self._site.storage.unit_of_work() as uow:
            found = await listing(uow, show, text, await self._technician(request, uow))
        return self._site.page(request, "desk.html", **self._list_values(request, found, show, text))

    async def ticket_page(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            technician = await self._technician(request, uow)
            page = await self._ticket(request, uow, technician)
            outcome = await self._said(request, uow)
        return self._ticket_response(request, page, outcome)

    def _ticket_response(
        self, request: Request, page: TicketPage, outcome: Document | None, *, draft: str = "", chosen: str = "reply"
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

    def _list_values(self, request: Request, found: Listing, show: str, text: str) -> dict[str, Any]:
        more = found.total > len(found.rows)
        return {
            "rows": found.rows,
            "counts": found.counts,
            "total": found.total,
            "more": more,
            "show": show,
            "q": text,
            "query": request.url.query,
            "texts": self._texts(request),
        }

    def _texts(self, request: Request) -> str:
        language = self._site.language_of(request)
        return script_texts(lambda key: self._site.say(key, language), SCRIPT_TEXTS)

    # --- news ------------------------------------------------------------------------------------------------------

    async def list_news(self, request: Request) -> Response:
        show, text = wanted(request)

        async def look(uow: UnitOfWork, technician: Technician) -> Seen:
            found = await listing(uow, show, text, technician)
            values = self._list_values(request, found, show, text)
            return found.fingerprint, lambda: self._site.fragment(request, "desk_list.html", **values)

        return await self._stream(request, look)

    async def ticket_news(self, request: Request) -> Response:
        async def look(uow: UnitOfWork, technician: Technician) -> Seen:
            page = await self._ticket(request, uow, technician)
            return page.fingerprint, lambda: self._site.fragment(request, "ticket_live.html", page=page)

        return await self._stream(request, look)

    async def _stream(self, request: Request, look: Look) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            await self._technician(request, uow)  # or no stream at all
        return stream(self._site, self._news(request, look))

    async def _news(self, request: Request, look: Look) -> AsyncIterator[ServerSentEvent | None]:
        """The page's changing part whenever it is another, and what is announced in the desk's room."""
        site = self._site
        (room,) = WebDesk().rooms
        seen: object = None
        async with site.storage.unit_of_work() as uow:
            after = (await history_of(uow, room)).after
        while True:
            try:
                async with site.storage.unit_of_work() as uow:
                    fingerprint, html = await look(uow, await self._technician(request, uow))
            except HTTPException:  # no technician any more
                return
            if fingerprint != seen:
                seen = fingerprint
                yield ServerSentEvent(html(), event="live")
            for row in await site.storage.outbox.of_conversation(room, after):
                if not is_over(row):
                    break
                after = row.number
                yield ServerSentEvent(headline(row.document), event="notice")
            yield None

    # --- what is done ----------------------------------------------------------------------------------------------

    async def act(self, request: Request) -> Response:
        """A press that needs no words: claim, release, …"""
        act = request.path_params["act"]
        if act not in ACTS:
            raise HTTPException(404)
        form = await forms.parsed(request, forms.Act)
        return await self._command(request, act, form.id)

    async def work(self, request: Request) -> Response:
        form = await forms.parsed(request, forms.Work)
        return await self._command(request, form.kind, form.id, form.text)

    async def _command(self, request: Request, act: str, form_id: str, text: str = "") -> Response:
        """Say it to the desk, wait, and show what the desk answers."""
        site, visitor = self._site, self._site.visitor(request)
        number = request.path_params["number"]
        async with site.storage.unit_of_work() as uow:
            technician = await self._technician(request, uow)
            before = await self._ticket(request, uow, technician)
        if (seconds := await site.limits.message(request.state.session)) is not None:
            return too_many(site.refusals, request, seconds)
        command = f"/ticket {act} T{number} {text}".strip()
        event = commanded(visitor, command, form_id, site.clock(), visitor.language)
        try:
            await site.inbox.receive(event)
        except StorageError:
            return site.refusals.response(request, 503, "not_stored", {"Retry-After": "5"})
        progress = await ended(site.storage, event.key, PATIENCE)
        answers = await answers_to(site.storage, visitor.commands, progress) if progress else ()
        late = Document((Paragraph(site.say("web.no_answer", visitor.language)),))
        outcome = next((one.document for one in answers if one.document), late)
        async with site.storage.unit_of_work() as uow:
            page = await self._ticket(request, uow, technician)
        done = any(one.actor_id == technician.person_id for one, _ in page.events[len(before.events) :])
        if done:
            outcome = self._told(outcome, act, page, visitor.language)
        if forms.wants_json(request):
            html = site.fragment(request, "outcome.html", document=outcome)
            return JSONResponse({"done": done, "html": html, "text": outcome.text})
        if text and not done:
            return self._ticket_response(request, page, outcome, draft=text, chosen=act)
        said = f"?said={answers[0].id}" if answers else ""
        return RedirectResponse(f"/desk/T{number}{said}", 303)

    def _told(self, outcome: Document, act: str, page: TicketPage, language: Language) -> Document:
        """What was done in a line: the page shows the rest. Of a claim, without a console’s next command."""
        if act != "claim":
            return replace(outcome, blocks=outcome.blocks[:1])
        said = self._site.say("web.desk.claimed", language, reference=page.ticket.reference, name=page.asker)
        return Document((Paragraph(said),))

    # --- who and what ----------------------------------------------------------------------------------------------

    async def _technician(self, request: Request, uow: UnitOfWork) -> Technician:
        """Raises HTTPException 403 for everybody else."""
        known = await uow.people.known(self._site.visitor(request).identity)
        technician = known.technician if known else None
        if technician is None or technician.disabled:
            raise HTTPException(403)
        return technician

    async def _ticket(self, request: Request, uow: UnitOfWork, technician: Technician) -> TicketPage:
        number = request.path_params["number"]
        page = await ticket_page(uow, number, technician) if number < 10**9 else None
        if page is None:
            raise HTTPException(404)
        key = f"web.next.{page.ticket.status}"
        if page.ticket.status in (TicketStatus.IN_PROGRESS, TicketStatus.WAITING) and not page.assignee:
            key = "web.next.open"
        elif page.ticket.status is TicketStatus.IN_PROGRESS and page.is_mine:
            key = "web.next.yours"
        return replace(page, next=self._site.say(key, self._site.language_of(request), name=page.assignee or ""))

    async def _said(self, request: Request, uow: UnitOfWork) -> Document | None:
        """What the desk answered to the last press, for pages without scripts."""
        try:
            message = await uow.conversations.message(UUID(request.query_params.get("said", "")))
        except ValueError:
            return None
        conversation = await uow.conversations.by_ref(self._site.visitor(request).commands)
        ours = message is not None and conversation is not None and message.conversation_id == conversation.id
        return message.document if message and ours else None


def wanted(request: Request) -> tuple[str, str]:
    """Which tickets: one of SHOWS, and words to look for."""
    show = request.query_params.get("show", "")
    return (show if show in SHOWS else SHOWS[0]), clean(request.query_params.get("q", "")).strip()[:100]


def headline(document: Document) -> str:
    """The first line of what was announced."""
    return next(iter(document.text.splitlines()), "")
