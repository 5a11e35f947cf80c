"""How the desk gets a token of an account: registered as an application, allowed by the account's holder on a page of
the server, a code for a token."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from mastodon import Mastodon, MastodonAPIError, MastodonError, MastodonIllegalArgumentError, MastodonNetworkError

from adapters.mastodon.api import NEWEST, is_loopback
from bot import __version__
from bot.errors import InvalidInput, PlatformUnavailable
from bot.model.values import Language

NAME = "guichet"
# What the desk does: reads what is written for it and around that, answers, attaches files, has nothing kept back from
# it, and marks its account as automated.
SCOPES = (
    "read:accounts",
    "read:follows",
    "read:notifications",
    "read:statuses",
    "write:accounts",
    "write:media",
    "write:notifications",
    "write:statuses",
)
BROAD = ("read", "write", "follow")  # for servers that know no finer ones
SHOWN = "urn:ietf:wg:oauth:2.0:oob"  # the server shows the code
HERE = "http://localhost/guichet"  # where nobody answers: the code is in the address that the browser is sent to


@dataclass(frozen=True, slots=True)
class Application:
    """As the server knows the desk. `redirect`: SHOWN or HERE."""

    client_id: str
    client_secret: str
    redirect: str
    scopes: tuple[str, ...]
    state: str = ""


class SigningUp:
    """With the server at an address. Its calls block."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url = url
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(url)

    def __enter__(self) -> "SigningUp":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def register(self) -> Application:
        """With as few scopes as the server lets one have, and the code shown by itself if it can. Raises
        PlatformUnavailable for what is no such server."""
        refusal = "it registers no applications"
        for scopes in (SCOPES, BROAD):
            for redirect in (SHOWN, HERE):
                try:
                    id, secret = Mastodon.create_app(
                        NAME,
                        scopes=list(scopes),
                        redirect_uris=redirect,
                        api_base_url=self.url,
                        request_timeout=self._timeout,
                        session=self._session,
                        user_agent=f"guichet/{__version__}",
                    )
                    return Application(id, secret, redirect, scopes, secrets.token_urlsafe(8))
                except KeyError:  # an answer, and no application in it
                    continue
                except MastodonNetworkError as error:
                    if not isinstance(error.__context__, ValueError):  # anything but an answer that is no JSON
                        raise PlatformUnavailable(type(error.__context__ or error).__name__) from error
                    refusal = "its answers are no JSON"
        raise PlatformUnavailable(refusal)

    def address(self, application: Application, language: Language) -> str:
        """Where the account's holder allows it."""
        wanted: dict[str, Any] = {
            "redirect_uris": application.redirect,
            "scopes": list(application.scopes),
            "state": application.state,
            "lang": language.value,
            "force_login": False,
            "allow_http": self._is_plain,
        }
        client = self._client(application)
        try:
            return str(client.auth_request_url(**wanted))
        except MastodonError:  # what the server says of where that is cannot be used
            return str(client.auth_request_url(skip_server_info=True, **wanted))

    def token(self, application: Application, code: str) -> str:
        """For the code, or the address that has it. Raises InvalidInput for one that the server does not take."""
        client = self._client(application)
        try:
            client.log_in(
                code=code_in(code, application),
                redirect_uri=application.redirect,
                scopes=list(application.scopes),
                allow_http=self._is_plain,
            )
        except MastodonIllegalArgumentError as error:
            raise InvalidInput("the code was not taken") from error
        except (MastodonAPIError, KeyError) as error:  # the token is there; which scopes it has is said in another way
            if not client.access_token:
                raise InvalidInput("the code was not taken") from error
        return str(client.access_token)

    @property
    def _is_plain(self) -> bool:
        return self.url.startswith("http://")

    def _client(self, application: Application) -> Mastodon:
        return Mastodon(
            client_id=application.client_id,
            client_secret=application.client_secret,
            api_base_url=self.url,
            session=self._session,
            mastodon_version=NEWEST,
            version_check_mode="created",
            ratelimit_method="throw",
            request_timeout=self._timeout,
            user_agent=f"guichet/{__version__}",
        )


def code_in(written: str, application: Application) -> str:
    """The code, out of what somebody copied: itself, or the address of a page. Raises InvalidInput."""
    written = written.strip().strip("\"'<>").strip()
    if "code=" in written:
        query = parse_qs(urlsplit(written).query or written.partition("?")[2] or written)
        state = query.get("state", [application.state])[0]
        if state != application.state:
            raise InvalidInput("that address is of another attempt")
        written = query.get("code", [""])[0]
    if not written or any(one.isspace() for one in written):
        raise InvalidInput("there is no code in it")
    return written
