"""Forms as modal views, what was written in them, and the App Home."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.mrkdwn import width
from adapters.slack.parts import LONGEST_LABEL, Json, Part, Say, and_more, parts, plain_text, sections
from adapters.slack.spans import clean, spans, words
from bot.model.documents import Document
from bot.model.forms import Form, FormField
from bot.model.values import Language

SUBMITTED = "guichet:form"  # the callback id of every form
FIELD = "field:"  # before a field's name, in the id of its block
ENTRY = "entry"  # the action id of every field
ASK = "guichet:ask"  # begins the id of the block with the question
ASK_BUTTON = "guichet:send"
HOME = "guichet:home"  # begins the ids of the other blocks of the App Home

MOST_BLOCKS = 100
LONGEST_HEADING = 24  # of a form's title and its two buttons
LONGEST_METADATA = 3_000
LONGEST_ENTRY = 3_000
LONGEST_HINT = 2_000
LONGEST_PLACEHOLDER = 150
LONGEST_CHOICE = 150
MOST_CHOICES = 100  # of a list, and of a group in it
_NONE = "guichet:none"  # Slack takes no empty value


def modal(form: Form, metadata: str, *, close: str) -> Json:
    """`metadata` comes back with what was written. `close`: the label of the button that does nothing.

    Raises ValueError if the metadata is longer than Slack keeps it, or there are more fields than a view holds.
    """
    if len(metadata) > LONGEST_METADATA:
        raise ValueError(f"{len(metadata)} characters of metadata: {LONGEST_METADATA} can be kept")
    fields = [_input(one) for one in form.fields]
    if len(fields) > MOST_BLOCKS:
        raise ValueError(f"{len(fields)} fields: a view holds {MOST_BLOCKS}")
    intro = [part.block for part in sections([spans(form.intro)])]
    return {
        "type": "modal",
        "callback_id": SUBMITTED,
        "title": plain_text(form.title, LONGEST_HEADING),
        "submit": plain_text(form.submit, LONGEST_HEADING),
        "close": plain_text(close, LONGEST_HEADING),
        "private_metadata": metadata,
        "blocks": [*intro[: MOST_BLOCKS - len(fields)], *fields],
    }


def _input(field: FormField) -> Json:
    block: Json = {
        "type": "input",
        "block_id": f"{FIELD}{field.name}",
        "label": plain_text(field.label, LONGEST_HINT),
        "element": (_select(field) if field.kind == "choice" else None) or _entry(field),
        "optional": not field.required,
    }
    if field.hint:
        block["hint"] = plain_text(field.hint, LONGEST_HINT)
    return block


def _entry(field: FormField) -> Json:
    longest = max(1, min(field.longest, LONGEST_ENTRY))
    value = clean(field.value) if field.kind == "text" else clean(field.value).replace("\n", " ")
    element: Json = {
        "type": "plain_text_input",
        "action_id": ENTRY,
        "multiline": field.kind == "text",
        "max_length": longest,
    }
    while width(value) > longest:
        value = value[: len(value) - max(1, (width(value) - longest) // 2)]
    if value:
        element["initial_value"] = value
    return element


def _select(field: FormField) -> Json | None:
    """None if there is nothing to choose: what cannot be sent as a value cannot. Long lists are grouped."""
    labels = {value: label for value, label in field.options if width(value) <= LONGEST_CHOICE}
    options = {
        value: {"text": plain_text(label, LONGEST_LABEL), "value": value or _NONE} for value, label in labels.items()
    }
    every = list(options.values())[: MOST_CHOICES * MOST_CHOICES]
    if not every:
        return None
    element: Json = {"type": "static_select", "action_id": ENTRY}
    if len(every) <= MOST_CHOICES:
        element["options"] = every
    else:
        element["option_groups"] = list(_groups(every))
    if (chosen := options.get(field.value)) in every:
        element["initial_option"] = chosen
    return element


def _groups(options: list[Json]) -> Iterator[Json]:
    for start in range(0, len(options), MOST_CHOICES):
        group = options[start : start + MOST_CHOICES]
        label = f"{group[0]['text']['text'][:34]} – {group[-1]['text']['text'][:34]}"
        yield {"label": plain_text(label, LONGEST_LABEL), "options": group}


def written(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in each field of a view that was sent, by the field's name."""
    return {
        block.removeprefix(FIELD): _value(entries.get(ENTRY))
        for block, entries in _state(view)
        if block.startswith(FIELD)
    }


def asked(view: Mapping[str, Any]) -> str:
    """The question that stands in the App Home's box."""
    return next((_value(entries.get(ENTRY)).strip() for block, entries in _state(view) if block.startswith(ASK)), "")


def _state(view: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    for block, entries in values.items() if isinstance(values, Mapping) else ():
        if isinstance(entries, Mapping):
            yield str(block), entries


def _value(entry: object) -> str:
    if not isinstance(entry, Mapping):
        return ""
    chosen = entry.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, Mapping) else entry.get("value")
    return value if isinstance(value, str) and value != _NONE else ""


def refusal(problems: Mapping[str, str], view: Mapping[str, Any]) -> Json:
    """What answers a form that cannot be taken: it stays open with what was written, each sentence at its field.

    A sentence about no field of this view stands at the first one.
    """
    blocks = view.get("blocks")
    inputs = [
        block["block_id"]
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, Mapping) and block.get("type") == "input" and isinstance(block.get("block_id"), str)
    ] or [block for block, _ in _state(view)]
    errors: dict[str, str] = {}
    for name, sentence in problems.items():
        block = f"{FIELD}{name}"
        at = block if block in inputs or not inputs else inputs[0]
        said = words(spans(sentence)).strip()
        errors[at] = f"{errors[at]} {said}" if at in errors else said
    return {"response_action": "errors", "errors": errors}


@dataclass(frozen=True, slots=True)
class AskBox:
    """The labels of the box in the App Home. A box of another `number` is empty, whatever stood in the one before."""

    label: str
    placeholder: str
    send: str
    number: str = "0"


def home(document: Document, ask: AskBox, *, language: Language, say: Say | None = None, page: str = "") -> Json:
    """The App Home: the box, and the document below it; what a view does not hold is left out."""
    box = _ask_box(ask)
    below = list(parts(document, language=language, say=say, pictures=False, page=page))
    room = MOST_BLOCKS - len(box)
    if len(below) > room:
        below = [*below[: room - 1], and_more()]
    return {"type": "home", "blocks": [*box, *(_numbered(part, number) for number, part in enumerate(below))]}


def _numbered(part: Part, number: int) -> Json:
    return {**part.block, "block_id": f"{HOME}:{number}"}


def _ask_box(ask: AskBox) -> list[Json]:
    entry: Json = {"type": "plain_text_input", "action_id": ENTRY, "multiline": True, "max_length": LONGEST_ENTRY}
    if ask.placeholder:
        entry["placeholder"] = plain_text(ask.placeholder, LONGEST_PLACEHOLDER)
    label = plain_text(ask.label, LONGEST_HINT)
    send = {"type": "button", "action_id": ASK_BUTTON, "style": "primary", "text": plain_text(ask.send, LONGEST_LABEL)}
    return [
        {"type": "input", "block_id": f"{ASK}:{ask.number}", "label": label, "element": entry, "optional": True},
        {"type": "actions", "block_id": f"{ASK_BUTTON}:{ask.number}", "elements": [send]},
    ]
