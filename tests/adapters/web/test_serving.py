"""The server: streams that resume, an end in good order, and an address that cannot be had."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from adapters.web.server import address_of, listen
from bot.app import open_desk
from bot.cli.console import greeting, rooms_of
from bot.cli.web import open_page
from bot.errors import SettingsError
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.values import Language
from bot.settings import Settings, load_settings
from tests.contract.rigs.web import Server, WebRig

SOON = 10.0  # seconds


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[WebRig]:
    with Server(tmp_path) as server, closing(await asyncio.to_thread(WebRig, server)) as opened:
        yield opened


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def settings_with(home: Path, **changes: object) -> Settings:
    """As if they had been set."""
    return load_settings(None).model_copy(update={"home": home, **changes})


async def events(browser: httpx.Client, count: int, after: int, last: int | None = None) -> list[tuple[str, str]]:
    """The first events of a stream: each one's id and what it shows."""

    def read() -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        id = ""
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        with browser.stream("GET", f"/stream?after={after}", headers=headers, timeout=SOON) as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            for line in response.iter_lines():
                if line.startswith("id:"):
                    id = line[3:].strip()
                if line.startswith('data: <div class="prose">'):
                    found.append((id, line.split("<p")[1].split(">")[1].split("<")[0]))
                if len(found) == count:
                    return found
        return found

    return await asyncio.to_thread(read)


async def test_a_stream_brings_what_came_since_and_resumes_where_it_was(rig: WebRig) -> None:
    question = await rig.user_says("where is my parcel?")

    async def answer(number: int, replaces: str | None = None) -> str:
        document = Document((Paragraph(f"answer {number}"),))
        return await rig.adapter.send(Delivery(question.conversation, document, f"k{number}", replaces=replaces))

    first = await answer(1)
    await answer(2)
    browser = rig._asker._http
    assert [text for _, text in await events(browser, 2, after=0)] == ["answer 1", "answer 2"]
    ((id, text),) = await events(browser, 1, after=0, last=int(first))
    assert text == "answer 2"
    for number, replaces in ((3, None), (4, first)):  # an edit is news, too
        reading = asyncio.create_task(events(browser, 1, after=int(id)))
        await asyncio.sleep(0)
        await answer(number, replaces)
        ((id, text),) = await reading
        assert text == f"answer {number}"


async def test_the_end_does_not_wait_for_those_who_listen(tmp_path: Path) -> None:
    with Server(tmp_path) as server:
        rig = await asyncio.to_thread(WebRig, server)
        listening = asyncio.create_task(events(rig._asker._http, 1, after=0))
        await asyncio.sleep(0.3)
        before = time.monotonic()
    assert time.monotonic() - before < 4
    assert await asyncio.wait_for(listening, SOON) == []
    rig.close()


def test_an_address_that_cannot_be_had_says_what_to_set(tmp_path: Path) -> None:
    with taken_port() as port, pytest.raises(SettingsError, match=f"GUICHET_WEB_PORT: 127.0.0.1:{port} .*free port"):
        listen(settings_with(tmp_path, web_port=port))
    with pytest.raises(SettingsError, match="GUICHET_WEB_HOST"):
        listen(settings_with(tmp_path, web_host="nowhere.invalid"))


def test_an_address_can_be_typed_into_a_browser(tmp_path: Path) -> None:
    with listen(settings_with(tmp_path, web_port=0)) as listening:
        assert address_of(listening).startswith("http://127.0.0.1:")


async def test_without_its_usual_port_the_desk_goes_on_and_says_so(tmp_path: Path) -> None:
    with taken_port() as port:
        usual = settings_with(tmp_path / "home", web_port=port)
        usual = usual.model_copy()
        usual.__pydantic_fields_set__.discard("web_port")
        async with open_desk(usual) as desk:
            page = await open_page(desk)
            assert page.adapter is None
            assert page.reason and "GUICHET_WEB_PORT" in page.reason
            assert [ref.platform for ref in rooms_of("terminal-1", page).rooms] == ["console"]
            hello = await greeting(desk, Language.FR, page)
            assert "GUICHET_WEB_PORT" in hello.text


async def test_a_port_that_was_asked_for_is_had_or_nothing_starts(tmp_path: Path) -> None:
    with taken_port() as port:
        asked = settings_with(tmp_path / "home", web_port=port)
        async with open_desk(asked) as desk:
            with pytest.raises(SettingsError, match="GUICHET_WEB_PORT"):
                await open_page(desk)


async def test_the_greeting_says_where_the_page_is(tmp_path: Path) -> None:
    async with open_desk(settings_with(tmp_path / "home", web_port=0)) as desk:
        page = await open_page(desk)
        assert page.adapter
        assert page.adapter.address in (await greeting(desk, Language.EN, page)).text
        assert [ref.platform for ref in rooms_of(None, page).rooms] == ["web"]
        page.adapter.close()
    async with open_desk(settings_with(tmp_path / "home", web=False)) as desk:
        assert (await open_page(desk)).adapter is None
