"""Signing in with a code by mail: whoever reads the address's mail, and nobody else."""

import asyncio
import re
import time
from datetime import timedelta

import pytest

from adapters.web.limits import Limits
from adapters.web.sessions import Session
from adapters.web.signin.codes import ALPHABET, LENGTH, hashed, new_code, typed
from adapters.web.signin.gate import local_path
from bot.model.messages import Identity
from bot.model.people import Person, PersonIdentity, Technician
from storage.store import SqlStorage
from tests.adapters.web_security.conftest import Anew, Open
from tests.adapters.web_security.site import EMAIL_SIGN_IN, HTML, KEY, PUBLIC, Browser, Site, Time, many
from tests.fakes.mail import Mailbox

Mailed = tuple[Site, Browser]
ADA = "ada@example.org"


async def ask_for_code(site: Site, browser: Browser, email: str = ADA, next: str = "/") -> str:
    """The page that answers, once every mail is handed in."""
    answer = await browser.post("/sign-in", email=email, next=next)
    assert site.sign_in and answer.status_code == 200, answer.text
    await site.sign_in.settled()
    return answer.text


async def sign_in(site: Site, browser: Browser, mailbox: Mailbox, email: str = ADA) -> None:
    await ask_for_code(site, browser, email)
    answer = await browser.post("/sign-in", email=email, code=mailbox.code())
    assert answer.status_code == 303, answer.text


