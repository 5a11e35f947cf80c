"""Whether the desk can work in Slack, and what to do if not."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

from adapters.slack.api import Api
from adapters.slack.channels import channel_of
from adapters.slack.conversations import ALL, conversations
from adapters.slack.http import PATH, listen
from adapters.slack.ids import PLATFORM
from adapters.slack.oauth import INSTALL, Addresses
from adapters.slack.permissions import scopes
from adapters.slack.rooms import DeskChannels, is_id
from adapters.slack.troubles import untold_troubles
from bot.checks import Check
from bot.errors import DeliveryError, SettingsError
from bot.settings import Settings

PART = "slack"
MANIFEST = "deploy/slack-manifest.yaml"
PAGE = 200
MOST_CHANNELS = 4_000  # among which one is looked for by its name
PATIENCE = 5.0  # seconds for which somebody waits at the terminal

REACHING = "see that this machine reaches it, and correct GUICHET_SLACK_API_URL or the proxy if one is wrong"
INSTALLING = f"paste {MANIFEST} as the app's manifest and install the app again"


def _now() -> datetime:
    return datetime.now(UTC)


async def examined(
    settings: Settings,
    categories: frozenset[str],
    installed: Mapping[str, tuple[str, str | None]],
    *,
    holder: str | None = None,
    test_message: str | None = None,
) -> AsyncIterator[Check]:
    """One line a finding; no token is in any. With a `test_message` it is posted in every desk channel.

    `installed`: name and token of other workspaces, by account. `holder`: the desk that runs here, if one does.
    """
    try:
        channels = DeskChannels.of(settings.slack_desk_channel, categories)
    except SettingsError as error:
        yield Check(PART, "broken", str(error), "correct it, or leave it unset")
        return
    own = ""
    if settings.slack_bot_token:
        api = _api(settings, settings.slack_bot_token.get_secret_value())
        try:
            async for check in _own(settings, api, channels, test_message):
                yield check
            own = api.account
        finally:
            await api.close()
    else:
        remedy = "set GUICHET_SLACK_BOT_TOKEN for the workspace whose people are yours, and whose channels the desk's"
        finding = "no workspace is the desk's own: everybody counts as the public, and no technician works in Slack"
        yield Check(PART, "warning", finding, remedy)
    for account, (name, token) in installed.items():
        if account != own:
            async for check in _installed(settings, account, name, token):
                yield check
    yield await _way_in(settings, holder)
    if settings.slack_client_id:
        yield _pages(settings)


def _api(settings: Settings, token: str, account: str = "") -> Api:
    return Api(token, settings.slack_api_url, untold_troubles(_now), account=account)


def _is(api: Api, kind: str) -> bool:
    return any(trouble.kind == kind for trouble in api.troubles.present)


# --- workspaces -------------------------------------------------------------------------------------------------------


async def _own(settings: Settings, api: Api, channels: DeskChannels, test_message: str | None) -> AsyncIterator[Check]:
    try:
        told = await api.read("auth.test", patience=PATIENCE)
    except DeliveryError as error:
        remedy = "install the app again and set GUICHET_SLACK_BOT_TOKEN" if _is(api, "token") else REACHING
        what = "the bot token is refused" if _is(api, "token") else "Slack does not answer"
        yield Check(PART, "broken", f"{what}: {error}", remedy)
        return
    api.account = str(told.get("team_id") or "")
    yield Check(PART, "ok", f"workspace {told.get('team', '')} ({api.account}) as {told.get('user', '')}")
    if check := _scopes(api, "", INSTALLING):
        yield check
    async for check in _channels(settings, api, channels, test_message):
        yield check


async def _installed(settings: Settings, account: str, name: str, token: str | None) -> AsyncIterator[Check]:
    called = f"workspace {name} ({account}), which installed the app"
    again = f"its people install it again: {_install_address(settings)}"
    if token is None:
        finding = f"{called}: its token was sealed with another GUICHET_SECRET_KEY"
        yield Check(PART, "broken", finding, f"set that key again, or {again}")
        return
    api = _api(settings, token, account)
    try:
        await api.read("auth.test", patience=PATIENCE)
    except DeliveryError as error:
        yield Check(PART, "broken", f"{called}: {error}", again if _is(api, "token") else REACHING)
        return
    finally:
        await api.close()
    yield Check(PART, "ok", called)
    if check := _scopes(api, f"{called}: ", again):
        yield check


def _scopes(api: Api, which: str, remedy: str) -> Check | None:
    if api.granted is None or not (missing := set(scopes()) - api.granted):
        return None
    return Check(PART, "broken", f"{which}scopes are missing: {', '.join(sorted(missing))}", remedy)


# --- how events reach the desk ----------------------------------------------------------------------------------------


async def _way_in(settings: Settings, holder: str | None) -> Check:
    if settings.slack_mode == "http":
        return _port(settings, holder)
    if settings.slack_app_token is None:
        return Check(PART, "broken", "socket mode needs an app-level token", "set GUICHET_SLACK_APP_TOKEN")
    token = settings.slack_app_token.get_secret_value()
    api = _api(settings, token)
    try:
        await api.read("apps.connections.open", patience=PATIENCE, app_token=token)
    except DeliveryError as error:
        remedy = "make an app-level token with connections:write and set GUICHET_SLACK_APP_TOKEN; switch socket mode on"
        is_refused = _is(api, "token") or _is(api, "scope") or not _is_unreachable(error)
        return Check(PART, "broken", f"no socket: {error}", remedy if is_refused else REACHING)
    finally:
        await api.close()
    return Check(PART, "ok", "socket mode: Slack gives an address to connect to")


def _is_unreachable(error: DeliveryError) -> bool:
    return "cannot be reached" in str(error) or "no answer" in str(error)


def _port(settings: Settings, holder: str | None) -> Check:
    bind = settings.slack_http_bind
    address = f"{settings.public_url or f'http://{bind}'}{PATH}"
    try:
        listen(bind).close()
    except SettingsError as error:
        if holder is not None:
            return Check(PART, "ok", f"http mode: {bind} is in use by {holder}; Slack calls {address}")
        remedy = "end what listens there, or set GUICHET_SLACK_HTTP_BIND to another port"
        return Check(PART, "broken", f"http mode: {error}", remedy)
    return Check(PART, "ok", f"http mode: {bind} is free; Slack calls {address}")


def _install_address(settings: Settings) -> str:
    return Addresses.of(settings).back.rpartition("/slack/")[0] + INSTALL


def _pages(settings: Settings) -> Check:
    finding = f"other workspaces install the app at {_install_address(settings)}"
    if settings.public_url is None:
        return Check(PART, "warning", finding, "set GUICHET_PUBLIC_URL, or only this machine can")
    return Check(PART, "ok", finding)


# --- the desk's channels ----------------------------------------------------------------------------------------------


async def _channels(
    settings: Settings, api: Api, channels: DeskChannels, test_message: str | None
) -> AsyncIterator[Check]:
    if channels.lack:
        yield Check(PART, "warning", channels.lack, meant(channels))
    try:
        ids = await named(api, channels)
    except DeliveryError as error:
        yield Check(PART, "broken", f"the desk channels cannot be looked up: {error}", _remedy(api))
        return
    for channel in channels.all:
        found = channel if is_id(channel) else ids.get(channel)
        if found is None:
            remedy = "correct GUICHET_SLACK_DESK_CHANNEL, or invite the bot if the channel is private"
            yield Check(PART, "broken", f"there is no channel {channel}", remedy)
            continue
        async for check in _channel(settings, api, channel, found, test_message):
            yield check
    place = settings.digest_place.removeprefix(f"{PLATFORM}:")
    if place[:1] in ("C", "G") and place not in (*channels.all, *ids.values()):
        yield await _digest_place(api, place)


async def _digest_place(api: Api, id: str) -> Check:
    """Of a channel beside the desk's."""
    named = f"the channel of GUICHET_DIGEST_PLACE, {id},"
    try:
        answer = await api.read("conversations.info", patience=PATIENCE, channel=id)
    except DeliveryError as error:
        remedy = "correct GUICHET_DIGEST_PLACE, or write /invite @guichet there"
        return Check(PART, "broken", f"{named} cannot be seen: {error}", _remedy(api, remedy))
    about = {"id": id} | (answer.get("channel") or {})
    channel = channel_of(about)
    if channel.archived:
        return Check(PART, "broken", f"{named} is archived", "unarchive it, or name another")
    if about.get("is_member") is False:
        return Check(PART, "broken", f"the bot is not in {named.removesuffix(',')}", "write /invite @guichet there")
    if channel.shared:
        finding = f"{named} is shared: people of other organisations read the digests"
        return Check(PART, "warning", finding, "name a private channel of your own")
    return Check(PART, "ok", f"digests are posted in the channel {id}, where the bot is")


