"""Public networks: posts that were heard and what came of them, who wants no word, and replies that anybody reads."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("public", sa.Text()))
    op.create_table(
        "public_posts",
        sa.Column("platform", key, nullable=False),
        sa.Column("account", key, nullable=False),
        sa.Column("native_id", key, nullable=False),
        sa.Column("root", key, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("reach", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("sent_at", time, nullable=False),
        sa.Column("seen_at", time, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("token", key, nullable=False),
        sa.Column("link", sa.Text()),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("complaint", sa.Boolean(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("sentiment", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("reply", sa.Text()),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("cards", sa.Text(), nullable=False),
        sa.Column("held_at", time),
        sa.Column("reminded_at", time),
        sa.Column("decided_at", time),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("replied_at", time),
        sa.Column("reply_id", sa.Uuid()),
        sa.Column("reply_link", sa.Text()),
        sa.Column("opened_at", time),
        sa.Column("verified_at", time),
        sa.Column("ticket_id", sa.Uuid()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_public_posts_person_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_public_posts_conversation_id")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_public_posts_decided_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_public_posts_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_posts")),
        sa.UniqueConstraint(
            "platform", "account", "native_id", name=op.f("uq_public_posts_platform_account_native_id")
        ),
        sa.UniqueConstraint("token", name=op.f("uq_public_posts_token")),
        sa.UniqueConstraint("number", name=op.f("uq_public_posts_number")),
    )
    for column in ("person_id", "conversation_id", "seen_at", "reply_id", "ticket_id"):
        op.create_index(op.f(f"ix_public_posts_{column}"), "public_posts", [column])
    op.create_index(op.f("ix_public_posts_platform_account_root"), "public_posts", ["platform", "account", "root"])
    held = sa.column("state").in_([sa.literal_column("'held'")])
    op.create_index("ix_public_posts_held", "public_posts", ["number"], sqlite_where=held, postgresql_where=held)
    approved = sa.column("state").in_([sa.literal_column("'approved'")])
    op.create_index(
        "ix_public_posts_approved", "public_posts", ["reply_id"], sqlite_where=approved, postgresql_where=approved
    )
    op.create_table(
        "opt_outs",
        sa.Column("platform", key, nullable=False),
        sa.Column("account", key, nullable=False),
        sa.Column("native_id", key, nullable=False),
        sa.Column("since", time, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_outs")),
        sa.UniqueConstraint("platform", "account", "native_id", name=op.f("uq_opt_outs_platform_account_native_id")),
    )
