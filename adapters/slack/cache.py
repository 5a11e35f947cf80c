"""What was asked of Slack and need not be asked again for a while."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """At most `most` answers, each for `seconds`. Whoever asks while an answer is on its way waits for the same one;
    a failure is told to all of them and not kept. `clock` is monotonic, in seconds."""

    def __init__(
        self,
        ask: Callable[[K], Awaitable[V]],
        seconds: float,
        most: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._known: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._asked: dict[K, asyncio.Task[V]] = {}

    def known(self, key: K) -> V | None:
        """What was last heard, even if it is old: for what must not wait."""
        found = self._known.get(key)
        return found[1] if found else None

    async def get(self, key: K) -> V:
        """Raises what asking raises."""
        found = self._known.get(key)
        if found and self._clock() - found[0] < self._seconds:
            self._known.move_to_end(key)
            return found[1]
        if (task := self._asked.get(key)) is None:
            task = asyncio.create_task(self._answer(key))
            self._asked[key] = task
            task.add_done_callback(lambda done: self._over(key, done))
        return await asyncio.shield(task)  # one who gives up waiting leaves the others their answer

    def forget(self, key: K) -> None:
        self._known.pop(key, None)

    async def _answer(self, key: K) -> V:
        value = await self._ask(key)
        self._known[key] = (self._clock(), value)
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return value

    def _over(self, key: K, task: asyncio.Task[V]) -> None:
        del self._asked[key]
        if not task.cancelled():
            task.exception()  # told to whoever still waits
