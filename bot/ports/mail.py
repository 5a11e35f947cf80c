"""Mail, handed to the organisation's server: for sign-in codes, and for what the desk writes to people."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """`subject` becomes one line, whatever is in it. `id` makes the Message-ID: of what is sent again, the same."""

    to: str  # an address as bot.web_settings.email_address gives it
    subject: str
    text: str
    html: str | None = None
    id: str | None = None  # letters, digits, dots and hyphens


class MailLine(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hand one mail in. Raises a DeliveryError; OutcomeUnknown only if the server may have taken it."""
        ...


class Mailer(Protocol):
    """A mail server, and the address that mail is sent from."""

    @property
    def sender(self) -> str: ...

    def connected(self) -> AbstractAsyncContextManager[MailLine]:
        """A line to the server, signed in where it wants that. Raises PlatformUnavailable, without the password."""
        ...
