"""What a person sees of a message or a view: lines and the labels of what can be pressed; and whom it notifies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.fakes.slack.shapes import TYPED
from tests.fakes.slack.state import Channel, Json, Message, State

_MARK = re.compile(r"<([^<>]+)>")
_NOTIFIES = re.compile(r"<(!(?:channel|here|everyone|subteam\^\w+)(?:\|[^<>]*)?|@[UW]\w+(?:\|[^<>]*)?)>")
_PARSED = re.compile(r"@(channel|here|everyone)\b")


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mrkdwn(state: State, text: str) -> str:
    """Mentions, links and entities as they are shown; the marks of bold and the like stay."""

    def shown(found: re.Match[str]) -> str:
        target, _, label = found[1].partition("|")
        if target.startswith("@"):
            user = state.users.get(target[1:])
            return f"@{(user.display_name or user.real_name) if user else label or target[1:]}"
        if target.startswith("#"):
            channel = state.channels.get(target[1:])
            return f"#{channel.name if channel else label}"
        if target.startswith("!"):
            return label or f"@{target[1:].split('^')[0]}"
        return f"{label} ({target})" if label and label != target else target

    return unescaped(_MARK.sub(shown, text))


def _text(state: State, value: Json | None) -> str:
    if not value:
        return ""
    text = str(value.get("text", ""))
    return mrkdwn(state, text) if value.get("type") == "mrkdwn" else text


def _rich(state: State, element: Json) -> str:
    match element.get("type"):
        case "text":
            return str(element["text"])
        case "link":
            return str(element.get("text") or element["url"])
        case "user":
            return mrkdwn(state, f"<@{element['user_id']}>")
        case "channel":
            return mrkdwn(state, f"<#{element['channel_id']}>")
        case "broadcast":
            return f"@{element['range']}"
        case "emoji":
            return f":{element['name']}:"
        case "rich_text_list":
            marks = (f"{n}. " if element.get("style") == "ordered" else "• " for n in range(1, 1_000))
            return "\n".join(mark + _rich(state, one) for mark, one in zip(marks, element["elements"], strict=False))
        case "rich_text_quote":
            return "> " + "".join(_rich(state, one) for one in element["elements"])
        case "rich_text":
            return "\n".join(_rich(state, one) for one in element["elements"])
    return "".join(_rich(state, one) for one in element.get("elements", ()))


def lines(state: State, blocks: list[Json]) -> Iterator[str]:
    """What blocks say, without what can be pressed."""
    for block in blocks:
        match block["type"]:
            case "section":
                if "text" in block:
                    yield _text(state, block["text"])
                for one in block.get("fields", ()):
                    yield _text(state, one)
            case "header":
                yield _text(state, block["text"])
            case "context":
                yield " ".join(
                    _text(state, one) if one["type"] != "image" else one["alt_text"] for one in block["elements"]
                )
            case "image":
                yield f"[{_text(state, block.get('title')) or block['alt_text']}]"
            case "rich_text":
                yield _rich(state, block)
            case "markdown":
                yield str(block["text"])
            case "input":
                yield _text(state, block["label"])


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Everything that can be pressed, chosen or filled in, with its block."""
    for block in blocks:
        for element in (block.get("accessory"), block.get("element"), *block.get("elements", ())):
            if block["type"] != "rich_text" and element and element["type"] not in ("mrkdwn", "plain_text", "image"):
                yield block, element


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as people see it. `text`: its blocks' lines, or its text; `fallback`: its text, for notifications."""

    ts: str
    channel: str
    thread: str | None
    author: str
    by_bot: bool
    text: str
    fallback: str
    buttons: tuple[str, ...]
    reactions: dict[str, tuple[str, ...]]  # names of who put them
    files: tuple[str, ...]
    edited: bool
    ephemeral_to: str | None  # the name of the one person who sees it
    message: Message

    def __str__(self) -> str:
        marks = "".join(f" [{one}]" for one in self.buttons)
        marks += "".join(f" {{{name} {', '.join(who)}}}" for name, who in self.reactions.items())
        marks += "".join(f" <{one}>" for one in self.files)
        only = f" (only {self.ephemeral_to})" if self.ephemeral_to else ""
        deep = "    ↳ " if self.thread and self.thread != self.ts else ""
        return f"{deep}{self.author}{only}{' (edited)' if self.edited else ''}: {self.text}{marks}"


def seen(state: State, message: Message) -> Seen:
    shown = [*lines(state, message.blocks)] if message.blocks else []
    for attachment in message.attachments:
        shown += [*lines(state, attachment.get("blocks", []))] or [mrkdwn(state, str(attachment.get("text", "")))]
    plain = mrkdwn(state, message.text)
    if not shown or any(one.get("block_id") == TYPED for one in message.blocks):
        shown = [plain]
    return Seen(
        ts=message.ts,
        channel=message.channel,
        thread=message.thread_ts,
        author=name_of(state, message.user),
        by_bot=message.bot_id is not None,
        text="\n".join(shown),
        fallback=plain,
        buttons=tuple(label(element) for _, element in elements(message.blocks)),
        reactions={name: tuple(name_of(state, one) for one in who) for name, who in message.reactions.items() if who},
        files=tuple(state.files[one].name for one in message.files),
        edited=message.edited_ts is not None,
        ephemeral_to=name_of(state, message.ephemeral_to) if message.ephemeral_to else None,
        message=message,
    )


def label(element: Json) -> str:
    """What is written on it."""
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", "") or element["type"])


def name_of(state: State, user: str) -> str:
    known = state.users.get(user)
    return (known.display_name or known.real_name) if known else user


def title_of(state: State, channel: Channel) -> str:
    if channel.kind == "im":
        return "direct: " + ", ".join(name_of(state, one) for one in channel.members if not state.users[one].is_bot)
    return f"#{channel.name}"


def notified(message: Message) -> list[str]:
    """The mentions in a message that Slack makes notifications of: `<!here>`, `<@U123>`."""
    texts = [message.text, *_marked(message.blocks), *_marked(message.attachments)]
    found = [f"<{one.partition('|')[0]}>" for text in texts for one in _NOTIFIES.findall(text)]
    for element in _rich_mentions(message.blocks):
        found.append(f"<!{element['range']}>" if element["type"] == "broadcast" else f"<@{element['user_id']}>")
    if message.arguments.get("link_names") or message.arguments.get("parse") == "full":
        found += [f"<!{one}>" for text in texts for one in _PARSED.findall(text)]
    return list(dict.fromkeys(found))


def _marked(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "markdown") and isinstance(value.get("text"), str):
            yield value["text"]
        for one in value.values():
            yield from _marked(one)
    elif isinstance(value, list):
        for one in value:
            yield from _marked(one)


def _rich_mentions(value: object) -> Iterator[Json]:
    if isinstance(value, dict):
        if (value.get("type") == "broadcast" and "range" in value) or (
            value.get("type") == "user" and "user_id" in value
        ):
            yield value
        for one in value.values():
            yield from _rich_mentions(one)
    elif isinstance(value, list):
        for one in value:
            yield from _rich_mentions(one)
