"""files.*, and the addresses where bytes go up and come down."""

from aiohttp import web

from tests.fakes.slack.methods_chat import content
from tests.fakes.slack.shapes import file_json
from tests.fakes.slack.state import Json, Upload
from tests.fakes.slack.web_api import Call, Method, SlackError
from tests.fakes.slack.world import World


def info(call: Call) -> Json:
    found = call.state.files.get(call.needed("file", "file_not_found"))
    if not found or found.awaited is not None:
        raise SlackError("file_not_found")
    return {"file": file_json(found, call.world.base), "comments": [], "response_metadata": {"next_cursor": ""}}


def upload_url(call: Call) -> Json:
    length = call.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments")
    made = Upload(call.state.new_id("F"), call.needed("filename"), "application/octet-stream", team=call.app.team)
    made.user, made.awaited = call.app.bot_user, length
    made.alternative = call.text("alt_txt")
    call.state.files[made.id] = made
    return {"upload_url": f"{call.world.base}/upload/v1/{made.id}", "file_id": made.id}


def complete(call: Call) -> Json:
    """The files become a message, if a channel is named."""
    named = call.structure("files")
    if not isinstance(named, list) or not named:
        raise SlackError("invalid_arguments")
    uploads = []
    for one in named:
        upload = call.state.files.get(one.get("id", ""))
        if not upload or upload.awaited is not None:
            raise SlackError("file_not_found" if not upload else "file_update_failed")
        upload.title = one.get("title", "")
        uploads.append(upload)
    target = call.text("channel_id") or call.text("channels")
    if target:
        call.params["channel"] = target
        channel = call.channel(member=True)
        if channel.is_archived:
            raise SlackError("is_archived")
        root = call.text("thread_ts") or None
        if root and root not in channel.messages:
            raise SlackError("invalid_thread_ts")
        comment, blocks = call.text("initial_comment"), call.structure("blocks")
        what = content(comment, blocks, None, 40_000) if blocks else {}
        what.pop("text", None)
        for upload in uploads:
            upload.channels.append(channel.id)
        call.world.post(
            channel,
            call.app.bot_user,
            comment,
            bot_id=call.app.bot_id,
            app_id=call.state.app_id,
            thread_ts=root,
            files=[one.id for one in uploads],
            subtype="file_share",
            **what,
        )
    return {"files": [file_json(one, call.world.base) for one in uploads]}


async def take(world: World, request: web.Request) -> web.Response:
    """Bytes go up, raw or as a form's file."""
    upload = world.state.files.get(request.match_info["file"])
    if not upload or upload.awaited is None:
        return web.Response(status=404, text="not found")
    if request.content_type == "multipart/form-data":
        form = await request.post()
        part = next((one for one in form.values() if isinstance(one, web.FileField)), None)
        data = part.file.read() if part else b""
    else:
        data = await request.read()
    if len(data) != upload.awaited:
        return web.Response(status=400, text=f"{len(data)} bytes, {upload.awaited} were announced")
    upload.content, upload.awaited = data, None
    return web.Response(text=f"OK - {len(data)}")


async def give(world: World, request: web.Request) -> web.StreamResponse:
    """Bytes come down for a token that may read files; for others, as with Slack, a page to sign in."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    app = world.state.installations.get(token)
    upload = world.state.files.get(request.match_info["file"].rpartition("-")[2])
    if not app or app.gone or "files:read" not in app.scopes:
        return web.Response(text="<!DOCTYPE html><title>Sign in | Slack</title>", content_type="text/html")
    if not upload or upload.awaited is not None:
        return web.Response(status=404, text="<!DOCTYPE html><title>404</title>", content_type="text/html")
    return web.Response(body=upload.content, content_type=upload.mimetype)


def delete(call: Call) -> Json:
    """It is gone from wherever it was shown, and so is a message that was nothing else."""
    named = call.needed("file", "file_not_found")
    found = call.state.files.get(named)
    if not found or found.user != call.app.bot_user:
        raise SlackError("cant_delete_file" if found else "file_not_found")
    for id in found.channels:
        for message in list(call.state.channels[id].messages.values()):
            if named in message.files:
                message.files.remove(named)
                if not message.files and not message.text:
                    call.world.delete(message)
    del call.state.files[named]
    return {}


METHODS = {
    "files.delete": Method(delete, ("files:write",)),
    "files.info": Method(info, ("files:read",)),
    "files.getUploadURLExternal": Method(upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(complete, ("files:write",)),
}
