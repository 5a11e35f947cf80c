"""Posts: written, answered, changed, deleted, boosted; what stands around them; polls."""

import time
from typing import cast

from tests.fakes.mastodon.state import Json, Poll, Status, Visibility
from tests.fakes.mastodon.web_api import Call, Route
from tests.fakes.mastodon.world import NARROWER, Draft, Refused

KEY_SECONDS = 3_600


def post(call: Call) -> Json:
    if call.text("scheduled_at"):
        raise Refused(422, "Validation failed: Scheduled at is not something this fake knows")
    key = call.request.headers.get("Idempotency-Key") if call.quirks.idempotency else None
    if key and (known := call.state.keys.get((call.me.id, key))) and time.time() - known[1] < KEY_SECONDS:
        return call.shapes.status(call.state.statuses[known[0]], call.viewer)
    visibility = call.text("visibility") or call.me.privacy
    if visibility not in NARROWER:
        raise Refused(422, f"'{visibility}' is not a valid visibility")
    poll = call.params.get("poll") or {}
    assert call.token
    draft = Draft(
        call.text("status"),
        cast(Visibility, visibility),
        call.text("spoiler_text"),
        call.flag("sensitive"),
        call.text("language") or call.me.language or "en",  # never none, whatever language it is in
        call.text("in_reply_to_id") or None,
        call.several("media_ids"),
        [str(one) for one in poll.get("options", ())],
        float(poll.get("expires_in", 86_400)),
        bool(poll.get("multiple", False)),
        call.state.applications[call.token.application].name,
        call.request.headers.get("Idempotency-Key"),
    )
    made = call.world.post(call.me, draft)
    if key:
        call.state.keys[call.me.id, key] = (made.id, time.time())
    return call.shapes.status(made, call.viewer)


def show(call: Call) -> Json:
    return call.shapes.status(call.the_status(), call.viewer)


def several(call: Call) -> list[Json]:
    found = (call.state.statuses.get(one) for one in call.several("id"))
    return call.shown(one for one in found if one and call.state.may_see(call.viewer, one))


def context(call: Call) -> Json:
    status = call.the_status()

    def visible(one: Status) -> bool:
        return call.state.may_see(call.viewer, one)

    above = call.state.ancestors(status) if call.quirks.ancestors else []
    return {
        "ancestors": call.shown(filter(visible, above)),
        "descendants": call.shown(filter(visible, call.state.descendants(status))),
    }


def edit(call: Call) -> Json:
    status = call.my_status()
    media = call.several("media_ids") if "media_ids" in call.params else None
    spoiler = call.text("spoiler_text") if "spoiler_text" in call.params else None
    sensitive = call.flag("sensitive") if "sensitive" in call.params else None
    call.world.edit(status, call.text("status"), spoiler, sensitive=sensitive, media=media)
    return call.shapes.status(status, call.viewer)


def history(call: Call) -> list[Json]:
    status = call.the_status()
    if not status.edits:
        first = call.world.kept(status, status.created)
        return [call.shapes.edit(status, first)]
    return [call.shapes.edit(status, one) for one in status.edits]


def source(call: Call) -> Json:
    status = call.my_status()
    return {"id": status.id, "text": status.text, "spoiler_text": status.spoiler}


def delete(call: Call) -> Json:
    status = call.my_status()
    gone = call.shapes.status(status, call.viewer) | {"text": status.text}
    call.world.delete(status)
    return gone


def reblog(call: Call) -> Json:
    visibility = cast(Visibility, call.text("visibility") or "public")
    return call.shapes.status(call.world.boost(call.me, call.the_status(), visibility), call.viewer)


def unreblog(call: Call) -> Json:
    status = call.the_status()
    for one in call.state.boosts(status.id):
        if one.account == call.viewer:
            call.world.delete(one)
    return call.shapes.status(status, call.viewer)


def favourite(call: Call) -> Json:
    call.world.favourite(call.me, call.the_status())
    return show(call)


