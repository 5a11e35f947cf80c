"""The page about a post, or about what was written elsewhere: the chat, and what is said there."""

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.chat import PATIENCE, SCRIPT_TEXTS
from adapters.web.contact.browsers import Browsers
from adapters.web.contact.history import history_at
from adapters.web.contact.news import News
from adapters.web.contact.part import Part
from adapters.web.contact.previews import is_read
from adapters.web.contact.seats import Seat
from adapters.web.files import attachment_response
from adapters.web.limits import too_many
from adapters.web.multipart import is_multipart
from adapters.web.site import Site, script_texts
from adapters.web.stream import after_of, stream
from adapters.web.translate import pressed, said
from adapters.web.uploads import discard, received
from adapters.web.waiting import ended
from bot.contact.going_on import address_of, visit_about
from bot.contact.telling import room_of
from bot.contact.visits import begin
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.errors import StaleWrite, StorageError
from bot.model.contact import ContactVisit
from bot.model.messages import IncomingClick, IncomingMessage
from bot.model.tickets import Ticket
from bot.model.values import TicketStatus
from bot.public.links import CHAT
from bot.tickets.promises import promise, said_of

PATHS = ("/c/{token}", "/contact/{visit:uuid}")
NOBODY = UUID(int=0)


class Pages(Part):
    def __init__(self, site: Site, services: Services, browsers: Browsers) -> None:
        super().__init__(site, services, browsers)
        self._news = News(site, services, self._seats)

    @property
    def routes(self) -> list[Route]:
        return [
            route
            for path in PATHS
            for route in (
                Route(path, self.page),
                Route(f"{path}/say", self.say, methods=["POST"]),
                Route(f"{path}/press", self.press, methods=["POST"]),
                Route(f"{path}/stream", self.stream),
                Route(f"{path}/files/{{id:uuid}}/{{name:path}}", self.file),
            )
        ]

    async def page(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            seat = await self._seats.of(request, uow)
        await self._opened(request, seat)
        asked, leaves = (request.query_params.get(name) for name in ("code", "elsewhere"))
        return await self.shown(request, seat, asked=asked == "sent", leaves=leaves is not None)

    async def shown(
        self,
        request: Request,
        seat: Seat,
        status: int = 200,
        *,
        asked: bool = False,
        problem: str | None = None,
        leaves: bool = False,
    ) -> Response:
        """`asked`: a code was asked for, and is waited for; `problem`: what was wrong with the one that was written.
        `leaves`: for another browser, whose address is wanted."""
        site = self._site
        async with site.storage.unit_of_work() as uow:
            history = await history_at(uow, seat)
        language = site.language_of(request)

        def words(key: str) -> str:
            return site.say(key, language)

        response = site.page(
            request,
            "contact.html",
            status,
            seat=seat,
            history=history,
            tickets=[(one, self._next(one, seat)) for one in seat.tickets],
            asked=asked and not seat.is_verified,
            problem=problem,
            may_return=self._may_return(seat),
            may_leave_for=not seat.is_verified and bool(self._services.policy.public.site),
            elsewhere=address_of(self._services, seat.visit) if leaves and seat.visit else None,
            minutes=int(CHAT.good_for.total_seconds() // 60),
            texts=script_texts(words, SCRIPT_TEXTS),
        )
        if request.method == "GET":
            self._browsers.keep(response, seat.browser)
        return response

    def _may_return(self, seat: Seat) -> bool:
        """Whether a link back can be sent to whoever sits there."""
        return seat.is_verified or room_of(self._services.policy, seat.visit) is not None

    def _next(self, ticket: Ticket, seat: Seat) -> str:
        """Who acts next on a ticket, and by when on their clock."""
        site, language = self._site, seat.visitor.language
        zone = ZoneInfo(seat.visitor.timezone) if seat.visitor.timezone else site.zone
        until = promise(ticket, "acknowledge")
        if ticket.status is TicketStatus.OPEN and until:
            when = said_of(until, site.clock(), zone, language, site.say)
            return site.say("web.contact.next.open_by", language, when=when)
        return site.say(f"web.contact.next.{ticket.status.value}", language)

    async def _opened(self, request: Request, seat: Seat) -> None:
        """That a person came: to the post's link for the first time, or back to their chat."""
        if not is_read(request):
            return
        now = self._site.clock()
        async with self._site.storage.unit_of_work() as uow:
            if seat.post and seat.post.opened_at is None and "token" in request.path_params:
                uow.public.save(replace(seat.post, opened_at=now))
            if seat.visit:
                uow.contact.save(replace(seat.visit, seen_at=now, language=self._site.language_of(request)))
            try:
                await uow.commit()
            except StaleWrite:
                return  # somebody else was first

    async def say(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            seat = await self._seats.of(request, uow)
        if is_multipart(request.headers.get("content-type", "")) and not seat.is_verified:
            raise HTTPException(400)  # files are taken of who is known
        if (refused := await self._too_much(request)) is not None:
            return refused
        form, files = await received(request, forms.Say, self._site.files)
        if not form.text and not files:
            return RedirectResponse(seat.path, 303)
        event = said(seat.visitor, form.text, form.id, self._site.clock(), files)
        return await self._receive(request, seat, replace(event, link=seat.post.link if seat.post else None))

    async def press(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            seat = await self._seats.of(request, uow)
        if (refused := await self._too_much(request)) is not None:
            return refused
        form = await forms.parsed(request, forms.Press)
        return await self._receive(
            request, seat, pressed(seat.visitor, form.action, form.value, form.id, self._site.clock())
        )

    async def _too_much(self, request: Request) -> Response | None:
        """Of one browser, or of one address."""
        seconds = await self._site.limits.message(request.state.session)
        if seconds is not None:
            return too_many(self._site.refusals, request, seconds)
        return await self._too_many(request, "message")

    async def _receive(self, request: Request, seat: Seat, event: IncomingMessage | IncomingClick) -> Response:
        site = self._site
        try:
            await self.visit_of(seat)
            new = await site.inbox.receive(event)
            if not new and isinstance(event, IncomingMessage):
                await discard(site.files, event.files)
        except StorageError:
            return site.refusals.response(request, 503, "not_stored", {"Retry-After": "5"})
        if forms.wants_json(request):
            return JSONResponse({"stored": True}, 202)
        await ended(site.storage, event.key, PATIENCE)
        return RedirectResponse(f"{seat.path}#composer", 303)

    async def visit_of(self, seat: Seat) -> ContactVisit:
        """The visit, begun now if this is the first that is said."""
        post = seat.post
        if seat.visit or post is None:
            assert seat.visit
            return seat.visit

        async def once() -> ContactVisit:
            async with self._site.storage.unit_of_work() as uow:
                if known := await visit_about(uow, seat.browser.id, post.id):
                    return known
                visit = await begin(
                    self._services, uow, self.fresh(seat, post.id), seat.visitor.identity, seat.visitor.chat
                )
                await uow.commit()
                return visit

        return await rerun_when_stale(once, "a visit of the contact page")

    def fresh(self, seat: Seat, post_id: UUID | None = None) -> ContactVisit:
        """A visit that begins now, of which nothing is known yet."""
        now = self._site.clock()
        return ContactVisit(seat.browser.id, NOBODY, NOBODY, now, now, post_id, language=seat.visitor.language)

    async def stream(self, request: Request) -> Response:
        async with self._site.storage.unit_of_work() as uow:
            await self._seats.of(request, uow)
        return stream(self._site, self._news.of(request, after_of(request)))

    async def file(self, request: Request) -> Response:
        """Raises HTTPException 404: there is none, it is somebody else's, or it is not here (yet)."""
        async with self._site.storage.unit_of_work() as uow:
            seat = await self._seats.of(request, uow)
            known = await uow.people.known(seat.visitor.identity) if seat.visit else None
            return await attachment_response(self._site, uow, request, known)
