"""Column types that behave the same on SQLite and PostgreSQL.

Text is cleaned on its way in: NUL characters, which PostgreSQL refuses, and lone surrogates, which are no Unicode text,
become U+FFFD. Times go in and come out aware, in UTC. Structured fields are JSON text, so that both databases hold the
same characters and a backup can copy them as they are.
"""

import hashlib
import re
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError, from_json, to_json
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator, Uuid

_REFUSED = re.compile("[\x00\ud800-\udfff]")
_LONGEST_KEY = 500

Id = Uuid(as_uuid=True)
Serial = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER grows by itself on SQLite


def clean(text: str) -> str:
    """Text that every database takes."""
    return _REFUSED.sub("\ufffd", text)


def clean_json(value: Any) -> Any:
    """The same for everything inside a JSON value, keys included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean_json(key): clean_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(item) for item in value]
    return value


class CleanText(TypeDecorator[str]):
    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else clean(value)


class Key(TypeDecorator[str]):
    """Text that is indexed, and ordered by its code points on both databases, so that ranges mean the same.

    An index entry of PostgreSQL holds under 3 kB, so what is longer ends in its own hash.
    """

    impl = Text().with_variant(Text(collation="C"), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        value = clean(value)
        if len(value) <= _LONGEST_KEY:
            return value
        return f"{value[: _LONGEST_KEY - 65]}#{hashlib.sha256(value.encode()).hexdigest()}"


class Utc(TypeDecorator[datetime]):
    """An aware datetime. SQLite keeps no offset: there the text is in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Choice(TypeDecorator[str]):
    """A StrEnum, stored as its plain string; with no enumeration given, one of a Literal's strings."""

    impl = Text
    cache_ok = True

    def __init__(self, values: type[StrEnum] | None = None) -> None:
        super().__init__()
        self.values = values

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None or self.values is None else self.values(value)


@cache
def _codec(of: Any) -> TypeAdapter[Any]:
    """Takes milliseconds to make, and every engine has copies of the types of columns."""
    return TypeAdapter(of)


class Json(TypeDecorator[Any]):
    """A value of the given type as JSON text. `of` is anything that pydantic can describe."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Any) -> None:
        super().__init__()
        self.of = of

    @property
    def codec(self) -> TypeAdapter[Any]:
        return _codec(self.of)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            text = self.codec.dump_json(value)
        except PydanticSerializationError:  # lone surrogates
            return to_json(clean_json(self.codec.dump_python(value))).decode()
        if b"\\u0000" in text:
            text = to_json(clean_json(from_json(text)))
        return text.decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self.codec.validate_json(value)
