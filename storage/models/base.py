"""The schema all tables belong to, with predictable names for what a migration may have to find again."""

from sqlalchemy import Column, ColumnElement, Integer, MetaData, literal_column

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def version() -> Column[int]:
    """Counts the changes of a row: a write must name the one it read."""
    return Column("version", Integer, nullable=False)


def among(column: ColumnElement[str], *values: str) -> ColumnElement[bool]:
    """`column IN (…)` with the values spelt out, as a partial index needs them."""
    return column.in_([literal_column(f"'{value}'") for value in values])
