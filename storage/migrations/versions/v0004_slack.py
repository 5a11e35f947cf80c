"""Slack: workspaces that installed the app, where the message is that a ticket came of, technicians by membership,
and which messages were for nobody at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "installations",
        sa.Column("platform", key, nullable=False),
        sa.Column("account", key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("installed_at", time, nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
        sa.UniqueConstraint("platform", "account", name=op.f("uq_installations_platform_account")),
    )
    op.add_column("inbox", sa.Column("dismissed", sa.Boolean(), nullable=False, server_default=sa.false()))
    dismissed = sa.column("dismissed") == sa.true()
    op.create_index(
        "ix_inbox_dismissed", "inbox", ["conversation_key"], sqlite_where=dismissed, postgresql_where=dismissed
    )
    op.add_column("tickets", sa.Column("link", sa.Text()))
    op.add_column("technicians", sa.Column("as_member", sa.Boolean(), nullable=False, server_default=sa.false()))
