"""What the parts of the contact page are made of."""

from starlette.requests import Request
from starlette.responses import Response

from adapters.web.addresses import client_address, limited_as
from adapters.web.contact.browsers import Browsers
from adapters.web.contact.seats import Seats
from adapters.web.limits import too_many
from adapters.web.places import Role, Visitor
from adapters.web.site import ZONE_COOKIE, Site, known_zone
from bot.engine.services import Services
from bot.web_settings import networks

LONGEST_SIGNED = 500  # characters of a signed address that are looked at


class Part:
    def __init__(self, site: Site, services: Services, browsers: Browsers) -> None:
        self._site = site
        self._services = services
        self._browsers = browsers
        self._seats = Seats(site, services, browsers)
        self._proxies = networks(site.settings.trusted_proxies)

    def _address(self, request: Request) -> str:
        """Of who asks, as limits count it."""
        return limited_as(client_address(request.scope, self._proxies))

    async def _too_many(self, request: Request, act: str) -> Response | None:
        """Count what is done there; what is said to an address that does it too often."""
        seconds = await self._site.limits.contact(act, self._address(request))
        return None if seconds is None else too_many(self._site.refusals, request, seconds)

    def _signed(self, request: Request) -> str:
        return str(request.path_params["signed"])[:LONGEST_SIGNED]

    def _stranger(self, request: Request, key: str, name: str = "") -> Visitor:
        """Somebody of whom nothing is known but what they and their browser say."""
        zone = known_zone(request.cookies.get(ZONE_COOKIE, ""))
        return Visitor(key, Role.PUBLIC, name, self._site.language_of(request), None, zone)
