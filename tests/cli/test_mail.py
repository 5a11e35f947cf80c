"""`guichet run` with a mail server: what the desk writes to people arrives, and who signs in with a code may do so."""

import asyncio
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bot.model.people import Person, Technician
from bot.model.values import Role
from storage.store import open_storage
from tests.fakes.mail import Mailbox, mail_server_beside
from tests.homes import copy_home
from tests.ledger.guichet import Guichet

LEA = "lea@example.org"
NINE = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEY = "a-key-of-at-least-thirty-two-characters"


@pytest.fixture
def home(sampled_home: Path, tmp_path: Path) -> Path:
    """A desk whose lead has an address, and where somebody has said that they are off duty."""
    folder = tmp_path / "home"
    copy_home(sampled_home, folder)

    async def staff() -> None:
        storage = await open_storage(str(folder / "guichet.db"))
        lea = Person("Léa", email=LEA, locale="fr")
        async with storage.unit_of_work() as uow:
            uow.people.add(lea)
            uow.people.add(Technician(lea.id, 1, Role.LEAD, duty_at=NINE))
            await uow.commit()
        await storage.close()

    asyncio.run(staff())
    return folder


def configure(home: Path, box: Mailbox, *more: str) -> None:
    lines = ("WEB_PORT=0", f"SMTP_URL=smtp://127.0.0.1:{box.port}", "SMTP_FROM=desk@example.org", *more)
    (home.parent / ".env").write_text("".join(f"GUICHET_{line}\n" for line in lines))


def address_of(desk: Guichet) -> str:
    desk.until("is ready on")
    found = re.search(r"ready on (http://\S+)", "\n".join(desk.err))
    assert found
    return found[1]


def until_mailed(box: Mailbox, desk: Guichet, count: int = 1) -> None:
    deadline = time.monotonic() + 30
    while len(box.mails) < count:
        assert time.monotonic() < deadline, desk.told()
        time.sleep(0.05)


def csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def test_a_lead_is_mailed_when_nobody_is_on_duty(home: Path) -> None:
    with mail_server_beside() as box:
        configure(home, box, "PUBLIC_URL=http://desk.example.org")
        with Guichet(home, "run", "--no-console") as desk:
            headers = {"Accept": "text/html", "Host": "desk.example.org"}
            with httpx.Client(base_url=address_of(desk), headers=headers) as browser:
                form = {"csrf": csrf(browser.get("/")), "id": str(uuid4()), "text": "talk to a human about my bike"}
                assert browser.post("/say", data=form).status_code == 303
                until_mailed(box, desk)
            [mail] = box.mails
            body = mail.get_body(("plain",))
    assert (mail["To"], mail["From"]) == (LEA, "desk@example.org")
    assert mail["Subject"].startswith("Personne n’est de service et T1 attend")
    assert body is not None and "about my bike" in body.get_content()
    assert "http://desk.example.org" in body.get_content(), "and where the desk is"


def test_who_signs_in_by_mail_gets_their_code_from_the_same_server(home: Path) -> None:
    with mail_server_beside() as box:
        configure(home, box, "SIGN_IN=email", f"SIGN_IN_EMAILS={LEA}", f"SECRET_KEY={KEY}")
        with (
            Guichet(home, "run", "--no-console") as desk,
            httpx.Client(base_url=address_of(desk), headers={"Accept": "text/html"}) as browser,
        ):
            form = {"csrf": csrf(browser.get("/sign-in")), "email": LEA, "next": "/desk"}
            assert browser.post("/sign-in", data=form).status_code == 200
            until_mailed(box, desk)
            signed_in = browser.post("/sign-in", data=form | {"code": box.code()})
            assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/desk")
            assert browser.get("/desk").status_code == 200
