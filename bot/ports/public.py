"""What was heard in public, and who wants no word."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from bot.model.public import OptOut, PublicPost


class Public(Protocol):
    def add(self, record: PublicPost | OptOut) -> None: ...

    def save(self, record: PublicPost | OptOut) -> None: ...

    def remove(self, record: OptOut) -> None: ...

    async def next_number(self) -> int:
        """As of tickets."""
        ...

    async def get(self, id: UUID) -> PublicPost | None: ...

    async def by_native_id(self, platform: str, account: str, native_id: str) -> PublicPost | None: ...

    async def by_number(self, number: int) -> PublicPost | None: ...

    async def by_token(self, token: str) -> PublicPost | None: ...

    async def by_reply(self, message_id: UUID) -> PublicPost | None:
        """The post that this Message answers."""
        ...

    async def of_thread(self, platform: str, account: str, root: str) -> list[PublicPost]:
        """The oldest first."""
        ...

    async def of_person(self, person_id: UUID, since: datetime) -> list[PublicPost]:
        """Posted from then on, the oldest first."""
        ...

    async def of_ticket(self, ticket_id: UUID) -> list[PublicPost]:
        """The oldest first."""
        ...

    async def held(self, limit: int = 50) -> list[PublicPost]:
        """Those whose reply waits for approval, the longest waiting first."""
        ...

    async def unreminded(self, since: datetime, limit: int = 50) -> list[PublicPost]:
        """Those held since then or for longer, of which nobody was reminded, the longest waiting first."""
        ...

    async def delivered(self, limit: int = 50) -> list[tuple[PublicPost, str | None]]:
        """Posts whose reply is not on its way any more, which is not noted there yet: with the reply's id where it
        stands, with None where the platform refused it."""
        ...

    async def replied_since(self, platform: str, account: str, since: datetime) -> int:
        """How many replies nobody had asked for were put on their way from then on."""
        ...

    async def opt_out(self, platform: str, account: str, native_id: str) -> OptOut | None: ...

    async def left_alone(self, platform: str, account: str, handle: str) -> bool:
        """Whether somebody said stop who was heard in public under this handle, case aside; it is written as there."""
        ...
