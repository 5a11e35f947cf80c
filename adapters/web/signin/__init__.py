"""Signing in to the page: with a code by mail, or at a reverse proxy."""

from starlette.middleware import Middleware

from adapters.web.limits import Limits, RequestLimit
from adapters.web.refusals import Refusals
from adapters.web.security import BODY_SECONDS, LARGEST_BODY, BoundedBody, ForgeryCheck, KnownHosts
from adapters.web.sessions import Sessions
from adapters.web.signin.arrival import RoleOf, role_lookup
from adapters.web.signin.email import EmailSignIn
from adapters.web.signin.gate import Gate
from adapters.web.upload_guard import BoundedUpload
from adapters.web.uploads import largest_upload
from bot.attachments.intake import MEGABYTE
from bot.settings import Settings
from bot.web_settings import networks

__all__ = ["EmailSignIn", "Gate", "guards", "role_lookup"]


def guards(
    settings: Settings, sessions: Sessions, limits: Limits, refusals: Refusals, role_of: RoleOf
) -> list[Middleware]:
    """What stands before every page, the outermost first; SecurityHeaders goes around it all."""
    proxies = networks(settings.trusted_proxies)
    most = largest_upload(settings.file_megabytes * MEGABYTE, LARGEST_BODY)
    return [
        Middleware(KnownHosts, settings=settings, refusals=refusals),
        Middleware(RequestLimit, limits=limits, proxies=proxies, refusals=refusals),
        Middleware(BoundedUpload, refusals=refusals, largest=most),
        Middleware(BoundedBody, refusals=refusals, largest=LARGEST_BODY, seconds=BODY_SECONDS),
        Middleware(Gate, settings=settings, sessions=sessions, role_of=role_of, refusals=refusals),
        Middleware(ForgeryCheck, settings=settings, refusals=refusals),
    ]
