"""Mail is handed in over an encrypted line where there is one, and a password over no other."""

import ssl
import subprocess
from pathlib import Path

import pytest

from adapters.web import mail as module
from adapters.web.mail import Mailer
from bot.errors import DeliveryRefused, PlatformUnavailable
from bot.web_settings import SmtpServer
from tests.adapters.web_security.site import mail_server

FROM = "desk@example.org"


def mailer(url: str, seconds: float = 2.0) -> Mailer:
    return Mailer(SmtpServer.parse(url), FROM, seconds)


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
        await line.send("ada@example.org", "Voilà – 12", "Bonjour,\n\n.\n.début\nà bientôt")
        [mail] = box.mails
        assert mail["Subject"] == "Voilà – 12"
        assert mail.get_content().splitlines() == ["Bonjour,", "", ".", ".début", "à bientôt"]


@pytest.mark.usefixtures("trusted")
async def test_where_encryption_is_asked_for_it_is_used(tls: ssl.SSLContext) -> None:
    async with mail_server(tls, password="secret") as box:
        async with mailer(f"smtp+starttls://me:secret@localhost:{box.port}").connected() as line:
            await line.send("ada@example.org", "hello", "hello")
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


async def test_a_refused_message_and_a_silent_server_are_told_apart() -> None:
    async with mail_server() as box:
        box.refuses = True
        async with mailer(f"smtp://127.0.0.1:{box.port}").connected() as line:
            with pytest.raises(DeliveryRefused, match="554"):
                await line.send("ada@example.org", "hello", "hello")
        box.refuses, box.waits = False, 1.0
        async with mailer(f"smtp://127.0.0.1:{box.port}", 0.2).connected() as line:
            with pytest.raises(PlatformUnavailable):
                await line.send("ada@example.org", "hello", "hello")


async def test_a_header_cannot_be_added_by_a_line_end() -> None:
    async with mail_server() as box, mailer(f"smtp://127.0.0.1:{box.port}").connected() as line:
        with pytest.raises(ValueError):
            await line.send("ada@example.org", "hello\r\nBcc: eve@example.net", "hello")
        assert box.mails == [] and module.SECONDS <= 10
