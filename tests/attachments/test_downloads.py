"""Reading files from a platform's hosts alone. A real server on loopback; what it must not reach is not reached."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from bot.attachments.downloads import checked, download, is_outside
from bot.errors import FileRefused, PlatformUnavailable, RateLimited

CONTENT = bytes(range(256)) * 1000


class Host(BaseHTTPRequestHandler):
    tokens: list[str | None] = []  # one server a test

    def do_GET(self) -> None:
        self.tokens.append(self.headers.get("Authorization"))
        path = self.path.partition("?")[0]
        match path.strip("/").split("/"):
            case ["file"]:
                self._answer(200, CONTENT)
            case ["status", code]:
                self._answer(int(code), b"no", {"Retry-After": "7"})
            case ["to", *rest]:
                self._answer(302, b"", {"Location": "/" + "/".join(rest)})
            case ["away"]:
                self._answer(302, b"", {"Location": self.path.partition("?")[2]})
            case ["named", name]:
                self._answer(200, unquote(name).encode())
            case ["short"]:
                self.send_response(200)
                self.send_header("Content-Length", str(len(CONTENT)))
                self.end_headers()
                self.wfile.write(CONTENT[:1000])
            case _:
                self._answer(404, b"")

    def do_CONNECT(self) -> None:
        """As a proxy that lets nobody out."""
        self.tokens.append(f"{self.path} {self.headers.get('Proxy-Authorization')}")
        self._answer(403, b"")

    def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    Host.tokens = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


async def read(url: str, *hosts: str, inside: bool = True, **headers: str) -> bytes:
    return b"".join([chunk async for chunk in download(url, hosts, headers=headers, inside=inside, seconds=5)])


async def test_a_file_is_read_from_a_host_of_the_platforms(address: str) -> None:
    assert await read(f"{address}/file?x=1", "127.0.0.1", Authorization="Bearer t") == CONTENT
    assert await read(f"{address}/to/to/file", "127.0.0.1", Authorization="Bearer t") == CONTENT
    assert Host.tokens == ["Bearer t"] * 4


async def test_a_name_that_a_server_left_as_somebody_wrote_it_is_found(address: str) -> None:
    name = "l’écran & co 100% (2).png"
    assert await read(f"{address}/named/{name.replace('%', '%25')}", "127.0.0.1") == name.encode()
    assert await read(f"{address}/named/l%E2%80%99%C3%A9cran%20%26", "127.0.0.1") == "l’écran &".encode()


async def test_a_redirect_is_looked_at_as_the_first_address_was(address: str) -> None:
    with pytest.raises(FileRefused) as caught:
        await read(f"{address}/away?http://169.254.169.254/latest/meta-data", "127.0.0.1")
    assert caught.value.reason == "refused"
    with pytest.raises(FileRefused):
        await read(f"{address}/away?file:///etc/passwd", "127.0.0.1")
    with pytest.raises(FileRefused):
        await read(f"{address}/to/to/to/to/to/file", "127.0.0.1")


async def test_a_token_is_not_passed_on_to_another_host(address: str) -> None:
    elsewhere = address.replace("127.0.0.1", "localhost") + "/file"
    assert await read(f"{address}/away?{elsewhere}", "127.0.0.1", "localhost", Authorization="Bearer t") == CONTENT
    assert Host.tokens == ["Bearer t", None]


async def test_what_is_inside_the_network_is_not_reached(address: str) -> None:
    """The name is allowed; what it stands for is not."""
    with pytest.raises(FileRefused) as caught:
        await read("https://localhost/file", "localhost", inside=False)
    assert caught.value.reason == "refused"
    assert Host.tokens == []


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.org/a",
        "https://example.com/a",
        "https://files.example.org.evil.com/a",
        "https://evilfiles.example.org/a",
        "https://user:secret@files.example.org/a",
        "https://files.example.org:8443/a",
        "https://files.example.org@evil.com/a",
        "ftp://files.example.org/a",
        "file:///etc/passwd",
        "//files.example.org/a",
        "https://[::1/a",
        "",
    ],
)
def test_addresses_that_are_none_of_the_platforms(url: str) -> None:
    with pytest.raises(FileRefused):
        checked(url, ("files.example.org",))


def test_a_host_may_stand_for_all_below_it() -> None:
    assert checked("https://a.b.example.org/x", (".example.org",)).path == "/x"
    assert checked("https://FILES.example.org:443/x", ("files.example.org",)).path == "/x"
    with pytest.raises(FileRefused):
        checked("https://example.org/x", (".example.org",))


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_what_is_of_the_open_internet(address: str, outside: bool) -> None:
    assert is_outside(address) is outside


async def test_what_hosts_answer_means(address: str) -> None:
    for status in (401, 403, 404, 410):
        with pytest.raises(FileRefused) as gone:
            await read(f"{address}/status/{status}", "127.0.0.1")
        assert gone.value.reason == "gone"
    with pytest.raises(RateLimited) as limited:
        await read(f"{address}/status/429", "127.0.0.1")
    assert limited.value.retry_after == 7
    for status in (500, 503, 204):
        with pytest.raises(PlatformUnavailable):
            await read(f"{address}/status/{status}", "127.0.0.1")


async def test_half_a_file_is_none(address: str) -> None:
    with pytest.raises(PlatformUnavailable):
        await read(f"{address}/short", "127.0.0.1")
    with pytest.raises(PlatformUnavailable):
        await read("http://127.0.0.1:1/file", "127.0.0.1")


async def test_where_a_proxy_is_the_way_out_it_is_asked_for_the_host(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address.replace("://", "://guichet:p%40ss@"))
    monkeypatch.setenv("NO_PROXY", "files.inside.example")
    with pytest.raises(PlatformUnavailable, match="403"):
        await read("https://files.slack.example/x", ".slack.example", inside=False, Authorization="Bearer t")
    assert Host.tokens == ["files.slack.example:443 Basic Z3VpY2hldDpwQHNz"]
    for url, host in (("https://files.inside.example/x", "files.inside.example"), (f"{address}/file", "127.0.0.1")):
        with suppress(PlatformUnavailable):
            await read(url, host, inside=host == "127.0.0.1")
    assert Host.tokens[1:] == [None]  # what was asked of the server itself
    with pytest.raises(FileRefused):
        await read("https://files.other.example/x", ".slack.example", inside=False)
