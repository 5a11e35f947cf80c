"""Files on the pages: sent by both sides, handed out to who may have them, and nothing half done."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4

import httpx
import pytest
from bs4 import BeautifulSoup

from adapters.web.files import disposition
from adapters.web.security import SANDBOX
from bot.attachments.intake import MEGABYTE
from storage.store import SqlStorage
from tests.adapters.web.desk import Browser, WebDeskInProcess, web_desk
from tests.adapters.web_security.site import served
from tests.attachments.samples import EXE, HTML, PDF, PNG

SCREEN = ("error.png", PNG)
FORM = "0123456789abcdef"


@pytest.fixture
async def desk(sqlite_storage: SqlStorage, tmp_path: Path) -> AsyncIterator[WebDeskInProcess]:
    async with web_desk(sqlite_storage, tmp_path / "home", file_megabytes=1) as opened:
        yield opened


async def stored(desk: WebDeskInProcess) -> list[str]:
    return [key async for key in desk.site.files.store.keys(datetime.now(UTC) + timedelta(days=1))]


def links(page: str) -> list[str]:
    return [str(one["href"]) for one in BeautifulSoup(page, "html.parser").select("a.file")]


async def opened_ticket(desk: WebDeskInProcess) -> tuple[Browser, Browser]:
    """An asker with ticket T1, and a technician."""
    ada, grace = desk.browser(), desk.browser()
    assert "T1" in await ada.says("I want to talk to a human about my screen")
    await grace.plays("technician")
    return ada, grace


async def test_a_screenshot_goes_to_the_desk_and_a_manual_comes_back(desk: WebDeskInProcess) -> None:
    ada, grace = await opened_ticket(desk)
    assert (await ada.sends("/say", SCREEN, text="this is what I see")).status_code == 303
    (mine,) = links((await ada.get()).text)
    (theirs,) = links((await grace.get("/desk/T1")).text)
    assert mine == theirs
    for one in (ada, grace):
        got = await one.http.get(mine)
        assert (got.status_code, got.content) == (200, PNG)
    reply = await grace.sends("/desk/T1/work", ("manual.pdf", PDF), json=True, kind="reply", text="See page 3.")
    assert reply.json()["done"], reply.text
    back = links((await ada.get()).text)
    assert len(back) == 2
    assert (await ada.http.get(back[1])).content == PDF
    assert len(links((await grace.get("/desk/T1")).text)) == 2


async def test_a_file_alone_is_a_message(desk: WebDeskInProcess) -> None:
    ada, grace = await opened_ticket(desk)
    await ada.sends("/say", SCREEN, text="")
    page = (await ada.get()).text
    assert len(links(page)) == 1
    reply = await grace.sends("/desk/T1/work", ("manual.pdf", PDF), json=True, kind="reply", text="")
    assert reply.json()["done"], reply.text
    assert len(links((await ada.get()).text)) == 2
    assert (await ada.sends("/say", text="  ")).status_code == 303  # nothing at all


async def test_files_of_a_note_stay_inside(desk: WebDeskInProcess) -> None:
    ada, grace = await opened_ticket(desk)
    await grace.sends("/desk/T1/work", SCREEN, json=True, kind="note", text="looks like the panel")
    (inside,) = links((await grace.get("/desk/T1")).text)
    assert links((await ada.get()).text) == []
    assert (await ada.http.get(inside)).status_code == 404
    assert (await grace.http.get(inside)).status_code == 200


async def test_files_with_a_resolution_go_before_it(desk: WebDeskInProcess) -> None:
    ada, grace = await opened_ticket(desk)
    await grace.post("/desk/T1/claim")
    done = await grace.sends(
        "/desk/T1/work", ("how.pdf", PDF), ("x.exe", EXE), json=True, kind="resolve", text="Done as shown."
    )
    assert done.json()["done"], done.text
    assert "x.exe" in done.json()["text"]
    page = (await ada.get()).text
    assert len(links(page)) == 1
    assert page.index("how.pdf") < page.index("Done as shown.")


async def test_somebody_elses_file_is_not_there(desk: WebDeskInProcess) -> None:
    ada, _ = await opened_ticket(desk)
    await ada.sends("/say", SCREEN, text="look")
    (mine,) = links((await ada.get()).text)
    eve = desk.browser()
    await eve.says("what is zorglub?")
    nobody = desk.browser()
    for one in (eve, nobody):
        answer = await one.http.get(mine)
        assert answer.status_code == 404
        assert PNG not in answer.content
    assert (await nobody.http.head(mine)).status_code == 404
    await ada.plays("public")  # the same browser, and somebody else
    assert (await ada.http.get(mine)).status_code == 404


@pytest.mark.parametrize("path", ["x", "00000000-0000-0000-0000-000000000000", "../static/guichet.css", ""])
async def test_addresses_that_are_no_file(desk: WebDeskInProcess, path: str) -> None:
    assert (await desk.browser().http.get(f"/files/{path}/a.png")).status_code == 404


async def test_a_file_is_handed_out_to_be_saved_and_never_to_be_run(desk: WebDeskInProcess) -> None:
    ada, _ = await opened_ticket(desk)
    await ada.sends("/say", ("écran “é”.txt", HTML), text="look")
    (mine,) = links((await ada.get()).text)
    got = await ada.http.get(mine)
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["content-length"] == str(len(HTML))
    assert got.headers["content-disposition"].startswith("attachment; ")
    assert unquote(got.headers["content-disposition"].partition("UTF-8''")[2]) == "écran “é”.txt"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == SANDBOX
    assert "no-store" in got.headers["cache-control"]
    head = await ada.http.head(mine)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(HTML)), b"")
    renamed = await ada.http.get(f"{mine.rpartition('/')[0]}/run.html")  # the name in the address is for the looks
    assert renamed.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.png", "attachment; filename=\"a.png\"; filename*=UTF-8''a.png"),
        ('a";x="\r\n.png', "attachment; filename=\"a__x=___.png\"; filename*=UTF-8''a%22%3Bx%3D%22%0D%0A.png"),
        ("תמונה📎.png", f"attachment; filename=\"______.png\"; filename*=UTF-8''{quote('תמונה📎.png')}"),
    ],
)
def test_names_in_headers(name: str, header: str) -> None:
    assert disposition(name) == header
    header.encode("ascii")


HOSTILE = (
    "../../etc/passwd.txt",
    "\u202egnp.txt",
    "写真 📎.txt",
    '"><script>alert(1)</script>.txt',
    "a\r\nX-Evil: 1.txt",
)


@pytest.mark.parametrize("name", HOSTILE)
async def test_names_are_only_ever_names(desk: WebDeskInProcess, name: str) -> None:
    ada = desk.browser()
    await ada.sends("/say", (name, b"words"), text="look")
    page = (await ada.get()).text
    (mine,) = links(page)
    assert "<script>alert" not in page
    assert "\u202e" not in page
    got = await ada.http.get(mine)
    assert got.status_code == 200, (mine, got.text)
    assert "x-evil" not in got.headers
    folder = desk.site.settings.home / "files"
    assert all(re.fullmatch("[0-9a-f]{32}", one.name) for one in folder.rglob("*") if one.is_file())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("big.txt", b"x" * (MEGABYTE + 1), "files may have up to 1"),
        ("run.exe", EXE, "files of this kind are not accepted"),
        ("not.png", EXE, "files of this kind are not accepted"),
        ("nothing.txt", b"", "it is empty"),
    ],
)
async def test_what_is_not_taken_is_said_and_the_words_are_handled(
    desk: WebDeskInProcess, name: str, content: bytes, said: str
) -> None:
    ada = desk.browser()
    assert (await ada.sends("/say", (name, content), text="what is zorglub?")).status_code == 303
    page = (await ada.get()).text
    assert said in page
    assert "Open a ticket" in page  # the question had its answer
    assert links(page) == []
    assert await stored(desk) == []


async def test_just_under_the_limit_is_taken(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.sends("/say", ("big.txt", b"x" * MEGABYTE), text="look")
    (mine,) = links((await ada.get()).text)
    assert len((await ada.http.get(mine)).content) == MEGABYTE


async def test_five_files_and_no_more(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.sends("/say", *((f"{number}.png", PNG) for number in range(7)), text="look")
    page = (await ada.get()).text
    assert len(links(page)) == 5
    assert page.count("up to five files") == 2
    assert len(await stored(desk)) == 5


async def test_the_same_form_twice_is_one_message_and_its_files_once(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.get()
    parts = [("csrf", (None, ada.token)), ("id", (None, FORM)), ("text", (None, "look")), ("file", SCREEN)]
    answers = await asyncio.gather(*(ada.http.post("/say", files=parts) for _ in range(3)))  # type: ignore[arg-type]
    assert {one.status_code for one in answers} == {303}
    assert len(links((await ada.get()).text)) == 1
    assert len(await stored(desk)) == 1


async def test_a_form_without_its_token_stores_nothing(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.get()
    for parts in (
        [("id", (None, FORM)), ("text", (None, "look")), ("file", SCREEN)],
        [("csrf", (None, "forged")), ("id", (None, FORM)), ("text", (None, "look")), ("file", SCREEN)],
        [("file", SCREEN), ("csrf", (None, ada.token)), ("id", (None, FORM)), ("text", (None, "look"))],
    ):
        answer = await ada.http.post("/say", files=parts, headers={"Accept": "application/json"})  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]) == (403, "csrf")
    elsewhere = {"Origin": "https://evil.example", "Accept": "application/json"}
    parts = [("csrf", (None, ada.token)), ("id", (None, FORM)), ("text", (None, "look")), ("file", SCREEN)]
    answer = await ada.http.post("/say", files=parts, headers=elsewhere)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (403, "origin")
    assert await stored(desk) == []


async def test_a_form_that_is_none_stores_nothing(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.get()
    no_id = [("csrf", (None, ada.token)), ("text", (None, "look")), ("file", SCREEN)]
    assert (await ada.http.post("/say", files=no_id)).status_code == 400  # type: ignore[arg-type]
    many = [("csrf", (None, ada.token)), *((f"f{n}", (None, "x")) for n in range(50)), ("file", SCREEN)]
    assert (await ada.http.post("/say", files=many)).status_code == 400  # type: ignore[arg-type]
    long = [("csrf", (None, ada.token)), ("id", (None, FORM)), ("text", (None, "x" * 70_000)), ("file", SCREEN)]
    assert (await ada.http.post("/say", files=long)).status_code == 400  # type: ignore[arg-type]
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"):
        answer = await ada.http.post(
            "/say", content=b"--x\r\nnonsense", headers={"Content-Type": content_type, "X-CSRF-Token": ada.token}
        )
        assert answer.status_code == 400
    assert await stored(desk) == []


async def test_only_forms_that_take_files_may_be_long(desk: WebDeskInProcess) -> None:
    ada = desk.browser()
    await ada.get()
    parts = [("csrf", (None, ada.token)), ("file", ("a.txt", b"x" * 200_000))]
    for path in ("/press", "/role", "/desk/T1/claim", "/nothing", "/say/"):
        assert (await ada.http.post(path, files=parts)).status_code == 413  # type: ignore[arg-type]


async def test_an_employee_stores_nothing_at_the_desk(desk: WebDeskInProcess) -> None:
    ada, _ = await opened_ticket(desk)
    answer = await ada.sends("/desk/T1/work", SCREEN, kind="reply", text="I am Grace")
    assert answer.status_code == 403
    assert await stored(desk) == []


async def test_a_disabled_technicians_files_and_addresses_are_over(desk: WebDeskInProcess) -> None:
    ada, grace = await opened_ticket(desk)
    await ada.sends("/say", SCREEN, text="look")
    (theirs,) = links((await grace.get("/desk/T1")).text)
    async with desk.storage.unit_of_work() as uow:
        for technician in await uow.people.technicians():
            uow.people.save(replace(technician, disabled=True))
        await uow.commit()
    assert (await grace.http.get(theirs)).status_code == 404
    assert (await ada.http.get(theirs)).status_code == 200


async def test_of_an_upload_that_breaks_off_nothing_is_kept(
    desk: WebDeskInProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """A real server, and a line that dies in the middle of a file: nothing of ours has failed."""
    async with served(desk.application, desk.site.settings) as address, httpx.AsyncClient(base_url=address) as http:
        token = re.search(r'name="csrf" value="([^"]+)"', (await http.get("/", headers={"Accept": "text/html"})).text)
        assert token
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
        host, _, port = address.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        fields = {"csrf": token[1], "id": str(uuid4()), "text": "look"}
        parts = "".join(
            f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
        )
        parts += '--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        writer.write(
            f"POST /say HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\nContent-Length: 900000\r\n"
            f"Content-Type: multipart/form-data; boundary=B\r\n\r\n{parts}".encode()
        )
        writer.write(b"x" * 600_000)
        await writer.drain()
        unfinished = desk.site.settings.home / "files" / "unfinished"
        async with asyncio.timeout(5):
            while not (unfinished.exists() and any(unfinished.iterdir())):  # noqa: ASYNC110  # a folder tells nobody
                await asyncio.sleep(0.01)
        writer.transport.abort()
        async with asyncio.timeout(5):
            while any(unfinished.iterdir()):  # noqa: ASYNC110  # the same
                await asyncio.sleep(0.01)
        del reader
    assert await stored(desk) == []
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


async def test_what_is_much_too_long_is_refused_and_its_sender_reads_why(desk: WebDeskInProcess) -> None:
    async with served(desk.application, desk.site.settings) as address, httpx.AsyncClient(base_url=address) as http:
        page = (await http.get("/", headers={"Accept": "text/html"})).text
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token
        parts: list[Any] = [("csrf", (None, token[1])), ("id", (None, FORM)), ("text", (None, "look"))]
        parts += [("file", (f"{n}.txt", b"x" * MEGABYTE)) for n in range(8)]
        answer = await http.post("/say", files=parts, headers={"Accept": "application/json"}, timeout=20)
        assert answer.status_code == 413
        assert json.loads(answer.text)["error"] == "too_large"
    assert await stored(desk) == []


async def test_the_ticket_page_offers_a_reply_first(desk: WebDeskInProcess) -> None:
    _, grace = await opened_ticket(desk)
    page = BeautifulSoup((await grace.get("/desk/T1")).text, "html.parser")
    assert [one["value"] for one in page.select("#work [name=kind][checked]")] == ["reply"]
    assert page.select_one("#work [type=file][name=file][multiple]")
