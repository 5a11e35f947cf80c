"""Other workspaces install the app: Slack's OAuth 2.0, from /slack/install to a sealed token.

The way back is good for ten minutes, once, and in the browser that set out: the `state` is signed and names a cookie.
"""

import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from aiohttp import web
from itsdangerous import BadData, URLSafeTimedSerializer
from pydantic import BaseModel, ValidationError
from slack_sdk.oauth import AuthorizeUrlGenerator

from adapters.slack.api import Api
from adapters.slack.installed import InstalledWorkspaces
from adapters.slack.oauth_pages import SAFE, page
from adapters.slack.permissions import scopes
from adapters.slack.troubles import untold_troubles
from bot.errors import DeliveryError, DeliveryRefused, StorageError
from bot.ports.adapters import Clock
from bot.settings import Settings
from bot.texts import Texts

log = logging.getLogger(__name__)

INSTALL = "/slack/install"
RETURN = "/slack/oauth_redirect"
COOKIE = "guichet_slack_install"
SECONDS = 600  # from setting out to the way back
MOST_USED = 10_000  # states remembered as used, in this process
STALE = frozenset({"invalid_code", "code_already_used", "code_expired"})

Join = Callable[[str], Awaitable[object]]


class _Workspace(BaseModel):
    id: str
    name: str = ""


class Granted(BaseModel):
    """The answer of oauth.v2.access, as far as it is used."""

    access_token: str
    scope: str = ""
    team: _Workspace | None = None
    is_enterprise_install: bool = False
    refresh_token: str | None = None  # where the app's tokens expire


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people are sent: to Slack, and by Slack back to us."""

    authorize: str
    back: str

    @classmethod
    def of(cls, settings: Settings) -> "Addresses":
        """Slack's page stands beside its Web API. Back is under GUICHET_PUBLIC_URL; without it, on this machine."""
        public = settings.public_url or f"http://{settings.slack_http_bind}"
        return cls(urljoin(settings.slack_api_url, "../oauth/v2/authorize"), public + RETURN)


class States:
    """What comes back must be what set out: signed, in time, in the same browser, and only once. That it is used only
    once each process remembers for itself; beyond it Slack's code is good for one use."""

    def __init__(self, secret_key: str) -> None:
        self._signer = URLSafeTimedSerializer(secret_key, salt="slack install")
        self._used: OrderedDict[str, None] = OrderedDict()

    def begin(self) -> tuple[str, str]:
        """A state, and what its browser is to keep."""
        kept = secrets.token_urlsafe(32)
        return self._signer.dumps([secrets.token_urlsafe(12), _digest(kept)]), kept

    def end(self, state: str, kept: str) -> bool:
        """Whether it may be gone on with; the next time it may not."""
        try:
            number, digest = self._signer.loads(state, max_age=SECONDS)
        except (BadData, ValueError, TypeError):
            return False
        if not hmac.compare_digest(str(digest), _digest(kept)) or number in self._used:
            return False
        self._used[number] = None
        if len(self._used) > MOST_USED:
            self._used.popitem(last=False)
        return True


def _digest(kept: str) -> str:
    return hashlib.sha256(kept.encode()).hexdigest()


def oauth_routes(
    settings: Settings, installed: InstalledWorkspaces, texts: Texts, clock: Clock, join: Join
) -> list[web.RouteDef]:
    """The pages of an installation. `join` connects a workspace by its token, raising a DeliveryError."""
    way = _Way(settings, installed, texts, clock, join)
    return [
        web.get(INSTALL, way.set_out, allow_head=False),
        web.get(RETURN, way.come_back, allow_head=False),
    ]


class _Way:
    def __init__(
        self, settings: Settings, installed: InstalledWorkspaces, texts: Texts, clock: Clock, join: Join
    ) -> None:
        assert settings.secret_key is not None and settings.slack_client_secret is not None  # refused without
        self._settings = settings
        self._client_secret = settings.slack_client_secret
        self._installed = installed
        self._texts = texts
        self._clock = clock
        self._join = join
        self._addresses = Addresses.of(settings)
        self._states = States(settings.secret_key.get_secret_value())
        self._authorize = AuthorizeUrlGenerator(
            client_id=quote(settings.slack_client_id, safe=""),
            scopes=[quote(scope, safe="") for scope in scopes()],
            redirect_uri=quote(self._addresses.back, safe=""),
            authorization_url=self._addresses.authorize,
        )

    async def set_out(self, request: web.Request) -> web.Response:
        state, kept = self._states.begin()
        response = web.Response(status=302, headers=SAFE | {"Location": self._authorize.generate(state)})
        response.set_cookie(
            COOKIE,
            kept,
            max_age=SECONDS,
            path=RETURN,
            secure=self._addresses.back.startswith("https:"),
            httponly=True,
            samesite="Lax",  # the way back begins at Slack
        )
        return response

    async def come_back(self, request: web.Request) -> web.Response:
        response = await self._arrived(request)
        response.del_cookie(COOKIE, path=RETURN)
        return response

    async def _arrived(self, request: web.Request) -> web.Response:
        asked = request.query
        if not self._states.end(asked.get("state", ""), request.cookies.get(COOKIE, "")):
            return self._page(400, "slack.install.expired")
        if asked.get("error") == "access_denied":
            return self._page(200, "slack.install.cancelled")
        if asked.get("error") or not asked.get("code"):
            log.error("slack: an installation was refused: %s", ascii(asked.get("error", "no code"))[:100])
            return self._page(400, "slack.install.refused")
        try:
            granted = await self._granted(asked["code"])
        except DeliveryRefused as error:
            if str(error).rpartition(": ")[2] in STALE:
                return self._page(400, "slack.install.expired")
            log.error("slack: an installation failed: %s; see GUICHET_SLACK_CLIENT_ID, _CLIENT_SECRET and the app's "
                      "redirect URLs, which must have %s", error, self._addresses.back)  # fmt: skip
            return self._page(500, "slack.install.refused")
        except (DeliveryError, ValidationError) as error:
            log.warning("slack: an installation was broken off: %s", type(error).__name__)
            return self._page(503, "slack.install.unavailable")
        return await self._connected(granted)

    async def _granted(self, code: str) -> Granted:
        """Raises a DeliveryError, or ValidationError."""
        api = Api("", self._settings.slack_api_url, untold_troubles(self._clock))
        try:
            answer = await api.write(
                "oauth.v2.access",
                client_id=self._settings.slack_client_id,
                client_secret=self._client_secret.get_secret_value(),
                code=code,
                redirect_uri=self._addresses.back,
            )
        finally:
            await api.close()
        return Granted.model_validate(answer)

    async def _connected(self, granted: Granted) -> web.Response:
        if granted.team is None or granted.is_enterprise_install:
            return self._page(400, "slack.install.organisation")
        if granted.refresh_token:
            log.error("slack: the app's tokens expire: set token_rotation_enabled to false in its manifest")
            return self._page(500, "slack.install.refused")
        team = granted.team
        try:
            await self._installed.keep(team.id, team.name, granted.access_token, granted.scope)
        except StorageError as error:
            log.error("slack: the token of workspace %s could not be kept: %s", team.id, error)
            return self._page(503, "slack.install.unavailable")
        try:
            await self._join(granted.access_token)
        except DeliveryError as error:  # it is kept, and tried again
            log.warning("slack: workspace %s is not connected yet: %s", team.id, error)
        return page(self._texts, 200, "slack.install.done", name=team.name or team.id)

    def _page(self, status: int, key: str) -> web.Response:
        return page(self._texts, status, key, again=INSTALL)
