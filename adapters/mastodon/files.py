"""Files that came with a message, and those that are to be attached to one."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from adapters.mastodon.api import BEFORE_V2_MEDIA, Api, is_loopback
from adapters.mastodon.errors import is_lacking
from adapters.mastodon.limits import Instance
from adapters.mastodon.server import id_of
from adapters.mastodon.words import one_line
from bot.attachments.downloads import download
from bot.errors import DeliveryRefused, FileRefused, PlatformUnavailable
from bot.model.messages import IncomingFile

LOOK, LONGEST_LOOK = 0.2, 5.0  # seconds between two looks whether a file was processed, at first and later
LONGEST = 300.0  # that it may take
BYTES = "application/octet-stream"


async def fetch(file: IncomingFile, url: str) -> AsyncIterator[bytes]:
    """The bytes, from where the desk's own server says that they are; `url` is its address. A server's files may be on
    any host, which has to be outside of this network unless it is the server's own.

    Raises FileRefused, RateLimited, or PlatformUnavailable.
    """
    host, own = urlsplit(file.url).hostname or "", urlsplit(url).hostname or ""
    if not host:
        raise FileRefused("gone")
    inside = host == own or (is_loopback(url) and is_loopback(file.url))
    async for chunk in download(file.url, (host,), inside=inside):
        yield chunk


async def attached(api: Api, instance: Instance, name: str, content: bytes) -> str:
    """The id of a file that can be attached to a post from now on. Raises a DeliveryError: DeliveryRefused for a kind
    of file that the server does not take, such as a PDF."""
    kind = mimetypes.guess_type(name)[0] or BYTES
    if instance.media_types and kind not in instance.media_types:
        raise DeliveryRefused(f"the server takes no files of type {kind}")
    params = {"mime_type": kind, "description": one_line(name)[: instance.description], "file_name": name}
    try:
        answer = await api.call("media_post", content, **params)
    except DeliveryRefused as error:
        if not is_lacking(error):
            raise
        before = api.made(BEFORE_V2_MEDIA)  # the server knows the older way only
        answer = await api.in_thread("media_post", lambda: before.media_post(content, **params))
    media, pause = id_of(answer, "media_post"), LOOK
    try:
        async with asyncio.timeout(LONGEST):
            while not answer.get("url"):  # what shows a small one is there before
                await asyncio.sleep(pause)
                pause = min(LONGEST_LOOK, pause * 1.5)
                answer = await _looked_at(api, media)
    except TimeoutError as error:
        raise PlatformUnavailable("the server does not come to an end with a file") from error
    return media


async def _looked_at(api: Api, media: str) -> Any:
    """Raises PlatformUnavailable, RateLimited, DeliveryRefused for what could not be processed."""
    found = await api.read("media", media)
    if not isinstance(found, dict):
        raise PlatformUnavailable("media: an answer that cannot be read")
    return found
