"""A storage that tells at which point it is, so that a test can wait, fail or die exactly there."""

import inspect
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, cast

from bot.model.ledger import InboxRow
from bot.model.messages import ConversationRef
from bot.ports.storage import Storage

Hook = Callable[[str, Any], Awaitable[None]]


def watched(storage: Storage, hook: Hook) -> Storage:
    """`hook(point, detail)` is awaited before and after each call of a ledger or repository, and each commit.

    Points are named `before inbox.claim`, `after outbox.sent`, `before tickets.active_of`, and so on; `before commit`
    and `after commit` come with the inbox row that is done with the commit, `before burial` and `after burial` with
    one that is given up. Other commits have no point.
    """
    return cast(Storage, _Storage(storage, hook))


class _Part:
    def __init__(self, inner: object, name: str, hook: Hook) -> None:
        self._inner = inner
        self._name = name
        self._hook = hook

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        if not inspect.iscoroutinefunction(found):
            return found

        async def call(*args: Any, **named: Any) -> Any:
            await self._hook(f"before {self._name}.{attribute}", args)
            result = await found(*args, **named)
            await self._hook(f"after {self._name}.{attribute}", result)
            return result

        return call


class _Storage(_Part):
    def __init__(self, inner: Storage, hook: Hook) -> None:
        super().__init__(inner, "storage", hook)
        self.inbox = _Part(inner.inbox, "inbox", hook)
        self.outbox = _Part(inner.outbox, "outbox", hook)
        self.leases = _Part(inner.leases, "leases", hook)
        self.job_runs = _Part(inner.job_runs, "job_runs", hook)
        self._open = inner.unit_of_work

    def unit_of_work(self) -> "_Unit":
        return _Unit(self._open(), self._hook)

    async def changed(self, topic: Any, timeout: float) -> None:
        await self._inner.changed(topic, timeout)  # type: ignore[attr-defined]  # a Storage


class _Unit:
    def __init__(self, inner: Any, hook: Hook) -> None:
        self._inner = inner
        self._hook = hook
        self._finishes: InboxRow | None = None
        self._end = "commit"
        self.inbox = self

    def __getattr__(self, attribute: str) -> Any:
        return _Part(getattr(self._inner, attribute), attribute, self._hook)

    async def __aenter__(self) -> "_Unit":
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._inner.__aexit__(*error)

    def done(self, row: InboxRow, *, dismissed: bool = False) -> None:
        self._finishes = row
        self._inner.inbox.done(row, dismissed=dismissed)

    def reconsider(self, conversation: ConversationRef, since: datetime) -> None:
        self._inner.inbox.reconsider(conversation, since)

    def dead(self, row: InboxRow, error: str) -> None:
        self._finishes, self._end = row, "burial"
        self._inner.inbox.dead(row, error)

    async def commit(self) -> None:
        if self._finishes:
            await self._hook(f"before {self._end}", self._finishes)
        await self._inner.commit()
        if self._finishes:
            await self._hook(f"after {self._end}", self._finishes)
