"""What the page's settings may be, and when the page refuses to be served."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load_settings
from bot.web_settings import SmtpServer, email_address, is_loopback
from tests.adapters.web_security.site import KEY

BEYOND = {"WEB_HOST": "0.0.0.0", "SECRET_KEY": KEY, "PUBLIC_URL": "https://desk.example.org"}
BY_MAIL = {
    "SIGN_IN": "email",
    "SIGN_IN_EMAILS": "Ada@Example.org, @example.com",
    "SMTP_URL": "smtps://desk:p%40ss@mail.example.org",
    "SMTP_FROM": "desk@example.org",
}
BY_PROXY = {"SIGN_IN": "proxy", "TRUSTED_PROXIES": "10.0.0.7, 10.1.0.0/16 fd00::/8"}


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def call(**values: str) -> Settings:
        file = tmp_path / ".env"
        file.write_text("".join(f"GUICHET_{name}={value}\n" for name, value in values.items()), encoding="utf-8")
        return load_settings(file)

    return call


def test_on_this_machine_nothing_is_needed(load: Any) -> None:
    settings = load()
    assert (settings.web, settings.web_host, settings.web_port) == (True, "127.0.0.1", 8080)
    assert load(WEB_HOST="::1").web_host == "::1" and load(WEB_HOST="localhost").sign_in == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.4", "desk.internal", "::ffff:10.0.0.4", "0"])
def test_beyond_it_a_key_an_address_and_a_sign_in_are(load: Any, host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(WEB_HOST=host)
    for name in ("GUICHET_SIGN_IN:", "GUICHET_SECRET_KEY:", "GUICHET_PUBLIC_URL:"):
        assert name in str(refused.value)
    assert f"GUICHET_WEB_HOST={host}" in str(refused.value)
    assert load(WEB_HOST=host, WEB="false").web is False


def test_a_complete_sign_in_opens_it(load: Any) -> None:
    settings = load(**BEYOND, **BY_MAIL)
    assert settings.sign_in_emails == ("ada@example.org", "@example.com")
    assert load(**BEYOND, **BY_PROXY).trusted_proxies == ("10.0.0.7", "10.1.0.0/16", "fd00::/8")


@pytest.mark.parametrize("missing", ["SIGN_IN_EMAILS", "SMTP_URL", "SMTP_FROM"])
@pytest.mark.parametrize("where", [BEYOND, {"SECRET_KEY": KEY}], ids=["beyond", "here"])
def test_half_a_sign_in_is_none(load: Any, where: dict[str, str], missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^GUICHET_{missing}: should") as refused:
        load(**where, **{name: value for name, value in BY_MAIL.items() if name != missing})
    assert "p%40ss" not in str(refused.value)


def test_a_proxy_that_is_not_named_signs_nobody_in(load: Any) -> None:
    with pytest.raises(SettingsError, match="GUICHET_TRUSTED_PROXIES"):
        load(**BEYOND, SIGN_IN="proxy")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("PUBLIC_URL", "desk.example.org"),
        ("PUBLIC_URL", "https://desk.example.org/path"),
        ("PUBLIC_URL", "https://user@desk.example.org"),
        ("PUBLIC_URL", "javascript:alert(1)"),
        ("QDRANT_URL", "qdrant:6333"),
        ("WEB_PORT", "70000"),
        ("WEB_HOST", " "),
        ("SIGN_IN", "oidc"),
        ("SIGN_IN_EMAILS", "ada"),
        ("SIGN_IN_EMAILS", "@société.fr"),
        ("SIGN_IN_EMAILS", "*@example.org, @"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "nginx"),
        ("SMTP_URL", "http://mail.example.org"),
        ("SMTP_URL", "smtp://mail.example.org:mail"),
        ("SMTP_FROM", "desk"),
        ("PROXY_HEADER_EMAIL", "X Email"),
        ("WEB_REQUESTS_PER_MINUTE", "0"),
    ],
)
def test_a_wrong_value_is_refused_by_name(load: Any, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^GUICHET_{name}: ") as refused:
        load(**{name: value})
    assert name != "SECRET_KEY" or value not in str(refused.value)


def test_secrets_do_not_show(load: Any) -> None:
    shown = repr(load(**BEYOND, **BY_MAIL))
    assert KEY not in shown and "p%40ss" not in shown


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, "", "", False, False)),
        ("smtp://relay.example.org", SmtpServer("relay.example.org", 25, "", "", False, False)),
        ("smtp://me:a%2Fb@relay.example.org", SmtpServer("relay.example.org", 587, "me", "a/b", False, True)),
        ("smtp+starttls://relay.example.org", SmtpServer("relay.example.org", 587, "", "", False, True)),
        ("smtps://me:x@relay.example.org", SmtpServer("relay.example.org", 465, "me", "x", True, True)),
    ],
)
def test_a_password_needs_an_encrypted_line(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ada@Example.ORG ", "ada@example.org"),
        ("a.b+c@xn--socit-esab.fr", "a.b+c@xn--socit-esab.fr"),
        ("ada@example.org\r\nBcc: eve@example.net", None),
        ("ada@example.org\n", "ada@example.org"),
        ("ada@exam\nple.org", None),
        ("ada@example.org,eve@example.net", None),
        ("Ada <ada@example.org>", None),
        ("ada@example.org@evil.net", None),
        ('"ada@example.org"@evil.net', None),
        ("аda@example.org", None),  # a Cyrillic а
        ("ada@exämple.org", None),
        ("ａda@example.org", None),  # full-width
        ("ada@example.or\u212a", None),  # a kelvin sign, which is k in lower case
        ("ada@[127.0.0.1]", None),
        ("a" * 65 + "@example.org", None),
        ("ada@" + "a" * 64 + ".org", None),
        ("@example.org", None),
        ("ada@", None),
        ("", None),
    ],
)
def test_an_address_has_one_form(text: str, address: str | None) -> None:
    assert email_address(text) == address


def test_only_what_is_surely_this_machine_is_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "[::1]", "LOCALHOST")))
    assert not any(map(is_loopback, ("localhost.evil.net", "0.0.0.0", "", "127.0.0.1.nip.io", "::", "2130706433")))
