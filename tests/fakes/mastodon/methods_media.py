"""Files that are attached to posts, and given to who asks for them."""

import asyncio
import time

from aiohttp import web

from tests.fakes.mastodon.methods_instance import LARGEST, SUPPORTED
from tests.fakes.mastodon.state import Json, Media
from tests.fakes.mastodon.web_api import Call, Route
from tests.fakes.mastodon.world import Refused


def _taken(call: Call) -> Media:
    file = call.params.get("file")
    if not isinstance(file, web.FileField):
        raise Refused(422, "Validation failed: File can't be blank")
    if file.content_type not in SUPPORTED:
        raise Refused(422, "Validation failed: File content type is invalid, File is invalid")
    content = file.file.read()
    if len(content) > LARGEST:
        raise Refused(422, "Validation failed: File file size must be less than 16 MB")
    description = call.text("description") or None
    if description and len(description) > 1_500:
        raise Refused(422, "Validation failed: Description is too long (maximum is 1500 characters)")
    made = call.world.keep(call.me, file.filename, file.content_type, content, description)
    made.focus = call.text("focus") or None
    return made


async def v1(call: Call) -> Json:
    """Answered when it is processed."""
    made = _taken(call)
    await asyncio.sleep(max(0.0, made.ready - time.time()))
    return call.shapes.media(made)


def v2(call: Call) -> Json:
    made = _taken(call)
    call.status = 200 if time.time() >= made.ready else 202
    return call.shapes.media(made)


def _mine(call: Call) -> Media:
    found = call.state.media.get(call.ids[0])
    if not found or found.account != call.me.id or found.status:
        raise Refused(404, "Record not found")
    return found


def show(call: Call) -> Json:
    found = _mine(call)
    call.status = 200 if time.time() >= found.ready else 206
    return call.shapes.media(found)


def update(call: Call) -> Json:
    found = _mine(call)
    found.description, found.focus = call.text("description") or found.description, call.text("focus") or found.focus
    return call.shapes.media(found)


def give(call: Call) -> web.Response:
    found = call.state.media.get(call.ids[0])
    if not found or time.time() < found.ready:
        raise Refused(404, "Not Found")
    return web.Response(body=found.content, content_type=found.mimetype)


ROUTES = {
    "POST /api/v1/media": Route(v1, "write:media"),
    "POST /api/v2/media": Route(v2, "write:media"),
    "GET /api/v1/media/{id}": Route(show, "write:media"),
    "PUT /api/v1/media/{id}": Route(update, "write:media"),
    "GET /system/media_attachments/{id}/{name}": Route(give, kind="open"),
}
