"""Block Kit's rules: what Slack refuses, in Slack's words."""

import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Problems = list[str]

IN_MESSAGES, IN_VIEWS = 50, 100
WHOLE_MESSAGE = 13_200  # characters of all blocks as JSON; Slack does not document it
TEXT = 3_000
MESSAGE_BLOCKS = {
    "section", "divider", "header", "context", "actions", "image", "input", "rich_text", "markdown", "file", "video",
}  # fmt: skip
VIEW_BLOCKS = MESSAGE_BLOCKS - {"markdown", "file"}
WITHOUT_ACTION_ID = {"mrkdwn", "plain_text", "image"}
SELECTS = {
    "static_select", "multi_static_select", "users_select", "multi_users_select", "conversations_select",
    "multi_conversations_select", "channels_select", "multi_channels_select", "external_select",
    "multi_external_select",
}  # fmt: skip
INPUTS = {
    "plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "datepicker",
    "timepicker", "datetimepicker", "checkboxes", "radio_buttons", "file_input", *SELECTS,
}  # fmt: skip
IN_ACTIONS = {
    "button", "overflow", "datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons",
    "workflow_button", *SELECTS,
}  # fmt: skip
IN_SECTIONS = IN_ACTIONS | {"image"}


def problems(blocks: Any, surface: str = "message") -> Problems:
    """Why Slack would not take these blocks. `surface`: message, modal or home."""
    if not isinstance(blocks, list):
        return ["must be an array [json-pointer:/blocks]"]
    found: Problems = []
    most = IN_MESSAGES if surface == "message" else IN_VIEWS
    if len(blocks) > most:
        found.append(f"no more than {most} items allowed [json-pointer:/blocks]")
    seen: set[str] = set()
    for number, block in enumerate(blocks):
        at = f"/blocks/{number}"
        if not isinstance(block, dict) or block.get("type") not in (
            MESSAGE_BLOCKS if surface == "message" else VIEW_BLOCKS
        ):
            found.append(f"unsupported type [json-pointer:{at}/type]")
            continue
        if block_id := block.get("block_id"):
            found += _length(block_id, 255, f"{at}/block_id")
            if block_id in seen:
                found.append(f"`block_id` already exists: {block_id} [json-pointer:{at}/block_id]")
            seen.add(block_id)
        found += _block(block, at)
    return found


def too_long(blocks: list[Json]) -> bool:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > WHOLE_MESSAGE


def view_problems(view: Any) -> Problems:
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["must be a valid view [json-pointer:/view]"]
    kind = view["type"]
    found = problems(view.get("blocks"), kind)
    found += _length(view.get("private_metadata", ""), 3_000, "/view/private_metadata", least=0)
    found += _length(view.get("callback_id", ""), 255, "/view/callback_id", least=0)
    if kind == "modal":
        found += _text(view.get("title"), 24, "/view/title", plain=True)
        for name in ("submit", "close"):
            if name in view:
                found += _text(view[name], 24, f"/view/{name}", plain=True)
        if "submit" not in view and any(one.get("type") == "input" for one in view.get("blocks") or []):
            found.append("missing required field: submit [json-pointer:/view/submit]")
    else:
        found += [
            f"{name} is not allowed [json-pointer:/view]" for name in ("title", "submit", "close") if name in view
        ]
    return found


def _length(value: Any, most: int, at: str, least: int = 1) -> Problems:
    if not isinstance(value, str):
        return [f"must be a string [json-pointer:{at}]"]
    if len(value) > most:
        return [f"must be less than {most + 1} characters [json-pointer:{at}]"]
    return [f"must be more than {least - 1} characters [json-pointer:{at}]"] if len(value) < least else []


def _text(value: Any, most: int, at: str, *, plain: bool = False) -> Problems:
    if not isinstance(value, dict) or value.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        return [f"must be a valid {'plain_text' if plain else 'text'} object [json-pointer:{at}]"]
    if value["type"] == "mrkdwn" and "emoji" in value:
        return [f"additional property: emoji [json-pointer:{at}]"]
    return _length(value.get("text"), most, f"{at}/text")


def _block(block: Json, at: str) -> Problems:
    match block["type"]:
        case "section":
            return list(_section(block, at))
        case "header":
            return _text(block.get("text"), 150, f"{at}/text", plain=True)
        case "markdown":
            return _length(block.get("text"), 12_000, f"{at}/text")
        case "context":
            return _elements(block, at, 10, WITHOUT_ACTION_ID)
        case "actions":
            return _elements(block, at, 25, IN_ACTIONS)
        case "image":
            found = _length(block.get("alt_text"), 2_000, f"{at}/alt_text")
            if "slack_file" not in block:
                found += _length(block.get("image_url"), TEXT, f"{at}/image_url")
            return found + (_text(block["title"], 2_000, f"{at}/title", plain=True) if "title" in block else [])
        case "input":
            found = _text(block.get("label"), 2_000, f"{at}/label", plain=True)
            if "hint" in block:
                found += _text(block["hint"], 2_000, f"{at}/hint", plain=True)
            return found + _element(block.get("element"), f"{at}/element", INPUTS)
    return []


