"""Two persons who turn out to be one: everything of the second becomes the first's, and the second is gone."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, bindparam, delete, exists, func, select, update

from bot.errors import StaleWrite
from storage.models.people import people
from storage.models.tickets import problem_subscriptions as subscriptions
from storage.models.types import Id
from storage.pointing import pointing_to

_KEPT, _GONE = bindparam("kept", type_=Id), bindparam("gone", type_=Id)
_LOCK = select(people.c.id).where(people.c.id.in_([_KEPT, _GONE])).order_by(people.c.id).with_for_update()
_FILLED = ("email", "company_id", "locale", "timezone", "licence", "level", "reminded_at")
_of_gone = people.alias("of_gone")
_FILL = (
    update(people)
    .where(people.c.id == _KEPT, people.c.erased_at.is_(None))
    .values(
        version=people.c.version + 1,
        **{
            name: func.coalesce(
                people.c[name], select(_of_gone.c[name]).where(_of_gone.c.id == _GONE).scalar_subquery()
            )
            for name in _FILLED
        },
    )
)
_REMOVE = delete(people).where(people.c.id == _GONE)
_kept_one = subscriptions.alias("kept_one")
_TWICE = delete(subscriptions).where(
    subscriptions.c.person_id == _GONE,
    exists().where(
        _kept_one.c.person_id == _KEPT,
        _kept_one.c.problem_id == subscriptions.c.problem_id,
        _kept_one.c.conversation_id == subscriptions.c.conversation_id,
    ),
)


def merge_people(connection: Connection, kept: UUID, gone: UUID) -> None:
    """What the first does not say of themselves is taken from the second.

    Raises StaleWrite if one of them is not there any more, or has been erased.
    """
    both = {"kept": kept, "gone": gone}
    connection.execute(_LOCK, both)
    if connection.execute(_FILL, both).rowcount == 0:
        raise StaleWrite("the person to be kept is gone by now")
    connection.execute(_TWICE, both)
    repoint(connection, gone, kept)
    if connection.execute(_REMOVE, {"gone": gone}).rowcount == 0:
        raise StaleWrite("the person to be merged is gone by now")


def repoint(connection: Connection, gone: UUID, kept: UUID) -> None:
    """Let every row that points to one person point to another; who read such a row before reads it again."""
    for column in pointing_to([people]):
        connection.execute(_repointing(column), {"gone": gone, "kept": kept})


def _repointing(column: Column[Any]) -> Any:
    table = column.table
    also = {"version": table.c.version + 1} if "version" in table.c else {}
    return update(table).where(column == _GONE).values({column.name: _KEPT, **also})
