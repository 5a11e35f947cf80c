"""A line to a mail server. Vendor errors stop here."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

import aiosmtplib

from adapters.email.outcomes import outcome, reason_of
from bot.errors import PlatformUnavailable
from bot.ports.mail import Mail
from bot.web_settings import SmtpServer, is_loopback

SECONDS = 10.0  # for each answer of the server
LONGEST_SUBJECT = 200  # characters
POLICY = SMTP.clone(cte_type="7bit")  # every server takes it, and no line is too long or ends in the middle

_NOT_IN_A_LINE = re.compile("[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]+")
_NOT_IN_A_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class SmtpMailer:
    """`sender` is the address mail comes from."""

    def __init__(self, server: SmtpServer, sender: str, seconds: float = SECONDS) -> None:
        self.sender = sender
        self._server = server
        self._seconds = seconds

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["SmtpLine"]:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.tls,
            start_tls=self._start_tls(),
            timeout=self._seconds,
            local_hostname=self.sender.rpartition("@")[2],
        )
        try:
            await client.connect()
            await client.ehlo()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            # Nothing has been handed in, whatever it was.
            raise PlatformUnavailable(f"the mail server {server.host} cannot be used: {reason_of(error)}") from error
        try:
            yield SmtpLine(client, self.sender)
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


class SmtpLine:
    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        client, content = self._client, False
        try:
            data = letter(mail, self._sender).as_bytes(policy=POLICY)
            await client.mail(self._sender, options=[f"size={len(data)}"] if client.supports_extension("size") else [])
            await client.rcpt(mail.to)
            content = True  # from here on, what is lost may have arrived
            await client.data(data)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if isinstance(error, aiosmtplib.SMTPResponseException):
                with suppress(aiosmtplib.SMTPException, OSError):
                    await client.rset()  # the line can be used for the next mail
            raise outcome(error, content=content) from error


def letter(mail: Mail, sender: str) -> EmailMessage:
    """The message itself. Raises ValueError for an address that is none."""
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = one_line(mail.subject)
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{mail.id}@{domain}>" if mail.id else make_msgid(domain=domain)
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies, please (RFC 3834)
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    message.set_content(_NOT_IN_A_TEXT.sub("", mail.text))
    if mail.html is not None:
        message.add_alternative(_NOT_IN_A_TEXT.sub("", mail.html), subtype="html")
    return message


def one_line(text: str) -> str:
    """Without line ends and control characters: nothing that stands in a subject can become a header."""
    line = _NOT_IN_A_LINE.sub(" ", text).strip()
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1].rstrip()}…"
