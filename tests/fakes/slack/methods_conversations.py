"""conversations.* and users.conversations."""

from collections.abc import Callable

from tests.fakes.slack.shapes import channel_json, message_json
from tests.fakes.slack.state import Channel, Json, Kind, Message
from tests.fakes.slack.web_api import Call, Method, SlackError

TYPES: dict[str, Kind] = {"public_channel": "channel", "private_channel": "private", "im": "im", "mpim": "mpim"}
UNTOLD = ("metadata", "reply_count", "reply_users_count", "latest_reply", "reply_users")
AREAS = {"channel": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


def _needs(call: Call, channel: Channel, right: str) -> None:
    """The scope depends on the kind of conversation."""
    scope = f"{AREAS[channel.kind]}:{right}"
    if scope not in call.app.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(call.app.scopes))


def _shown(call: Call, channel: Channel, *, members: bool = False) -> Json:
    return channel_json(call.state, channel, call.app.bot_user, call.app.team, members=members)


def info(call: Call) -> Json:
    channel = call.channel()
    _needs(call, channel, "read")
    shown = _shown(call, channel, members=call.flag("include_num_members"))
    if call.flag("include_locale"):
        shown["locale"] = "en-US"
    return {"channel": shown}


def open_(call: Call) -> Json:
    if "channel" in call.params:
        return {"no_op": True, "already_open": True, "channel": {"id": call.channel().id}}
    users = [one for one in call.needed("users", "users_list_not_supplied").split(",") if one]
    if any(one not in call.state.users for one in users):
        raise SlackError("user_not_found")
    if any(call.state.users[one].deleted for one in users):
        raise SlackError("user_disabled")
    if len(users) == 1:
        if users[0] == call.app.bot_user or call.state.users[users[0]].is_bot:
            raise SlackError("cannot_dm_bot")
        if "im:write" not in call.app.scopes:
            raise SlackError("missing_scope", needed="im:write", provided=",".join(call.app.scopes))
        channel = call.state.direct(call.app.bot_user, users[0])
    else:
        members = sorted({call.app.bot_user, *users})
        known = (one for one in call.state.channels.values() if one.kind == "mpim" and sorted(one.members) == members)
        channel = next(known, None) or Channel(call.state.new_id("G"), call.app.team, "mpdm", "mpim", members)
        call.state.channels[channel.id] = channel
    return {"channel": _shown(call, channel) if call.flag("return_im") else {"id": channel.id}}


def _of_types(call: Call, mine: Callable[[Channel], bool], default: str) -> Json:
    names = [one.strip() for one in call.text("types", default).split(",") if one.strip()]
    if any(one not in TYPES for one in names):
        raise SlackError("invalid_types")
    kinds = [TYPES[one] for one in names]
    for kind in kinds:
        if f"{AREAS[kind]}:read" not in call.app.scopes:
            raise SlackError("missing_scope", needed=f"{AREAS[kind]}:read", provided=",".join(call.app.scopes))
    found = [
        one
        for one in call.state.channels.values()
        if one.kind in kinds and mine(one) and not (one.is_archived and call.flag("exclude_archived"))
    ]
    page, cursor = call.page(found, 100, 999)
    return {"channels": [_shown(call, one) for one in page], "response_metadata": {"next_cursor": cursor}}


def list_(call: Call) -> Json:
    def visible(channel: Channel) -> bool:
        if call.app.bot_user in channel.members:
            return True
        return channel.kind == "channel" and channel.team == call.app.team

    return _of_types(call, visible, "public_channel")


def of_user(call: Call) -> Json:
    who = call.text("user") or call.app.bot_user

    def visible(channel: Channel) -> bool:
        seen = channel.kind == "channel" or call.app.bot_user in channel.members
        return who in channel.members and seen

    return _of_types(call, visible, "public_channel")


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """Between `oldest` and `latest`. Fixed width makes the texts sort as the numbers do."""
    oldest, latest, inclusive = call.text("oldest"), call.text("latest"), call.flag("inclusive")

    def inside(ts: str) -> bool:
        number = float(ts)
        if oldest and (number < float(oldest) or (number == float(oldest) and not inclusive)):
            return False
        return not (latest and (number > float(latest) or (number == float(latest) and not inclusive)))

    return [one for one in messages if inside(one.ts)]


def _told(call: Call, message: Message, *, metadata: bool) -> Json:
    answer = message_json(call.state, message, metadata=metadata, base=call.world.base)
    if call.faults.tells_little:
        blocks = [{name: value for name, value in one.items() if name != "block_id"} for one in message.blocks]
        answer = {name: value for name, value in answer.items() if name not in UNTOLD} | {"blocks": blocks}
    return answer


def history(call: Call) -> Json:
    """The newest first; replies only where they were sent to the channel too."""
    channel = call.channel(member=True)
    _needs(call, channel, "history")
    found = [one for one in channel.messages.values() if not one.is_reply or one.subtype == "thread_broadcast"]
    page, cursor = call.page(_within(call, found)[::-1], 100, 999)
    metadata = call.flag("include_all_metadata")
    answer: Json = {
        "messages": [_told(call, one, metadata=metadata) for one in page],
        "has_more": bool(cursor),
        "pin_count": 0,
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def replies(call: Call) -> Json:
    """The oldest first; the message they hang from opens every page. Of a reply, there is only that."""
    channel = call.channel(member=True)
    _needs(call, channel, "history")
    ts = call.needed("ts", "thread_not_found")
    found = channel.messages.get(ts)
    if not found:
        raise SlackError("thread_not_found")
    page, cursor = call.page(_within(call, channel.thread(ts)), 1_000)
    metadata = call.flag("include_all_metadata")
    shown = [_told(call, one, metadata=metadata) for one in (found, *page)]
    answer: Json = {"messages": shown, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def members(call: Call) -> Json:
    channel = call.channel()
    _needs(call, channel, "read")
    page, cursor = call.page(channel.members, 100, 1_000)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def join(call: Call) -> Json:
    channel = call.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    call.world.join(channel, call.app.bot_user)
    return {"channel": _shown(call, channel)}


METHODS = {
    "conversations.info": Method(info),
    "conversations.open": Method(open_),
    "conversations.list": Method(list_),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.members": Method(members),
    "conversations.join": Method(join, ("channels:join",)),
    "users.conversations": Method(of_user),
}
