"""What time it is, for leases and due times: the database's clock where it has one, so that replicas agree."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, bindparam, cast, func, type_coerce

from storage.models.types import Utc


class Moments:
    """`now` and `until` stand in statements; `parameters` gives what they need when a statement is executed.

    With a `clock` both databases go by it (tests do); without, PostgreSQL goes by its own and SQLite by this machine's.
    """

    def __init__(self, dialect: str, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._by_database = dialect == "postgresql" and clock is None
        self.now: ColumnElement[datetime] = bindparam("now", type_=Utc)
        self.until: ColumnElement[datetime] = bindparam("until", type_=Utc)
        if self._by_database:
            self.now = type_coerce(func.clock_timestamp(), Utc)
            self.until = type_coerce(func.clock_timestamp() + cast(bindparam("lease"), Interval), Utc)

    def clock(self) -> datetime:
        return self._clock()

    def parameters(self, lease: timedelta | None = None) -> dict[str, Any]:
        """For statements with `now` and, given a lease, with `until` too."""
        if self._by_database:
            return {} if lease is None else {"lease": lease}
        now = self._clock()
        return {"now": now} if lease is None else {"now": now, "until": now + lease}
