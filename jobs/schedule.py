"""Which job runs when. These two run in every process; each takes only what nobody else has in hand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.engine.delivery import Deliverer
from bot.ports.storage import Storage
from jobs.deliver_outbox import deliver_outbox
from jobs.recover_inbox import recover_inbox


@dataclass(frozen=True, slots=True)
class Job:
    """`run` is called every `seconds`; a run that is late is made up for once, and never overlaps itself."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[object]]


def sweeps(storage: Storage, deliverer: Deliverer, seconds: float) -> tuple[Job, ...]:
    async def inbox() -> int:
        return await recover_inbox(storage)

    async def outbox() -> int:
        return await deliver_outbox(storage, deliverer)

    return (Job("recover_inbox", seconds, inbox), Job("deliver_outbox", seconds, outbox))
