"""The desk's room on a console."""

from dataclasses import dataclass

from adapters.console.speaker import DESK, PLATFORM
from bot.model.messages import ConversationRef
from bot.model.people import PersonIdentity


@dataclass(frozen=True, slots=True)
class ConsoleDesk:
    """Technicians work in the room `desk` of every terminal; tickets are announced on this process's, if it has one."""

    terminal: str | None

    @property
    def rooms(self) -> tuple[ConversationRef, ...]:
        return (ConversationRef(PLATFORM, self.terminal, DESK),) if self.terminal else ()

    def rooms_for(self, category: str) -> tuple[ConversationRef, ...]:
        return self.rooms

    def contains(self, ref: ConversationRef) -> bool:
        return ref.platform == PLATFORM and ref.room == DESK

    def shows_cards(self, ref: ConversationRef) -> bool:
        return False  # what is printed stays as it is

    def opens_forms(self, ref: ConversationRef) -> bool:
        return False

    def new_thread(self, ref: ConversationRef, name: str) -> ConversationRef:
        return ref

    def private_room(self, identity: PersonIdentity) -> ConversationRef | None:
        """Whoever works at this terminal reads its desk."""
        is_ours = self.terminal is not None and identity.platform == PLATFORM
        return self.rooms[0] if is_ours else None
