"""Parameters of a call, of its address and its body, as Rails reads them: `types[]`, `source[privacy]`, JSON, files."""

import re
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from tests.fakes.mastodon.state import Json

_PART = re.compile(r"\[([^\]]*)\]")


async def parameters(request: web.Request) -> Json:
    params = nested(request.query.items())
    if request.content_type == "application/json":
        body = await request.json() if request.can_read_body else {}
        params.update(body if isinstance(body, dict) else {})
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        params.update(nested((await request.post()).items()))
    return params


def nested(pairs: Iterable[tuple[str, Any]]) -> Json:
    """`a[]=1&a[]=2&b[c]=3` is {"a": ["1", "2"], "b": {"c": "3"}}."""
    found: Json = {}
    for name, value in pairs:
        first, parts = name.split("[", 1)[0], _PART.findall(name)
        place, key = found, first
        for part in parts:
            if part == "":
                break
            inner = place.get(key)
            place[key] = inner if isinstance(inner, dict) else {}
            place, key = place[key], part
        if parts and parts[-1] == "":
            place.setdefault(key, []).append(value)
        else:
            place[key] = value
    return found
