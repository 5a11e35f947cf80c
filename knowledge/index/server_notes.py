"""What every replica has to know of a collection, kept in the collection itself: the manifest and the term counts.

They are cut into parts, each the payload of a point without vectors, which no search finds. The head point names the
parts, and is written when they are there: a reader sees the old state or the new one, whole.
"""

import base64
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from qdrant_client import models

from knowledge.index import manifest as manifests
from knowledge.index.manifest import Manifest
from knowledge.index.server_calls import Calls
from knowledge.index.terms import TermCounts

PART = 500_000  # characters of a part
_HEAD = UUID("6f0f1b52-3c1e-5d1a-9c53-7f6d1f0a9a10")


@dataclass(frozen=True, slots=True)
class Head:
    """`serial` changes with every state; `collection` is the one that the head is in, whatever name it was asked by."""

    collection: str
    serial: str
    parts: tuple[str, ...]
    manifest_size: int  # bytes of the content that are the manifest; the rest are the term counts


@dataclass(frozen=True, slots=True)
class Notes:
    calls: Calls

    async def head(self, collection: str) -> Head | None:
        """Of a collection or an alias; None if there are no notes in it. Raises IndexUnavailable."""
        found = await self.calls(lambda client: client.retrieve(collection, [str(_HEAD)], with_payload=True))
        if not found or not (payload := found[0].payload):
            return None
        parts = tuple(map(str, payload["parts"]))
        return Head(payload["collection"], payload["serial"], parts, int(payload["manifest_size"]))

    async def read(self, head: Head, points: int) -> tuple[Manifest, TermCounts | None]:
        """`points`: how many there are; term counts of another number are not taken. Raises IndexUnavailable."""
        found = await self.calls(lambda client: client.retrieve(head.collection, list(head.parts), with_payload=True))
        texts = {str(record.id): str((record.payload or {})["part"]) for record in found}
        if len(texts) < len(head.parts):
            return Manifest(), None  # replaced at this moment; the next look sees the new ones
        content = zlib.decompress(base64.b64decode("".join(texts[part] for part in head.parts)))
        manifest = manifests.load(content[: head.manifest_size]) or Manifest()
        return manifest, TermCounts.load(content[head.manifest_size :], points)

    async def write(
        self, collection: str, manifest: Manifest, counts: TermCounts, points: int, before: Head | None, now: datetime
    ) -> Head:
        """In place of what `before` tells of. Raises IndexUnavailable; what was there is then there still."""
        written = manifests.dump(manifest)
        text = base64.b64encode(zlib.compress(written + counts.dump(points))).decode()
        serial = uuid4().hex
        pieces = [text[at : at + PART] for at in range(0, len(text), PART)]
        parts = tuple(str(uuid5(_HEAD, f"{serial}|{number}")) for number in range(len(pieces)))
        for part, piece in zip(parts, pieces, strict=True):
            await self._put(collection, part, {"part": piece})
        head = Head(collection, serial, parts, len(written))
        payload = {
            "collection": collection,
            "serial": serial,
            "parts": list(parts),
            "manifest_size": len(written),
            "at": now.isoformat(),
        }
        await self._put(collection, str(_HEAD), payload)
        if before and before.collection == collection:
            old = [part for part in before.parts if part not in parts]
            await self.calls(lambda client: client.delete(collection, models.PointIdsList(points=list(old)), wait=True))
        return head

    async def _put(self, collection: str, id: str, payload: dict[str, Any]) -> None:
        point = models.PointStruct(id=id, vector={}, payload=payload)
        await self.calls(
            lambda client: client.upsert(collection, [point], wait=True, ordering=models.WriteOrdering.STRONG)
        )
