"""The contact page: further browsers in which somebody goes on with their chat."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contact_guests",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("browser", key, nullable=False),
        sa.Column("since", time, nullable=False),
        sa.Column("ended_at", time),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["contact_visits.id"], name=op.f("fk_contact_guests_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_guests")),
        sa.UniqueConstraint("visit_id", "browser", name=op.f("uq_contact_guests_visit_id_browser")),
    )
    op.create_index(op.f("ix_contact_guests_browser"), "contact_guests", ["browser"])
