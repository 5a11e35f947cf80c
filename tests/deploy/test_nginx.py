"""The example for nginx: what it lets through, and that the contact page works behind it."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from storage.store import SqlStorage
from tests.adapters.web.contact.desk import KEY, PHONE, POST, contact_desk
from tests.adapters.web_security.site import served
from tests.fakes.ports import free_port

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf.example"
NAME = "help.example.org"
OPEN = ("/contact", POST, f"{POST}/say", f"{POST}/code", f"{POST}/stream", "/d/signed", "/d/signed/again")
OPEN_TOO = (
    "/contact/0190163d-8694-739b-bca8-ba5a9ee3d601/stream",
    "/static/chat.js",
    "/language",
    "/theme",
    "/healthz",
)
CLOSED = (
    "/desk",
    "/desk/T1",
    "/say",
    "/press",
    "/stream",
    "/role",
    "/sign-in",
    "/files/x/y",
    "/readyz",
    "/contacts",
    "/x",
)


def location_of(path: str) -> str:
    """The body of the location that nginx takes for a path: an exact one, else the first pattern, else the longest."""
    found = re.findall(r"location (=|~)? ?(\S+) \{(.*?)\n    \}", EXAMPLE.read_text(encoding="utf-8"), re.DOTALL)
    exact = [body for kind, where, body in found if kind == "=" and where == path]
    patterns = [body for kind, where, body in found if kind == "~" and re.search(where, path)]
    prefixes = sorted((len(where), body) for kind, where, body in found if not kind and path.startswith(where))
    return str((exact or patterns or [prefixes[-1][1]])[0])


@pytest.mark.parametrize("path", OPEN + OPEN_TOO)
def test_the_public_gets_to_the_contact_page(path: str) -> None:
    assert "proxy_pass http://guichet" in location_of(path)
    assert ("proxy_buffering off" in location_of(path)) is path.endswith("/stream")


@pytest.mark.parametrize("path", CLOSED)
def test_the_public_gets_nowhere_else(path: str) -> None:
    assert "return 404" in location_of(path)


def test_what_a_visitor_says_of_themselves_counts_for_nothing() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert 'proxy_set_header X-Forwarded-Email "";' in text
    assert "proxy_add_x_forwarded_for" not in text


def prepared(folder: Path, upstream: str, port: int) -> Path:
    """The example as it stands, but for what is of this machine; nginx has looked at it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("127.0.0.1:8080", upstream),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl;\n", ""),
        (f"/etc/ssl/certs/{NAME}.pem", str(certificate)),
        (f"/etc/ssl/private/{NAME}.key", str(key)),
        ("/var/log/nginx/guichet.log", str(folder / "access.log")),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    whole.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ {temporary} include {folder}/site.conf; }}\n"
    )
    checked = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    return whole


@asynccontextmanager
async def nginx(folder: Path, upstream: str) -> AsyncIterator[str]:
    """A real one with this configuration, in front of `upstream`; its address."""
    port = free_port()
    whole = await asyncio.to_thread(prepared, folder, upstream, port)
    process = await asyncio.create_subprocess_exec("nginx", "-c", str(whole), stderr=asyncio.subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                (await asyncio.open_connection("127.0.0.1", port))[1].close()
                break
            except OSError:
                await asyncio.sleep(0.05)
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def test_the_contact_page_behind_it(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    if not shutil.which("nginx"):
        pytest.skip("NO NGINX: the example was read, and not run. Install nginx (apt-get install nginx-light).")
    signed = {"sign_in": "proxy", "trusted_proxies": ("127.0.0.1",), "secret_key": SecretStr(KEY)}
    settings = signed | {"public_url": f"https://{NAME}"}
    async with (
        contact_desk(sqlite_storage, tmp_path / "home", **settings) as desk,
        served(desk.web.application, desk.web.site.settings) as behind,
        nginx(tmp_path, behind.removeprefix("http://")) as address,
    ):
        headers = {"Host": NAME, "User-Agent": PHONE, "Accept": "text/html", "X-Forwarded-Email": "boss@x.org"}
        async with httpx.AsyncClient(base_url=address, headers=headers, verify=False) as ada:
            page = await ada.get(POST)
            assert page.status_code == 200 and "max-age" in page.headers["strict-transport-security"]
            assert all(one.startswith("__Host-") for one in ada.cookies)
            token = str(BeautifulSoup(page.text, "html.parser").select("[name=csrf]")[0]["value"])
            form = {"csrf": token, "id": "0123456789abcdef", "text": "what is the meaning of zorglub?"}
            kept = {"Cookie": "; ".join(f"{name}={value}" for name, value in ada.cookies.items())}
            told = kept | {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"}
            assert (await ada.post(f"{POST}/say", data=form, headers=told)).status_code == 303
            async with ada.stream("GET", f"{POST}/stream?after=0", headers=kept) as news:
                assert news.status_code == 200
                async with asyncio.timeout(20):
                    async for line in news.aiter_lines():
                        if "data-author" in line:
                            break
            for path in CLOSED:
                assert (await ada.get(path, headers=kept)).status_code == 404, path
            assert (await ada.get("/")).headers["location"].endswith("/contact")
        assert "t0ken" not in (tmp_path / "access.log").read_text()
