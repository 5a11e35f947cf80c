"""The contact page of a desk in this process, on a real server: tests turn its clock and read its storage."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from storage.store import open_storage
from tests.adapters.web.contact.desk import ContactDesk, contact_desk
from tests.adapters.web_security.site import served

PLENTY = {"web_messages_per_minute": 1000, "web_requests_per_minute": 10_000, "web_host": "127.0.0.1"}


@asynccontextmanager
async def contact_site(database: str, home: Path, **changes: Any) -> AsyncIterator[tuple[str, ContactDesk]]:
    """Its address, and what is behind it. `changes` as of contact_desk."""
    storage = await open_storage(database)
    try:
        async with (
            contact_desk(storage, home, **PLENTY | changes) as desk,
            served(desk.web.application, desk.web.site.settings) as address,
        ):
            try:
                yield address, desk
            finally:
                desk.web.site.stopping.set()  # open streams end, so that the server can
    finally:
        await storage.close()
