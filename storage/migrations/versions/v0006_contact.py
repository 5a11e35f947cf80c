"""The contact page: browsers that have a chat there, and links that let one in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contact_visits",
        sa.Column("browser", key, nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("seen_at", time, nullable=False),
        sa.Column("post_id", sa.Uuid()),
        sa.Column("about_id", sa.Uuid()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("verified_at", time),
        sa.Column("told_at", time),
        sa.Column("way", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("others", sa.Text(), nullable=False),
        sa.Column("consented_at", time),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_contact_visits_conversation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contact_visits_person_id")),
        sa.ForeignKeyConstraint(["post_id"], ["public_posts.id"], name=op.f("fk_contact_visits_post_id")),
        sa.ForeignKeyConstraint(["about_id"], ["conversations.id"], name=op.f("fk_contact_visits_about_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_visits")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_contact_visits_conversation_id")),
        sa.UniqueConstraint("browser", "post_id", name=op.f("uq_contact_visits_browser_post_id")),
        sa.UniqueConstraint("browser", "about_id", name=op.f("uq_contact_visits_browser_about_id")),
    )
    for column in ("person_id", "seen_at", "post_id", "about_id"):
        op.create_index(op.f(f"ix_contact_visits_{column}"), "contact_visits", [column])
    op.create_table(
        "used_links",
        sa.Column("id", key, nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", time, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_used_links")),
    )
    op.create_index(op.f("ix_used_links_used_at"), "used_links", ["used_at"])
