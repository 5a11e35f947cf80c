"""chat.*, reactions.*, and what the app sends to response addresses."""

import re
from typing import Any

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.shapes import message_json, reactions_json
from tests.fakes.slack.state import Channel, Json, Message
from tests.fakes.slack.web_api import Call, Method, SlackError
from tests.fakes.slack.world import ResponseUrl, World

LONGEST_POST, LONGEST_EDIT, METADATA = 40_000, 4_000, 16_384
_EMOJI = re.compile(r"[a-z0-9_'+\-]+(::skin-tone-[2-6])?")


def content(text: str, blocks: Any, attachments: Any, longest: int, *, whole: bool = True) -> Json:
    """Text, blocks and attachments of a message, checked; SlackError if Slack would not take them."""
    if blocks and (found := kit.problems(blocks)):
        notes = {"messages": [f"[ERROR] {one}" for one in found]}
        raise SlackError("invalid_blocks", errors=found, response_metadata=notes)
    if blocks and whole and kit.too_long(blocks):
        raise SlackError("msg_blocks_too_long")
    if not text.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if len(text) > longest:
        raise SlackError("msg_too_long")
    named = [{"block_id": f"b{number}", **one} for number, one in enumerate(blocks or ())]
    return {"text": text, "blocks": named, "attachments": attachments or []}


def _content(call: Call, longest: int = LONGEST_POST) -> Json:
    blocks = call.structure("blocks")
    text = call.text("text")
    if markdown := call.text("markdown_text"):
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        blocks = [{"type": "markdown", "text": markdown}]
    return content(text, blocks, call.structure("attachments"), longest)


def _destination(call: Call) -> Channel:
    """A channel by id or name, or somebody's direct messages by their user id."""
    wanted = call.needed("channel", "channel_not_found")
    if wanted in call.state.users:
        if wanted == call.app.bot_user:
            raise SlackError("channel_not_found")
        return call.state.direct(call.app.bot_user, wanted)
    if wanted not in call.state.channels and (named := call.state.by_name(call.app.team, wanted)):
        call.params["channel"] = named.id
    channel = call.channel()
    if call.app.bot_user not in channel.members and "chat:write.public" not in call.app.scopes:
        raise SlackError("not_in_channel")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    root = call.text("thread_ts")
    if not root:
        return None
    if not (found := channel.messages.get(root)):
        if any(one.ts == root for one in channel.ephemerals):
            raise SlackError("cannot_reply_to_message")
        if call.faults.orphans_to_root:
            call.faults.happened["orphans"] += 1
            return None
        raise SlackError("thread_not_found")
    if found.is_reply:
        raise SlackError("cannot_reply_to_message")
    return root


