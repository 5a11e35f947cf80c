"""The history of the tables, as Alembic migrations. `storage.upgrade` runs them."""
