"""A cookie is worth what was signed, for as long as it lasts, and for as long as the settings still allow it."""

import stat
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from adapters.web.sessions import IDLE, KEY_FILE, LASTS, VISIT, Session, Sessions, may_switch_roles, signing_key
from bot.errors import SettingsError
from bot.model.values import Language
from tests.adapters.web_security.conftest import Open
from tests.adapters.web_security.site import EMAIL_SIGN_IN, KEY, PUBLIC, Time, settings_of


def request(cookies: str = "", client: str | None = "127.0.0.1", **headers: str) -> HTTPConnection:
    sent = {"cookie": cookies} | headers
    return HTTPConnection(
        {
            "type": "http",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()],
            "client": (client, 5000) if client else None,
        }
    )


def test_what_is_written_is_read(clock: Time) -> None:
    sessions = Sessions(KEY, clock, secure=True)
    session = Session.start("technician", clock(), email="ada@example.org", name="Ada").in_language(Language.FR)
    response = Response()
    sessions.write(response, session)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-guichet=")
    assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=604800"))
    assert "Domain" not in cookie
    assert sessions.read(request(cookie.partition(";")[0])) == session


def test_over_plain_http_a_browser_would_drop_a_secure_cookie(clock: Time) -> None:
    response = Response()
    Sessions(KEY, clock, secure=False).write(response, Session.start("public", clock()))
    assert "Secure" not in response.headers["set-cookie"] and "__Host-" not in response.headers["set-cookie"]


def test_a_forged_cookie_is_none(clock: Time) -> None:
    sessions = Sessions(KEY, clock, secure=False)
    good = sessions.value(Session.start("public", clock()))
    body, _, signature = good.rpartition(".")
    other = Sessions(KEY[::-1], clock, secure=False).value(Session.start("technician", clock()))
    salted = URLSafeSerializer(KEY, salt="another").dumps({"r": "technician"})
    raised = urlsafe_b64encode(b'{"r":"technician"}').decode().rstrip("=")
    for forged in (other, salted, f"{raised}.{signature}", body, f"{good}x", ".", "", "x" * 4000, '"\\303"'):
        assert sessions.read(request(f"guichet={forged}")) is None
    assert sessions.read(request(f"guichet={good}")) is not None


@pytest.mark.parametrize(
    "payload", [{}, [], {"r": "root"}, "text", None, {"r": ["public"]}, {"r": "public", "t": 1e99}]
)
def test_a_payload_of_another_release_is_none(clock: Time, payload: Any) -> None:
    sessions = Sessions(KEY, clock, secure=False)
    assert sessions.read(request(f"guichet={sessions._serializer.dumps(payload)}")) is None


def test_a_session_ends(clock: Time) -> None:
    sessions = Sessions(KEY, clock, secure=False)
    signed_in = Session.start("employee", clock(), email="ada@example.org")
    visit = Session.start("public", clock())

    def alive(session: Session) -> bool:
        return sessions.read(request(f"guichet={sessions.value(session)}")) is not None

    clock.now += IDLE
    assert alive(signed_in) and alive(visit)
    signed_in = sessions.used(signed_in)
    clock.passes(seconds=1)
    assert alive(signed_in)
    clock.now += IDLE
    assert not alive(signed_in) and alive(sessions.used(signed_in))
    clock.now = signed_in.issued_at + LASTS
    assert alive(sessions.used(signed_in))
    clock.passes(seconds=1)
    assert not alive(sessions.used(signed_in)), "however much it is used"
    clock.now = visit.issued_at + VISIT
    assert alive(visit)
    clock.passes(seconds=1)
    assert not alive(visit)


def test_without_a_key_one_is_made_once_and_kept_for_this_user(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "home")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(signing_key, [settings] * 16))
    assert len(keys) == 1 and len(keys.pop()) >= 32
    file = settings.home / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in settings.home.iterdir()] == [KEY_FILE]
    assert signing_key(settings_of(tmp_path / "home", secret_key=KEY)) == KEY


def test_a_damaged_key_is_no_key(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("abc")
    with pytest.raises(SettingsError, match="GUICHET_SECRET_KEY"):
        signing_key(settings_of(tmp_path))


def test_roles_are_tried_on_this_machine_alone(tmp_path: Path) -> None:
    here = settings_of(tmp_path)
    assert may_switch_roles(request(), here) and may_switch_roles(request(client="::1"), here)
    assert may_switch_roles(request(), settings_of(tmp_path, public_url="http://localhost:8080"))
    for client in ("10.0.0.7", "127.0.0.1.evil.net", "", None):
        assert not may_switch_roles(request(client=client), here), client
    for header in ("forwarded", "x_forwarded_for", "x_forwarded_proto", "x_real_ip", "via"):
        assert not may_switch_roles(request(**{header: "127.0.0.1"}), here), header
    assert not may_switch_roles(request(), settings_of(tmp_path, public_url="https://desk.example.org"))
    mail = EMAIL_SIGN_IN | {"smtp_url": "smtp://127.0.0.1:1"}
    assert not may_switch_roles(request(), settings_of(tmp_path, **mail))
    beyond = settings_of(tmp_path, **mail, web_host="0.0.0.0", public_url=PUBLIC)
    assert not may_switch_roles(request(), beyond)


async def test_a_visitor_keeps_one_session_and_tries_roles(open_site: Open) -> None:
    _, browser = await open_site()
    first = await browser.session()
    assert (first["role"], first["email"], first["may_switch"]) == ("employee", None, True)
    assert (await browser.session())["id"] == first["id"]
    assert (await browser.post("/role", role="technician")).status_code == 204
    assert (await browser.session())["role"] == "technician"


async def test_through_a_proxy_a_tried_role_is_worth_nothing(open_site: Open) -> None:
    _, browser = await open_site()
    await browser.post("/role", role="technician")
    forwarded = await browser.http.get("/", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (forwarded.json()["role"], forwarded.json()["may_switch"]) == ("public", False)


async def test_a_cookie_is_written_anew_now_and_then_only(open_site: Open, clock: Time) -> None:
    _, browser = await open_site()
    assert "set-cookie" in (await browser.http.get("/")).headers
    assert "set-cookie" not in (await browser.http.get("/")).headers
    assert "set-cookie" not in (await browser.http.get("/static/page.css")).headers
    clock.passes(minutes=11)
    assert "set-cookie" in (await browser.http.get("/")).headers
