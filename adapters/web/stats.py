"""The page with the desk's figures, for those who work there; how each technician does only for leads."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.web.behind import technician_of
from adapters.web.site import Site
from bot.commands.table import may
from bot.model.documents import unescaped
from bot.model.values import Language
from bot.reports.asking import VIEWS, UnknownWord, tables, wanted
from bot.reports.wording import Wording

PERIODS = ("week", "month")


class Stats:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        return [Route("/desk/stats", self.page)]

    async def page(self, request: Request) -> Response:
        site, now = self._site, self._site.clock()
        view, period = request.query_params.get("view", VIEWS[0]), request.query_params.get("period") or PERIODS[0]
        try:
            asked = wanted((view, period), now, site.zone)
        except UnknownWord:
            raise HTTPException(404) from None
        say = Wording(self._plain, site.category, site.language_of(request), site.zone)
        async with site.storage.unit_of_work() as uow:
            technician = await technician_of(site, request, uow)
            shown = await tables(uow, asked, now, say, technicians=may(technician.role, "lead"))
        return site.page(
            request, "stats.html", shown=shown, view=asked.view, views=VIEWS, period=period, periods=PERIODS
        )

    def _plain(self, key: str, language: Language, **values: object) -> str:
        return unescaped(self._site.say(key, language, **values))
