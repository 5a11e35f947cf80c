"""Signing in with a code by mail.

Whether an address may sign in is told to its owner alone. For every address the same is looked up, the mail server is
called, and the same is said after the same time; whether a mail is handed in then is decided out of sight.
"""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Protocol

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.web.addresses import client_address, limited_as
from adapters.web.limits import Limits, too_many
from adapters.web.refusals import Refusals
from adapters.web.sessions import Session, Sessions, signing_key
from adapters.web.signin.arrival import RoleOf
from adapters.web.signin.codes import fingerprint, hashed, new_code, shown, typed
from adapters.web.signin.gate import SIGN_IN, SIGN_OUT, local_path
from adapters.web.signin.proxy import may_sign_in
from bot.errors import DeliveryError, PlatformUnavailable, StorageUnavailable
from bot.model.people import SignInCode
from bot.model.values import Language
from bot.ports.mail import Mail, Mailer, MailLine
from bot.ports.storage import SignInCodes
from bot.settings import Settings
from bot.web_settings import email_address, networks

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(minutes=10)
WINDOW = timedelta(minutes=15)
MOST_CODES = 3  # of one address in a WINDOW
MOST_ATTEMPTS = 5  # wrong codes, after which a new one has to be asked for
KEPT = timedelta(days=1)  # after they have expired
REPLY_AFTER = 1.0  # seconds: longer than it takes to call a mail server nearby


class Page(Protocol):
    """Makes a page from a template that extends `base.html`."""

    def __call__(self, request: Request, template: str, /, status: int = 200, **values: object) -> Response: ...


class EmailSignIn:
    def __init__(
        self,
        settings: Settings,
        sessions: Sessions,
        codes: SignInCodes,
        mailer: Mailer,
        limits: Limits,
        refusals: Refusals,
        role_of: RoleOf,
        page: Page,
        *,
        reply_after: float = REPLY_AFTER,
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._codes = codes
        self._mailer = mailer
        self._limits = limits
        self._refusals = refusals
        self._role_of = role_of
        self._page = page
        self._reply_after = reply_after
        self._key = signing_key(settings)
        self._proxies = networks(settings.trusted_proxies)
        self._one_at_a_time = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        return [
            Route(SIGN_IN, self.form, methods=["GET"]),
            Route(SIGN_IN, self.submit, methods=["POST"]),
            Route(SIGN_OUT, self.leave, methods=["POST"]),
        ]

    async def settled(self) -> None:
        """Wait until every mail under way is handed in, or has failed."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def form(self, request: Request) -> Response:
        forward = local_path(request.query_params.get("next", "/"))
        if request.state.session.email:
            return RedirectResponse(forward, 303)
        return self._ask_address(request, forward)

    async def submit(self, request: Request) -> Response:
        """An address, to be sent a code; or an address and a code."""
        address = limited_as(client_address(request.scope, self._proxies))
        if (seconds := await self._limits.sign_in(address)) is not None:
            return too_many(self._refusals, request, seconds)
        async with request.form(max_files=0, max_fields=20) as form:
            forward = local_path(_text(form, "next"))
            written = _text(form, "email")
            if (email := email_address(written)) is None:
                return self._ask_address(request, forward, 400, problem="web.sign_in.no_address", email=written[:254])
            try:
                if "code" not in form:
                    return await self._request_code(request, email, forward, fingerprint(self._key, address))
                return await self._check_code(request, email, _text(form, "code"), forward)
            except StorageUnavailable:
                return self._refusals.response(request, 503, "unavailable", {"Retry-After": "5"})

    async def leave(self, request: Request) -> Response:
        response = RedirectResponse(SIGN_IN, 303)
        request.state.session = Session.start("public", self._sessions.now)
        return response

    async def _request_code(self, request: Request, email: str, forward: str, requested_from: str) -> Response:
        started = time.monotonic()
        recent = await self._codes.recent(email, self._sessions.now - WINDOW)
        stack = AsyncExitStack()
        try:
            line = await stack.enter_async_context(self._mailer.connected())
        except PlatformUnavailable as error:
            log.error("nobody can sign in: %s", error)
            await self._until(started)
            return self._ask_address(request, forward, 503, problem="web.sign_in.no_mail", email=email)
        wanted = may_sign_in(email, self._settings) and recent < MOST_CODES
        language = self._refusals.language(request)
        task = asyncio.create_task(self._finish(stack, line, email, language, requested_from if wanted else None))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await self._until(started)
        return self._ask_code(request, email, forward)

    async def _finish(
        self, stack: AsyncExitStack, line: MailLine, email: str, language: Language, requested_from: str | None
    ) -> None:
        async with stack:
            if requested_from is None:
                return
            try:
                if code := await self._new_code(email, requested_from):
                    say = self._refusals.texts.plain
                    minutes = int(GOOD_FOR.total_seconds() // 60)
                    site = self._settings.public_url or ""
                    body = say("web.sign_in.mail", language, code=shown(code), minutes=minutes, site=site)
                    await line.send(Mail(email, say("web.sign_in.mail_subject", language, code=shown(code)), body))
            except (DeliveryError, StorageUnavailable) as error:
                log.error("a sign-in code was not sent: %s", error)

    async def _new_code(self, email: str, requested_from: str) -> str | None:
        """A code that is stored; None if the address has had enough. Counting and adding are one step, here at least:
        each further replica may send one more."""
        now, code = self._sessions.now, new_code()
        async with self._one_at_a_time:
            if await self._codes.recent(email, now - WINDOW) >= MOST_CODES:
                return None
            await self._codes.add(
                SignInCode(email, hashed(self._key, email, code), now, now + GOOD_FOR, requested_from=requested_from)
            )
        await self._codes.forget(now - KEPT)
        return code

    async def _check_code(self, request: Request, email: str, text: str, forward: str) -> Response:
        code, now = typed(text), self._sessions.now
        good = code is not None and await self._codes.consume(
            email, hashed(self._key, email, code), now, most_attempts=MOST_ATTEMPTS
        )
        if not good or not may_sign_in(email, self._settings):
            return self._ask_code(request, email, forward, 400, problem="web.sign_in.wrong_code")
        # Nothing of the session before: whoever planted its cookie would be signed in, too.
        session = Session.start(await self._role_of(email), now, email=email)
        request.state.session = session.in_language(self._refusals.language(request))
        return RedirectResponse(forward, 303)

    async def _until(self, started: float) -> None:
        await asyncio.sleep(max(0.0, started + self._reply_after - time.monotonic()))

    def _ask_address(
        self, request: Request, forward: str, status: int = 200, problem: str | None = None, email: str = ""
    ) -> Response:
        return self._page(
            request, "signin_email.html", status, forward=forward, problem=problem, email=email, action=SIGN_IN
        )

    def _ask_code(
        self, request: Request, email: str, forward: str, status: int = 200, problem: str | None = None
    ) -> Response:
        return self._page(
            request,
            "signin_code.html",
            status,
            forward=forward,
            problem=problem,
            email=email,
            action=SIGN_IN,
            minutes=int(GOOD_FOR.total_seconds() // 60),
        )


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
