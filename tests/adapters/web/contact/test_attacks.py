"""What strangers, neighbours on a shared device and programs try on the contact page."""

import re
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from adapters.web.contact.paths import page_of
from adapters.web.contact.previews import is_read
from storage.store import SqlStorage
from tests.adapters.web.contact.desk import (
    PHONE,
    POST,
    ContactBrowser,
    ContactDesk,
    a_link,
    contact_desk,
    in_direct_messages,
    words,
)
from tests.adapters.web.desk import items

SECRET = "my account number is on the bill"


def contact_cookie(browser: ContactBrowser) -> str:
    return str(browser.http.cookies["guichet_contact"])


async def with_cookie_of(desk: ContactDesk, value: str) -> ContactBrowser:
    """Somebody who has got hold of it, or who put it into another's browser."""
    thief = desk.browser()
    await thief.opens("/contact")
    thief.http.cookies.delete("guichet_contact")
    thief.http.cookies.set("guichet_contact", value, domain="127.0.0.1", path="/")
    return thief


# Shared devices


async def test_who_leaves_takes_everything_along(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes(SECRET)
    before = contact_cookie(ada)
    assert (await ada.get("/contact/leave")).status_code == 405, (
        "no picture or link on another page makes anybody leave"
    )
    assert (await ada.http.post("/contact/leave")).status_code == 403
    assert SECRET in (await ada.get(POST)).text
    left = await ada.goes_on(await ada.post("/contact/leave"))
    assert "You have left" in words(left.text) and SECRET not in left.text
    assert "guichet_contact" not in ada.http.cookies
    page = await ada.opens(POST)
    assert SECRET not in page.text and items(page.text) == []
    assert contact_cookie(ada) != before


async def test_who_is_known_comes_back_by_a_code_after_leaving(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes(SECRET)
    assert SECRET in await ada.proves(desk)
    assert "a new link brings you back" in (await ada.get(POST)).text
    await ada.goes_on(await ada.post("/contact/leave"))
    assert SECRET not in (await ada.opens(POST)).text
    assert SECRET in await ada.proves(desk)


async def test_nothing_private_is_kept_by_browsers_and_no_page_frames_it(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    answers = [
        await ada.get(path) for path in (POST, "/contact", "/contact/left", "/d/x", "/c/none", f"{POST}/files/x/y")
    ]
    answers += [await ada.post(f"{POST}/say", text=SECRET), await ada.post(f"{POST}/verify", code="x")]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store", answer.request.url
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "same-origin", (
            "the address is what lets in: other sites do not get it"
        )
        assert answer.headers["x-content-type-options"] == "nosniff"


# Cookies of others


async def test_a_cookie_copied_before_somebody_was_known_is_worth_nothing_after(desk: ContactDesk) -> None:
    await in_direct_messages(desk, SECRET)
    ada = desk.browser()
    await ada.opens(POST)
    await ada.writes("hello, what is zorglub?")
    thief = await with_cookie_of(desk, contact_cookie(ada))
    assert "zorglub" in (await thief.opens(POST)).text, "until then it is the same browser"
    assert SECRET in await ada.proves(desk)
    page = (await thief.opens(POST)).text
    assert SECRET not in page and "zorglub" not in page
    assert "zorglub" in (await ada.get(POST)).text, "with everything that was said before"
    await ada.writes("and it is blue")
    assert "and it is blue" in (await ada.get(POST)).text


async def test_nor_is_one_that_was_put_there_before_a_link_was_used(desk: ContactDesk) -> None:
    link = await a_link(desk, SECRET)
    planted = desk.browser()
    await planted.opens("/contact")
    ada = await with_cookie_of(desk, contact_cookie(planted))
    assert SECRET in (await ada.goes_on(await ada.post(link))).text
    assert (await planted.get(ada.path)).status_code == 403
    assert SECRET not in (await planted.get(ada.path)).text


async def test_what_belongs_to_one_chat_is_of_no_use_in_another(desk: ContactDesk) -> None:
    ada, bob = desk.browser(), desk.browser()
    await ada.opens(POST)
    page = await ada.writes("what is the meaning of zorglub?")
    offered = re.search(r'name="press" value="([^"|]+)\|([^"]*)"', page)
    assert offered
    await bob.opens(POST)
    await bob.post(f"{POST}/press", press=f"{offered[1]}|{offered[2]}")
    async with desk.storage.unit_of_work() as uow:
        assert await uow.tickets.count() == 0, "nobody opens a ticket with somebody else's question"
    assert "zorglub" not in (await bob.get(POST)).text
    assert (await bob.get("/c/another-token")).status_code == 404
    bob.http.cookies.delete("guichet")
    bob.http.cookies.set(
        "guichet", str(ada.http.cookies["guichet"]), domain="127.0.0.1", path="/"
    )  # nor does the session say who it is
    assert "zorglub" not in (await bob.get(POST)).text


# Requests


async def test_who_keeps_no_cookies_is_told_so_and_led_back(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    ada.http.cookies.clear()
    refused = await ada.http.post(f"{POST}/say", data={"csrf": ada.token, "id": "x" * 10, "text": "hello"})
    assert refused.status_code == 403
    assert "sent no cookie" in words(refused.text) and f'href="{POST}"' in refused.text
    await ada.get(POST)
    refused = await ada.http.post(f"{POST}/say", data={"csrf": "old", "text": "hello"})
    assert "this page is too old" in words(refused.text)


@pytest.mark.parametrize(
    ("path", "back"),
    [
        (f"{POST}/say", POST),
        (POST, POST),
        ("/d/signed/again", "/d/signed"),
        ("/contact", "/contact"),
        ("/contact/leave", "/contact"),
        (f"/contact/{'0' * 36}/say", f"/contact/{'0' * 36}"),
        ("/c/", "/contact"),
        ("/say", "/"),
        ("/contacts", "/"),
    ],
)
def test_who_is_refused_goes_back_to_where_they_were(path: str, back: str) -> None:
    assert page_of(path) == back


async def test_nobody_is_sent_to_another_site_nor_given_headers(desk: ContactDesk) -> None:
    ada = desk.browser()
    await ada.opens(POST)
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        answer = await ada.post("/language", language="fr", next=elsewhere)
        assert answer.headers["location"] == "/", elsewhere
    assert "x-evil" not in (await ada.post("/language", language="fr", next="/c/x\r\nX-Evil: 1")).headers
    for path in ("/d/%0d%0aX-Evil:1", "/c/%0d%0aX-Evil:1", f"{POST}?code=sent%0d%0aX-Evil:1"):
        assert "x-evil" not in (await ada.get(path)).headers
    answer = await ada.post(f"{POST}/code", next="//evil.example", home="//evil.example")
    assert answer.headers["location"].startswith(f"{POST}?")


async def test_who_guesses_tokens_is_soon_refused(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    async with contact_desk(sqlite_storage, tmp_path / "home", web_requests_per_minute=5) as desk:
        mallory = desk.browser()
        statuses = [(await mallory.get(f"/c/guess-{one}")).status_code for one in range(8)]
        assert statuses == [404] * 5 + [429] * 3
        refused = await mallory.get(POST)
        assert refused.status_code == 429 and "The app of acme" not in refused.text


# Programs that look ahead

PREVIEWS = {
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack's pictures": "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mastodon": "Mastodon/4.3.0 (http.rb/5.2.0; +https://social.example/) Bot",
    "iMessage": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
    "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "WhatsApp": "WhatsApp/2.23.20.0 A",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Telegram": "TelegramBot (like TwitterBot)",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Signal": "WhatsApp/2",
    "Pinterest": "Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)",
}
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
IN_APPS = {
    "LinkedIn": f"{IPHONE} [LinkedInApp]/9.30",
    "Telegram": f"{ANDROID} Telegram-Android/11.2",
    "Facebook": f"{IPHONE} [FBAN/FBIOS;FBAV/480.0]",
    "Pinterest": f"{IPHONE} [Pinterest/iOS]",
    "Safari": PHONE,
}


def opened_by(agent: str, method: str = "GET", **headers: str) -> HTTPConnection:
    sent = {"user-agent": agent, "accept": "text/html,application/xhtml+xml"} | headers
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    return HTTPConnection({"type": "http", "method": method, "path": POST, "headers": raw})


@pytest.mark.parametrize("agent", PREVIEWS.values(), ids=PREVIEWS)
async def test_previews_use_up_nothing(desk: ContactDesk, agent: str) -> None:
    link = await a_link(desk, SECRET)
    program = desk.browser(**{"User-Agent": agent})
    for path in (POST, link):
        assert (await program.http.head(path)).status_code == 200
        page = await program.get(path)
        assert page.status_code == 200 and SECRET not in page.text
    assert not is_read(opened_by(agent))
    assert (await desk.now_post()).opened_at is None
    ada = desk.browser()
    await ada.opens(link)
    assert SECRET in (await ada.goes_on(await ada.post(link))).text


@pytest.mark.parametrize("agent", IN_APPS.values(), ids=IN_APPS)
def test_people_in_the_browsers_of_apps_are_people(agent: str) -> None:
    assert is_read(opened_by(agent))
    assert not is_read(opened_by(agent, "HEAD"))
    assert not is_read(opened_by(agent, **{"sec-purpose": "prefetch;prerender"}))
