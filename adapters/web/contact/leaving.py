"""Leaving on a device that others use, too: its browser forgets who sat there."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web.contact.browsers import Browsers
from adapters.web.contact.seats import shown_as
from adapters.web.site import Site

LEFT = "/contact/left"


class Leaving:
    def __init__(self, site: Site, browsers: Browsers) -> None:
        self._site = site
        self._browsers = browsers

    @property
    def routes(self) -> list[Route]:
        return [Route("/contact/leave", self.leave, methods=["POST"]), Route(LEFT, self.page)]

    async def leave(self, request: Request) -> Response:
        """What was said stays with the desk; only this browser's way to it is gone."""
        response = RedirectResponse(LEFT, 303)
        self._browsers.forget(response)
        return response

    async def page(self, request: Request) -> Response:
        request.state.shown_as = shown_as("/contact")
        return self._site.page(request, "contact_left.html")