def _metadata(call: Call) -> Json | None:
    found = call.structure("metadata")
    if not found:
        return None
    if not isinstance(found, dict) or not found.get("event_type") or not isinstance(found.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(str(found)) > METADATA:
        raise SlackError("metadata_too_large")
    return found


def post(call: Call) -> Json:
    channel = _destination(call)
    thread, metadata, what = _thread(call, channel), _metadata(call), _content(call)
    broadcast = bool(thread) and call.flag("reply_broadcast")
    message = call.world.post(
        channel,
        call.app.bot_user,
        what.pop("text"),
        bot_id=call.app.bot_id,
        app_id=call.state.app_id,
        thread_ts=thread,
        metadata=metadata,
        username=call.text("username") or None,
        subtype="thread_broadcast" if broadcast else None,
        arguments={name: call.params[name] for name in ("link_names", "parse") if name in call.params},
        **what,
    )
    return {"channel": channel.id, "ts": message.ts, "message": message_json(call.state, message, metadata=True)}


def post_ephemeral(call: Call) -> Json:
    channel = call.channel(member=True)
    if channel.is_archived:
        raise SlackError("is_archived")
    reader = call.user()
    if reader.id not in channel.members:
        raise SlackError("user_not_in_channel")
    what = _content(call)
    message = call.world.whisper(
        channel,
        call.app.bot_user,
        reader.id,
        what.pop("text"),
        bot_id=call.app.bot_id,
        app_id=call.state.app_id,
        thread_ts=call.text("thread_ts") or None,
        **what,
    )
    return {"message_ts": message.ts}


def _own(call: Call, error: str) -> Message:
    message = call.message(call.channel())
    if message.user != call.app.bot_user or message.app_id != call.state.app_id:
        raise SlackError(error)
    return message


def update(call: Call) -> Json:
    """What is not given of blocks, attachments and metadata stays as it is."""
    message = _own(call, "cant_update_message")
    if call.state.channels[message.channel].is_archived:
        raise SlackError("is_archived")
    blocks = call.structure("blocks")
    what = content(
        call.text("text", message.text if blocks else ""),
        message.blocks if blocks is None else blocks,
        message.attachments if call.structure("attachments") is None else call.structure("attachments"),
        LONGEST_EDIT,
    )
    if (metadata := call.structure("metadata")) is not None:
        what["metadata"] = _metadata(call) if metadata else None
    call.world.edit(message, call.app.bot_user, edited=what["text"] != message.text, **what)
    shown = message_json(call.state, message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


def delete(call: Call) -> Json:
    message = _own(call, "cant_delete_message")
    call.world.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    domain = call.state.teams[call.app.team].domain
    link = f"https://{domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _item(call: Call) -> Message:
    channel = call.channel()
    message = call.message(channel, "timestamp")
    if call.app.bot_user not in channel.members and call.method != "reactions.get":
        raise SlackError("not_in_channel")
    if channel.is_archived and call.method != "reactions.get":
        raise SlackError("is_archived")
    return message


def _emoji(call: Call) -> str:
    name = call.needed("name", "invalid_name").strip(":")
    if not _EMOJI.fullmatch(name):
        raise SlackError("invalid_name")
    return name


def add_reaction(call: Call) -> Json:
    name, message = _emoji(call), _item(call)
    if not call.world.react(message, call.app.bot_user, name):
        raise SlackError("already_reacted")
    return {}


def remove_reaction(call: Call) -> Json:
    name, message = _emoji(call), _item(call)
    if not call.world.unreact(message, call.app.bot_user, name):
        raise SlackError("no_reaction")
    return {}


def get_reactions(call: Call) -> Json:
    message = _item(call)
    shown = message_json(call.state, message) | {"reactions": reactions_json(message)}
    return {"type": "message", "channel": message.channel, "message": shown}


def respond(world: World, to: ResponseUrl, body: Json) -> None:
    """What is posted to a response address: a message for one person or for all, in place of another, or none."""
    state = world.state
    app = state.installed_in(to.team)
    assert app
    channel = state.channels[to.channel]
    shown = next((one for one in channel.ephemerals if one.ts == to.message), None) or channel.messages.get(
        to.message or ""
    )
    if body.get("delete_original"):
        if shown and shown.ephemeral_to:
            channel.ephemerals.remove(shown)
            world.changes += 1
        elif shown:
            world.delete(shown)
        return
    what = content(str(body.get("text", "")), body.get("blocks"), body.get("attachments"), LONGEST_POST, whole=False)
    if body.get("replace_original") and shown:
        if shown.ephemeral_to:
            world.changes += 1
            shown.text, shown.blocks, shown.attachments = what["text"], what["blocks"], what["attachments"]
            shown.edited_ts = state.new_ts()
        else:
            world.edit(shown, app.bot_user, **what)
        return
    more = {"bot_id": app.bot_id, "app_id": state.app_id, "thread_ts": body.get("thread_ts") or to.thread, **what}
    text = more.pop("text")
    if body.get("response_type") == "in_channel":
        world.post(channel, app.bot_user, text, **more)
    else:
        world.whisper(channel, app.bot_user, to.user, text, **more)


WRITES, READS = ("chat:write",), ("reactions:read",)
METHODS = {
    "chat.postMessage": Method(post, WRITES),
    "chat.postEphemeral": Method(post_ephemeral, WRITES),
    "chat.update": Method(update, WRITES),
    "chat.delete": Method(delete, WRITES),
    "chat.getPermalink": Method(permalink),
    "reactions.add": Method(add_reaction, ("reactions:write",)),
    "reactions.remove": Method(remove_reaction, ("reactions:write",)),
    "reactions.get": Method(get_reactions, READS),
}
