"""The state in Slack's own JSON."""

import re
import time
import zoneinfo
from collections.abc import Collection
from datetime import UTC, datetime

from tests.fakes.slack.state import Channel, Json, Message, State, Upload, User

TYPED = "typed"  # block_id of what clients make of typed text
_MARKS = re.compile(r"(<[^<>]+>)")


def user_json(user: User, scopes: Collection[str], team: str, *, locale: bool = False) -> Json:
    """As the app in workspace `team` sees an account; what its scopes do not cover is left out."""
    offset = datetime.now(UTC).astimezone(zoneinfo.ZoneInfo(user.tz)).utcoffset()
    stranger = user.team != team
    answer: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "deleted": user.deleted,
        "color": "9f69e7",
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": profile_json(user, scopes, stranger=stranger),
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": int(time.time()),
        "is_email_confirmed": True,
    }
    if stranger:
        answer["is_stranger"] = True
    if user.is_workflow_bot:
        answer["is_workflow_bot"] = True
    if locale:
        answer["locale"] = user.locale
    return answer


def profile_json(user: User, scopes: Collection[str], *, stranger: bool = False) -> Json:
    first, _, last = user.real_name.partition(" ")
    profile: Json = {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "first_name": first,
        "last_name": last,
        "status_text": "",
        "status_emoji": "",
        "avatar_hash": "g0",
        "team": user.team,
    }
    if user.email and "users:read.email" in scopes and not stranger:
        profile["email"] = user.email
    if user.bot_id:
        profile["bot_id"] = user.bot_id
    return profile


def channel_json(state: State, channel: Channel, viewer: str, team: str, *, members: bool = False) -> Json:
    """A conversation as `viewer` sees it from workspace `team`."""
    shared = channel.is_ext_shared or channel.is_org_shared
    answer: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.is_archived,
        "is_im": channel.kind == "im",
        "is_org_shared": channel.is_org_shared,
        "context_team_id": team,
        "updated": channel.created * 1_000,
    }
    if channel.kind == "im":
        other = next((one for one in channel.members if one != viewer), viewer)
        return answer | {"user": other, "is_user_deleted": state.users[other].deleted, "is_open": True, "priority": 0}
    answer |= {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "channel",
        "is_group": channel.kind == "private",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.is_private,
        "is_general": channel.name == "general",
        "is_shared": shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_pending_ext_shared": False,
        "is_member": viewer in channel.members,
        "creator": channel.creator,
        "shared_team_ids": sorted({state.users[one].team for one in channel.members} | {channel.team}),
        "topic": {"value": channel.topic, "creator": channel.creator, "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": channel.creator, "last_set": 0},
        "previous_names": [],
    }
    if members:
        answer["num_members"] = len(channel.members)
    return answer


def message_json(state: State, message: Message, *, metadata: bool = False, base: str = "") -> Json:
    """As history and events have it."""
    answer: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.subtype:
        answer["subtype"] = message.subtype
    if message.bot_id:
        answer["bot_id"] = message.bot_id
        if message.app_id:
            answer["app_id"] = message.app_id
            answer["bot_profile"] = {
                "id": message.bot_id,
                "app_id": message.app_id,
                "name": state.users[message.user].real_name if message.user in state.users else state.app_name,
                "deleted": False,
                "team_id": message.team,
                "user_id": message.user,
            }
    else:
        answer["client_msg_id"] = f"00000000-0000-4000-8000-{message.ts.replace('.', '')[-12:]}"
    if message.username:
        answer["username"] = message.username
    if message.team:
        answer["team"] = message.team
    if message.blocks:
        answer["blocks"] = message.blocks
    if message.attachments:
        answer["attachments"] = message.attachments
    if message.thread_ts:
        answer["thread_ts"] = message.thread_ts
    channel = state.channels.get(message.channel)
    if channel and message.is_reply and message.thread_ts in channel.messages:
        answer["parent_user_id"] = channel.messages[message.thread_ts].user
    if channel and not message.is_reply and (replies := channel.thread(message.ts)):
        users = list(dict.fromkeys(one.user for one in replies))
        answer |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
            "reply_users": users[:5],
            "is_locked": False,
            "subscribed": False,
        }
    if message.edited_ts:
        answer["edited"] = {"user": message.edited_by, "ts": message.edited_ts}
    if message.files:
        hidden = bool(channel and channel.is_ext_shared)
        answer["files"] = [file_json(state.files[one], base, hidden=hidden) for one in message.files]
        answer["upload"] = False
    if message.reactions:
        answer["reactions"] = reactions_json(message)
    if metadata and message.metadata:
        answer["metadata"] = message.metadata
    return answer


def reactions_json(message: Message) -> list[Json]:
    return [{"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items() if users]


def file_json(upload: Upload, base: str, *, hidden: bool = False) -> Json:
    """`hidden`: in channels that are shared with others, events say no more than that there is a file."""
    if hidden:
        return {"id": upload.id, "mode": "file_access", "file_access": "check_file_info", "created": 0, "timestamp": 0}
    address = f"{base}/files-pri/{upload.team}-{upload.id}"
    return {
        "id": upload.id,
        "created": 0,
        "timestamp": 0,
        "name": upload.name,
        "title": upload.title or upload.name,
        "mimetype": upload.mimetype,
        "filetype": upload.name.rpartition(".")[2],
        "pretty_type": upload.mimetype,
        "user": upload.user,
        "user_team": upload.team,
        "editable": False,
        "size": len(upload.content),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{upload.name}",
        "url_private_download": f"{address}/download/{upload.name}",
        "permalink": f"{base}/files/{upload.user}/{upload.id}/{upload.name}",
        "has_rich_preview": False,
        "file_access": "visible",
        "channels": upload.channels,
    }


def rich_text(text: str) -> list[Json]:
    """The block that Slack's clients put beside what a person typed."""
    elements: list[Json] = []
    for part in _MARKS.split(text):
        if part.startswith("<@"):
            elements.append({"type": "user", "user_id": part[2:-1].partition("|")[0]})
        elif part.startswith("<#"):
            elements.append({"type": "channel", "channel_id": part[2:-1].partition("|")[0]})
        elif part.startswith("<!"):
            elements.append({"type": "broadcast", "range": part[2:-1].partition("|")[0]})
        elif part.startswith("<"):
            elements.append({"type": "link", "url": part[1:-1].partition("|")[0]})
        elif part:
            plain = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            elements.append({"type": "text", "text": plain})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": TYPED, "elements": [section]}]
