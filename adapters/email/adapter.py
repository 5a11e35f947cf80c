"""E-mail as a place to send to. Nobody talks to the desk this way."""

import asyncio
from collections.abc import Callable

from adapters.email.render import mail_of
from bot.errors import DeliveryRefused, PlatformUnavailable
from bot.model.ledger import Delivery
from bot.model.values import Language
from bot.ports.adapters import ExternalId, Inbox
from bot.ports.mail import Mailer
from bot.web_settings import email_address

PLATFORM = "email"
Footer = Callable[[Language], str]  # inline Markdown


class EmailAdapter:
    """Its one account is the sender's address, and a room is the address of whom it writes to.

    What is sent again after an unknown outcome has the same Message-ID: servers and readers can tell that it is the
    same mail. What was sent cannot be changed: an edit is a mail of its own.
    """

    platform = PLATFORM

    def __init__(self, mailer: Mailer, footer: Footer) -> None:
        """`footer`: what stands below every mail, in its language."""
        self._mailer = mailer
        self._footer = footer

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset({self._mailer.sender})

    async def run(self, inbox: Inbox) -> None:
        """There is nothing to hear; ends when it is cancelled."""
        await asyncio.Event().wait()

    async def send(self, delivery: Delivery) -> ExternalId:
        if delivery.conversation.account != self._mailer.sender:
            raise PlatformUnavailable("mail of another sender")
        to = email_address(delivery.conversation.room)
        if to is None:
            raise DeliveryRefused("the address is none that mail can be sent to")
        language = delivery.language
        mail = mail_of(delivery.document, to, language.value, self._footer(language), f"guichet.{delivery.id}")
        async with self._mailer.connected() as line:
            await line.send(mail)
        return f"{mail.id}@{self._mailer.sender.rpartition('@')[2]}"
