"""Mail, handed to the organisation's server. Vendor errors stop here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import aiosmtplib

from bot.errors import DeliveryRefused, PlatformUnavailable
from bot.web_settings import SmtpServer, is_loopback

SECONDS = 10.0  # for each answer of the server


class Mailer:
    """`sender` is the address mail comes from."""

    def __init__(self, server: SmtpServer, sender: str, seconds: float = SECONDS) -> None:
        self._server = server
        self._sender = sender
        self._seconds = seconds

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Line"]:
        """A line to the server, signed in where it wants that. Raises PlatformUnavailable, without the password."""
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=self._start_tls(),
            timeout=self._seconds,
            local_hostname=self._sender.rpartition("@")[2],
        )
        try:
            await client.connect()
            await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise PlatformUnavailable(f"the mail server {server.host} cannot be used: {_reason(error)}") from error
        try:
            yield Line(client, self._sender)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
            client.close()

    def _start_tls(self) -> bool | None:
        """True: encrypt or give up; None: encrypt if the server offers it."""
        if self._server.tls:
            return False
        if self._server.needs_tls:
            return True
        return False if is_loopback(self._server.host) else None


class Line:
    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, to: str, subject: str, body: str) -> None:
        """Raises DeliveryRefused if the server will not take it, PlatformUnavailable if it did not answer."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies, please (RFC 3834)
        message.set_content(body)
        try:
            await self._client.send_message(message, sender=self._sender, recipients=[to])
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            raise DeliveryRefused(f"the mail server refused a message: {_reason(error)}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise PlatformUnavailable(f"the mail server did not take a message: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    """The kind and the code: a server's words may quote the address, and logs hold no personal data."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__}{f' {code}' if code else ''}"
