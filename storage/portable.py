"""Rows in a form that both databases and JSON can hold: tables as they are found, with a few simple kinds of column."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from storage.models import metadata
from storage.models.types import Utc

Column = tuple[str, str]  # name and kind

_TYPES: dict[str, Callable[[], sa.types.TypeEngine[Any]]] = {
    "uuid": sa.Uuid,
    "time": Utc,
    "date": sa.Date,
    "bool": sa.Boolean,
    "int": sa.BigInteger,
    "float": sa.Float,
    "text": sa.Text,
    "bytes": sa.LargeBinary,
}
_FOUND_AS: dict[str, tuple[type, ...]] = {
    "time": (sa.DateTime,),
    "date": (sa.Date,),
    "bool": (sa.Boolean,),
    "int": (sa.Integer,),
    "float": (sa.Float, sa.Numeric),
    "text": (sa.String,),
    "bytes": (sa.LargeBinary,),
}
_FROM_JSON: dict[str, Callable[[Any], Any]] = {
    "uuid": UUID,
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "bytes": partial(b64decode, validate=True),
}
_PLAIN: dict[str, tuple[type, ...]] = {"bool": (bool,), "int": (int,), "float": (float, int), "text": (str,)}


def kind_of(column_type: sa.types.TypeEngine[Any]) -> str:
    """How a column found in a database is kept. SQLite knows UUIDs as CHAR(32)."""
    if isinstance(column_type, sa.Uuid) or (isinstance(column_type, sa.CHAR) and column_type.length == 32):
        return "uuid"
    for kind, bases in _FOUND_AS.items():
        if isinstance(column_type, bases):
            return kind
    raise TypeError(f"no portable form of {column_type!r}")


def reflected(connection: sa.Connection) -> list[tuple[sa.Table, tuple[Column, ...]]]:
    """The desk's tables in a database, those pointed to first, and their columns. Others may live beside them."""
    tables = []
    for table in found_tables(connection).sorted_tables:
        columns = tuple((column.name, kind_of(column.type)) for column in table.columns)
        tables.append((portable_table(table.name, columns), columns))
    return tables


def found_tables(connection: sa.Connection) -> sa.MetaData:
    found = sa.MetaData()
    found.reflect(connection, only=lambda name, _: name in metadata.tables)
    return found


def portable_table(name: str, columns: Sequence[Column]) -> sa.Table:
    """Raises KeyError for a kind of column that this release does not know."""
    return sa.Table(name, sa.MetaData(), *(sa.Column(column, _TYPES[kind]()) for column, kind in columns))


def to_json(row: Sequence[Any]) -> list[Any]:
    return [_to_json(value) for value in row]


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value) if isinstance(value, UUID) else value


def to_row(values: Any, columns: Sequence[Column]) -> dict[str, Any] | None:
    """A row for `portable_table`; None when the values are not what the columns say."""
    if not isinstance(values, list) or len(values) != len(columns):
        return None
    try:
        return {name: _from_json(value, kind) for value, (name, kind) in zip(values, columns, strict=True)}
    except (ValueError, TypeError, AttributeError):
        return None


def _from_json(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind in _FROM_JSON:
        return _FROM_JSON[kind](value)
    if not isinstance(value, _PLAIN[kind]):
        raise TypeError(kind)
    return value
