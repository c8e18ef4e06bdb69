"""Conversations, their turns and steps, what owners see of outcomes, and feedback.

A step is never changed once it has been released: it is written out, and does not follow `tables`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_OPEN = sa.text("state IN ('queued', 'running')")


def upgrade() -> None:
    """From nothing."""
    op.create_table(
        "conversation",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("conversation_of_caller", "conversation", ["caller", "id"])
    op.create_table(
        "turn",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("conversation", sa.String, sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("understood", sa.Text),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("owner", sa.String),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("conversation", "number", name="turn_number"),
        sa.UniqueConstraint("caller", "key", name="turn_key"),
    )
    op.create_index("turn_open", "turn", ["asked_at", "id"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("turn_open_once", "turn", ["conversation"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "step",
        sa.Column("turn", sa.String, sa.ForeignKey("turn.id"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.UniqueConstraint("turn", "key", name="step_key"),
    )
    _shapes_and_feedback()


def _shapes_and_feedback() -> None:
    op.create_table(
        "outcome",
        sa.Column("turn", sa.String, sa.ForeignKey("turn.id"), primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("trust", sa.String),
        sa.Column("sqls", sa.Text, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("truncated", sa.Boolean, nullable=False),
    )
    op.create_table(
        "turn_cluster",
        sa.Column("cluster", sa.String, primary_key=True),
        sa.Column("turn", sa.String, sa.ForeignKey("turn.id"), primary_key=True),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("turn", sa.String, sa.ForeignKey("turn.id"), nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("caller", "key", name="feedback_key"),
    )
    op.create_index("feedback_of_turn", "feedback", ["turn"])