async def _channel(settings: Settings, api: Api, name: str, id: str, test_message: str | None) -> AsyncIterator[Check]:
    try:
        answer = await api.read("conversations.info", patience=PATIENCE, channel=id)
    except DeliveryError as error:
        remedy = "correct GUICHET_SLACK_DESK_CHANNEL, or write /invite @guichet there"
        yield Check(PART, "broken", f"the desk channel {name} cannot be seen: {error}", _remedy(api, remedy))
        return
    about = {"id": id} | (answer.get("channel") or {})
    channel = channel_of(about)
    if channel.archived:
        yield Check(PART, "broken", f"the desk channel {name} is archived", "unarchive it, or name another")
        return
    if about.get("is_member") is False:
        yield Check(PART, "broken", f"the bot is not in the desk channel {name}", "write /invite @guichet there")
        return
    if test_message:
        yield await _tested(api, name, id, test_message)
    else:
        yield Check(PART, "ok", f"the bot is in the desk channel {name}")
    if channel.shared:
        finding = f"the desk channel {name} is shared: people of other organisations read what is said of tickets"
        yield Check(PART, "warning", finding, "work in a private channel of your own")
    elif settings.desk_members_are_technicians and not channel.private:
        finding = f"the desk channel {name} is public: whoever joins it is a technician"
        yield Check(PART, "warning", finding, "make it private, or unset GUICHET_DESK_MEMBERS_ARE_TECHNICIANS")


