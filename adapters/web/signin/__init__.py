"""Signing in to the page: with a code by mail, or at a reverse proxy."""

from starlette.middleware import Middleware
from starlette.routing import Route

from adapters.web.limits import Limits, RequestLimit
from adapters.web.mail import Mailer
from adapters.web.refusals import Refusals
from adapters.web.security import BODY_SECONDS, LARGEST_BODY, BoundedBody, ForgeryCheck, KnownHosts
from adapters.web.sessions import Sessions
from adapters.web.signin.arrival import RoleOf, role_lookup
from adapters.web.signin.email import EmailSignIn, Page
from adapters.web.signin.gate import Gate
from bot.ports.storage import SignInCodes
from bot.settings import Settings
from bot.web_settings import SmtpServer, networks

__all__ = ["EmailSignIn", "Gate", "Page", "guards", "role_lookup", "routes"]


def guards(
    settings: Settings, sessions: Sessions, limits: Limits, refusals: Refusals, role_of: RoleOf
) -> list[Middleware]:
    """What stands before every page, the outermost first; SecurityHeaders goes around it all."""
    proxies = networks(settings.trusted_proxies)
    return [
        Middleware(KnownHosts, settings=settings, refusals=refusals),
        Middleware(RequestLimit, limits=limits, proxies=proxies, refusals=refusals),
        Middleware(BoundedBody, refusals=refusals, largest=LARGEST_BODY, seconds=BODY_SECONDS),
        Middleware(Gate, settings=settings, sessions=sessions, role_of=role_of, refusals=refusals),
        Middleware(ForgeryCheck, settings=settings, refusals=refusals),
    ]


def routes(
    settings: Settings,
    sessions: Sessions,
    codes: SignInCodes,
    limits: Limits,
    refusals: Refusals,
    role_of: RoleOf,
    page: Page,
) -> list[Route]:
    """The sign-in's pages, where people sign in here."""
    if settings.sign_in != "email" or settings.smtp_url is None or settings.smtp_from is None:
        return []
    mailer = Mailer(SmtpServer.parse(settings.smtp_url.get_secret_value()), settings.smtp_from)
    return EmailSignIn(settings, sessions, codes, mailer, limits, refusals, role_of, page).routes()
