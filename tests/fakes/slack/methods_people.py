"""auth.*, apps.*, oauth.*, team.*, users.* and bots.*."""

import base64
import binascii

from tests.fakes.slack.shapes import profile_json, user_json
from tests.fakes.slack.state import Json, User
from tests.fakes.slack.web_api import Call, Method, SlackError


def test_auth(call: Call) -> Json:
    team = call.state.teams[call.app.team]
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": call.state.users[call.app.bot_user].name,
        "team_id": team.id,
        "user_id": call.app.bot_user,
        "bot_id": call.app.bot_id,
        "is_enterprise_install": False,
    }


def revoke(call: Call) -> Json:
    call.app.gone = "token_revoked"
    return {"revoked": True}


def open_connection(call: Call) -> Json:
    """The address is where the call came from: there may be a proxy between."""
    return {"url": call.sockets.address(call.request.host)}


def team_info(call: Call) -> Json:
    team = call.state.teams.get(call.text("team") or call.app.team)
    if not team:
        raise SlackError("team_not_found")
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}}


def _shown(call: Call, user: User) -> Json:
    return user_json(user, call.app.scopes, call.app.team, locale=call.flag("include_locale"))


def _visible(call: Call, user: User) -> bool:
    """Of this workspace, or in a conversation with the app."""
    if user.team == call.app.team:
        return True
    channels = call.state.channels.values()
    return any(user.id in one.members and call.app.bot_user in one.members for one in channels)


def user_info(call: Call) -> Json:
    user = call.user()
    if not _visible(call, user):
        raise SlackError("user_not_visible")
    return {"user": _shown(call, user)}


def list_(call: Call) -> Json:
    page, cursor = call.page([one for one in call.state.users.values() if one.team == call.app.team], 200)
    return {"members": [_shown(call, one) for one in page], "response_metadata": {"next_cursor": cursor}}


def by_email(call: Call) -> Json:
    wanted = call.needed("email", "users_not_found").casefold()
    for user in call.state.users.values():
        if user.team == call.app.team and (user.email or "").casefold() == wanted and not user.deleted:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found")


def profile(call: Call) -> Json:
    user = call.user()
    return {"profile": profile_json(user, call.app.scopes, stranger=user.team != call.app.team)}


def bot_info(call: Call) -> Json:
    wanted = call.text("bot") or call.app.bot_id
    for user in call.state.users.values():
        if user.bot_id == wanted:
            app = call.state.app_id if user.id == call.app.bot_user else "A0OTHER0001"
            bot = {"id": wanted, "deleted": user.deleted, "name": user.real_name, "app_id": app, "user_id": user.id}
            return {"bot": bot | {"icons": {}, "updated": 0}}
    raise SlackError("bot_not_found")


def access(call: Call) -> Json:
    """A code of the authorize page for a token, once."""
    client, secret = call.text("client_id"), call.text("client_secret")
    scheme, _, given = call.request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic":
        try:
            client, _, secret = base64.b64decode(given).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise SlackError("bad_client_secret") from None
    if client != call.state.client_id:
        raise SlackError("invalid_client_id")
    if secret != call.state.client_secret:
        raise SlackError("bad_client_secret")
    granted = call.state.cursors.pop(f"code:{call.needed('code', 'invalid_code')}", None)
    if not granted:
        raise SlackError("invalid_code")
    installation = call.state.installations[granted["token"]]
    if granted["redirect_uri"] != call.text("redirect_uri"):
        raise SlackError("bad_redirect_uri")
    team = call.state.teams[installation.team]
    return {
        "app_id": call.state.app_id,
        "authed_user": {"id": installation.installer},
        "scope": ",".join(installation.scopes),
        "token_type": "bot",
        "access_token": installation.token,
        "bot_user_id": installation.bot_user,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


PEOPLE = ("users:read",)
METHODS = {
    "api.test": Method(lambda call: {"args": call.params}, kind="none"),
    "auth.test": Method(test_auth),
    "auth.revoke": Method(revoke),
    "apps.connections.open": Method(open_connection, kind="app"),
    "oauth.v2.access": Method(access, kind="none"),
    "team.info": Method(team_info, ("team:read",)),
    "users.info": Method(user_info, PEOPLE),
    "users.list": Method(list_, PEOPLE),
    "users.lookupByEmail": Method(by_email, ("users:read.email",)),
    "users.profile.get": Method(profile, ("users.profile:read", "users:read")),
    "bots.info": Method(bot_info, PEOPLE),
}