async def _tested(api: Api, name: str, id: str, text: str) -> Check:
    try:
        await api.write("chat.postMessage", channel=id, text=text)
    except DeliveryError as error:
        remedy = "see who may post in the channel, and try again"
        return Check(PART, "broken", f"nothing could be posted in {name}: {error}", _remedy(api, remedy))
    return Check(PART, "ok", f"a test message was posted in {name}")


def _remedy(api: Api, otherwise: str = "try again in a minute") -> str:
    return INSTALLING if _is(api, "scope") else otherwise


def meant(channels: DeskChannels) -> str:
    """What to set where the channels lack something."""
    if not channels.all:
        return "set GUICHET_SLACK_DESK_CHANNEL, if technicians work in Slack"
    own = ", ".join(f"{category}={channel}" for category, channel in channels.own)
    return f"if they should stand elsewhere, set GUICHET_SLACK_DESK_CHANNEL=CHANNEL, {own}"


async def named(api: Api, channels: DeskChannels) -> dict[str, str]:
    """The ids of those that are given by name; an archived one only where there is no other. Raises a DeliveryError."""
    wanted = {channel for channel in channels.all if not is_id(channel)}
    found: dict[str, str] = {}
    archived: dict[str, str] = {}
    seen = 0
    if wanted:
        async for one in conversations(api, ALL, PAGE, types="public_channel,private_channel"):
            if one.get("name") in wanted:
                (archived if one.get("is_archived") else found)[one["name"]] = one["id"]
            seen += 1
            if seen == MOST_CHANNELS or wanted <= set(found):
                break
    return archived | found
