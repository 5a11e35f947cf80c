"""What Slack's own clients make of typed text and of presses."""

import re
from collections.abc import Iterable

from tests.fakes.slack import forms
from tests.fakes.slack.rendering import elements, label
from tests.fakes.slack.state import Channel, Json, User


def called(channel: Channel) -> str:
    return {"im": "directmessage", "private": "privategroup", "mpim": "privategroup"}.get(channel.kind, channel.name)


def pressed(blocks: list[Json], wanted: str, option: str, nth: int) -> Json:
    """The action that pressing something gives. AssertionError if there is nothing of the kind to be pressed."""
    everything = [(block, one) for block, one in elements(blocks) if block["type"] != "input"] + [
        (block, one) for block, one in elements(blocks) if block["type"] == "input" and block.get("dispatch_action")
    ]
    found = [(b, one) for b, one in everything if wanted in (label(one), one.get("action_id"))]
    if len(found) <= nth:
        raise AssertionError(f"nothing to press says {wanted!r}: {[label(one) for _, one in everything]}")
    block, element = found[nth]
    action: Json = {
        "type": element["type"],
        "action_id": element.get("action_id", "auto"),
        "block_id": block["block_id"],
    }
    if element["type"] == "button":
        action |= {name: element[name] for name in ("text", "value", "style") if name in element}
        return action
    return action | forms.chosen(element, option)


def mentions(text: str, users: Iterable[User], channels: Iterable[Channel], bot: User) -> str:
    """Typed text as Slack's clients send it."""
    sent = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    names: dict[str, str] = {}
    for user in users:
        names[f"@{user.real_name}"] = names[f"@{user.name}"] = f"<@{user.id}>"
    for channel in channels:
        if channel.kind == "channel":
            names[f"#{channel.name}"] = f"<#{channel.id}|{channel.name}>"
    names[f"@{bot.real_name}"] = f"<@{bot.id}>"  # last: other workspaces have one of that name too
    for name in ("channel", "here", "everyone"):
        names[f"@{name}"] = f"<!{name}>"
    ordered = sorted(filter(lambda one: len(one) > 1, names), key=len, reverse=True)
    pattern = "|".join(re.escape(one) for one in ordered)
    sent = (
        re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda found: names[found[0]], sent)
        if "@" in sent or "#" in sent
        else sent
    )
    return re.sub(r"(?<![<|])\bhttps?://[^\s<>|]+", lambda found: f"<{found[0]}>", sent)
