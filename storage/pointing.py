"""Which columns point to people and to the rest of the directory, those without a foreign key included."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Table

from storage.models import knowledge as k
from storage.models import tickets as t
from storage.models.base import metadata
from storage.models.people import people

# What points to a person although the database does not know it: the writer of something is kept as an id alone.
UNKEYED: tuple[Column[Any], ...] = (
    t.notes.c.author_id,
    t.interventions.c.author_id,
    t.interventions.c.reviewed_by,
    t.proposals.c.proposed_by,
    t.held_replies.c.author_id,
    t.ticket_links.c.actor_id,
    t.problems.c.author_id,
    k.asked_questions.c.asker_id,
)


def pointing_to(targets: Collection[Table]) -> list[Column[Any]]:
    """Every column that points to a row of these tables."""
    keyed = [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table in targets for key in column.foreign_keys)
    ]
    return [*keyed, *(UNKEYED if people in targets else ())]
