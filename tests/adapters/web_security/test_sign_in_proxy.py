"""Signing in at a reverse proxy: what it says is believed, what anybody else says is not even seen."""

from typing import Any

import pytest

from adapters.web.limits import Limits
from tests.adapters.web_security.conftest import Open
from tests.adapters.web_security.site import HTML, PROXY_SIGN_IN, many

ADA = {"x-forwarded-email": "Ada@Example.org", "x-forwarded-preferred-username": "Ada L"}


async def test_the_proxy_says_who_it_is(open_site: Open) -> None:
    site, browser = await open_site(**PROXY_SIGN_IN)
    browser.http.headers.update(ADA)
    seen = await browser.session()
    assert (seen["email"], seen["name"], seen["role"]) == ("ada@example.org", "Ada L", "employee")
    assert (await browser.session())["id"] == seen["id"]
    assert (await browser.post("/say", text="hello")).status_code == 204
    assert site.forwarded == [None] * len(site.forwarded), "the header is taken out"


async def test_who_it_does_not_name_sees_nothing(open_site: Open) -> None:
    _, browser = await open_site(**PROXY_SIGN_IN)
    answer = await browser.http.get("/", headers=HTML)
    assert answer.status_code == 401 and "did not say who you are" in answer.text


@pytest.mark.parametrize(
    "values",
    [
        PROXY_SIGN_IN | {"trusted_proxies": "10.0.0.7"},
        PROXY_SIGN_IN | {"sign_in_emails": "eve@example.org"},
        PROXY_SIGN_IN | {"proxy_header_email": "X-Auth-Request-Email"},
    ],
    ids=["another peer", "another address", "another header"],
)
async def test_a_header_that_does_not_count_signs_nobody_in(open_site: Open, values: dict[str, Any]) -> None:
    _, browser = await open_site(**values)
    for extra in ({}, {"x-forwarded-for": "10.0.0.7"}, {"forwarded": "for=10.0.0.7"}, {"x-real-ip": "10.0.0.7"}):
        assert (await browser.http.get("/", headers=ADA | extra)).status_code == 401


async def test_without_such_a_sign_in_the_header_is_not_even_seen(open_site: Open) -> None:
    site, browser = await open_site()
    seen = (await browser.http.get("/", headers=ADA)).json()
    assert seen["email"] is None and site.forwarded == [None]


@pytest.mark.parametrize(
    "said", ["", "ada", "ada@example.org, eve@example.org", "ada@example.org,ada@example.org", "\u00e4da@example.org"]
)
async def test_what_is_no_address_is_nobody(open_site: Open, said: str) -> None:
    _, browser = await open_site(**PROXY_SIGN_IN)
    headers = [(b"x-forwarded-email", said.encode("latin-1"))]
    assert (await browser.http.get("/", headers=headers)).status_code == 401


async def test_two_headers_are_nobody(open_site: Open) -> None:
    """A visitor's own header beside the proxy's: which is whose, nobody can tell."""
    _, browser = await open_site(**PROXY_SIGN_IN)
    headers = [("x-forwarded-email", "eve@example.org"), ("x-forwarded-email", "ada@example.org")]
    assert (await browser.http.get("/", headers=headers)).status_code == 401


async def test_somebody_else_at_the_same_browser_is_somebody_else(open_site: Open) -> None:
    _, browser = await open_site(**PROXY_SIGN_IN)
    ada = (await browser.http.get("/", headers=ADA)).json()
    eve = (await browser.http.get("/", headers={"x-forwarded-email": "eve@example.org"})).json()
    assert eve["email"] == "eve@example.org" and eve["id"] != ada["id"] and eve["csrf"] != ada["csrf"]
    assert (await browser.http.get("/")).status_code == 401, "the cookie alone is nobody"


async def test_people_behind_the_proxy_are_counted_apart(open_site: Open) -> None:
    _, browser = await open_site(Limits(many(2), many()), **PROXY_SIGN_IN)
    for address in ("203.0.113.9", "203.0.113.10"):
        headers = ADA | {"x-forwarded-for": f"6.6.6.6, {address}"}
        assert [(await browser.http.get("/", headers=headers)).status_code for _ in range(3)] == [200, 200, 429]
