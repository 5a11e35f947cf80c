"""Taking somebody's name and addresses out of what others wrote."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Text, bindparam, func, or_, select, type_coerce, update

from bot.ports.personal import ERASED
from storage.models.base import metadata
from storage.models.people import identities, people
from storage.models.types import CleanText, Json
from storage.personal.scope import Scope
from storage.records import fold

# What others are called, and documents that the organisation keeps elsewhere and brings in.
_NOT_SWEPT = frozenset(
    {"people", "identities", "companies", "accounts", "technicians", "articles", "categories", "cursors", "leases"}
)


def markers_of(connection: Connection, scope: Scope) -> list[str]:
    """What tells the person from everybody else: addresses, and names that nobody else bears and that are no everyday
    word: two words or more, or one with a figure in it."""
    names = {scope.person.name, *(one.name for one in scope.identities)}
    telling = {name for name in names if len(re.findall(r"\w+", name)) > 1 or re.fullmatch(r"(?=.*\d).{6,}", name)}
    return [*scope.emails, *scope.handles, *(name for name in telling if not _borne_by_others(connection, scope, name))]


def _borne_by_others(connection: Connection, scope: Scope, name: str) -> bool:
    same = func.lower(people.c.name) == name.lower()
    also = func.lower(identities.c.name) == name.lower()
    me = scope.person.id
    return bool(
        connection.execute(select(people.c.id).where(same, people.c.id != me)).first()
        or connection.execute(select(identities.c.id).where(also, identities.c.person_id != me)).first()
    )


def sweep(connection: Connection, markers: Iterable[str], ids: Mapping[str, str]) -> dict[str, int]:
    """Replace the markers in every text, and ids within JSON by others; how many rows of each table were changed."""
    markers = [marker for marker in markers if marker]
    pattern = re.compile("|".join(map(_written_as, markers)), re.IGNORECASE) if markers else None
    like = [_like(each) for each in (*markers, *ids)]
    counts = {}
    for table in metadata.sorted_tables:
        if table.name not in _NOT_SWEPT:
            counts[table.name] = _sweep_table(connection, table, pattern, like, ids)
    return {name: count for name, count in counts.items() if count}


def _sweep_table(
    connection: Connection, table: Table, pattern: re.Pattern[str] | None, like: list[str], ids: Mapping[str, str]
) -> int:
    texts = [column for column in table.c if isinstance(column.type, CleanText | Json)]
    if not texts or not like:
        return 0
    raw: list[ColumnElement[Any]] = [type_coerce(column, Text) for column in texts]
    key = list(table.primary_key.columns)
    wanted = or_(*(func.lower(column).like(each) for column in raw for each in like))
    changed = 0
    for row in connection.execute(select(*key, *raw).where(wanted)).all():
        new = {
            column.name: cleaned
            for column, value in zip(texts, row[len(key) :], strict=True)
            if value is not None and (cleaned := _cleaned(column.type, value, pattern, ids)) != value
        }
        if new:
            statement = update(table).values({name: bindparam(f"new_{name}", type_=Text()) for name in new})
            for column, value in zip(key, row, strict=False):
                statement = statement.where(column == value)
            if "version" in table.c:
                statement = statement.values(version=table.c.version + 1)
            connection.execute(statement, {f"new_{name}": value for name, value in new.items()})
            changed += 1
    return changed


def _cleaned(kind: object, value: str, pattern: re.Pattern[str] | None, ids: Mapping[str, str]) -> str:
    if isinstance(kind, Json):
        content = json.loads(value)
        cleaned = _within(content, pattern, ids)
        return value if cleaned == content else json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
    return pattern.sub(ERASED, value) if pattern else value


def _within(value: Any, pattern: re.Pattern[str] | None, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return ids.get(value) or (pattern.sub(ERASED, value) if pattern else value)
    if isinstance(value, list):
        return [_within(each, pattern, ids) for each in value]
    if isinstance(value, dict):
        return {name: _within(each, pattern, ids) for name, each in value.items()}
    return value


def _written_as(marker: str) -> str:
    """The marker however it is cased, spaced and escaped, with accents or without."""
    ways = {tuple(re.findall(r"[^\W_]+", each)) for each in (marker, fold(marker))}
    joined = [r"[\W_]{1,6}".join(map(re.escape, words)) for words in ways if words]
    return "|".join(rf"(?<![^\W_]){each}(?![^\W_])" for each in joined)


def _like(marker: str) -> str:
    """A pattern that finds at least every way of writing it, whatever letters the database knows the cases of."""
    core = re.sub(r"[^a-z0-9]+", "%", marker.lower()).strip("%")
    return f"%{core}%"
