"""The parts of the contact page, put together."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.contact.browsers import Browsers
from adapters.web.contact.codes import REPLY_AFTER, Codes
from adapters.web.contact.form import Form
from adapters.web.contact.going_on import GoingOn
from adapters.web.contact.leaving import Leaving
from adapters.web.contact.links import Links
from adapters.web.contact.pages import Pages
from adapters.web.contact.seats import NoSuchPage, NotTheirs
from adapters.web.site import Site
from bot.engine.services import Services

Handler = Callable[[Request, Exception], Awaitable[Response]]


class ContactPage:
    def __init__(self, site: Site, services: Services, *, reply_after: float = REPLY_AFTER) -> None:
        browsers = Browsers(site.settings, site.clock)
        self._form = Form(site, services, browsers)
        self._links = Links(site, services, browsers)
        pages = Pages(site, services, browsers)
        codes = Codes(site, services, browsers, pages, reply_after=reply_after)
        on = GoingOn(site, services, browsers)
        parts = (self._form, self._links, on, Leaving(site, browsers), pages, codes)
        self.routes: list[Route] = [route for part in parts for route in part.routes]

    @property
    def exception_handlers(self) -> Mapping[Any, Handler]:
        return {NoSuchPage: self._form.gone, NotTheirs: self._links.not_theirs}