def _section(block: Json, at: str) -> Iterator[str]:
    fields = block.get("fields")
    if "text" not in block and not fields:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if "text" in block:
        yield from _text(block["text"], TEXT, f"{at}/text")
    if fields is not None:
        if not 1 <= len(fields) <= 10:
            yield f"no more than 10 items allowed [json-pointer:{at}/fields]"
        for number, one in enumerate(fields):
            yield from _text(one, 2_000, f"{at}/fields/{number}")
    if "accessory" in block:
        yield from _element(block["accessory"], f"{at}/accessory", IN_SECTIONS)


def _elements(block: Json, at: str, most: int, allowed: set[str]) -> Problems:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        return [f"must have 1 to {most} items [json-pointer:{at}/elements]"]
    found: Problems = []
    seen: set[str] = set()
    for number, one in enumerate(elements):
        here = f"{at}/elements/{number}"
        found += _element(one, here, allowed)
        if isinstance(one, dict) and (action := one.get("action_id")):
            if action in seen:
                found.append(f"`action_id` already exists: {action} [json-pointer:{here}/action_id]")
            seen.add(action)
    return found


def _element(element: Any, at: str, allowed: set[str]) -> Problems:
    if not isinstance(element, dict) or element.get("type") not in allowed:
        return [f"unsupported type [json-pointer:{at}/type]"]
    kind = element["type"]
    if kind in ("mrkdwn", "plain_text"):
        return _text(element, TEXT, at)
    found: Problems = []
    if kind == "image":
        return _length(element.get("alt_text"), 2_000, f"{at}/alt_text")
    if "action_id" in element:
        found += _length(element["action_id"], 255, f"{at}/action_id")
    if "placeholder" in element:
        found += _text(element["placeholder"], 150, f"{at}/placeholder", plain=True)
    if "confirm" in element:
        found += _confirm(element["confirm"], f"{at}/confirm")
    if kind == "button":
        found += _button(element, at)
    elif kind in ("plain_text_input", "email_text_input", "url_text_input"):
        found += _written(element, at)
    elif kind in ("static_select", "multi_static_select", "checkboxes", "radio_buttons", "overflow"):
        found += _options(element, at)
    return found


def _button(element: Json, at: str) -> Problems:
    found = _text(element.get("text"), 75, f"{at}/text", plain=True)
    if "value" in element:
        found += _length(element["value"], 2_000, f"{at}/value", least=0)
    if "url" in element:
        found += _length(element["url"], TEXT, f"{at}/url")
    if "accessibility_label" in element:
        found += _length(element["accessibility_label"], 75, f"{at}/accessibility_label")
    if element.get("style", "primary") not in ("primary", "danger"):
        found.append(f"must be primary or danger [json-pointer:{at}/style]")
    return found


def _confirm(confirm: Any, at: str) -> Problems:
    if not isinstance(confirm, dict):
        return [f"must be a confirmation [json-pointer:{at}]"]
    found = _text(confirm.get("title"), 100, f"{at}/title", plain=True) + _text(confirm.get("text"), 300, f"{at}/text")
    for name in ("confirm", "deny"):
        if name in confirm:
            found += _text(confirm[name], 30, f"{at}/{name}", plain=True)
    return found


def _written(element: Json, at: str) -> Problems:
    found = _length(element.get("initial_value", ""), 3_000, f"{at}/initial_value", least=0)
    for name in ("min_length", "max_length"):
        if name in element and not 0 <= element[name] <= 3_000:
            found.append(f"must be at most 3000 [json-pointer:{at}/{name}]")
    if len(element.get("initial_value", "")) > element.get("max_length", 3_000):
        found.append(f"must be less than max_length [json-pointer:{at}/initial_value]")
    return found


def _options(element: Json, at: str) -> Problems:
    kind = element["type"]
    most = {"checkboxes": 10, "radio_buttons": 10, "overflow": 5}.get(kind, 100)
    options = element.get("options")
    if options is None and "option_groups" in element:
        options = [one for group in element["option_groups"] for one in group.get("options", [])]
        most *= 100
    if not isinstance(options, list) or not 1 <= len(options) <= most:
        return [f"must have 1 to {most} items [json-pointer:{at}/options]"]
    found: Problems = []
    for number, option in enumerate(options):
        here = f"{at}/options/{number}"
        found += _text(option.get("text"), 75, f"{here}/text", plain="select" in kind or kind == "overflow")
        found += _length(option.get("value"), 150, f"{here}/value")
        if "description" in option:
            found += _text(option["description"], 75, f"{here}/description", plain="select" in kind)
    chosen = [
        *element.get("initial_options", ()),
        *([element["initial_option"]] if "initial_option" in element else ()),
    ]
    found += [f"initial option is not an option [json-pointer:{at}]" for one in chosen if one not in options]
    return found
