""" "I wrote this post": a code goes to its author by direct message, and makes the visitor who has it the author.

Whether one was sent is told to the author alone: for every post and whatever becomes of it the same is said, after the
same time.
"""

import asyncio
import logging
import time
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web import forms
from adapters.web.contact.browsers import Browsers, code_owner
from adapters.web.contact.pages import Pages
from adapters.web.contact.part import Part
from adapters.web.contact.seats import NoSuchPage, Seat
from adapters.web.sessions import signing_key
from adapters.web.signin.codes import fingerprint, hashed, new_code, shown, typed
from adapters.web.site import Site
from bot.contact.proving import become_author, send_code
from bot.engine.reruns import rerun_when_stale
from bot.engine.services import Services
from bot.errors import StorageUnavailable
from bot.model.contact import ContactVisit
from bot.model.people import SignInCode

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)
MOST_OF_BROWSER = 3  # codes that one browser may ask for in a WINDOW, for one post
MOST_OF_POST = 10  # and all browsers together: nobody's direct messages are to be filled
MOST_ATTEMPTS = 5
REPLY_AFTER = 0.4  # seconds: longer than it takes to put one on its way


class Codes(Part):
    def __init__(
        self, site: Site, services: Services, browsers: Browsers, pages: Pages, *, reply_after: float = REPLY_AFTER
    ) -> None:
        super().__init__(site, services, browsers)
        self._pages = pages
        self._key = signing_key(site.settings)
        self._reply_after = reply_after
        self._one_at_a_time = asyncio.Lock()

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/c/{token}/code", self.request_code, methods=["POST"]),
            Route("/c/{token}/verify", self.verify, methods=["POST"]),
        ]

    async def request_code(self, request: Request) -> Response:
        started = time.monotonic()
        seat = await self._seat(request)
        if (refused := await self._too_many(request, "code")) is not None:
            return refused
        if not seat.is_verified:
            try:
                await self._send(seat, fingerprint(self._key, self._address(request)))
            except StorageUnavailable:
                return self._site.refusals.response(request, 503, "unavailable", {"Retry-After": "5"})
        await asyncio.sleep(max(0.0, started + self._reply_after - time.monotonic()))
        response = RedirectResponse(f"{seat.path}?code=sent#code", 303)
        self._browsers.keep(response, seat.browser)
        return response

    async def verify(self, request: Request) -> Response:
        seat = await self._seat(request)
        if (refused := await self._too_many(request, "code")) is not None:
            return refused
        code = typed((await forms.read(request)).get("code", ""))
        owner = code_owner(seat.browser, self._post(seat))
        good = code is not None and await self._site.storage.sign_in_codes.consume(
            owner, hashed(self._key, owner, code), self._site.clock(), MOST_ATTEMPTS
        )
        if not good or await self._become_author(seat) is None:
            return await self._pages.shown(request, seat, 400, asked=True, problem="web.sign_in.wrong_code")
        response = RedirectResponse(f"{seat.path}#you", 303)
        self._browsers.keep(response, await self._seats.anew(seat.browser))
        return response

    async def _seat(self, request: Request) -> Seat:
        """Raises NoSuchPage for a post that its author took back, too: there is nothing left to prove."""
        async with self._site.storage.unit_of_work() as uow:
            seat = await self._seats.of(request, uow)
        if seat.is_gone:
            raise NoSuchPage(gone=True)
        return seat

    def _post(self, seat: Seat) -> str:
        assert seat.post
        return seat.post.id.hex

    async def _send(self, seat: Seat, requested_from: str) -> None:
        """Counting and adding are one step, here at least: each further replica may send a few more."""
        assert seat.post
        codes, now, code = self._site.storage.sign_in_codes, self._site.clock(), new_code()
        owner, whole = code_owner(seat.browser, self._post(seat)), f"contact:{self._post(seat)}"
        async with self._one_at_a_time:
            enough = await codes.recent(owner, now - WINDOW) >= MOST_OF_BROWSER
            if enough or await codes.recent(whole, now - WINDOW) >= MOST_OF_POST:
                log.info("a code for post %s was not sent: too many were asked for", seat.post.id)
                return
            kept = SignInCode(owner, hashed(self._key, owner, code), now, now + GOOD_FOR, requested_from)
            await codes.add(kept)
            # Counts for the post; without a hash it is no code that anybody could use.
            await codes.add(SignInCode(whole, "", now, now + GOOD_FOR, consumed_at=now))
        minutes = int(GOOD_FOR.total_seconds() // 60)
        if not await send_code(self._services, seat.post, shown(code), str(kept.id), minutes):
            log.info("a code for post %s was not sent: its author is not written to", seat.post.id)

    async def _become_author(self, seat: Seat) -> ContactVisit | None:
        assert seat.post
        fresh = self._pages.fresh(seat, seat.post.id)

        async def once() -> ContactVisit | None:
            return await become_author(self._services, fresh, seat.visitor.identity, seat.visitor.chat)

        return await rerun_when_stale(once, "a visitor who is the author")
