"""What Alembic runs to migrate: on the connection it is given, in the transaction that connection is in."""

from alembic import context

from storage.schema import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
