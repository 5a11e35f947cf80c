"""Whether the desk can work in Slack, and what to do if not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from adapters.slack.api import Api
from adapters.slack.permissions import scopes
from adapters.slack.rooms import DeskChannels, is_id
from adapters.slack.troubles import Troubles
from bot.checks import Check
from bot.errors import DeliveryError
from bot.settings import Settings

PART = "slack"
MANIFEST = "deploy/slack-manifest.yaml"
PAGES = 20  # of 200 channels


def _now() -> datetime:
    return datetime.now(UTC)


async def examined(
    settings: Settings, api: Api, channels: DeskChannels, test_message: str | None
) -> AsyncIterator[Check]:
    """One line a finding. With a `test_message` it is posted in every desk channel."""
    try:
        told = await api.read("auth.test")
    except DeliveryError as error:
        yield Check(PART, "broken", f"the bot token is of no use: {error}", "see GUICHET_SLACK_BOT_TOKEN and _API_URL")
        return
    yield Check(PART, "ok", f"workspace {told.get('team', '')} ({told.get('team_id', '')}) as {told.get('user', '')}")
    if api.granted is not None and (missing := set(scopes()) - api.granted):
        remedy = f"paste {MANIFEST} as the app's manifest and install the app again"
        yield Check(PART, "broken", f"scopes are missing: {', '.join(sorted(missing))}", remedy)
    yield await _way_in(settings)
    async for check in _channels(api, channels, test_message):
        yield check


async def _way_in(settings: Settings) -> Check:
    """Whether events can reach the desk."""
    if settings.slack_mode == "http":
        return Check(PART, "ok", f"http mode: events are taken on {settings.slack_http_bind}/slack/events")
    app_token = settings.slack_app_token
    assert app_token is not None  # the settings are refused without one
    api = Api(app_token.get_secret_value(), settings.slack_api_url, Troubles(_now))
    try:
        await api.read("apps.connections.open", app_token=app_token.get_secret_value())
    except DeliveryError as error:
        remedy = "make an app-level token with connections:write and set GUICHET_SLACK_APP_TOKEN; switch socket mode on"
        return Check(PART, "broken", f"no socket: {error}", remedy)
    finally:
        await api.close()
    return Check(PART, "ok", "socket mode: Slack gives an address to connect to")


async def _channels(api: Api, channels: DeskChannels, test_message: str | None) -> AsyncIterator[Check]:
    if not channels.all:
        remedy = "set GUICHET_SLACK_DESK_CHANNEL, if technicians work in Slack"
        yield Check(PART, "warning", "no desk channel: tickets are not announced here", remedy)
        return
    try:
        ids = await named(api, channels)
    except DeliveryError as error:
        yield Check(PART, "broken", f"the desk channels cannot be looked up: {error}", "try again in a minute")
        return
    for channel in channels.all:
        found = channel if is_id(channel) else ids.get(channel)
        if found is None:
            remedy = "correct GUICHET_SLACK_DESK_CHANNEL, or invite the bot if the channel is private"
            yield Check(PART, "broken", f"there is no channel {channel}", remedy)
        else:
            yield await _channel(api, channel, found, test_message)


async def _channel(api: Api, name: str, id: str, test_message: str | None) -> Check:
    try:
        about = (await api.read("conversations.info", channel=id)).get("channel") or {}
        if about.get("is_archived"):
            return Check(PART, "broken", f"the desk channel {name} is archived", "unarchive it, or name another")
        if about.get("is_member") is False:
            return Check(PART, "broken", f"the bot is not in the desk channel {name}", "write /invite @guichet there")
        if test_message:
            await api.write("chat.postMessage", channel=id, text=test_message)
            return Check(PART, "ok", f"a test message was posted in {name}")
    except DeliveryError as error:
        return Check(PART, "broken", f"the desk channel {name} cannot be used: {error}", "invite the bot there")
    return Check(PART, "ok", f"the bot is in the desk channel {name}")


async def named(api: Api, channels: DeskChannels) -> dict[str, str]:
    """The ids of those that are given by name. Raises a DeliveryError."""
    wanted = {channel for channel in channels.all if not is_id(channel)}
    found: dict[str, str] = {}
    cursor = ""
    for _ in range(PAGES if wanted else 0):
        asked: dict[str, Any] = {"types": "public_channel,private_channel", "limit": 200, "exclude_archived": True}
        if cursor:
            asked["cursor"] = cursor
        answer = await api.read("conversations.list", **asked)
        for one in answer.get("channels") or ():
            if one.get("name") in wanted:
                found[one["name"]] = one["id"]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor or wanted <= set(found):
            break
    return found
