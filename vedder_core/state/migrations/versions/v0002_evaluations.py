"""Evaluations of question sets, each with all its trials."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds one table."""
    op.create_table(
        "evaluation",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("questions", sa.Text, nullable=False),
        sa.Column("variant", sa.String, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("context_version", sa.Integer, nullable=False),
        sa.Column("embedder", sa.String, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("prompt_hash", sa.String, nullable=False),
        sa.Column("trials", sa.Text, nullable=False),
    )
    op.create_index("evaluation_of_questions", "evaluation", ["questions", "at"])
