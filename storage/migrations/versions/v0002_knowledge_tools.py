"""Questions that were asked, groups of gaps, calibrations, and codes for signing in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("phrasings", sa.Column("question_id", sa.Uuid(), nullable=True))
    op.add_column("phrasings", sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_phrasings_question_id"), "phrasings", ["question_id"], unique=False)
    op.add_column("knowledge_gaps", sa.Column("group_id", sa.Uuid(), nullable=True))
    op.create_table(
        "asked_questions",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("best_article", sa.Text(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("asker_id", sa.Uuid(), nullable=True),
        sa.Column("origin", key, nullable=False),
        sa.Column("reference", key, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_asked_questions_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_questions")),
        sa.UniqueConstraint("message_id", name=op.f("uq_asked_questions_message_id")),
        sa.UniqueConstraint("origin", "reference", name=op.f("uq_asked_questions_origin_reference")),
    )
    op.create_index(op.f("ix_asked_questions_asked_at"), "asked_questions", ["asked_at"], unique=False)
    op.create_index(op.f("ix_asked_questions_asker_id"), "asked_questions", ["asker_id"], unique=False)
    op.create_table(
        "calibrations",
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("model", key, nullable=False),
        sa.Column("slope", sa.Float(), nullable=False),
        sa.Column("intercept", sa.Float(), nullable=False),
        sa.Column("answer", sa.Float(), nullable=False),
        sa.Column("suggest", sa.Float(), nullable=False),
        sa.Column("ece", sa.Float(), nullable=False),
        sa.Column("auroc", sa.Float(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("false_answers", sa.Float(), nullable=False),
        sa.Column("fitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("language", "model", name=op.f("pk_calibrations")),
    )
    op.create_table(
        "gap_groups",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("article_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["technicians.id"], name=op.f("fk_gap_groups_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_groups")),
        sa.UniqueConstraint("number", name=op.f("uq_gap_groups_number")),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("email", key, nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_from", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("consumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_codes")),
    )
    op.create_index(op.f("ix_sign_in_codes_email"), "sign_in_codes", ["email"], unique=False)
    op.create_index(op.f("ix_sign_in_codes_expires_at"), "sign_in_codes", ["expires_at"], unique=False)
