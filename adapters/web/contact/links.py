"""Signed links out of direct messages. To open one does nothing: programs open links, too."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web.contact.pages import NOBODY
from adapters.web.contact.part import Part
from adapters.web.contact.seats import NotTheirs, path_of, shown_as
from bot.contact.direct import Examined, examine, let_in, send_again, send_for
from bot.contact.natives import native_id
from bot.engine.reruns import rerun_when_stale
from bot.model.contact import ContactVisit
from bot.model.people import SignInCode
from bot.public.links import DIRECT, read_link

WINDOW = timedelta(minutes=15)
MOST = 3  # new links for one conversation in a WINDOW
LINK = "/d/{signed}"


class Links(Part):
    @property
    def routes(self) -> list[Route]:
        return [
            Route(LINK, self.page),
            Route(LINK, self.enter, methods=["POST"]),
            Route(f"{LINK}/again", self.again, methods=["POST"]),
            Route("/contact/{visit:uuid}/again", self.again_for_visit, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        signed, browser = self._signed(request), self._browsers.of(request)
        async with self._site.storage.unit_of_work() as uow:
            found = await examine(self._services, uow, signed, browser.id)
            path = await path_of(uow, found.visit) if found.visit else None
        if path:
            return RedirectResponse(path, 303)  # this browser has used it
        return self._shown(request, found.state, f"/d/{signed}")

    async def enter(self, request: Request) -> Response:
        if (refused := await self._too_many(request, "link")) is not None:
            return refused
        signed, browser = self._signed(request), self._browsers.of(request)
        link = read_link(self._services.policy.public, DIRECT, signed)
        if link is None:
            return self._shown(request, "unknown", f"/d/{signed}", 403)
        visitor = self._stranger(request, native_id(browser.id, link.about))
        now = self._site.clock()
        fresh = ContactVisit(browser.id, NOBODY, NOBODY, now, now, language=visitor.language)

        async def once() -> Examined:
            return await let_in(self._services, signed, fresh, visitor.identity, visitor.chat)

        found = await rerun_when_stale(once, "a link")
        if found.visit is None:
            return self._shown(request, found.state, f"/d/{signed}", 403)
        async with self._site.storage.unit_of_work() as uow:
            response = RedirectResponse(await path_of(uow, found.visit), 303)
        self._browsers.keep(response, await self._seats.anew(browser))
        return response

    async def again(self, request: Request) -> Response:
        """Whatever the link was, the same is said: a new one goes to the person that it was made for, if to anybody."""
        signed = self._signed(request)
        link = read_link(self._services.policy.public, DIRECT, signed)
        about = f"link:{link.about}" if link else ""
        return await self._again(request, about, f"/d/{signed}", lambda: send_again(self._services, signed))

    async def again_for_visit(self, request: Request) -> Response:
        id = request.path_params["visit"]
        return await self._again(request, f"link:{id}", f"/contact/{id}", lambda: send_for(self._services, id))

    async def _again(self, request: Request, about: str, path: str, send: Callable[[], Awaitable[bool]]) -> Response:
        if (refused := await self._too_many(request, "link")) is not None:
            return refused
        codes, now = self._site.storage.sign_in_codes, self._site.clock()
        if about and await codes.recent(about, now - WINDOW) < MOST:
            await codes.add(SignInCode(about, "", now, now + WINDOW, consumed_at=now))
            await rerun_when_stale(send, "a new link")
        return self._shown(request, "sent", path)

    async def not_theirs(self, request: Request, error: Exception) -> Response:
        """The page for a chat that is another browser's."""
        assert isinstance(error, NotTheirs)
        return self._shown(request, "elsewhere", f"/contact/{error.visit.id}", 403)

    def _shown(self, request: Request, state: str, path: str, status: int = 200) -> Response:
        request.state.shown_as = shown_as(path)
        hours = int(DIRECT.good_for.total_seconds() // 3600)
        return self._site.page(request, "contact_link.html", status, state=state, hours=hours)