def unfavourite(call: Call) -> Json:
    status = call.the_status()
    if call.me.id in status.favourites:
        status.favourites.remove(call.me.id)
    return show(call)


def bookmark(call: Call) -> Json:
    call.state.bookmarks.add((call.me.id, call.the_status().id))
    return show(call)


def unbookmark(call: Call) -> Json:
    call.state.bookmarks.discard((call.me.id, call.the_status().id))
    return show(call)


def pin(call: Call) -> Json:
    call.state.pinned.add((call.me.id, call.my_status().id))
    return show(call)


def unpin(call: Call) -> Json:
    call.state.pinned.discard((call.me.id, call.my_status().id))
    return show(call)


def mute(call: Call) -> Json:
    call.state.muted_threads.add((call.me.id, call.the_status().conversation))
    return show(call)


def unmute(call: Call) -> Json:
    call.state.muted_threads.discard((call.me.id, call.the_status().conversation))
    return show(call)


def boosters(call: Call) -> list[Json]:
    found = call.page((one.account for one in call.state.boosts(call.the_status().id)), lambda one: one, 40, 80)
    return [call.shapes.account(call.state.accounts[one]) for one in found]


def admirers(call: Call) -> list[Json]:
    found = call.page(call.the_status().favourites, lambda one: one, 40, 80)
    return [call.shapes.account(call.state.accounts[one]) for one in found]


def _poll(call: Call) -> tuple[Poll, Status]:
    status = next((one for one in call.state.statuses.values() if one.poll == call.ids[0]), None)
    if not status or not call.state.may_see(call.viewer, status):
        raise Refused(404, "Record not found")
    return call.state.polls[call.ids[0]], status


def poll(call: Call) -> Json:
    found, status = _poll(call)
    return call.shapes.poll(found, call.viewer, status)


def vote(call: Call) -> Json:
    found, status = _poll(call)
    call.world.vote(call.me, found, [int(one) for one in call.several("choices")])
    return call.shapes.poll(found, call.viewer, status)


_ONE = "/api/v1/statuses/{id}"
ROUTES = {
    "POST /api/v1/statuses": Route(post, "write:statuses"),
    "GET /api/v1/statuses": Route(several, "read:statuses", "open"),
    f"GET {_ONE}": Route(show, "read:statuses", "open"),
    f"PUT {_ONE}": Route(edit, "write:statuses"),
    f"DELETE {_ONE}": Route(delete, "write:statuses"),
    f"GET {_ONE}/context": Route(context, "read:statuses", "open"),
    f"GET {_ONE}/history": Route(history, "read:statuses", "open"),
    f"GET {_ONE}/source": Route(source, "read:statuses"),
    f"POST {_ONE}/reblog": Route(reblog, "write:statuses"),
    f"POST {_ONE}/unreblog": Route(unreblog, "write:statuses"),
    f"POST {_ONE}/favourite": Route(favourite, "write:favourites"),
    f"POST {_ONE}/unfavourite": Route(unfavourite, "write:favourites"),
    f"POST {_ONE}/bookmark": Route(bookmark, "write:bookmarks"),
    f"POST {_ONE}/unbookmark": Route(unbookmark, "write:bookmarks"),
    f"POST {_ONE}/pin": Route(pin, "write:accounts"),
    f"POST {_ONE}/unpin": Route(unpin, "write:accounts"),
    f"POST {_ONE}/mute": Route(mute, "write:mutes"),
    f"POST {_ONE}/unmute": Route(unmute, "write:mutes"),
    f"GET {_ONE}/reblogged_by": Route(boosters, kind="open"),
    f"GET {_ONE}/favourited_by": Route(admirers, kind="open"),
    "GET /api/v1/polls/{id}": Route(poll, "read:statuses", "open"),
    "POST /api/v1/polls/{id}/votes": Route(vote, "write:statuses"),
}
