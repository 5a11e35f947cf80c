"""How an application gets its token: registered, allowed by the account's holder on a page, a code for a token."""

import base64
import hashlib
import secrets
import time
from html import escape
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.mastodon.state import Application, Code, Json, State, Token
from tests.fakes.mastodon.web_api import Call, Route, covers
from tests.fakes.mastodon.world import Refused, World

OOB = "urn:ietf:wg:oauth:2.0:oob"
CODE_SECONDS = 600
DENIED = "The resource owner or authorization server denied the request."
BAD_GRANT = (
    "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the "
    "authorization request, or was issued to another client."
)
BAD_CLIENT = (
    "Client authentication failed due to unknown client, no client authentication included, or unsupported "
    "authentication method."
)
ALL_SCOPES = ("profile", "read", "write", "follow", "push")


def register(
    world: World, name: str, redirects: list[str], scopes: list[str], website: str | None = None
) -> Application:
    made = Application(
        world.new_id("application"),
        secrets.token_urlsafe(32),
        secrets.token_urlsafe(32),
        name,
        redirects,
        scopes,
        website,
    )
    world.state.applications[made.client_id] = made
    return made


def grant(world: World, application: Application, account: str | None, scopes: list[str]) -> Token:
    made = Token(secrets.token_urlsafe(32), application.client_id, account, scopes, world.now())
    world.state.tokens[made.token] = made
    return made


def apps(call: Call) -> Json:
    if not (name := call.text("client_name").strip()):
        raise Refused(422, "Validation failed: Application Name can't be blank")
    redirects = call.several("redirect_uris")
    uris = [uri for one in redirects for uri in one.split()]
    if not uris:
        raise Refused(422, "Validation failed: Redirect URI can't be blank")
    scopes = call.text("scopes", "read").split()
    if unknown := [one for one in scopes if not covers(ALL_SCOPES, one)]:
        raise Refused(422, f"Validation failed: Scopes doesn't match configured on the server: {' '.join(unknown)}")
    made = register(call.world, name, uris, scopes, call.text("website") or None)
    secret = {"client_id": made.client_id, "client_secret": made.client_secret, "client_secret_expires_at": 0}
    return call.shapes.application(made) | secret


def verify_app(call: Call) -> Json:
    assert call.token
    return call.shapes.application(call.state.applications[call.token.application])


def server_info(call: Call) -> Json:
    base = call.shapes.base
    return {
        "issuer": f"{base}/",
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "app_registration_endpoint": f"{base}/api/v1/apps",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "scopes_supported": list(ALL_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }


def _asked(state: State, params: Json) -> tuple[Application, list[str]]:
    """The application that asks, and for what. HTTPBadRequest with the page that people would see."""
    application = state.applications.get(str(params.get("client_id", "")))
    if not application:
        raise web.HTTPBadRequest(text=BAD_CLIENT)
    if params.get("redirect_uri") not in application.redirect_uris:
        raise web.HTTPBadRequest(text="The redirect URI included is not valid.")
    if params.get("response_type") != "code":
        raise web.HTTPBadRequest(text="The authorization server does not support this response type.")
    scopes = str(params.get("scope") or "read").split()
    if not all(covers(application.scopes, one) for one in scopes):
        raise web.HTTPBadRequest(text="The requested scope is invalid, unknown, or malformed.")
    return application, scopes


def page(call: Call) -> web.Response:
    """Where the holder of the bot's account says yes or no."""
    application, scopes = _asked(call.state, call.params)
    kept = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">'
        for name, value in call.params.items()
    )
    who = call.state.accounts[call.state.bot].username
    wanted = "".join(f"<li>{escape(one)}</li>" for one in scopes)
    form = (
        f'<form method="post" action="/oauth/authorize">{kept}<button name="decision" value="allow">Authorize</button>'
        '<button name="decision" value="deny">Deny</button></form>'
    )
    text = f"<p>{escape(application.name)} would like to act as @{who}</p><ul>{wanted}</ul>{form}"
    return web.Response(text=f"<!DOCTYPE html><html><body>{text}</body></html>", content_type="text/html")


def decide(call: Call) -> web.Response:
    application, scopes = _asked(call.state, call.params)
    redirect, state = call.text("redirect_uri"), call.text("state")
    more = {"state": state} if state and state != "None" else {}
    if call.text("decision") != "allow":
        if redirect == OOB:
            return web.Response(text=DENIED, status=403)
        raise web.HTTPFound(f"{redirect}?{urlencode({'error': 'access_denied', 'error_description': DENIED} | more)}")
    code = secrets.token_urlsafe(32)
    challenge = call.text("code_challenge") or None
    call.state.codes[code] = Code(application.client_id, call.state.bot, redirect, scopes, time.time(), challenge)
    if redirect == OOB:
        shown = f'<!DOCTYPE html><html><body><input class="oauth-code" readonly value="{code}"></body></html>'
        return web.Response(text=shown, content_type="text/html")
    raise web.HTTPFound(f"{redirect}{'&' if '?' in redirect else '?'}{urlencode({'code': code} | more)}")


def token(call: Call) -> Json:
    application = _client(call)
    match call.text("grant_type"):
        case "authorization_code":
            found = call.state.codes.get(call.text("code"))
            if not found or found.used or time.time() - found.at > CODE_SECONDS or not _fits(call, found, application):
                return _oauth_error(call, "invalid_grant", BAD_GRANT)
            found.used = True
            made = grant(call.world, application, found.account, found.scopes)
        case "client_credentials":
            made = grant(call.world, application, None, call.text("scope", "read").split())
        case _:
            return _oauth_error(call, "unsupported_grant_type", "The authorization grant type is not supported.")
    return {
        "access_token": made.token,
        "token_type": "Bearer",
        "scope": " ".join(made.scopes),
        "created_at": int(made.created.timestamp()),
    }


def _client(call: Call) -> Application:
    found = call.state.applications.get(call.text("client_id"))
    if not found or found.client_secret != call.text("client_secret"):
        raise Refused(401, "invalid_client")
    return found


def _fits(call: Call, code: Code, application: Application) -> bool:
    if code.challenge:
        digest = hashlib.sha256(call.text("code_verifier").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge:
            return False
    return code.application == application.client_id and code.redirect_uri == call.text("redirect_uri")


def _oauth_error(call: Call, error: str, description: str) -> Json:
    call.status = 400
    return {"error": error, "error_description": description}


def revoke(call: Call) -> Json:
    application = _client(call)
    found = call.state.tokens.get(call.text("token"))
    if found and found.application != application.client_id:
        raise Refused(403, "unauthorized_client")
    if found:
        found.gone = True
    return {}


ROUTES = {
    "POST /api/v1/apps": Route(apps, kind="open"),
    "GET /api/v1/apps/verify_credentials": Route(verify_app, kind="app"),
    "GET /.well-known/oauth-authorization-server": Route(server_info, kind="open"),
    "GET /oauth/authorize": Route(page, kind="open"),
    "POST /oauth/authorize": Route(decide, kind="open"),
    "POST /oauth/token": Route(token, kind="open"),
    "POST /oauth/revoke": Route(revoke, kind="open"),
}
