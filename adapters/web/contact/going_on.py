"""Private addresses at which a chat goes on in another browser. To open one does nothing: programs open them, too."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web.contact.browsers import Browser
from adapters.web.contact.part import Part
from adapters.web.contact.seats import path_of, shown_as
from bot.contact.going_on import Address, examine, go_on, visit_about
from bot.engine.reruns import rerun_when_stale
from bot.model.contact import ContactVisit
from bot.public.links import CHAT

ADDRESS = "/contact/on/{signed}"


class GoingOn(Part):
    @property
    def routes(self) -> list[Route]:
        return [Route(ADDRESS, self.page), Route(ADDRESS, self.enter, methods=["POST"])]

    async def page(self, request: Request) -> Response:
        signed, browser = self._signed(request), self._browsers.of(request)
        async with self._site.storage.unit_of_work() as uow:
            found = await examine(self._services, uow, signed, browser.id)
        if found.state == "here" and found.visit:
            return RedirectResponse(await self._path(found.visit, browser), 303)
        return self._shown(request, found, signed)

    async def enter(self, request: Request) -> Response:
        if (refused := await self._too_many(request, "link")) is not None:
            return refused
        signed, browser = self._signed(request), self._browsers.of(request)

        async def once() -> Address:
            return await go_on(self._services, signed, browser.id)

        found = await rerun_when_stale(once, "a chat in another browser")
        if found.visit is None:
            return self._shown(request, found, signed, 403)
        response = RedirectResponse(await self._path(found.visit, browser), 303)
        self._browsers.keep(response, browser)
        return response

    async def _path(self, visit: ContactVisit, browser: Browser) -> str:
        """Where the chat is in this browser: at the post, unless they are known to have written that, here."""
        async with self._site.storage.unit_of_work() as uow:
            about = await visit_about(uow, browser.id, visit.post_id) if visit.post_id else None
            return await path_of(uow, visit) if about and about.id == visit.id else f"/contact/{visit.id}"

    def _shown(self, request: Request, found: Address, signed: str, status: int = 200) -> Response:
        request.state.shown_as = shown_as(f"/contact/on/{signed}")
        minutes = int(CHAT.good_for.total_seconds() // 60)
        return self._site.page(request, "contact_on.html", status, state=found.state, minutes=minutes)
