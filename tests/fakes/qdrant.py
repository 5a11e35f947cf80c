"""A Qdrant server on loopback: its REST protocol, as far as guichet speaks it, in front of the client's local mode.

Requests are read with the protocol's own models. `trouble` answers in place of the server, for as long as it is set.
"""

import asyncio
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from qdrant_client import AsyncQdrantClient, models
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.ports import free_port

Trouble = Callable[[Request], Awaitable[Response | None]]


@dataclass
class FakeQdrant:
    """`asked` has every request's method and path, in order."""

    client: AsyncQdrantClient
    key: str | None = None
    trouble: Trouble | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""
    creations: list[dict[str, Any]] = field(default_factory=list)

    def app(self) -> Starlette:
        at = "/collections/{name}"
        return Starlette(
            routes=[
                self._route("GET", "/aliases", self._aliases),
                self._route("GET", "/collections", self._collections),
                self._route("POST", "/collections/aliases", self._change_aliases),
                self._route("PUT", at, self._create),
                self._route("DELETE", at, self._drop),
                self._route("PUT", f"{at}/index", self._index),
                self._route("PUT", f"{at}/points", self._upsert),
                self._route("POST", f"{at}/points", self._retrieve),
                self._route("POST", f"{at}/points/query/batch", self._query),
                self._route("POST", f"{at}/points/scroll", self._scroll),
                self._route("POST", f"{at}/points/count", self._count),
                self._route("POST", f"{at}/points/delete", self._delete),
            ]
        )

    def _route(self, method: str, path: str, answer: Callable[[str, Any], Awaitable[Any]]) -> Route:
        async def handle(request: Request) -> Response:
            self.asked.append(f"{method} {request.url.path}")
            if self.trouble and (refusal := await self.trouble(request)):
                return refusal
            if self.key and request.headers.get("api-key") != self.key:
                return JSONResponse({"status": {"error": "forbidden"}, "time": 0}, 403)
            body = await request.json() if method in ("PUT", "POST") else None
            try:
                result = await answer(request.path_params.get("name", ""), body)
            except ValueError as error:
                status = 404 if "not found" in str(error) else 400
                return JSONResponse({"status": {"error": str(error)}, "time": 0}, status)
            return JSONResponse({"result": result, "status": "ok", "time": 0.0})

        return Route(path, handle, methods=[method])

    async def _aliases(self, name: str, body: Any) -> Any:
        return (await self.client.get_aliases()).model_dump(mode="json")

    async def _collections(self, name: str, body: Any) -> Any:
        return (await self.client.get_collections()).model_dump(mode="json")

    async def _change_aliases(self, name: str, body: Any) -> Any:
        operations = models.ChangeAliasesOperation.model_validate(body).actions
        return await self.client.update_collection_aliases(operations)

    async def _create(self, name: str, body: Any) -> Any:
        self.creations.append(body)
        wanted = models.CreateCollection.model_validate(body)
        return await self.client.create_collection(
            name, vectors_config=wanted.vectors or {}, sparse_vectors_config=wanted.sparse_vectors
        )

    async def _drop(self, name: str, body: Any) -> Any:
        return await self.client.delete_collection(name)

    async def _index(self, name: str, body: Any) -> Any:
        models.CreateFieldIndex.model_validate(body)
        return {"operation_id": 0, "status": "completed"}

    async def _upsert(self, name: str, body: Any) -> Any:
        points = models.PointsList.model_validate(body).points
        return (await self.client.upsert(name, points)).model_dump(mode="json")

    async def _retrieve(self, name: str, body: Any) -> Any:
        asked = models.PointRequest.model_validate(body)
        found = await self.client.retrieve(name, asked.ids, with_payload=asked.with_payload or False)
        return [record.model_dump(mode="json") for record in found]

    async def _query(self, name: str, body: Any) -> Any:
        searches = models.QueryRequestBatch.model_validate(body).searches
        return [answer.model_dump(mode="json") for answer in await self.client.query_batch_points(name, searches)]

    async def _scroll(self, name: str, body: Any) -> Any:
        asked = models.ScrollRequest.model_validate(body)
        found, after = await self.client.scroll(
            name,
            asked.filter,
            limit=asked.limit or 10,
            offset=asked.offset,
            with_payload=asked.with_payload or False,
            with_vectors=asked.with_vector or False,
        )
        return {"points": [record.model_dump(mode="json") for record in found], "next_page_offset": after}

    async def _count(self, name: str, body: Any) -> Any:
        asked = models.CountRequest.model_validate(body)
        return (await self.client.count(name, asked.filter)).model_dump(mode="json")

    async def _delete(self, name: str, body: Any) -> Any:
        return (await self.client.delete(name, models.PointIdsList.model_validate(body))).model_dump(mode="json")


def in_memory() -> AsyncQdrantClient:
    warnings.filterwarnings("ignore", message="Payload indexes have no effect", category=UserWarning)
    warnings.filterwarnings("ignore", message="Local mode is not recommended", category=UserWarning)
    return AsyncQdrantClient(location=":memory:")


@asynccontextmanager
async def running(fake: FakeQdrant, port: int | None = None) -> AsyncIterator[FakeQdrant]:
    """Serve it until the block is left; the collections stay with `fake.client`, as on a server's disk."""
    port = port or free_port()
    server = uvicorn.Server(
        uvicorn.Config(fake.app(), host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    fake.url = f"http://127.0.0.1:{port}"
    try:
        yield fake
    finally:
        server.should_exit = True
        server.force_exit = True
        with suppress(asyncio.CancelledError):
            await task
