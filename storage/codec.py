"""Records to rows and back, by the names of their fields. One codec per kind of record, made once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, Table, Update, bindparam, select

from bot.model.messages import ConversationRef

R = TypeVar("R")
Row = Mapping[str, Any]


class Codec(Generic[R]):
    """How one kind of record is kept in its table.

    `flatten` names a field that holds a ConversationRef and takes four columns; `derived` computes columns that no
    field holds; `given` names columns that the database fills when a row is inserted. Of a `wide` kind, with many
    indexes, a change writes only the columns that differ from what was read.
    """

    def __init__(
        self,
        record: Callable[..., R],
        table: Table,
        *,
        flatten: str | None = None,
        derived: Mapping[str, Callable[[R], object]] | None = None,
        given: Sequence[str] = (),
        key: str = "id",
        wide: bool = False,
    ) -> None:
        self.record = record
        self.wide = wide
        self.table = table
        self.key = key
        self._derived = dict(derived or {})
        self._flat: tuple[int, int] | None = None
        names: list[str] = []
        paths: list[str] = []
        for field in fields(record):  # type: ignore[arg-type]  # a dataclass
            if field.name == flatten:
                parts = [part.name for part in fields(ConversationRef)]
                self._flat = (len(names), len(names) + len(parts))
                names += parts
                paths += [f"{flatten}.{part}" for part in parts]
            else:
                names.append(field.name)
                paths.append(field.name)
        self.columns: tuple[ColumnElement[Any], ...] = tuple(table.c[name] for name in names)
        self.width = len(names)
        stored = [(name, path) for name, path in zip(names, paths, strict=True) if name not in given]
        self._stored = tuple(name for name, _ in stored)
        self._values = attrgetter(*(path for _, path in stored))
        self._identity = attrgetter(key)
        self.insert = table.insert()
        self.update = (
            table.update().where(table.c[key] == bindparam("the_key"), table.c.version == bindparam("the_version"))
            if "version" in names
            else None
        )
        self._narrow: dict[tuple[str, ...], Update] = {}

    def select(self) -> Select[Any]:
        return select(*self.columns)

    def identity(self, record: R) -> object:
        return self._identity(record)

    def encode(self, record: R) -> dict[str, Any]:
        row = dict(zip(self._stored, self._values(record), strict=True))
        for name, compute in self._derived.items():
            row[name] = compute(record)
        return row

    def encode_change(self, record: R) -> dict[str, Any]:
        """Parameters of `update`: the record as it shall be, its version one higher than the one it replaces."""
        row = self.encode(record)
        row["the_key"] = row.pop(self.key)
        row["the_version"] = row["version"]
        row["version"] += 1
        return row

    def change(self, record: R, read: R | None) -> tuple[Update, dict[str, Any]]:
        """The statement and its parameters; given what was `read`, for the columns that differ from it."""
        assert self.update is not None
        row = self.encode_change(record)
        if read is None:
            return self.update, row
        was = self.encode(read)
        row = {name: value for name, value in row.items() if name not in was or value != was[name]}
        names = tuple(name for name in row if name not in ("the_key", "the_version"))
        if names not in self._narrow:
            self._narrow[names] = self.update.values({name: bindparam(name) for name in names})
        return self._narrow[names], row

    def decode(self, row: Sequence[Any]) -> R:
        """The record in the first `width` columns of a row."""
        if self._flat is None:
            return self.record(*row)
        start, end = self._flat
        return self.record(*row[:start], ConversationRef(*row[start:end]), *row[end:])

    def decode_all(self, rows: Sequence[Sequence[Any]]) -> list[R]:
        return [self.decode(row) for row in rows]
