"""Where the app was installed, as a part of bot.ports.storage."""

from typing import Protocol

from bot.model.installations import Installation


class Installations(Protocol):
    """Each method is a transaction of its own."""

    async def all(self, platform: str) -> list[Installation]:
        """The first installed first."""
        ...

    async def keep(self, installation: Installation) -> None:
        """Instead of one of the same account, if there is one."""
        ...

    async def forget(self, platform: str, account: str) -> bool: ...
