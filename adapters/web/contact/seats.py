"""Where a visitor of the contact page sits: which browser, which chat, and what they may see of it."""

from dataclasses import dataclass, field, replace
from uuid import UUID, uuid5

from starlette.requests import Request

from adapters.web.contact.browsers import Browser, Browsers
from adapters.web.places import Role, Visitor
from adapters.web.site import ZONE_COOKIE, Site, known_zone
from bot.contact.going_on import sits_at, visit_about
from bot.contact.history import places_of, post_of, tickets_of
from bot.contact.natives import native_id
from bot.contact.visits import visitor_name
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.model.contact import ContactVisit
from bot.model.conversations import Conversation
from bot.model.public import PublicPost
from bot.model.tickets import Ticket
from bot.ports.storage import UnitOfWork


class NoSuchPage(Exception):
    """There is nothing to see at this address: a page says so, with a way on. `gone`: there was."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__("gone" if gone else "unknown")
        self.gone = gone


class NotTheirs(Exception):
    """The chat is another browser's."""

    def __init__(self, visit: ContactVisit) -> None:
        super().__init__(str(visit.id))
        self.visit = visit


@dataclass(frozen=True, slots=True)
class Seat:
    browser: Browser
    visitor: Visitor
    path: str  # of the page
    post: PublicPost | None = None
    visit: ContactVisit | None = None  # None until something was said
    places: list[Conversation] = field(default_factory=list)  # the chat first
    tickets: list[Ticket] = field(default_factory=list)

    @property
    def is_verified(self) -> bool:
        return self.visit is not None and self.visit.verified_at is not None

    @property
    def is_gone(self) -> bool:
        """Whether the post was taken back."""
        return self.post is not None and not self.post.text


class Seats:
    def __init__(self, site: Site, services: Services, browsers: Browsers) -> None:
        self._site = site
        self._services = services
        self._browsers = browsers

    async def of(self, request: Request, uow: UnitOfWork) -> Seat:
        """Raises NoSuchPage, NotTheirs."""
        browser = self._browsers.of(request)
        if "token" in request.path_params:
            seat = await self._about_post(request, uow, browser, request.path_params["token"])
        else:
            seat = await self._of_visit(request, uow, browser, request.path_params["visit"])
        # Their own wish, else what their browser says, else the language of what it is about.
        if seat.post or seat.visit:
            spoken = seat.visit.language if seat.visit else seat.post.language if seat.post else None
            request.state.fallback_language = spoken
        language = self._site.language_of(request)
        seat = replace(seat, visitor=replace(seat.visitor, language=language))
        request.state.shown_as = shown_as(seat.path)
        return seat

    async def _about_post(self, request: Request, uow: UnitOfWork, browser: Browser, token: str) -> Seat:
        post = await uow.public.by_token(token) if len(token) < 100 else None
        if post is None:
            raise NoSuchPage
        visit = await visit_about(uow, browser.id, post.id)
        if not post.text and visit is None:
            raise NoSuchPage(gone=True)
        name, number = visitor_name(self._services, post), 0
        key = native_id(browser.id, post.id)
        while True:
            chat = await uow.conversations.get(visit.conversation_id) if visit else None
            visitor = self.visitor(request, (chat and chat.ref.thread) or key, visit, name)
            if visit or not await uow.conversations.by_ref(visitor.chat):
                break
            # Another tab has begun the chat at this moment; or it is somebody's who is known elsewhere by now.
            if visit := await visit_about(uow, browser.id, post.id):
                continue
            number += 1
            key = native_id(browser.id, uuid5(post.id, str(number)))
        return await self._filled(uow, Seat(browser, visitor, f"/c/{post.token}", post, visit))

    async def _of_visit(self, request: Request, uow: UnitOfWork, browser: Browser, id: UUID) -> Seat:
        visit = await uow.contact.visit(id)
        if visit is None:
            raise NoSuchPage
        if not await sits_at(uow, visit, browser.id):
            raise NotTheirs(visit)
        place = await uow.conversations.get(visit.conversation_id)
        if place is None or place.ref.thread is None:  # erased
            raise NoSuchPage
        visitor = self.visitor(request, place.ref.thread, visit, "")
        return await self._filled(uow, Seat(browser, visitor, f"/contact/{visit.id}", None, visit))

    async def _filled(self, uow: UnitOfWork, seat: Seat) -> Seat:
        if seat.visit is None:
            return seat
        places = await places_of(uow, seat.visit, seat.post)
        tickets = await tickets_of(uow, seat.visit, places)
        post = seat.post or await post_of(uow, seat.visit, tickets)
        if post is not seat.post:  # what was said about it elsewhere belongs to it
            places = await places_of(uow, seat.visit, post)
            tickets = await tickets_of(uow, seat.visit, places)
        own = await uow.contact.of_post(seat.browser.id, post.id) if post else None
        if own and own.id != seat.visit.id:  # what was said in this browser before it went on with another one's chat
            places += [one] if (one := await uow.conversations.get(own.conversation_id)) else []
        return replace(seat, places=places, tickets=tickets, post=post)

    async def anew(self, browser: Browser) -> Browser:
        """The same browser under another name, with all its chats: for who is known from now on. Whoever copied the
        cookie before, or had it put there, has a name that is nobody's."""
        fresh = self._browsers.fresh()

        async def once() -> None:
            async with self._site.storage.unit_of_work() as uow:
                for visit in await uow.contact.of_browser(browser.id):
                    uow.contact.save(replace(visit, browser=fresh.id))
                for guest in await uow.contact.guest_in(browser.id):
                    uow.contact.save(replace(guest, browser=fresh.id))
                await uow.commit()

        await rerun_when_stale(once, "a browser under another name")
        return fresh

    def visitor(self, request: Request, key: str, visit: ContactVisit | None, name: str) -> Visitor:
        """`name`: of who is unverified; who is known keeps the name that the desk knows."""
        zone = known_zone(request.cookies.get(ZONE_COOKIE, ""))
        called = "" if visit and visit.verified_at else name
        return Visitor(key, Role.PUBLIC, called, self._site.language_of(request), None, zone)


def shown_as(path: str) -> dict[str, object]:
    """What is otherwise on these pages, of what every page has: no way behind the desk, and forms of their own."""
    return {
        "visitor": None,
        "demo": False,
        "may_leave": False,
        "home": "/contact",
        "path": path,
        "press_path": f"{path}/press",
        "files_at": path,
    }


async def path_of(uow: UnitOfWork, visit: ContactVisit) -> str:
    """The page of a visit."""
    post = await uow.public.get(visit.post_id) if visit.post_id else None
    return f"/c/{post.token}" if post else f"/contact/{visit.id}"
