"""What people fill into the fields of a view."""

from collections.abc import Iterator, Mapping

from tests.fakes.slack import blocks as kit
from tests.fakes.slack.state import Json

TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
PICKERS = {
    "datepicker": "date",
    "timepicker": "time",
    "datetimepicker": "date_time",
    "users_select": "user",
    "conversations_select": "conversation",
    "channels_select": "channel",
}


def checked(view: Json) -> Json:
    """A view given in an answer. AssertionError if Slack would not show it."""
    found = kit.view_problems(view)
    assert not found, found
    return view


def fields(view: Json) -> Iterator[tuple[Json, Json]]:
    """What can be filled in, with its block."""
    for block in view["blocks"]:
        if block["type"] == "input":
            yield block, block["element"]
        elif block["type"] == "actions":
            yield from ((block, one) for one in block["elements"] if one["type"] not in ("button", "overflow"))
        elif block["type"] == "section" and block.get("accessory", {}).get("type") not in (None, "button", "image"):
            yield block, block["accessory"]


def values(view: Json, wanted: Mapping[str, str]) -> Json:
    """The state of a view's fields, once `wanted` (by label, block id or action id) is filled in."""
    state: Json = {}
    used = set()
    for block, element in fields(view):
        names = [block.get("label", {}).get("text"), block["block_id"], element.get("action_id")]
        given = next((name for name in names if name in wanted), None)
        used.add(given)
        value = wanted[given] if given else None
        state.setdefault(block["block_id"], {})[element["action_id"]] = _state(element, value)
    if unknown := set(wanted) - used:
        labels = [block.get("label", {}).get("text") for block, _ in fields(view)]
        raise AssertionError(f"no such fields: {sorted(unknown)}; there are {labels}")
    return state


def missing(view: Json, state: Json) -> list[str]:
    """The labels of required fields that are empty."""
    empty = []
    for block, element in fields(view):
        if block["type"] != "input" or block.get("optional"):
            continue
        filled = state[block["block_id"]][element["action_id"]]
        if not any(value for name, value in filled.items() if name != "type"):
            empty.append(block["label"]["text"])
    return empty


def _state(element: Json, value: str | None) -> Json:
    kind = element["type"]
    if kind in TEXTS:
        written = element.get("initial_value") if value is None else value
        if written and len(written) > element.get("max_length", 3_000):
            raise AssertionError(f"Slack lets nobody write {len(written)} characters there")
        return {"type": kind, "value": written or None}
    if value is None:
        return {"type": kind, **_initial(element)}
    return {"type": kind, **chosen(element, value)} if value else {"type": kind, **_nothing(kind)}


def _initial(element: Json) -> Json:
    kind = element["type"]
    if kind == "checkboxes" or kind.startswith("multi_"):
        return {"selected_options": element.get("initial_options", [])}
    if name := PICKERS.get(kind):
        return {f"selected_{name}": element.get(f"initial_{name}")}
    return {"selected_option": element.get("initial_option")}


def _nothing(kind: str) -> Json:
    return _initial({"type": kind})


def chosen(element: Json, value: str) -> Json:
    """What a menu or picker says once `value` (an option's label or value; several: one a line) is chosen."""
    kind = element["type"]
    if kind in TEXTS:
        return {"value": value}
    if name := PICKERS.get(kind):
        return {f"selected_{name}": int(value) if kind == "datetimepicker" else value}
    options = element.get("options") or [one for group in element["option_groups"] for one in group["options"]]
    picked = []
    for wanted in value.split("\n"):
        found = [one for one in options if wanted in (one["text"]["text"], one["value"])]
        if not found:
            raise AssertionError(f"no option {wanted!r}: {[one['text']['text'] for one in options]}")
        picked.append(found[0])
    if kind == "checkboxes" or kind.startswith("multi_"):
        return {"selected_options": picked}
    return {"selected_option": picked[0]}
