"""Statements that insert or else update: their spelling differs between the databases, their meaning does not."""

from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Insert, Table, bindparam

from storage.models import conversations, knowledge, ledger
from storage.models.types import Utc


def insert_of(dialect: str) -> Any:
    """A dialect's own `insert`. Only the one in use is imported: a dialect brings those of all its drivers."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert


class Upserts:
    def __init__(self, dialect: str) -> None:
        insert = insert_of(dialect)

        def all_of(table: Table, *key: str, **also: Any) -> Insert:
            statement = insert(table)
            new = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
            changed: Insert = statement.on_conflict_do_update(index_elements=key, set_=new | also)
            return changed

        articles, base, counters = knowledge.articles, knowledge.knowledge_base, ledger.counters
        self.articles = all_of(articles, "id", version=articles.c.version + 1)
        self.answers = all_of(knowledge.cached_answers, "key")
        self.calibrations = all_of(knowledge.calibrations, "language", "model")
        self.steps = all_of(conversations.processing_steps, "message_id", "position")
        self.cursors = all_of(ledger.cursors, "name", version=ledger.cursors.c.version + 1)
        statement = insert(base).values(id=1, number=1, articles=0, at=bindparam("now", type_=Utc))
        self.base: Insert = statement.on_conflict_do_update(
            index_elements=["id"], set_={"number": base.c.number + 1, "at": statement.excluded.at}
        )

        def next_of(name: str) -> Insert:
            statement = insert(counters).values(name=name, value=1)
            taken: Insert = statement.on_conflict_do_update(
                index_elements=["name"], set_={"value": counters.c.value + 1}
            )
            return taken.returning(counters.c.value)

        self.next_ticket = next_of("ticket")
        self.next_problem = next_of("problem")
        self.next_post = next_of("post")
        # How many rows are new is asked for, the numbers they got are not.
        self.new_inbox: Insert = (
            insert(ledger.inbox)
            .inline()
            .on_conflict_do_nothing(index_elements=["key"])
            .execution_options(preserve_rowcount=True)
        )
        self.new_outbox: Insert = insert(ledger.outbox).inline().on_conflict_do_nothing(index_elements=["key"])
        self.new_merged: Insert = insert(ledger.outbox_merged).on_conflict_do_nothing(index_elements=["key"])


@cache
def upsert(dialect: str) -> Upserts:
    return Upserts(dialect)
