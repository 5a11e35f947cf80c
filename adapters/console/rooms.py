"""The desk's room on a console."""

from dataclasses import dataclass

from adapters.console.speaker import DESK, PLATFORM
from bot.model.messages import ConversationRef


@dataclass(frozen=True, slots=True)
class ConsoleDesk:
    """Technicians work in the room `desk` of every terminal; tickets are announced on this process's, if it has one."""

    terminal: str | None

    @property
    def rooms(self) -> tuple[ConversationRef, ...]:
        return (ConversationRef(PLATFORM, self.terminal, DESK),) if self.terminal else ()

    def contains(self, ref: ConversationRef) -> bool:
        return ref.platform == PLATFORM and ref.room == DESK
