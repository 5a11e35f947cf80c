"""Which browser it is on the contact page: a cookie of its own, which says nothing but that."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from adapters.web.sessions import signing_key
from bot.contact.kept import FORGOTTEN
from bot.ports.adapters import Clock
from bot.settings import Settings

COOKIE = "guichet_contact"
DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Browser:
    """`id` is what the desk keeps: whoever reads it there cannot make the cookie of it. `secret` is in the cookie."""

    id: str
    secret: str
    issued_at: int  # seconds; 0: it has no cookie yet


class Browsers:
    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._key = signing_key(settings)
        self._clock = clock
        self._secure = (settings.public_url or "").startswith("https:")
        self.cookie = f"__Host-{COOKIE}" if self._secure else COOKIE
        options = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(self._key, salt="guichet.web.contact", signer_kwargs=options)

    def of(self, request: HTTPConnection) -> Browser:
        """The one that asks; a new one, where it has no cookie or one that is not ours."""
        try:
            secret, issued = self._serializer.loads(request.cookies.get(self.cookie, ""))
            if self._clock().timestamp() - issued <= FORGOTTEN.total_seconds():
                return Browser(self._id(str(secret)), str(secret), int(issued))
        except (BadData, ValueError, TypeError):
            pass
        return self.fresh()

    def fresh(self) -> Browser:
        secret = secrets.token_urlsafe(18)
        return Browser(self._id(secret), secret, 0)

    def keep(self, response: Response, browser: Browser) -> None:
        """Send the cookie, unless it was sent today."""
        now = int(self._clock().timestamp())
        if now - browser.issued_at < DAY:
            return
        response.set_cookie(
            self.cookie,
            self._serializer.dumps([browser.secret, now]),
            max_age=int(FORGOTTEN.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def forget(self, response: Response) -> None:
        """The browser is a new one from now on."""
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _id(self, secret: str) -> str:
        return hmac.new(self._key.encode(), f"guichet.web.browser\0{secret}".encode(), hashlib.sha256).hexdigest()[:32]


def code_owner(browser: Browser, post: str) -> str:
    """Under what the codes of this browser for a post are kept."""
    return f"contact:{post}:{browser.id}"
