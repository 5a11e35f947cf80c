"""What the contact page lets in, and what it keeps out."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import text
from starlette.requests import HTTPConnection
from starlette.responses import Response

from adapters.web.contact.browsers import COOKIE, Browsers
from adapters.web.contact.paths import is_contact
from storage.store import SqlStorage
from tests.adapters.web.contact.desk import KEY, PHONE, POST, Time, contact_desk, words
from tests.adapters.web.desk import items
from tests.adapters.web_security.conftest import Open
from tests.adapters.web_security.site import EMAIL_SIGN_IN, HTML, PROXY_SIGN_IN, served, settings_of

CLOSED = (
    "/",
    "/say",
    "/press",
    "/stream",
    "/desk",
    "/desk/T1",
    "/desk/stats",
    "/files/x/y",
    "/contacts",
    "/c",
    "/role",
)
XSS = '<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) "onmouseover="alert(1)'


@pytest.mark.parametrize("sign_in", [EMAIL_SIGN_IN | {"smtp_url": "smtp://127.0.0.1:1"}, PROXY_SIGN_IN])
async def test_where_people_sign_in_these_addresses_alone_are_open(open_site: Open, sign_in: dict[str, Any]) -> None:
    _, browser = await open_site(**sign_in)
    for path in ("/contact", "/c/token", "/c/token/stream", "/d/signed", f"/contact/{'0' * 36}"):
        assert (await browser.http.get(path, headers=HTML)).status_code == 404, (
            "there is none here, and nobody is asked"
        )
    for path in CLOSED:
        for headers in (HTML, {}):
            response = await browser.http.get(path, headers=headers)
            assert response.status_code in (303, 401), path


async def test_the_page_works_where_the_rest_wants_a_sign_in(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    signed = {"sign_in": "proxy", "trusted_proxies": ("10.9.9.9",), "secret_key": SecretStr(KEY)}
    async with contact_desk(sqlite_storage, tmp_path / "home", **signed) as desk:
        ada = desk.browser()
        page = await ada.opens(POST)
        assert page.status_code == 200
        assert len(items(await ada.writes("what is the meaning of zorglub?"))) == 2
        assert (await ada.post("/language", language="fr", next=POST)).status_code == 303
        assert (await ada.get("/")).status_code == 401
        assert (await ada.get("/desk")).status_code == 401
        assert (await ada.post("/say", text="hello")).status_code == 401
        assert 'class="roles"' not in page.text and 'href="/"' not in page.text


def test_only_its_own_addresses_are_the_contact_pages() -> None:
    assert all(map(is_contact, ("/contact", "/contact/1", "/c/x", "/d/x/again")))
    assert not any(
        map(is_contact, ("/", "/c", "/d", "/contacts", "/contact-us", "/desk/c/x", "/cc/x", "//c/x", "/C/x"))
    )


async def test_the_cookie_says_which_browser_it_is_and_nothing_can_be_made_of_it(tmp_path: Path) -> None:
    clock = Time()
    https = Browsers(settings_of(tmp_path, secret_key=KEY, public_url="https://desk.example.org"), clock)
    assert https.cookie == f"__Host-{COOKIE}"
    http = Browsers(settings_of(tmp_path, secret_key=KEY), clock)
    other = Browsers(settings_of(tmp_path, secret_key=KEY[::-1]), clock)

    def asks(cookie: str) -> Any:
        return HTTPConnection({"type": "http", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]})

    response, browser = Response(), http.of(asks(""))
    http.keep(response, browser)
    header = response.headers["set-cookie"]
    assert "HttpOnly" in header and "SameSite=lax" in header and browser.id not in header
    value = header.partition("=")[2].partition(";")[0]
    assert http.of(asks(value)).id == browser.id
    assert other.of(asks(value)).id != browser.id
    assert http.of(asks(value[:-2] + "AA")).id != browser.id
    again = Response()
    http.keep(again, http.of(asks(value)))
    assert "set-cookie" not in again.headers, "not with every page"
    clock.passes(days=2)
    http.keep(again, http.of(asks(value)))
    assert "set-cookie" in again.headers, "who comes back keeps it"
    clock.passes(days=100)
    assert http.of(asks(value)).id != browser.id
    secured = Response()
    https.keep(secured, browser)
    assert "Secure" in secured.headers["set-cookie"]


@pytest.mark.parametrize("path", ["say", "press", "code", "verify"])
async def test_nothing_is_done_without_the_pages_token(sqlite_storage: SqlStorage, tmp_path: Path, path: str) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home") as desk:
        ada = desk.browser()
        await ada.opens(POST)
        ada.token = "wrong"
        assert (await ada.post(f"{POST}/{path}", text="hello")).status_code == 403
        await ada.opens(POST)
        elsewhere = {"Origin": "https://evil.example", "Accept": "text/html"}
        sent = await ada.http.post(f"{POST}/{path}", data={"csrf": ada.token}, headers=elsewhere)
        assert sent.status_code == 403
        assert (await ada.http.get(f"{POST}/{path}")).status_code in (404, 405), "to look at it does nothing"
        assert await desk.direct_messages() == []


async def test_what_a_post_says_is_text(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home", text=XSS, warning=XSS) as desk:
        response = await desk.browser().opens(POST)
        page = BeautifulSoup(response.text, "html.parser")
        assert page.select_one(".post .words").get_text() == XSS  # type: ignore[union-attr]
        assert page.select_one(".post summary").get_text() == XSS  # type: ignore[union-attr]
        assert all(str(one.get("src", "")).startswith("/static/") for one in page.select("script"))
        assert not page.select("[onerror], [onmouseover], .post img, a[href^=javascript]")
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
        assert response.headers["referrer-policy"] == "same-origin"
        assert response.headers["cache-control"] == "no-store"
        addresses = [one.get(name, "") for one in page.select("[src], link[href]") for name in ("src", "href")]
        assert all(str(one).startswith("/static/") for one in addresses if one), "nobody else is asked for anything"


async def test_a_body_of_ten_megabytes_is_refused_and_all_goes_on(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home") as desk:
        ada = desk.browser()
        await ada.opens(POST)
        huge = {"text": "x" * 10_000_000, "message": "x" * 10_000_000}
        for path in (f"{POST}/say", f"{POST}/code", "/contact"):
            assert (await ada.post(path, huge)).status_code == 413, path
        files = await ada.sends(f"{POST}/say", ("a.png", b"x" * 10_000_000), text="look")
        assert files.status_code == 400, "files are taken of who is known"
        assert len(items(await ada.writes("what is the meaning of zorglub?"))) == 2


async def test_who_is_known_may_send_a_file_and_reads_what_technicians_send(
    sqlite_storage: SqlStorage, tmp_path: Path
) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home") as desk:
        ada, bob = desk.browser(), desk.browser()
        await ada.opens(POST)
        await ada.proves(desk)
        await ada.writes("I want to talk to a human about my screen")
        sent = await ada.sends(f"{POST}/say", ("note.txt", b"it is blue"), text="look")
        assert sent.status_code == 303
        page = BeautifulSoup((await ada.get(POST)).text, "html.parser")
        [address] = {str(one["href"]) for one in page.select("a.file")}
        assert address.startswith(f"{POST}/files/")
        got = await ada.http.get(address)
        assert got.content == b"it is blue" and "sandbox" in got.headers["content-security-policy"]
        await bob.opens(POST)
        assert (await bob.http.get(address)).status_code == 404


async def test_trying_tells_a_visitor_nothing_of_the_author(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home") as desk:
        ada, bob = desk.browser(), desk.browser()
        await ada.opens(POST)
        await ada.proves(desk)
        await ada.writes("I want to talk to a human about my secret screen")
        await bob.opens(POST)
        seen = [await bob.get(POST), await bob.post(f"{POST}/verify", code="BBBB-BBBB")]
        for said in ("where is my ticket?", "T1 does not work", "/ticket show T1", "/ticket mine", "what did I say?"):
            seen.append(await bob.post(f"{POST}/say", text=said))
        for press in ("ticket_show|T1", "settled|T1", "reopen|T1", "ticket_mine|"):
            seen.append(await bob.post(f"{POST}/press", press=press))
        seen.append(await bob.get(POST))
        for page in seen:
            assert "secret" not in page.text and "Lovelace" not in page.text
        async with desk.storage.unit_of_work() as uow:
            ticket = await uow.tickets.by_number(1)
        assert ticket and ticket.is_active


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_cookie_is_a_mistake(tmp_path: Path, value: str) -> None:
    browsers = Browsers(settings_of(tmp_path, secret_key=KEY), Time())
    headers = [(b"cookie", f"{COOKIE}={value}".encode("utf-8", "replace"))]
    assert browsers.of(HTTPConnection({"type": "http", "headers": headers})).issued_at == 0


async def test_words_from_right_to_left_stand_so(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    arabic = "التطبيق لا يعمل"
    async with contact_desk(sqlite_storage, tmp_path / "home", text=arabic) as desk:
        page = BeautifulSoup((await desk.browser().opens(POST)).text, "html.parser")
        assert page.select_one(".post .words[dir=auto]").get_text() == arabic  # type: ignore[union-attr]


async def test_a_real_connection_streams_and_says_who_is_there(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home") as desk:
        async with (
            served(desk.web.application, desk.web.site.settings) as address,
            httpx.AsyncClient(base_url=address, headers={"User-Agent": PHONE} | HTML) as ada,
        ):
            page = BeautifulSoup((await ada.get(POST)).text, "html.parser")
            token = str(page.select_one("[name=csrf]")["value"])  # type: ignore[index]
            form = {"csrf": token, "id": "0123456789abcdef", "text": "what is the meaning of zorglub?"}
            await ada.post(f"{POST}/say", data=form)
            desk.clock.passes(minutes=5)
            async with ada.stream("GET", f"{POST}/stream?after=0", headers={"Accept": "text/event-stream"}) as news:
                heard = ""
                async for line in news.aiter_lines():
                    heard += line
                    if "zorglub" in words(heard) and 'data-author="bot"' in heard:
                        break
        database: Any = desk.storage._context.database
        seen = await database.read(
            lambda connection: connection.execute(text("select seen_at from contact_visits")).scalar()
        )
        assert f"{desk.clock():%H:%M}" in str(seen), "somebody sits there"
