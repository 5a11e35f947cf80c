"""Private addresses at which a chat goes on in another browser. To open one does nothing: programs open them, too."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web.addresses import client_address, limited_as
from adapters.web.contact.browsers import Browser, Browsers
from adapters.web.contact.seats import path_of, shown_as
from adapters.web.limits import too_many
from adapters.web.site import Site
from bot.contact.going_on import Address, examine, go_on, visit_about
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.model.contact import ContactVisit
from bot.public.links import CHAT_GOOD_FOR
from bot.web_settings import networks

ADDRESS = "/contact/on/{signed}"
LONGEST = 500  # characters of an address that is looked at


class GoingOn:
    def __init__(self, site: Site, services: Services, browsers: Browsers) -> None:
        self._site = site
        self._services = services
        self._browsers = browsers
        self._proxies = networks(site.settings.trusted_proxies)

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
        address = limited_as(client_address(request.scope, self._proxies))
        if (seconds := await self._site.limits.contact("link", address)) is not None:
            return too_many(self._site.refusals, request, seconds)
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
        minutes = int(CHAT_GOOD_FOR.total_seconds() // 60)
        return self._site.page(request, "contact_on.html", status, state=found.state, minutes=minutes)

    def _signed(self, request: Request) -> str:
        return str(request.path_params["signed"])[:LONGEST]
