"""A form that was sent, made into what the desk hears: pure functions."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from adapters.web.places import ACCOUNT, PLATFORM, Visitor
from bot.model.messages import IncomingClick, IncomingFile, IncomingMessage, MessageKey
from bot.model.values import Language

LONGEST = 6_000  # characters passed on: more than the desk accepts, so that the desk is the one who says so
CLICK = "click-"  # begins a click's id, so that a history can tell a press from words

_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_FORM_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def clean(text: str) -> str:
    """`text` without control characters; newlines and tabs stay. Lone surrogates become U+FFFD."""
    text = _CONTROL.sub("", _LINE_ENDS.sub("\n", text))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_form_id(value: str) -> bool:
    return _FORM_ID.fullmatch(value) is not None


def native_id(form_id: str, content: str) -> str:
    """The id of what one form said: the same form sent twice is one message, with other words in it another."""
    return f"{form_id}:{sha256(content.encode()).hexdigest()[:12]}"


def form_id_of(native: str) -> str:
    return native.removeprefix(CLICK).partition(":")[0]


def content_of(text: str, files: Sequence[IncomingFile]) -> str:
    """What tells one message of a form from another."""
    return "\n".join((text, *(f"{file.name}/{file.size}/{file.problem}" for file in files)))


def said(
    visitor: Visitor, text: str, form_id: str, at: datetime, files: tuple[IncomingFile, ...] = ()
) -> IncomingMessage:
    """What somebody wrote in their chat."""
    return IncomingMessage(
        key=MessageKey(PLATFORM, ACCOUNT, "message", native_id(form_id, content_of(text, files))),
        conversation=visitor.chat,
        author=visitor.identity,
        text=text,
        sent_at=at,
        private=True,
        audience=visitor.audience,
        files=files,
    )


def pressed(visitor: Visitor, action: str, value: str, form_id: str, at: datetime) -> IncomingClick:
    """A button of an answer."""
    return IncomingClick(
        key=MessageKey(PLATFORM, ACCOUNT, "click", CLICK + native_id(form_id, f"{action}\n{value}")),
        conversation=visitor.chat,
        author=visitor.identity,
        action=action,
        value=value,
        sent_at=at,
        audience=visitor.audience,
    )


def decided(visitor: Visitor, action: str, value: str, form_id: str, at: datetime) -> IncomingClick:
    """A technician's decision, made in the desk."""
    return replace(pressed(visitor, action, value, form_id, at), conversation=visitor.commands)


def commanded(
    visitor: Visitor,
    command: str,
    form_id: str,
    at: datetime,
    language: Language,
    files: tuple[IncomingFile, ...] = (),
) -> IncomingMessage:
    """A technician's command, said in the desk in the language of the page."""
    return IncomingMessage(
        key=MessageKey(PLATFORM, ACCOUNT, "message", native_id(form_id, content_of(command, files))),
        conversation=visitor.commands,
        author=visitor.identity,
        text=command,
        sent_at=at,
        private=True,
        audience=visitor.audience,
        language=language,
        files=files,
    )
