"""Notifications, what is kept back of them, and how far one has read."""

from tests.fakes.mastodon.ids import order
from tests.fakes.mastodon.notifying import REASONS
from tests.fakes.mastodon.shapes import when
from tests.fakes.mastodon.state import Json, Notification, Request
from tests.fakes.mastodon.web_api import Call, Route
from tests.fakes.mastodon.world import Refused


def _mine(call: Call, *, filtered: bool = False) -> list[Notification]:
    return [one for one in call.world.notifier.told(call.me.id) if filtered or not one.filtered]


def listed(call: Call) -> list[Json]:
    """Without what is filtered, unless it is asked for."""
    wanted, unwanted = set(call.several("types")), set(call.several("exclude_types"))
    if not call.quirks.types:
        wanted, unwanted = set(), set()
    found = [
        one
        for one in _mine(call, filtered=call.flag("include_filtered"))
        if (not wanted or one.kind in wanted)
        and one.kind not in unwanted
        and call.text("account_id") in ("", one.sender)
        and (call.me.id, one.sender) not in call.state.blocks
    ]
    return [call.shapes.notification(one) for one in call.page(found, lambda one: one.id, 40, 80)]


def _one(call: Call) -> Notification:
    found = call.state.notifications.get(call.ids[0] if call.ids else call.text("id"))
    if not found or found.account != call.me.id:
        raise Refused(404, "Record not found")
    return found


def show(call: Call) -> Json:
    return call.shapes.notification(_one(call))


def dismiss(call: Call) -> Json:
    del call.state.notifications[_one(call).id]
    return {}


def clear(call: Call) -> Json:
    for one in _mine(call, filtered=True):
        del call.state.notifications[one.id]
    return {}


def unread(call: Call) -> Json:
    read = call.me.markers.get("notifications", {}).get("last_read_id", "0")
    return {"count": sum(order(one.id) > order(read) for one in _mine(call))}


def policy(call: Call) -> Json:
    requests = _requests(call)
    summary = {
        "pending_requests_count": len(requests),
        "pending_notifications_count": sum(len(call.world.notifier.held(one)) for one in requests),
    }
    return {**call.world.notifier.policy(call.me), "summary": summary}


def set_policy(call: Call) -> Json:
    for name in REASONS:
        if (value := call.text(name)) in ("accept", "filter", "drop"):
            call.me.policy[name] = value
    return policy(call)


def _requests(call: Call) -> list[Request]:
    return [one for one in call.state.requests.values() if one.account == call.me.id and not one.dismissed]


def requests(call: Call) -> list[Json]:
    return [call.shapes.request(one) for one in call.page(_requests(call), lambda one: one.id, 40, 80)]


def _request(call: Call, wanted: str) -> Request:
    found = call.state.requests.get(wanted)
    if not found or found.account != call.me.id:
        raise Refused(404, "Record not found")
    return found


def request(call: Call) -> Json:
    return call.shapes.request(_request(call, call.ids[0]))


def accept(call: Call) -> Json:
    for one in [_request(call, one) for one in (call.ids or call.several("id"))]:
        call.world.notifier.accept(one)
    return {}


def dismiss_request(call: Call) -> Json:
    for one in [_request(call, one) for one in (call.ids or call.several("id"))]:
        one.dismissed = True
    return {}


def merged(call: Call) -> Json:
    return {"merged": True}


def markers(call: Call) -> Json:
    return {one: call.me.markers[one] for one in call.several("timeline") if one in call.me.markers}


def mark(call: Call) -> Json:
    marked = [one for one in ("home", "notifications") if isinstance(call.params.get(one), dict)]
    for one in marked:
        before = call.me.markers.get(one, {"version": 0})
        last = str(call.params[one].get("last_read_id", ""))
        call.me.markers[one] = {
            "last_read_id": last,
            "version": before["version"] + 1,
            "updated_at": when(call.world.now()),
        }
    return {one: call.me.markers[one] for one in marked}


_ALL, _HELD = "/api/v1/notifications", "/api/v1/notifications/requests"
ROUTES = {
    f"GET {_ALL}": Route(listed, "read:notifications"),
    f"GET {_ALL}/unread_count": Route(unread, "read:notifications"),
    f"POST {_ALL}/clear": Route(clear, "write:notifications"),
    f"POST {_ALL}/dismiss": Route(dismiss, "write:notifications"),
    f"GET {_ALL}/{{id}}": Route(show, "read:notifications"),
    f"POST {_ALL}/{{id}}/dismiss": Route(dismiss, "write:notifications"),
    "GET /api/v2/notifications/policy": Route(policy, "read:notifications"),
    "PATCH /api/v2/notifications/policy": Route(set_policy, "write:notifications"),
    f"GET {_HELD}": Route(requests, "read:notifications"),
    f"GET {_HELD}/merged": Route(merged, "read:notifications"),
    f"POST {_HELD}/accept": Route(accept, "write:notifications"),
    f"POST {_HELD}/dismiss": Route(dismiss_request, "write:notifications"),
    f"GET {_HELD}/{{id}}": Route(request, "read:notifications"),
    f"POST {_HELD}/{{id}}/accept": Route(accept, "write:notifications"),
    f"POST {_HELD}/{{id}}/dismiss": Route(dismiss_request, "write:notifications"),
    "GET /api/v1/markers": Route(markers, "read:statuses"),
    "POST /api/v1/markers": Route(mark, "write:statuses"),
}
