"""Mail is handed in over an encrypted line where there is one, and a password over no other."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest

from adapters.email import smtp
from adapters.email.smtp import SmtpMailer, one_line
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited
from bot.ports.mail import Mail
from bot.web_settings import SmtpServer
from tests.fakes.mail import Mailbox, mail_server

FROM = "desk@example.org"
ADA = "ada@example.org"
HELLO = Mail(ADA, "hello", "hello")


def mailer(url: str, seconds: float = 2.0) -> SmtpMailer:
    return SmtpMailer(SmtpServer.parse(url), FROM, seconds)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for localhost that signs itself."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run([*command.split(), "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")


async def test_a_text_in_any_letters_arrives() -> None:
    async with mail_server() as box, mailer(f"smtp://127.0.0.1:{box.port}").connected() as line:
        await line.send(Mail(ADA, "Voilà – 12", "Bonjour,\n\n.\n.début\nà bientôt"))
        [mail] = box.mails
        assert mail["Subject"] == "Voilà – 12"
        assert mail.get_content().splitlines() == ["Bonjour,", "", ".", ".début", "à bientôt"]


@pytest.mark.usefixtures("trusted")
async def test_where_encryption_is_asked_for_it_is_used(tls: ssl.SSLContext) -> None:
    async with mail_server(tls, password="secret") as box:
        async with mailer(f"smtp+starttls://me:secret@localhost:{box.port}").connected() as line:
            await line.send(HELLO)
        assert box.encrypted == [True]
        with pytest.raises(PlatformUnavailable, match="535"):
            async with mailer(f"smtp+starttls://me:wrong@localhost:{box.port}").connected():
                pass


async def test_where_it_is_not_to_be_had_nothing_is_sent() -> None:
    async with mail_server(password="secret") as box:
        with pytest.raises(PlatformUnavailable) as refused:
            async with mailer(f"smtp+starttls://me:secret@127.0.0.1:{box.port}").connected():
                pass
        assert "secret" not in str(refused.value) and box.mails == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as box:
        with pytest.raises(PlatformUnavailable):
            async with mailer(f"smtp+starttls://localhost:{box.port}").connected():
                pass


async def handed_in(box: Mailbox, mail: Mail = HELLO, seconds: float = 2.0) -> None:
    async with mailer(f"smtp://127.0.0.1:{box.port}", seconds).connected() as line:
        await line.send(mail)


@pytest.mark.parametrize(
    ("command", "answer", "raised"),
    [
        ("RCPT", "550 5.1.1 nobody of that name", DeliveryRefused),
        ("RCPT", "450 4.2.1 come back later", RateLimited),
        ("RCPT", "421 4.3.2 closing", PlatformUnavailable),
        ("DATA", "554 5.7.1 no", DeliveryRefused),
        ("DATA", "452 4.2.2 full", RateLimited),
        ("DATA", "421 4.3.2 closing", PlatformUnavailable),
    ],
)
async def test_what_the_server_answers_decides(command: str, answer: str, raised: type[DeliveryError]) -> None:
    async with mail_server() as box:
        box.answers[command] = answer
        with pytest.raises(raised) as caught:
            await handed_in(box)
        assert "nobody of that name" not in str(caught.value) and box.mails == []


async def test_a_line_serves_after_a_refusal() -> None:
    async with mail_server() as box, mailer(f"smtp://127.0.0.1:{box.port}").connected() as line:
        box.answers["RCPT"] = "550 no"
        with pytest.raises(DeliveryRefused):
            await line.send(HELLO)
        box.answers.clear()
        await line.send(HELLO)
        assert len(box.mails) == 1


async def test_a_server_that_falls_silent_over_a_mail_may_have_taken_it() -> None:
    async with mail_server() as box:
        box.waits = 0.5
        with pytest.raises(OutcomeUnknown):
            await handed_in(box, seconds=0.1)
        box.waits, box.hangs_up = 0.0, True
        with pytest.raises(OutcomeUnknown):
            await handed_in(box)
        assert box.mails


async def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    async with mail_server() as box:
        port = box.port
    with pytest.raises(PlatformUnavailable):
        async with mailer(f"smtp://127.0.0.1:{port}").connected():
            pass
    assert smtp.SECONDS <= 10


async def test_a_server_that_never_greets_is_given_up() -> None:
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(PlatformUnavailable):
            async with mailer(f"smtp://127.0.0.1:{port}", 0.1).connected():
                pass
        await over.wait()


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\x00\r\n "])
async def test_no_header_can_be_added(end: str) -> None:
    async with mail_server() as box:
        await handed_in(box, Mail(ADA, f"hello{end}Bcc: eve@example.net", f"one{end}.{end}QUIT{end}two"))
        [mail] = box.mails
        assert mail["Subject"] == "hello Bcc: eve@example.net"
        assert mail["Bcc"] is None and mail["To"] == ADA
        with pytest.raises(DeliveryRefused):
            await handed_in(box, Mail(f"{ADA}{end}Bcc: eve@example.net", "hello", "hello"))
        assert len(box.mails) == 1


def test_a_subject_is_one_line_of_a_length_that_is_read() -> None:
    assert one_line("  a\tb \u00a0 c\ud800 ") == "a b c"
    assert len(one_line("word " * 100)) <= smtp.LONGEST_SUBJECT
    assert one_line("word " * 100).endswith("word…")
