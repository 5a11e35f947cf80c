"""The page with the latest digest that was posted in the room of the pages."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.behind import technician_of
from adapters.web.places import WebDesk
from adapters.web.site import Site
from bot.digest import DETAILS, KEY
from bot.model.ledger import Delivery

PATH = "/desk/stats/digest"


class Digests:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        return [Route(PATH, self.page)]

    async def page(self, request: Request) -> Response:
        site = self._site
        async with site.storage.unit_of_work() as uow:
            await technician_of(site, request, uow)
        (room,) = WebDesk().rooms
        posted = [row for row in await site.storage.outbox.of_conversation(room) if is_digest(row)]
        last = max((number for number, row in enumerate(posted) if not is_details(row)), default=0)
        return site.page(request, "digest.html", documents=[row.document for row in posted[last:]])


def is_digest(row: Delivery) -> bool:
    return row.key.startswith(f"{KEY}:")


def is_details(row: Delivery) -> bool:
    """Whether it stands below another that has the headline."""
    return is_digest(row) and f":{DETAILS}:" in row.key
