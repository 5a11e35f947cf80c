"""The service desk: duty and skills, SLA clocks, links, held replies, write-ups, announced problems, surveys."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    people()
    conversations_and_outbox()
    problems()
    tickets()
    around_tickets()
    figures()
    files()
    jobs()


def people() -> None:
    for name in ("licence", "level"):
        op.add_column("people", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("people", sa.Column("erased_at", time, nullable=True))
    op.add_column("technicians", sa.Column("skills", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("technicians", sa.Column("on_duty", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name in ("duty_at", "assigned_at"):
        op.add_column("technicians", sa.Column(name, time, nullable=True))
    table(
        "link_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", key, nullable=False),
        sa.Column("requested_at", time, nullable=False),
        sa.Column("expires_at", time, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", time, nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        versioned=True,
        points_to={"person_id": "people"},
    )
    for name in ("person_id", "code_hash", "expires_at"):
        index("link_codes", name)


def conversations_and_outbox() -> None:
    op.add_column("messages", sa.Column("relay_of", sa.Uuid(), nullable=True))
    index("messages", "relay_of")
    for name, kind in (("edits", sa.Uuid()), ("reaction", sa.Text()), ("confirms", sa.Uuid())):
        op.add_column("outbox", sa.Column(name, kind, nullable=True))


def problems() -> None:
    """Nothing could write problems before: those that are there are numbered, their texts are for their audience."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, audience, texts FROM problems ORDER BY id")).all()
    op.add_column("problems", sa.Column("number", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("problems", sa.Column("updated_at", time, nullable=True))
    op.add_column("problems", sa.Column("author_id", sa.Uuid(), nullable=True))
    op.add_column("problems", sa.Column("draft", sa.Text(), nullable=True))
    for name in ("end_texts", "before"):
        op.add_column("problems", sa.Column(name, sa.Text(), nullable=False, server_default="[]"))
    op.add_column("problems", sa.Column("news", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("problems", sa.Column("tell_from", time, nullable=True))
    for number, (id, audience, texts) in enumerate(rows, 1):
        statement = "UPDATE problems SET number = :number, texts = :texts WHERE id = :id"
        connection.execute(sa.text(statement), {"number": number, "texts": _texts(texts, audience), "id": id})
    if rows:
        connection.execute(sa.text("INSERT INTO counters (name, value) VALUES ('problem', :last)"), {"last": len(rows)})
    op.drop_column("problems", "audience")
    op.create_index(op.f("ix_problems_number"), "problems", ["number"], unique=True)
    table(
        "problem_subscriptions",
        sa.Column("problem_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("wants_end", sa.Boolean(), nullable=False),
        sa.Column("told_at", time, nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("news", sa.Integer(), nullable=False),
        versioned=True,
        points_to={"problem_id": "problems", "conversation_id": "conversations", "person_id": "people"},
        unique=("problem_id", "conversation_id", "person_id"),
    )
    index("problem_subscriptions", "conversation_id")
    index("problem_subscriptions", "person_id")


def _texts(texts: str, audience: str) -> str:
    by_language = json.loads(texts)
    told = [
        {"audience": audience, "language": language, "text": text, "workaround": ""}
        for language, text in by_language.items()
    ]
    return json.dumps(told)


def tickets() -> None:
    op.add_column("tickets", sa.Column("resolution_reason", sa.Text(), nullable=True))
    for name, other in (("merged_into_id", "tickets"), ("previous_id", "tickets"), ("device_id", "devices")):
        to_other = sa.ForeignKey(f"{other}.id", name=op.f(f"fk_tickets_{name}"))
        op.add_column("tickets", sa.Column(name, sa.Uuid(), to_other, nullable=True), inline_references=True)
    op.add_column("tickets", sa.Column("sla", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("tickets", sa.Column("sla_policy", sa.Text(), nullable=True))
    for name in ("sla_next_at", "due_at", "deadline_at"):
        op.add_column("tickets", sa.Column(name, time, nullable=True))
    for name in ("merged_into_id", "device_id"):
        index("tickets", name)
    sparse = {
        "ix_tickets_sla_due": "sla_next_at",
        "ix_tickets_snoozed": "snoozed_until",
        "ix_tickets_closed": "closed_at",
    }
    for name, column in sparse.items():
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "tickets", [column], sqlite_where=there, postgresql_where=there)
    op.drop_column("ticket_places", "card")
    op.add_column("ticket_places", sa.Column("card_id", sa.Uuid(), nullable=True))
    index("ticket_places", "card_id")
    op.add_column("notes", sa.Column("message_id", sa.Uuid(), nullable=True))
    index("notes", "message_id")
    op.add_column("proposals", sa.Column("proposed_by", sa.Uuid(), nullable=True))
    op.add_column("proposals", sa.Column("applied_at", time, nullable=True))
    op.add_column("proposals", sa.Column("feedback", sa.Text(), nullable=True))
    op.add_column("surveys", sa.Column("language", sa.Text(), nullable=False, server_default="en"))
    op.create_index("ix_surveys_once", "surveys", ["ticket_id", "kind"], unique=True)
    for name in ("title", "symptoms", "remark"):
        op.add_column("interventions", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("interventions", sa.Column("language", sa.Text(), nullable=False, server_default="en"))
    for name in ("screenshots", "masked"):
        op.add_column("interventions", sa.Column(name, sa.Text(), nullable=False, server_default="[]"))
    op.add_column("interventions", sa.Column("reviewed_by", sa.Uuid(), nullable=True))
    op.add_column("interventions", sa.Column("reviewed_at", time, nullable=True))
    op.add_column("interventions", sa.Column("article_id", key, nullable=True))


def around_tickets() -> None:
    table(
        "ticket_links",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        versioned=True,
        points_to={"ticket_id": "tickets", "other_id": "tickets"},
        unique=("ticket_id", "other_id", "kind"),
    )
    index("ticket_links", "other_id")
    table(
        "held_replies",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        versioned=True,
        points_to={"ticket_id": "tickets"},
    )
    index("held_replies", "ticket_id")
    index("held_replies", "message_id")
    table(
        "sla_notices",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("due_at", time, nullable=False),
        sa.Column("sent_at", time, nullable=False),
        points_to={"ticket_id": "tickets"},
        unique=("ticket_id", "kind", "stage", "cycle"),
    )
    index("sla_notices", "sent_at")


def figures() -> None:
    """What the desk's figures are counted by. How it was meant is not known of what was asked before."""
    op.add_column("asked_questions", sa.Column("intent", sa.Text(), nullable=False, server_default="other"))
    op.add_column("tickets", sa.Column("question_id", sa.Uuid(), nullable=True))
    op.add_column("tickets", sa.Column("sla_fate", sa.Text(), nullable=False, server_default=""))
    index("tickets", "question_id")
    index("tickets", "created_at")
    index("surveys", "sent_at")
    reopened = sa.text("kind IN ('reopened')")
    op.create_index(
        "ix_ticket_events_reopened", "ticket_events", ["at"], sqlite_where=reopened, postgresql_where=reopened
    )


def files() -> None:
    """Nothing was fetched before: what came then stays with its platform."""
    op.add_column("attachments", sa.Column("url", sa.Text(), nullable=False, server_default=""))
    op.add_column("attachments", sa.Column("problem", sa.Text(), nullable=True))
    op.add_column("attachments", sa.Column("attempt", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("attachments", sa.Column("next_at", time, nullable=True))
    index("attachments", "stored_as")
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_attachments_to_fetch", "attachments", ["next_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", time, nullable=False),
        sa.Column("stored_at", time, nullable=True),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    index("files", "stored_at")
    op.create_table(
        "file_parts",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["files.id"], name=op.f("fk_file_parts_file_id")),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_file_parts")),
    )


def jobs() -> None:
    """Nothing led before, and no job had runs."""
    op.execute("DELETE FROM leases WHERE name = 'scheduler'")
    op.execute("DELETE FROM job_runs")
    op.add_column("leases", sa.Column("since", time, nullable=False, server_default="1970-01-01 00:00:00"))
    for name, default in (("epoch", "0"), ("attempt", "1"), ("effects", "0")):
        op.add_column("job_runs", sa.Column(name, sa.Integer(), nullable=False, server_default=default))


def table(
    name: str,
    *columns: sa.Column[Any],
    points_to: dict[str, str],
    unique: tuple[str, ...] = (),
    versioned: bool = False,
) -> None:
    keys: list[sa.schema.SchemaItem] = [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}"))
        for column, other in points_to.items()
    ]
    if unique:
        keys.append(sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}")))
    id_columns: list[sa.Column[Any]] = [sa.Column("id", sa.Uuid(), nullable=False)]
    if versioned:
        id_columns.append(sa.Column("version", sa.Integer(), nullable=False))
    op.create_table(name, *columns, *id_columns, *keys, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))


def index(of: str, column: str) -> None:
    op.create_index(op.f(f"ix_{of}_{column}"), of, [column], unique=False)
