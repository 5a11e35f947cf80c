"""What is in the outbox for an address arrives as a mail that can be read, once, and that nobody can abuse."""

import asyncio
from dataclasses import replace
from email.message import EmailMessage
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from adapters.email.adapter import EmailAdapter
from adapters.email.smtp import SmtpMailer
from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable
from bot.model.documents import Actions, Button, Document, Fields, Image, Paragraph, Source, Sources, Steps, plain
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.values import Language
from bot.ports.adapters import ChatAdapter, FindsPosted
from bot.web_settings import SmtpServer
from tests.contract.rigs.rig import RecordingInbox
from tests.fakes.mail import Mailbox, mail_server

FROM = "desk@example.org"
ADA = ConversationRef("email", FROM, "ada@example.org")
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>'",
    "[click](javascript:alert(1)) [me](data:text/html,x)",
    "![beacon](https://evil.example/pixel.png)",
    "one\r\nBcc: eve@example.net\r\n\r\n<html>",
    ".\r\nQUIT\r\n",
    "&lt;script&gt; {{ 7 * 7 }} \x00\x1b[2J\ud800",
)


def adapter_for(box: Mailbox, seconds: float = 2.0) -> EmailAdapter:
    mailer = SmtpMailer(SmtpServer.parse(f"smtp://127.0.0.1:{box.port}"), FROM, seconds)
    return EmailAdapter(mailer, lambda language: f"Sent by guichet ({language}).")


def delivery(*blocks: object, to: ConversationRef = ADA) -> Delivery:
    return Delivery(to, Document(blocks), "key", Language.EN, id=UUID(int=7))  # type: ignore[arg-type]


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return str(found.get_content())


async def test_a_document_can_be_read_as_text_and_as_html() -> None:
    blocks = (
        Paragraph("T12 is **late**; see [the guide](https://kb.example/guide)."),
        Steps(("Open the rear door.", "Pull `it` out.")),
        Fields((("Status", "open"), ("Assignee", "Grace")), title="Ticket T12"),
        Image("https://kb.example/door.png", "The rear door, open"),
        Sources((Source("a1", "Paper jam", link="https://kb.example/a1"),)),
        Actions((Button("claim", "Claim", "T12"),)),
    )
    async with mail_server() as box:
        await adapter_for(box).send(delivery(*blocks))
        [mail] = box.mails
    text, html = part(mail, "plain"), BeautifulSoup(part(mail, "html"), "html.parser")
    assert mail["Subject"] == "T12 is late; see the guide (https://kb.example/guide)."
    for shown in (text, html.get_text(" ")):
        assert "Open the rear door." in shown and "Status: open" in shown and "Ticket T12" in shown
        assert "The rear door, open" in shown and "[Paper jam]" in shown and "Sent by guichet (en)." in shown
        assert "Claim" not in shown, "nobody can press a button in a mail"
    assert "1. Open the rear door.\n2. Pull it out." in text.replace("\r\n", "\n")
    assert [link["href"] for link in html.select("a")] == ["https://kb.example/guide"]
    assert html.strong is not None and html.select("ol li") and html.html is not None and html.html["lang"] == "en"


async def test_it_says_that_a_machine_wrote_it_and_from_whom_to_whom() -> None:
    async with mail_server() as box:
        await adapter_for(box).send(delivery(Paragraph("hello")))
        [mail] = box.mails
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (FROM, ADA.room, "auto-generated")
    assert mail["Date"] and mail["MIME-Version"]


async def test_a_mail_that_is_sent_again_is_the_same_mail() -> None:
    async with mail_server() as box:
        box.hangs_up = True
        with pytest.raises(OutcomeUnknown):
            await adapter_for(box).send(delivery(Paragraph("hello")))
        box.hangs_up = False
        sent = await adapter_for(box).send(replace(delivery(Paragraph("hello")), repeated=True))
        first, second = box.mails
    assert first["Message-ID"] == second["Message-ID"] == f"<{sent}>" == f"<guichet.{UUID(int=7)}@example.org>"


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_only_ever_text(text: str) -> None:
    blocks = (
        Paragraph(text),
        Paragraph(plain(text)),
        Steps((text,)),
        Fields(((text, text),), title=text),
        Image(text, text),
        Sources((Source(text, text, link=text),)),
    )
    async with mail_server() as box:
        await adapter_for(box).send(delivery(*blocks))
        [mail] = box.mails
    html = BeautifulSoup(part(mail, "html"), "html.parser")
    assert not html.select("script, img, svg, iframe, style, base, form, input")
    assert all(str(link["href"]).startswith("https://") for link in html.select("a"))
    assert not [name for tag in html.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert mail["Bcc"] is None and len(mail.get_all("To", [])) == 1 and "\n" not in mail["Subject"]
    assert mail.keys() == [
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version",
        "Content-Type",
    ]  # fmt: skip


async def test_a_long_line_and_an_empty_document_can_be_sent() -> None:
    async with mail_server() as box:
        await adapter_for(box).send(delivery(Paragraph("é" * 20_000)))
        await adapter_for(box).send(delivery())
        long, empty = box.mails
    assert "é" * 20_000 in part(long, "plain") and len(long["Subject"]) <= 200
    assert empty["Subject"] == "guichet"


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@example.org\r\nRCPT TO:<eve@example.net>", "a@b@c", "é@example.org"]
)
async def test_what_is_no_address_gets_no_mail(address: str) -> None:
    async with mail_server() as box:
        with pytest.raises(DeliveryRefused):
            await adapter_for(box).send(delivery(Paragraph("hello"), to=ConversationRef("email", FROM, address)))
        with pytest.raises(PlatformUnavailable):
            await adapter_for(box).send(delivery(Paragraph("hello"), to=replace(ADA, account="other@example.org")))
        assert box.calls == 0 and box.mails == []


async def test_it_is_a_place_to_send_to_and_hears_nothing() -> None:
    async with mail_server() as box:
        adapter: ChatAdapter = adapter_for(box)
        inbox = RecordingInbox()
        assert adapter.platform == "email" and adapter.accounts == {FROM} and not isinstance(adapter, FindsPosted)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await adapter.run(inbox)
        assert inbox.events == []
