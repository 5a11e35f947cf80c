"""Slack's mark-up as the plain text that a person meant."""

import re
from collections.abc import Callable
from html import unescape

Named = Callable[[str], str]  # the name of a user or channel by its id; "" where it is not known

_CODE = re.compile(r"```(.*?)```|`([^`\n]+)`", re.DOTALL)
_TAG = re.compile(r"<([@#!][^<>\n]+|[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]+)>")  # what else stands in brackets was typed
_EMPHASIS = re.compile(r"(?<![\w*_~/\\])([*_~])(?!\1)(?=\S)([^\n]{0,400}?\S)\1(?![\w*_~])")  # bounded: ack within 3 s
_HELD = re.compile(r"\ue000(\d+)\ue001")
_OUR_MARKS = re.compile(r"[\ue000\ue001]")
_UNKNOWN_PERSON = re.compile(r"(?<![\w@])@([UW][A-Z0-9]{4,})\b")
_SPACES = re.compile(r"[ \t]{2,}")


def plain(text: str, *, bot: str = "", user_name: Named = lambda _: "", channel_name: Named = lambda _: "") -> str:
    """Text as it was typed: mentions by name (else by id), links with their address, no emphasis, no entities.

    What addresses the bot itself is taken out.
    """
    held: list[str] = []

    def hold(shown: str) -> str:
        held.append(shown)
        return f"\ue000{len(held) - 1}\ue001"

    def tag(match: re.Match[str]) -> str:
        return hold(_shown(match[1], user_name, channel_name))

    def code(match: re.Match[str]) -> str:
        inside = match[1] if match[1] is not None else match[2]
        return hold(_TAG.sub(lambda found: _shown(found[1], user_name, channel_name), inside).strip("\n"))

    text = _OUR_MARKS.sub("", text)
    if bot:
        text = without_mention(text, bot)
    text = _TAG.sub(tag, _CODE.sub(code, text))
    for _ in "*_~":  # each may be around the others
        text = _EMPHASIS.sub(r"\2", text)
    text = _HELD.sub(lambda match: held[int(match[1])], text)
    return unescape(text).strip()


def mentions(text: str, bot: str) -> bool:
    """Whether a text addresses the bot by name."""
    return bool(bot) and re.search(rf"<@{re.escape(bot)}(?:\|[^<>]*)?>", text) is not None


def without_mention(text: str, bot: str) -> str:
    mention = rf"<@{re.escape(bot)}(?:\|[^<>]*)?>"
    text = re.sub(rf"^\s*{mention}[\s,:]*", "", text)
    return _SPACES.sub(" ", re.sub(rf"\s?{mention}(?=[\s.,;:!?]|$)|{mention}", "", text))


def unknown_people(text: str) -> list[str]:
    """Ids that stand where names should, each once."""
    return list(dict.fromkeys(_UNKNOWN_PERSON.findall(text)))


def with_names(text: str, names: dict[str, str]) -> str:
    return _UNKNOWN_PERSON.sub(lambda match: f"@{names.get(match[1]) or match[1]}", text)


def _shown(tag: str, user_name: Named, channel_name: Named) -> str:
    """What stands between angle brackets, as people see it."""
    target, _, label = tag.partition("|")
    match target[:1]:
        case "@":
            return f"@{label.lstrip('@') or user_name(target[1:]) or target[1:]}"
        case "#":
            return f"#{label.lstrip('#') or channel_name(target[1:]) or target[1:]}"
        case "!":
            return label or f"@{target[1:].partition('^')[0]}"
        case _:
            return _link(target, label)


def _link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if not label or label in (target, address):
        return address
    if label.removeprefix("www.") in address:  # Slack shortens what it made a link of by itself
        return address if target.startswith(("http://", "https://")) else label
    return f"{label} ({address})"
