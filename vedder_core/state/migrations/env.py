"""What Alembic runs around the steps: they are taken on the connection, and in the transaction, that it is given."""

from alembic import context

from vedder_core.state.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
