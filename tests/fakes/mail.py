"""A mail server on loopback: the real protocol, and a box that keeps what it is given."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from aiosmtpd.smtp import Session as SmtpSession


@dataclass
class Mailbox:
    """A mail server that keeps what it is given, and does as it is told."""

    mails: list[EmailMessage] = field(default_factory=list)
    calls: int = 0  # lines that were opened
    refuses: bool = False
    answers: dict[str, str] = field(default_factory=dict)  # by command (RCPT, DATA): instead of what is usual
    waits: float = 0.0  # seconds before it takes a message
    hangs_up: bool = False  # once it has taken one, without a word
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0

    async def handle_EHLO(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.calls += 1
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:
        await asyncio.sleep(self.waits)
        if self.refuses or "DATA" in self.answers:
            return self.answers.get("DATA", "554 5.7.1 not today")
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=modern)
        assert isinstance(mail, EmailMessage)
        assert envelope.rcpt_tos == [mail["To"]]
        self.mails.append(mail)
        self.encrypted.append(session.ssl is not None)
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"

    def code(self) -> str:
        """The code in the latest mail."""
        codes = re.findall(r"^ {4}([A-Z0-9]{4}-[A-Z0-9]{4})\r?$", self.mails[-1].get_content(), re.MULTILINE)
        assert len(codes) == 1, self.mails[-1].get_content()
        return str(codes[0])


@asynccontextmanager
async def mail_server(tls: SSLContext | None = None, password: str | None = None) -> AsyncIterator[Mailbox]:
    box = Mailbox()

    def authenticate(*told: Any) -> AuthResult:
        return AuthResult(success=told[-1].password == (password or "").encode(), handled=False)

    def protocol() -> SMTP:
        return SMTP(
            box,
            tls_context=tls,
            auth_required=password is not None,
            authenticator=authenticate,
            hostname="mail.example.org",
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()


@contextmanager
def mail_server_beside() -> Iterator[Mailbox]:
    """The same in a thread of its own, for tests that have no loop."""
    ready, over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    boxes: list[Mailbox] = []

    async def serve() -> None:
        async with mail_server() as box:
            boxes.append(box)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield boxes[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
        loop.close()