async def test_a_code_from_the_mail_signs_in(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    turned_away = await browser.http.get("/stream?x=1", headers=HTML)
    assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/sign-in?next=/stream")
    assert "Ada@Example.org" not in await ask_for_code(site, browser, "Ada@Example.org ")
    mail = mailbox.mails[0]
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == (ADA, "desk@example.org", "auto-generated")
    assert mailbox.code() in mail["Subject"] and mail["Date"] and mail["Message-ID"].endswith("@example.org>")
    shown = mailbox.code().lower().replace("-", " ")
    answer = await browser.post("/sign-in", email=ADA, code=shown, next="/stream")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stream")
    seen = await browser.session()
    assert (seen["email"], seen["role"], seen["may_switch"]) == (ADA, "employee", False)
    assert (await browser.http.get("/sign-in", headers=HTML)).headers["location"] == "/"


async def test_the_mail_and_the_pages_speak_the_readers_language(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    browser.http.headers["accept-language"] = "fr"
    assert "Consultez votre messagerie" in await ask_for_code(site, browser)
    assert "Bonjour" in mailbox.mails[0].get_content() and "code de connexion" in mailbox.mails[0]["Subject"]


async def test_nothing_is_shown_before(mailed: Mailed) -> None:
    site, browser = mailed
    token = await browser.csrf()
    for method, path in (("GET", "/"), ("GET", "/stream"), ("POST", "/say"), ("GET", "/nothing"), ("GET", "/sign-in/")):
        answer = await browser.http.request(method, path, headers={"x-csrf-token": token})
        assert answer.status_code == 401 and answer.json()["error"] == "sign_in", path
    assert (await browser.http.get("/static/page.css")).status_code == 200
    assert (await browser.post("/language")).status_code == 404, "the sign-in's language and theme may be chosen"
    assert site.said == []


async def test_a_cookie_planted_before_is_not_signed_in(
    mailed: Mailed, mailbox: Mailbox, another_browser: Anew
) -> None:
    site, browser = mailed
    attacker = await another_browser(browser)
    token = await attacker.csrf()
    browser.http.cookies = attacker.http.cookies
    await sign_in(site, browser, mailbox)
    after = await browser.session()
    assert after["email"] == ADA and after["csrf"] != token
    attacker.http.cookies.clear()
    assert (await attacker.http.get("/")).status_code == 401


async def test_the_cookie_from_before_stays_what_it_was(
    mailed: Mailed, mailbox: Mailbox, another_browser: Anew
) -> None:
    site, browser = mailed
    await browser.csrf()
    before = browser.http.cookies["guichet"]
    await sign_in(site, browser, mailbox)
    other = await another_browser(browser)
    other.http.cookies.set("guichet", before)
    assert (await other.http.get("/")).status_code == 401


async def test_signing_out_ends_it(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    await sign_in(site, browser, mailbox)
    assert (await browser.http.post("/sign-out")).status_code == 403, "not by a link on another site"
    assert (await browser.post("/sign-out")).headers["location"] == "/sign-in"
    assert (await browser.http.get("/")).status_code == 401


async def test_who_is_taken_off_the_list_is_out_at_once(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    await sign_in(site, browser, mailbox, "eve@example.com")
    assert (await browser.session())["email"] == "eve@example.com"
    planted = Session.start("technician", site.clock(), email="eve@example.net")
    browser.http.cookies.set("guichet", site.sessions.value(planted))
    assert (await browser.http.get("/")).status_code == 401
    without = Session.start("technician", site.clock())
    browser.http.cookies.set("guichet", site.sessions.value(without))
    assert (await browser.http.get("/")).status_code == 401


# Who may sign in is told to nobody else


async def test_the_answer_is_the_same_whether_or_not_an_address_may(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    pages = [await ask_for_code(site, browser, email) for email in (ADA, "eve@example.net", "ada@sub.example.com")]
    blank = [re.sub(r'\S+@\S+|value="[^"]*"', "", page) for page in pages]
    assert blank[0] == blank[1] == blank[2]
    assert [mail["To"] for mail in mailbox.mails] == [ADA]
    assert mailbox.calls == 3, "the mail server is called for each"
    wrong = [await browser.post("/sign-in", email=email, code="BBBB-BBBB") for email in (ADA, "eve@example.net")]
    assert wrong[0].status_code == wrong[1].status_code == 400
    assert wrong[0].text.replace(ADA, "") == wrong[1].text.replace("eve@example.net", "")


async def test_the_answer_takes_the_same_time_however_slow_the_mail(open_site: Open, mailbox: Mailbox) -> None:
    url = f"smtp://127.0.0.1:{mailbox.port}"
    site, browser = await open_site(reply_after=0.3, **EMAIL_SIGN_IN, smtp_url=url)
    mailbox.waits = 0.8
    took: dict[str, float] = {}
    for email in (ADA, "eve@example.net"):
        data = {"csrf": await browser.csrf(), "email": email}
        started = time.perf_counter()
        assert (await browser.http.post("/sign-in", data=data, headers=HTML)).status_code == 200
        assert (await browser.http.get("/sign-in", headers=HTML)).status_code == 200, "on the same connection"
        took[email] = time.perf_counter() - started
        assert site.sign_in
        await site.sign_in.settled()
    assert all(0.3 <= seconds < 0.6 for seconds in took.values()), took
    assert len(mailbox.mails) == 1


async def test_a_mail_server_that_is_away_is_told_to_everybody(open_site: Open, mailbox: Mailbox) -> None:
    site, browser = await open_site(**EMAIL_SIGN_IN, smtp_url="smtp://127.0.0.1:1")
    for email in (ADA, "eve@example.net"):
        answer = await browser.post("/sign-in", email=email)
        assert answer.status_code == 503 and "mail server cannot be reached" in answer.text
        assert f'value="{email}"' in answer.text
    assert await site.storage.sign_in_codes.recent(ADA, site.clock() - timedelta(hours=1)) == 0


async def test_a_refused_mail_is_logged_without_the_address(
    mailed: Mailed, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    site, browser = mailed
    mailbox.refuses = True
    await ask_for_code(site, browser)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("adapters"))
    assert "554" in logged and "example.org" not in logged


# Codes


async def test_a_code_is_good_once(mailed: Mailed, mailbox: Mailbox, another_browser: Anew) -> None:
    site, browser = mailed
    await sign_in(site, browser, mailbox)
    other = await another_browser(browser)
    assert (await other.post("/sign-in", email=ADA, code=mailbox.code())).status_code == 400
    assert (await other.http.get("/")).status_code == 401


async def test_of_those_who_submit_a_code_at_once_one_is_signed_in(
    mailed: Mailed, mailbox: Mailbox, another_browser: Anew
) -> None:
    site, browser = mailed
    await ask_for_code(site, browser)
    browsers = [await another_browser(browser) for _ in range(8)]
    forms = [{"csrf": await each.csrf(), "email": ADA, "code": mailbox.code()} for each in browsers]
    answers = await asyncio.gather(
        *(each.http.post("/sign-in", data=form) for each, form in zip(browsers, forms, strict=True))
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 7
    assert sorted([(await each.http.get("/")).status_code for each in browsers]) == [200] + [401] * 7


async def test_a_code_is_good_for_ten_minutes(mailed: Mailed, mailbox: Mailbox, clock: Time) -> None:
    site, browser = mailed
    await ask_for_code(site, browser)
    clock.passes(minutes=10, seconds=1)
    assert (await browser.post("/sign-in", email=ADA, code=mailbox.code())).status_code == 400
    await ask_for_code(site, browser)
    clock.passes(minutes=9, seconds=59)
    assert (await browser.post("/sign-in", email=ADA, code=mailbox.code())).status_code == 303


async def test_five_wrong_codes_spend_the_right_one(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    await ask_for_code(site, browser)
    right = mailbox.code().replace("-", "")
    wrong = [code for code in (letter * LENGTH for letter in ALPHABET) if code != right][:5]
    for code in wrong:
        assert (await browser.post("/sign-in", email=ADA, code=code)).status_code == 400
    assert (await browser.post("/sign-in", email=ADA, code=right)).status_code == 400
    await sign_in(site, browser, mailbox)


async def test_what_cannot_be_a_code_spends_nothing(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    await ask_for_code(site, browser)
    for code in ("", "123456", "AEIO-UAEI", "x" * 500, "é" * 8, "' or 1=1 --", "\u00adBBBBBBBB"):
        assert (await browser.post("/sign-in", email=ADA, code=code)).status_code == 400
    assert (await browser.post("/sign-in", email=ADA, code=f"  {mailbox.code()}\t")).status_code == 303


async def test_a_code_is_for_its_address_alone(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    await ask_for_code(site, browser, "eve@example.com")
    assert (await browser.post("/sign-in", email=ADA, code=mailbox.code())).status_code == 400


async def test_an_address_gets_three_codes_in_a_quarter_of_an_hour(
    mailed: Mailed, mailbox: Mailbox, clock: Time
) -> None:
    site, browser = mailed
    pages = [await ask_for_code(site, browser) for _ in range(4)]
    assert pages[2] == pages[3], "that it is enough is told to nobody who only knows the address"
    assert len(mailbox.mails) == 3
    assert (await browser.post("/sign-in", email=ADA, code=mailbox.code())).status_code == 303
    clock.passes(minutes=15, seconds=1)
    await browser.post("/sign-out")
    await ask_for_code(site, browser)
    assert len(mailbox.mails) == 4


async def test_asking_many_times_at_once_gets_three(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    data = {"csrf": await browser.csrf(), "email": ADA}
    await asyncio.gather(*(browser.http.post("/sign-in", data=data) for _ in range(10)))
    assert site.sign_in
    await site.sign_in.settled()
    assert len(mailbox.mails) == 3


async def test_one_network_address_sends_so_many_forms(open_site: Open, mailbox: Mailbox) -> None:
    limits = Limits(many(), many(), many(3))
    _, browser = await open_site(limits, **EMAIL_SIGN_IN, smtp_url=f"smtp://127.0.0.1:{mailbox.port}")
    answers = [await browser.post("/sign-in", email=f"x{number}@example.com") for number in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert (await browser.http.get("/sign-in", headers=HTML)).status_code == 200


async def test_codes_are_kept_as_hashes_that_need_the_key(mailed: Mailed, mailbox: Mailbox) -> None:
    site, browser = mailed
    await ask_for_code(site, browser)
    code = mailbox.code().replace("-", "")
    assert not await site.storage.sign_in_codes.consume(ADA, hashed(KEY[::-1], ADA, code), site.clock())
    assert not await site.storage.sign_in_codes.consume(ADA, code, site.clock())
    assert await site.storage.sign_in_codes.consume(ADA, hashed(KEY, ADA, code), site.clock())


def test_codes_are_read_as_people_type_them() -> None:
    assert len({new_code() for _ in range(1000)}) == 1000
    code = new_code()
    assert typed(code.lower()) == typed(f" {code[:4]}–{code[4:]}\n") == code
    assert not set(ALPHABET) & set("AEIOUYL01")


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.org\r\nRCPT TO:<eve@example.net>",
        "ada@example.org\r\nBcc: eve@example.net",
        "ada@example.org, eve@example.net",
        "Ada <ada@example.org>",
        "аda@example.org",
        "ada@EXAMPLE.OR\u212a",
        "ada@example.org\x00",
        "",
        "x" * 3000,
        "<script>alert(1)</script>@example.org",
    ],
    ids=ascii,
)
async def test_what_is_no_address_is_told_and_goes_nowhere(mailed: Mailed, mailbox: Mailbox, email: str) -> None:
    _, browser = mailed
    answer = await browser.post("/sign-in", email=email)
    assert answer.status_code == 400 and "no e-mail address" in answer.text
    assert "<script>" not in answer.text
    assert mailbox.calls == 0


@pytest.mark.parametrize(
    "next_path", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=y", "javascript:x"]
)
async def test_signing_in_leads_to_a_page_of_ours(mailed: Mailed, mailbox: Mailbox, next_path: str) -> None:
    site, browser = mailed
    await ask_for_code(site, browser, next=next_path)
    answer = await browser.post("/sign-in", email=ADA, code=mailbox.code(), next=next_path)
    assert answer.headers["location"] == "/"
    assert local_path("/desk/T12") == "/desk/T12"


async def test_a_sign_in_from_another_site_is_none(mailed: Mailed, mailbox: Mailbox, another_browser: Anew) -> None:
    site, browser = mailed
    await ask_for_code(site, browser)
    victim = await another_browser(browser)
    stolen = {"csrf": await browser.csrf(), "email": ADA, "code": mailbox.code()}
    assert (await victim.http.post("/sign-in", data=stolen)).status_code == 403
    await victim.csrf()
    assert (await victim.http.post("/sign-in", data=stolen)).status_code == 403


# Who it is


async def test_a_technicians_address_is_the_technician(
    mailed: Mailed, mailbox: Mailbox, sqlite_storage: SqlStorage, clock: Time
) -> None:
    site, browser = mailed
    namesake, grace = Person("Grace B", "Grace@Example.com"), Person("Grace H", "grace@example.com")
    technician = Technician(grace.id, 7)
    async with sqlite_storage.unit_of_work() as uow:
        for record in (namesake, grace, PersonIdentity(grace.id, "slack", "T1", "U1"), technician):
            uow.people.add(record)
        await uow.commit()
    await sign_in(site, browser, mailbox, "grace@example.com")
    assert (await browser.session())["role"] == "technician"
    async with sqlite_storage.unit_of_work() as uow:
        known = await uow.people.known(Identity("web", "web", "grace@example.com"))
        assert known and known.person.id == grace.id and known.technician
        uow.people.save(Technician(grace.id, 7, disabled=True, id=technician.id, version=known.technician.version))
        await uow.commit()
    clock.passes(minutes=11)
    assert (await browser.session())["role"] == "employee", "looked up again after a while"


async def test_two_replicas_that_meet_somebody_at_once_agree(mailed: Mailed, sqlite_storage: SqlStorage) -> None:
    site, _ = mailed
    async with sqlite_storage.unit_of_work() as uow:
        uow.people.add(Person("Ada", ADA))
        await uow.commit()
    assert set(await asyncio.gather(*(site.role_of(ADA) for _ in range(6)))) == {"employee"}


async def test_behind_its_public_address(open_site: Open, mailbox: Mailbox) -> None:
    url = f"smtp://127.0.0.1:{mailbox.port}"
    values = EMAIL_SIGN_IN | {"public_url": PUBLIC, "web_host": "0.0.0.0"}
    _, browser = await open_site(**values, smtp_url=url)
    assert (await browser.http.get("/sign-in", headers=HTML)).status_code == 400, "by its number it is not known"
    browser.http.headers["host"] = "desk.example.org"
    assert (await browser.post("/sign-in", {"origin": PUBLIC}, email=ADA)).status_code == 200
    assert (await browser.post("/sign-in", {"origin": "http://127.0.0.1"}, email=ADA)).status_code == 403
