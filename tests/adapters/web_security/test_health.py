"""What orchestrators and monitors are told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette

from adapters.web.health import Examine, Health, Part, database, inbox
from bot.errors import IndexUnavailable, StorageUnavailable
from storage.store import SqlStorage
from tests.adapters.web_security.conftest import Open
from tests.contract.storage.makers import said


async def well() -> Part:
    return Part(True, {"articles": 3})


def client(parts: dict[str, Examine], **options: Any) -> httpx.AsyncClient:
    app = Starlette(routes=Health(parts, **options).routes())
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")


async def test_a_process_that_lives_says_so_whatever_is_wrong() -> None:
    async def broken() -> Part:
        raise StorageUnavailable("postgresql://user:password@host")

    async with client({"database": broken}) as http:
        answer = await http.get("/healthz")
        assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_every_part_is_told_and_one_that_is_not_well_decides() -> None:
    async def gone() -> Part:
        raise IndexUnavailable("http://qdrant:6333 with key abc")

    async with client({"database": well}) as http:
        answer = await http.get("/readyz")
        assert answer.status_code == 200
        assert answer.json() == {"ready": True, "parts": {"database": {"ok": True, "articles": 3}}}
    async with client({"database": well, "index": gone}) as http:
        answer = await http.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["parts"]["index"] == {"ok": False, "error": "IndexUnavailable"}
        assert "qdrant" not in answer.text and "abc" not in answer.text


async def test_a_part_that_hangs_is_not_waited_for() -> None:
    async def hangs() -> Part:
        await asyncio.sleep(60)
        return Part(True)

    async with client({"one": hangs, "two": hangs, "three": well}, seconds=0.1) as http:
        async with asyncio.timeout(1):
            answer = await http.get("/readyz")
        assert answer.json()["parts"]["one"] == {"ok": False, "error": "no answer in time"}
        assert answer.json()["parts"]["three"]["ok"] is True


async def test_asking_often_costs_one_look() -> None:
    looks = 0

    async def counted() -> Part:
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.02)
        return Part(True)

    async with client({"part": counted}, kept=0.3) as http:
        await asyncio.gather(*(http.get("/readyz") for _ in range(20)))
        assert looks == 1
        await asyncio.sleep(0.35)
        await http.get("/readyz")
        assert looks == 2


async def test_messages_that_wait_too_long_are_a_desk_that_does_not_work(sqlite_storage: SqlStorage) -> None:
    now = datetime.now(UTC)
    keeps_up = inbox(sqlite_storage, lambda: now)
    assert await keeps_up() == Part(True, {"lag_seconds": 0.0})
    await sqlite_storage.inbox.receive(said("hello", "1"))
    now = datetime.now(UTC) + timedelta(seconds=60)
    assert (await keeps_up()).ok
    now += timedelta(seconds=70)
    late = await keeps_up()
    assert not late.ok and late.detail["lag_seconds"] > 120
    assert await database(sqlite_storage)() == Part(True)


async def test_probes_are_answered_under_any_name_and_never_too_many(open_site: Open) -> None:
    """An orchestrator asks by the number of a machine, often, and without a cookie."""
    _, browser = await open_site()
    for _ in range(150):
        answer = await browser.http.get("/healthz", headers={"host": "10.1.2.3:8080"})
        assert answer.status_code == 404, "this site has none, but nothing before it refuses"
    assert "set-cookie" not in answer.headers
