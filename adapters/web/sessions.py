"""Who sits at a browser: a session, kept in a signed cookie and nowhere else."""

import hashlib
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, Self

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.errors import SettingsError
from bot.model.values import Language
from bot.ownership import make_home
from bot.ports.adapters import Clock
from bot.settings import Settings
from bot.web_settings import is_loopback

Role = Literal["employee", "public", "technician"]
ROLES: tuple[Role, ...] = ("employee", "public", "technician")

COOKIE = "guichet"
LASTS = timedelta(days=7)  # of a sign-in, however much it is used
IDLE = timedelta(hours=12)  # of a sign-in that is not used
VISIT = timedelta(days=90)  # of a visit without sign-in: people come back to their conversation
FRESH = timedelta(minutes=10)  # after which a used session is written anew, and its role looked up again
KEY_FILE = "web.key"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Session:
    """One browser's session. `id` is random and changes with every sign-in; `email` is there once signed in."""

    id: str
    role: Role
    csrf: str
    issued_at: datetime
    seen_at: datetime
    language: Language | None = None
    email: str | None = None
    name: str = ""

    @classmethod
    def start(cls, role: Role, now: datetime, *, email: str | None = None, name: str = "") -> Self:
        """A new session that has nothing of any earlier one."""
        return cls(secrets.token_urlsafe(18), role, secrets.token_urlsafe(24), now, now, email=email, name=name)

    @property
    def native_id(self) -> str:
        """The person on this platform: their address once signed in, whatever the browser; else the browser, and
        somebody else in each role that it tries."""
        return self.email or f"{self.id}.{self.role}"

    @property
    def is_internal(self) -> bool:
        return self.role != "public"

    def as_role(self, role: Role) -> Self:
        return replace(self, role=role)

    def in_language(self, language: Language) -> Self:
        return replace(self, language=language)


class Sessions:
    """Reads and writes the cookie. `secure`: the page is served over https only."""

    def __init__(self, key: str, clock: Clock, *, secure: bool) -> None:
        self._clock = clock
        self._secure = secure
        # With the prefix a browser takes the cookie from this host alone, never from a neighbour on the same domain.
        self.cookie = f"__Host-{COOKIE}" if secure else COOKIE
        self._serializer = URLSafeSerializer(
            key, salt="guichet.web.session", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Self:
        """Raises SettingsError if a key has to be kept in GUICHET_HOME and cannot be."""
        return cls(signing_key(settings), clock, secure=(settings.public_url or "").startswith("https:"))

    @property
    def now(self) -> datetime:
        return self._clock()

    def read(self, request: HTTPConnection) -> Session | None:
        """The session of a request; None without one, and for one that is forged, damaged or over."""
        value = request.cookies.get(self.cookie)
        if not value:
            return None
        try:
            session = _session(self._serializer.loads(value))
        except (BadData, ValueError, TypeError, KeyError):
            return None
        now = self._clock()
        lasts, idle = (LASTS, IDLE) if session.email else (VISIT, VISIT)
        is_over = now - session.issued_at > lasts or now - session.seen_at > idle
        return None if is_over or session.issued_at > now + FRESH else session

    def write(self, response: Response, session: Session) -> None:
        lasts = LASTS if session.email else VISIT
        response.set_cookie(
            self.cookie,
            self.value(session),
            max_age=int((session.issued_at + lasts - self._clock()).total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def value(self, session: Session) -> str:
        """What the cookie holds: readable for whoever has it, and not to be changed by them."""
        return self._serializer.dumps(_payload(session))

    def clear(self, response: Response) -> None:
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax")

    def is_stale(self, session: Session) -> bool:
        """Whether it is time to write the session anew."""
        return self._clock() - session.seen_at > FRESH

    def used(self, session: Session) -> Session:
        return replace(session, seen_at=self._clock())


def may_switch_roles(request: HTTPConnection, settings: Settings) -> bool:
    """Whether this visitor may try every role: only on this machine, with no sign-in and no proxy in between.

    A proxy on this machine looks like a visitor on this machine: a header of its own, or a public address in the
    settings, gives it away.
    """
    if settings.sign_in or not is_loopback(settings.web_host):
        return False
    if settings.public_url and not is_loopback(settings.public_url.split("://")[1].rsplit(":", 1)[0]):
        return False
    if any(name in request.headers for name in FORWARDED):
        return False
    client = request.client
    try:
        return client is not None and ip_address(client.host).is_loopback
    except ValueError:
        return False


def signing_key(settings: Settings) -> str:
    """GUICHET_SECRET_KEY; without one, a random key that is kept in GUICHET_HOME for this user alone."""
    if settings.secret_key:
        return settings.secret_key.get_secret_value()
    file = settings.home / KEY_FILE
    try:
        return _kept_key(file)
    except OSError as error:
        raise SettingsError(
            f"GUICHET_SECRET_KEY: should be set, as {file} cannot be kept ({error.strerror})"
        ) from error


def _kept_key(file: Path) -> str:
    """Of several processes that make the file at once, one does, and all read the same."""
    make_home(file.parent)
    if not file.exists():
        draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as out:
                out.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(draft, file)
        finally:
            draft.unlink()
    key = file.read_text(encoding="ascii").strip()
    if len(key) < 32:
        raise OSError(0, "it is too short for a key: remove it")
    return key


def _payload(session: Session) -> dict[str, Any]:
    return {
        "i": session.id,
        "r": session.role,
        "c": session.csrf,
        "t": int(session.issued_at.timestamp()),
        "s": int(session.seen_at.timestamp()),
        "l": session.language,
        "e": session.email,
        "n": session.name,
    }


def _session(payload: dict[str, Any]) -> Session:
    if payload["r"] not in ROLES:
        raise ValueError(payload["r"])
    return Session(
        id=str(payload["i"]),
        role=payload["r"],
        csrf=str(payload["c"]),
        issued_at=datetime.fromtimestamp(payload["t"], UTC),
        seen_at=datetime.fromtimestamp(payload["s"], UTC),
        language=Language(payload["l"]) if payload["l"] else None,
        email=payload["e"],
        name=str(payload["n"]),
    )
