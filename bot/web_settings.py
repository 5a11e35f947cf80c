"""What the web page's settings may hold, and when a page may be served at all."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

if TYPE_CHECKING:
    from bot.settings import Settings

LONGEST_ADDRESS = 254  # characters (RFC 5321, section 4.5.3.1.3, without the angle brackets)
LONGEST_LOCAL_PART = 64
SHORTEST_KEY = 32  # characters
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_HEADER = re.compile(r"[A-Za-z0-9-]+")

Network = IPv4Network | IPv6Network


def email_address(text: str) -> str | None:
    """An e-mail address in its one form, trimmed and in lower case; None if it is none.

    ASCII only: two addresses that look alike must never be taken for one another, and what is compared is what gets
    the mail. A domain with other letters is written in its xn-- form.
    """
    address = text.strip().lower()
    local, at, domain = address.rpartition("@")
    short = len(address) <= LONGEST_ADDRESS and len(local) <= LONGEST_LOCAL_PART
    if not (text.isascii() and short and at and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        return None
    return address


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine alone; a name that is not `localhost` may be anywhere."""
    name = host.strip("[]").lower()
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _words(value: Any) -> Any:
    """`a, b c` as a tuple; what is no text is left to pydantic."""
    return tuple(re.split(r"[,\s]+", value.strip(", \t\n"))) if isinstance(value, str) and value.strip(", ") else ()


def _emails(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_email_or_domain, values))


def _email_or_domain(value: str) -> str:
    found = email_address(f"x{value}" if value.startswith("@") else value)
    if found is None:
        raise ValueError(
            f"should be addresses and @domains, separated by commas; {value!r} is neither "
            "(a domain with accents is written in its xn-- form)"
        )
    return found[1:] if value.startswith("@") else found


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        try:
            network = ip_network(value, strict=False)
        except ValueError as error:
            raise ValueError(
                f"should be addresses and networks such as 10.0.0.7 or 10.0.0.0/24, not {value!r}"
            ) from error
        if not network.prefixlen:
            raise ValueError(f"should name your proxies; {value} would let anybody on the network say who they are")
    return values


def _host(value: str) -> str:
    if not value.strip():
        raise ValueError("should be the address to listen on: 127.0.0.1, or 0.0.0.0 for every interface")
    return value.strip()


def _public_url(value: str | None) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and not parts.fragment
    if not usable or parts.username or parts.path not in ("", "/"):
        raise ValueError("should be the address people type, such as https://desk.example.org, without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _secret_key(value: SecretStr | None) -> SecretStr | None:
    if not value or not value.get_secret_value():
        return None
    if len(value.get_secret_value()) < SHORTEST_KEY:
        raise ValueError(f"should be at least {SHORTEST_KEY} characters, such as the output of: openssl rand -hex 32")
    return value


def _smtp_url(value: SecretStr | None) -> SecretStr | None:
    if not value or not value.get_secret_value():
        return None
    SmtpServer.parse(value.get_secret_value())
    return value


def _smtp_from(value: str | None) -> str | None:
    if value and not email_address(value):
        raise ValueError("should be an e-mail address, such as desk@example.org")
    return value or None


def _header(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise ValueError("should be the name of a header, such as X-Forwarded-Email")
    return value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Emails = Annotated[Words, AfterValidator(_emails)]
Networks = Annotated[Words, AfterValidator(_networks)]
Host = Annotated[str, AfterValidator(_host)]
PublicUrl = Annotated[str | None, AfterValidator(_public_url)]
SecretKey = Annotated[SecretStr | None, AfterValidator(_secret_key)]
SmtpUrl = Annotated[SecretStr | None, AfterValidator(_smtp_url)]
SmtpFrom = Annotated[str | None, AfterValidator(_smtp_from)]
HeaderName = Annotated[str, AfterValidator(_header)]


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. `needs_tls`: nothing is said, and no password given, before the line is encrypted."""

    host: str
    port: int
    user: str
    password: str
    tls: bool  # from the first byte on
    needs_tls: bool

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Raises ValueError, without the URL in it."""
        wrong = "should be smtp://HOST:PORT, smtp+starttls://USER:PASSWORD@HOST:PORT or smtps://USER:PASSWORD@HOST:PORT"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(wrong) from error
        if parts.scheme not in SMTP_PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError(wrong)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        default = SMTP_PORTS["smtp+starttls" if user and parts.scheme == "smtp" else parts.scheme]
        tls = parts.scheme == "smtps"
        needs_tls = tls or parts.scheme == "smtp+starttls" or bool(user and not is_loopback(parts.hostname))
        return cls(parts.hostname, port or default, user, password, tls, needs_tls)


def networks(values: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(value, strict=False) for value in values)


def refusals(settings: "Settings") -> list[str]:
    """Why the page must not be served as it is set up; each names what to set."""
    wrong: list[str] = []
    if not settings.web:
        return wrong
    beyond = not is_loopback(settings.web_host)
    reason = f"because GUICHET_WEB_HOST={settings.web_host} lets other machines in" if beyond else "for the sign-in"
    if beyond and not settings.sign_in:
        wrong.append(f"GUICHET_SIGN_IN: should be email or proxy, {reason}; or set GUICHET_WEB_HOST=127.0.0.1")
    if (beyond or settings.sign_in) and not settings.secret_key:
        wrong.append(f"GUICHET_SECRET_KEY: should be set, {reason}: openssl rand -hex 32 makes one")
    if beyond and not settings.public_url:
        wrong.append(f"GUICHET_PUBLIC_URL: should be the address people type, {reason}")
    if settings.sign_in == "email":
        if not settings.sign_in_emails:
            wrong.append("GUICHET_SIGN_IN_EMAILS: should say who may sign in, such as ada@example.org, @example.com")
        if not settings.smtp_url:
            wrong.append("GUICHET_SMTP_URL: should be the mail server that sends the codes")
        if not settings.smtp_from:
            wrong.append("GUICHET_SMTP_FROM: should be the address that the codes are sent from")
    if settings.sign_in == "proxy" and not settings.trusted_proxies:
        wrong.append("GUICHET_TRUSTED_PROXIES: should name the proxy that signs people in, such as 10.0.0.7")
    return wrong
