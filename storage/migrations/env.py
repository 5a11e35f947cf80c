"""What Alembic runs to migrate: on the connection it is given, in the transaction that connection is in."""

from alembic import context

from storage.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
