"""Files of public posts: what pictures show, as who posted them says, and whether they hide them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("attachments", sa.Column("alternative", sa.Text(), nullable=False, server_default=""))
    op.add_column("attachments", sa.Column("sensitive", sa.Boolean(), nullable=False, server_default=sa.false()))
