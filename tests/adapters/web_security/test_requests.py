"""What a hostile site, network or program may send, and what it gets."""

import asyncio
import gzip
from contextlib import suppress

import httpx
import pytest

from adapters.web import security
from adapters.web.security import HEADERS, LARGEST_BODY, host_of
from tests.adapters.web_security.conftest import Anew, Open
from tests.adapters.web_security.site import HTML, PUBLIC, Browser

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def raw(browser: Browser, sent: bytes, seconds: float = 3.0) -> bytes:
    """What a server answers to these bytes, until it closes or is silent."""
    address = browser.http.base_url
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(sent)
    answer = b""
    with suppress(TimeoutError, ConnectionResetError):
        async with asyncio.timeout(seconds):
            while more := await reader.read(65536):
                answer += more
    writer.close()
    return answer


async def test_every_answer_has_the_headers(open_site: Open) -> None:
    _, browser = await open_site()
    answers = [
        await browser.http.get("/"),
        await browser.http.get("/nothing-here"),
        await browser.http.get("/", headers={"host": "evil.example"}),
        await browser.http.post("/say", content=b"x" * (LARGEST_BODY + 1)),
        await browser.http.post("/say"),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 413, 403]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
    assert (await browser.http.get("/static/page.css")).headers["cache-control"] == "max-age=60"


async def test_nothing_of_another_origin_may_run() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy


async def test_https_is_remembered(open_site: Open) -> None:
    async def page(scope: object, receive: object, send: object) -> None: ...

    guarded = security.SecurityHeaders(page, https=True)
    assert guarded._headers["Strict-Transport-Security"] == "max-age=31536000"


# Hosts


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil.example", "127.0.0.2", "[::1", "", "localhost:x"]
)
async def test_a_foreign_name_for_this_machine_is_refused(open_site: Open, host: str) -> None:
    _, browser = await open_site()
    answer = await browser.http.get("/", headers={"host": host, **HTML})
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers and (not host or host not in answer.text)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "desk.example.org"])
async def test_its_own_names_are_not(open_site: Open, host: str) -> None:
    _, browser = await open_site(public_url=PUBLIC)
    assert (await browser.http.get("/", headers={"host": host})).status_code == 200


def test_a_host_is_a_host_and_a_port() -> None:
    assert host_of("Desk.example.org:443") == "desk.example.org"
    assert [host_of(text) for text in ("a/b", "a?b", "a#b", "u@a", "a:b", "", "[::1")] == [None] * 7


async def test_no_host_and_two_hosts_are_refused(open_site: Open) -> None:
    _, browser = await open_site()
    assert b" 400 " in await raw(browser, b"GET / HTTP/1.1\r\n\r\n", 0.5)
    assert b" 400 " in await raw(browser, b"GET / HTTP/1.0\r\n\r\n", 0.5)
    assert b" 400 " in await raw(browser, b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 0.5)


# Requests from other sites


async def test_our_own_forms_and_scripts_are_served(open_site: Open) -> None:
    site, browser = await open_site()
    origin = {"origin": str(browser.http.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    assert (await browser.post("/say", origin, text="by form")).status_code == 204
    token = {"x-csrf-token": await browser.csrf()}
    assert (await browser.http.post("/say", json={"text": "by script"}, headers=token | origin)).status_code == 204
    parts = {"csrf": (None, await browser.csrf()), "text": (None, "in parts")}
    assert (await browser.http.post("/say", files=parts, headers=origin)).status_code == 204
    assert site.said == ["by form", "by script", "in parts"]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "https://127.0.0.1"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
    ids=str,
)
async def test_another_site_changes_nothing_even_with_the_token(open_site: Open, headers: dict[str, str]) -> None:
    site, browser = await open_site()
    answer = await browser.post("/say", headers, text="by a stranger")
    assert answer.status_code == 403 and "another site" in answer.text
    assert site.said == []


async def test_without_the_sessions_token_nothing_is_changed(open_site: Open, another_browser: Anew) -> None:
    site, browser = await open_site()
    stranger = await another_browser(browser)
    token, theirs = await browser.csrf(), await stranger.csrf()
    for csrf in ("", "x", theirs, token[:-1], token + "é", "\ud800".encode(errors="replace").decode()):
        assert (await browser.http.post("/say", data={"csrf": csrf, "text": "hello"})).status_code == 403
    assert (await browser.http.post("/say", json={"csrf": token, "text": "hello"})).status_code == 403
    assert (await browser.http.post("/say", headers={"x-csrf-token": theirs}, data={"csrf": token})).status_code == 403
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await browser.http.request(method, "/say")).status_code == 403
    browser.http.cookies.clear()
    assert (await browser.http.post("/say", data={"csrf": token, "text": "hello"})).status_code == 403
    assert site.said == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n'),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"&" * 1000 + b"a=b" * 200),
        ("application/x-www-form-urlencoded; charset=utf-7", b"csrf=%ff%fe"),
        ("application/x-www-form-urlencoded", "&".join(f"a{n}=1" for n in range(500)).encode()),
    ],
)
async def test_a_form_that_is_none_is_refused_quietly(open_site: Open, kind: str, body: bytes) -> None:
    site, browser = await open_site()
    await browser.csrf()
    assert (await browser.http.post("/say", content=body, headers={"content-type": kind})).status_code == 403
    assert site.said == []


