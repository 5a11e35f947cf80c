"""Handing out attachments: to who may have them, to be saved and never to be run."""

from collections.abc import AsyncIterator
from urllib.parse import quote
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from adapters.web.site import Site
from bot.attachments.reading import readable
from bot.errors import FileMissing
from bot.model.people import Known
from bot.model.tickets import Attachment
from bot.ports.storage import UnitOfWork


class Downloads:
    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def routes(self) -> list[Route]:
        return [Route("/files/{id:uuid}/{name:path}", self.file)]

    async def file(self, request: Request) -> Response:
        """Raises HTTPException 404: there is none, it is somebody else's, or it is not here (yet)."""
        site = self._site
        async with site.storage.unit_of_work() as uow:
            return await attachment_response(site, uow, request, await uow.people.known(site.visitor(request).identity))


async def attachment_response(site: Site, uow: UnitOfWork, request: Request, known: Known | None) -> Response:
    """The file that the address names, for who asks. Raises HTTPException 404."""
    id = request.path_params["id"]
    assert isinstance(id, UUID)
    attachment = await readable(uow, id, known)
    if attachment is None or attachment.stored_as is None:
        raise HTTPException(404)
    portions = site.files.store.open(attachment.stored_as)
    try:
        first = await anext(portions, b"")
    except FileMissing as error:
        raise HTTPException(404) from error
    return StreamingResponse(_all(first, portions), media_type=attachment.media_type, headers=headers_of(attachment))


def headers_of(attachment: Attachment) -> dict[str, str]:
    return {
        "Content-Length": str(attachment.size),
        "Content-Disposition": disposition(attachment.name),
        "Cache-Control": "private, no-store",
    }


def disposition(name: str) -> str:
    """To be saved under that name, whatever its letters (RFC 6266)."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%;' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for portion in rest:
        yield portion
