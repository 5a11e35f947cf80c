"""Files come from Slack's own hosts, or from the server that stands in its place, and from nowhere else."""

import socket

import pytest

from adapters.slack.api import is_direct
from adapters.slack.files import HOSTS, hosts_beside
from adapters.slack.ids import At, person_room
from bot.errors import FileRefused, PlatformUnavailable
from bot.model.messages import IncomingFile, IncomingMessage
from tests.adapters.slack.hearing import Front, listening
from tests.fakes.slack import FakeSlack

PICTURE = b"\x89PNG\r\n\x1a\nxx"


async def read(front: Front, file: IncomingFile) -> bytes:
    return b"".join([chunk async for chunk in front.adapter.fetch(file)])


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_no_proxy_stands_before_files_of_this_machine(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with socket.create_server(("127.0.0.1", 0)) as free:
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    urls = [f"http://{bind}/slack/events"] if mode == "http" else []
    async with (
        FakeSlack(request_urls=urls).running() as slack,
        listening(slack, slack_mode=mode, slack_http_bind=bind) as front,
    ):
        ada = slack.person("Ada Martin")
        said = await ada.says(ada.dm(), "look", files=[("screen.png", PICTURE)])
        (file,) = (await front.heard(IncomingMessage)).files
        assert await read(front, file) == PICTURE
        place = person_room(slack.team.id, ada.id, At(ada.dm().id, said.ts))
        id = await front.adapter.upload(place, "guide.pdf", b"%PDF")
        assert slack.state.files[id].content == b"%PDF"


async def test_a_server_in_slacks_place_may_call_this_machine_by_another_name(front: Front) -> None:
    ada = front.slack.person("Ada Martin")
    await ada.says(ada.dm(), "look", files=[("screen.png", PICTURE)])
    (file,) = (await front.heard(IncomingMessage)).files
    renamed = IncomingFile(
        file.native_id, file.name, file.media_type, file.size, url=file.url.replace("127.0.0.1", "localhost")
    )
    assert renamed.url != file.url
    assert await read(front, renamed) == PICTURE


@pytest.mark.parametrize(
    "url",
    ["https://files.example.org/x", "http://files.slack.com/x", "https://127.0.0.1.example.org/x", "file:///x", ""],
)
async def test_no_other_host_is_asked(front: Front, url: str) -> None:
    with pytest.raises(FileRefused):
        await read(front, IncomingFile("F1", "x", "image/png", 1, url=url))


@pytest.mark.parametrize(
    ("api_url", "hosts"),
    [
        ("https://slack.com/api/", ()),
        ("https://acme.slack.com/api/", ()),
        ("https://slack.com.example.org/api/", ("slack.com.example.org",)),
        ("http://10.1.2.3:4000/api/", ("10.1.2.3",)),
        ("http://slack-server:4000/api/", ("slack-server",)),
        ("http://127.0.0.1:4000/api/", ("127.0.0.1", "localhost", "127.0.0.1", "::1")),
    ],
)
def test_where_a_server_of_ones_own_has_files(api_url: str, hosts: tuple[str, ...]) -> None:
    assert hosts_beside(api_url) == hosts
    assert "files.slack.com" in HOSTS


async def test_a_server_within_the_network_may_be_read_from(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its address is; of Slack's own hosts none is inside."""
    monkeypatch.setattr(front.adapter._settings, "slack_api_url", "http://slack-server:4000/api/")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", 1))])
    for url, error in (("http://slack-server:1/x", PlatformUnavailable), ("https://files.slack.com/x", FileRefused)):
        with pytest.raises(error):
            await read(front, IncomingFile("F1", "x", "image/png", 1, url=url))


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("http://127.0.0.1:4000/api/", True),
        ("http://127.3.2.1/api/", True),
        ("http://localhost:4000/api/", True),
        ("http://slack.localhost/api/", True),
        ("http://[::1]:4000/api/", True),
        ("https://slack.com/api/", False),
        ("http://localhost.example.org/api/", False),
        ("http://127.0.0.1.example.org/api/", False),
        ("http://[/", False),
    ],
)
def test_what_is_of_this_machine(url: str, direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert is_direct(url) is direct