# Bodies


async def test_a_body_of_ten_megabytes_is_refused(open_site: Open) -> None:
    site, browser = await open_site()
    answer = await browser.http.post("/say", content=b"x" * 10_000_000, headers=FORM | HTML)
    assert answer.status_code == 413 and "64 kB" in answer.text
    assert (await browser.post("/say", text="still there")).status_code == 204
    assert site.said == ["still there"]


async def test_a_body_that_does_not_say_how_long_it_is_is_bounded_too(open_site: Open) -> None:
    _, browser = await open_site()
    sent = 0

    async def endless() -> object:
        nonlocal sent
        for _ in range(100_000):
            sent += 1
            yield b"x" * 1024

    with suppress(httpx.TransportError):  # cut off while it still sends
        answer = await browser.http.post("/say", content=endless(), headers=FORM)  # type: ignore[arg-type]
        assert answer.status_code == 413
    assert sent < 60_000


async def test_the_largest_body_is_taken(open_site: Open) -> None:
    site, browser = await open_site()
    token = await browser.csrf()
    body = f"csrf={token}&text=".encode()
    body += b"x" * (LARGEST_BODY - len(body))
    assert (await browser.http.post("/say", content=body, headers=FORM)).status_code == 204
    assert (await browser.http.post("/say", content=body + b"x", headers=FORM)).status_code == 413
    assert len(site.said[0]) > 65_000


async def test_a_compressed_body_is_not_unpacked(open_site: Open) -> None:
    _, browser = await open_site()
    bomb = gzip.compress(b"csrf=x&text=" + b"x" * 5_000_000)
    assert len(bomb) < LARGEST_BODY
    headers = FORM | {"content-encoding": "gzip"}
    assert (await browser.http.post("/say", content=bomb, headers=headers)).status_code == 403


async def test_a_body_that_trickles_is_given_up(open_site: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.web.signin.BODY_SECONDS", 0.3)
    _, browser = await open_site()
    head = b"POST /say HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ncsrf="
    answer = await raw(browser, head)
    assert answer.startswith(b"HTTP/1.1 408 ") and b"connection: close" in answer.lower()
    assert (await browser.http.get("/")).status_code == 200


async def test_what_says_two_lengths_is_no_request(open_site: Open) -> None:
    site, browser = await open_site()
    smuggled = (
        b"POST /say HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nContent-Length: 7\r\n\r\n0\r\n\r\nG"
        b"GET /say HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    answer = await raw(browser, smuggled, 0.5)
    assert answer.count(b"HTTP/1.1") == 1 and b" 400 " in answer
    assert site.said == []


async def test_a_stream_passes_through_as_it_comes(open_site: Open) -> None:
    _, browser = await open_site()
    async with browser.http.stream("GET", "/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        data = [line async for line in answer.aiter_lines() if line.startswith("data")]
    assert data == ["data: 0", "data: 1", "data: 2"]


async def test_a_refusal_is_told_in_the_readers_language(open_site: Open) -> None:
    _, browser = await open_site()
    headers = {"host": "evil.example", "accept-language": "de, fr-CA;q=0.8, en;q=0.5"}
    page = await browser.http.get("/", headers=headers | HTML)
    assert '<html lang="fr"' in page.text and "servie" in page.text
    told = (await browser.http.get("/", headers=headers)).json()
    assert told["error"] == "host" and "servie" in told["message"]
