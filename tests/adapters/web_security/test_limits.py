"""Who asks too often waits, for as long as it is told, and nobody else does."""

import asyncio
import time
from ipaddress import ip_address
from pathlib import Path

import pytest
from limits import RateLimitItemPerSecond

from adapters.web import limits as module
from adapters.web.addresses import client_address, limited_as
from adapters.web.limits import BoundedMemory, Limits
from bot.web_settings import networks
from tests.adapters.web_security.conftest import Anew, Open
from tests.adapters.web_security.site import HTML, many, settings_of

PROXIES = networks(("10.0.0.0/8", "fd00::/8"))


def few(number: int, seconds: int = 1) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(number, seconds)


async def test_too_many_requests_are_refused_until_there_is_room_again(open_site: Open) -> None:
    _, browser = await open_site(Limits(few(5), many()))
    assert [(await browser.http.get("/")).status_code for _ in range(7)] == [200] * 5 + [429] * 2
    refused = await browser.http.get("/", headers=HTML)
    assert refused.headers["retry-after"] == "1" and "1 second" in refused.text
    assert (await browser.http.get("/static/page.css")).status_code == 200
    await asyncio.sleep(1.05)
    assert (await browser.http.get("/")).status_code == 200


async def test_a_stream_counts_once_however_long_it_lasts(open_site: Open) -> None:
    _, browser = await open_site(Limits(few(2, 60), many()))
    async with browser.http.stream("GET", "/stream") as answer:
        assert len([line async for line in answer.aiter_lines() if line.startswith("data")]) == 3
    assert [(await browser.http.get("/")).status_code for _ in range(2)] == [200, 429]


async def test_a_persons_messages_are_counted_apart_from_the_others(open_site: Open, another_browser: Anew) -> None:
    site, browser = await open_site(Limits(many(), few(2, 60)))
    other = await another_browser(browser)
    assert [(await browser.post("/say", text="hello")).status_code for _ in range(3)] == [204, 204, 429]
    assert (await other.post("/say", text="hello")).status_code == 204
    assert (await browser.http.get("/")).status_code == 200
    assert len(site.said) == 3


async def test_the_settings_say_how_many(tmp_path: Path) -> None:
    made = Limits.of(settings_of(tmp_path))
    assert [await made.request("a") is None for _ in range(101)] == [True] * 100 + [False]
    assert 55 <= (await made.request("a") or 0) <= 60


async def test_the_memory_is_bounded_and_keeps_whom_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEYS", 100)
    limits = Limits(few(2, 60), many())
    for _ in range(3):
        await limits.request("insistent")
    for number in range(1000):
        await limits.request(f"sprayed {number}")
        if number % 50 == 0:
            assert await limits.request("insistent") is not None
    assert len(limits._memory.events) <= 100
    assert await limits.request("insistent") is not None


async def test_what_is_over_is_forgotten() -> None:
    memory = BoundedMemory()
    for number in range(50):
        assert await memory.acquire_entry(str(number), 1, 1)
    await asyncio.sleep(1.05)
    assert await memory.acquire_entry("last", 1, 1)
    assert list(memory.events) == ["last"]


async def test_counting_is_quick_whatever_is_remembered() -> None:
    limits = Limits(few(100, 60), many())
    started = time.perf_counter()
    for number in range(30_000):
        await limits.request(f"address {number}")
    assert time.perf_counter() - started < 5


def came_from(peer: str | None, *forwarded: str) -> str:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}
    return limited_as(client_address(scope, PROXIES))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),  # anybody can write that
        ("10.0.0.7", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.7", ("198.51.100.1, 203.0.113.9",), "203.0.113.9"),  # what is left of it was sent by 203.0.113.9
        ("10.0.0.7", ("198.51.100.1", "203.0.113.9, 10.0.0.8"), "203.0.113.9"),
        ("10.0.0.7", ("198.51.100.1:4711",), "198.51.100.1"),
        ("10.0.0.7", ("[2001:db8:1:2:3::4]:80",), "2001:db8:1:2::/64"),
        ("10.0.0.7", ("198.51.100.1, unknown",), "10.0.0.7"),
        ("10.0.0.7", ("",), "10.0.0.7"),
        ("10.0.0.7", (), "10.0.0.7"),
        ("::ffff:10.0.0.7", ("198.51.100.1",), "198.51.100.1"),
        ("2001:db8:1:2:aaaa::1", (), "2001:db8:1:2::/64"),
        ("fe80::1%eth0", (), "fe80::/64"),
        (None, ("198.51.100.1",), "unknown"),
    ],
)
def test_an_address_is_believed_as_far_as_the_proxies_are(
    peer: str | None, forwarded: tuple[str, ...], address: str
) -> None:
    assert came_from(peer, *forwarded) == address


def test_a_subscriber_is_one_whatever_address_they_take() -> None:
    assert limited_as(ip_address("2001:db8::1")) == limited_as(ip_address("2001:db8::ffff:1"))
    assert limited_as(ip_address("2001:db8::1")) != limited_as(ip_address("2001:db8:0:1::1"))
