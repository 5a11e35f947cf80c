"""What the settings about who becomes a technician may hold."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from bot.model.values import Role
from bot.web_settings import email_address


def _appointments(value: Any) -> Any:
    """`ada@example.org=lead, bob@example.org` as pairs of address and role; what is no text is left to pydantic."""
    if not isinstance(value, str):
        return value
    return tuple(dict(_appointment(word) for word in re.split(r"[,;\s]+", value) if word).items())


def _appointment(word: str) -> tuple[str, Role]:
    written, _, role = word.partition("=")
    address = email_address(written)
    if address is None:
        raise ValueError(f"should be addresses such as ada@example.org=lead, separated by commas; {word!r} is none")
    try:
        return address, Role(role or Role.TECHNICIAN)
    except ValueError as error:
        raise ValueError(f"should name a role after the =: {', '.join(Role)}; {role!r} is none") from error


Appointments = Annotated[tuple[tuple[str, Role], ...], NoDecode, BeforeValidator(_appointments)]
