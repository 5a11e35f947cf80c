"""views.*: modals and the Home tab."""

import time

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.state import Json, View
from tests.fakes.slack.web_api import Call, Method, SlackError
from tests.fakes.slack.world import TRIGGER_SECONDS, Trigger, World

DEEPEST = 3


def _view(call: Call, kind: str) -> Json:
    view = call.structure("view")
    found = kit.view_problems(view)
    if not found and view["type"] != kind:
        found = [f"must be of type {kind} [json-pointer:/view/type]"]
    if found:
        raise SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in found]})
    assert isinstance(view, dict)
    return view


def _trigger(call: Call) -> Trigger:
    found = call.world.triggers.get(call.needed("trigger_id"))
    if not found or found.team != call.app.team:
        raise SlackError("invalid_trigger_id")
    if found.used:
        raise SlackError("exchanged_trigger_id")
    if time.monotonic() - found.at > TRIGGER_SECONDS:
        raise SlackError("expired_trigger_id")
    found.used = True
    return found


def shown(world: World, view: View) -> Json:
    """A view as methods and payloads have it."""
    app = world.state.installed_in(view.team)
    assert app
    return {
        "id": view.id,
        "team_id": view.team,
        "type": view.view["type"],
        "blocks": view.view["blocks"],
        "private_metadata": view.view.get("private_metadata", ""),
        "callback_id": view.view.get("callback_id", ""),
        "external_id": view.view.get("external_id", ""),
        "state": {"values": {}},
        "hash": view.hash,
        "title": view.view.get("title"),
        "submit": view.view.get("submit"),
        "close": view.view.get("close"),
        "clear_on_close": view.view.get("clear_on_close", False),
        "notify_on_close": view.view.get("notify_on_close", False),
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": world.state.app_id,
        "app_installed_team_id": view.team,
        "bot_id": app.bot_id,
    }


def place(
    world: World, view: Json, team: str, user: str, above: View | None = None, channel: str | None = None
) -> View:
    """Show somebody a view, above another or alone."""
    world.changes += 1
    made = View(world.state.new_id("V"), team, user, fill(view), "", channel=channel)
    made.root, made.previous = (above.root, above.id) if above else (made.id, None)
    made.hash = f"{time.time():.0f}.{made.id}"
    world.state.views[made.id] = made
    return made


def replace(world: World, view: View, content: Json) -> None:
    world.changes += 1
    view.view, view.hash = fill(content), f"{time.time():.0f}.{world.state.new_id('H')}"


def fill(view: Json) -> Json:
    """Blocks and elements without a name get one."""
    named = []
    for number, block in enumerate(view["blocks"]):
        block = {"block_id": f"b{number}", **block}
        if "element" in block:
            block["element"] = {"action_id": f"a{number}", **block["element"]}
        named.append(block)
    return {**view, "blocks": named}


def top(world: World, user: str) -> View | None:
    """The modal that somebody has before them."""
    mine = [one for one in world.state.views.values() if one.user == user and not one.closed]
    return next((one for one in reversed(mine) if one.view["type"] == "modal"), None)


def open_(call: Call) -> Json:
    view, trigger = _view(call, "modal"), _trigger(call)
    for one in call.state.views.values():
        if one.user == trigger.user and one.view["type"] == "modal":
            one.closed = True  # a person has one stack of modals of an app
    return {"view": shown(call.world, place(call.world, view, trigger.team, trigger.user, None, trigger.channel))}


def push(call: Call) -> Json:
    view, trigger = _view(call, "modal"), _trigger(call)
    below = call.state.views.get(trigger.view or "")
    if not below or below.closed:
        raise SlackError("invalid_trigger_id")
    if sum(1 for one in call.state.views.values() if one.root == below.root and not one.closed) >= DEEPEST:
        raise SlackError("push_limit_reached")
    return {"view": shown(call.world, place(call.world, view, trigger.team, trigger.user, below, below.channel))}


def update(call: Call) -> Json:
    content = _view(call, "modal")
    outer = call.text("external_id")
    found = call.state.views.get(call.text("view_id"))
    if outer:
        found = next((one for one in call.state.views.values() if one.view.get("external_id") == outer), None)
    if not found or found.closed or found.team != call.app.team:
        raise SlackError("not_found")
    if "hash" in call.params and call.text("hash") != found.hash:
        raise SlackError("hash_conflict")
    replace(call.world, found, content)
    return {"view": shown(call.world, found)}


def publish(call: Call) -> Json:
    content, user = _view(call, "home"), call.user("user_id")
    known = next((v for v in call.state.views.values() if v.user == user.id and v.view["type"] == "home"), None)
    if known and "hash" in call.params and call.text("hash") != known.hash:
        raise SlackError("hash_conflict")
    if known:
        replace(call.world, known, content)
    else:
        known = place(call.world, content, call.app.team, user.id)
    user.home = known.view
    return {"view": shown(call.world, known)}


METHODS = {
    "views.open": Method(open_),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
