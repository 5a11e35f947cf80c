"""What a server says of itself."""

from typing import Any

from aiohttp import web

from tests.fakes.mastodon.state import Json
from tests.fakes.mastodon.web_api import Call, Route

PICTURES = ("image/jpeg", "image/png", "image/gif", "image/webp")
SUPPORTED = (*PICTURES, "video/webm", "video/mp4", "audio/mpeg", "audio/ogg", "audio/wav")
LARGEST = 16 * 1024 * 1024
API_VERSIONS = {"4.3": 2, "4.4": 6, "4.5": 7}


def _configuration(call: Call) -> Json:
    return {
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": call.world.max_characters,
            "max_media_attachments": 4,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": list(SUPPORTED),
            "image_size_limit": LARGEST,
            "image_matrix_limit": 33_177_600,
            "video_size_limit": 103_809_024,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8_294_400,
            "description_limit": 1_500,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
    }


def _streaming(call: Call) -> str | None:
    """Where streaming is said to be."""
    secure = "wss" if call.quirks.streaming == "ssl" else "ws"
    where = call.world.streaming_host
    return None if call.quirks.streaming == "none" else f"{secure}://{where}"


def v1(call: Call) -> Json:
    if call.quirks.software == "mastodon":
        call.headers["Deprecation"] = "@1668384000"
    streaming = _streaming(call)
    return {
        "uri": call.shapes.domain,
        "title": "Example",
        "short_description": "",
        "description": "",
        "email": "admin@example.com",
        "version": call.quirks.version,
        "urls": {"streaming_api": streaming} if streaming else {},
        "stats": {
            "user_count": sum(one.domain is None for one in call.state.accounts.values()),
            "status_count": len(call.state.statuses),
            "domain_count": len({one.domain for one in call.state.accounts.values()}),
        },
        "thumbnail": None,
        "languages": ["en", "fr"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": _configuration(call),
        "contact_account": None,
        "rules": [],
    }


def v2(call: Call) -> Json:
    streaming = _streaming(call)
    feeds = {"local": "public", "remote": "public"}
    more = {
        "urls": {"streaming": streaming} if streaming else {},
        "vapid": {
            "public_key": "BCk-QqERU0q-CfYZjcuB6lnyyOYfJ2AifKqfeGIm7Z-HiTU5T9eTG5GxVA0_OH5mMlI4UkkDTpaZwozy0TzdZ2M="
        },
        "translation": {"enabled": False},
        "limited_federation": False,
        "timelines_access": {"live_feeds": feeds, "hashtag_feeds": feeds, "trending_link_feeds": feeds},
    }
    answer: Json = {
        "domain": call.shapes.domain,
        "title": "Example",
        "version": call.quirks.version,
        "source_url": f"https://github.com/{call.quirks.software}/{call.quirks.software}",
        "description": "",
        "usage": {"users": {"active_month": 1}},
        "thumbnail": {"url": f"https://{call.shapes.domain}/thumbnail.png"},
        "icon": [],
        "languages": ["en", "fr"],
        "configuration": _configuration(call) | more,
        "registrations": {"enabled": False, "approval_required": False, "message": None, "url": None},
        "contact": {"email": "admin@example.com", "account": None},
        "rules": [],
    }
    if api := API_VERSIONS.get(call.quirks.version[:3]) if call.quirks.software == "mastodon" else None:
        answer["api_versions"] = {"mastodon": api}
    return answer


def node(call: Call) -> Json:
    schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return {"links": [{"rel": schema, "href": f"{call.shapes.base}/nodeinfo/2.0"}]}


def nodeinfo(call: Call) -> Json:
    return {
        "version": "2.0",
        "software": {"name": call.quirks.software, "version": call.quirks.version},
        "protocols": ["activitypub"],
        "services": {"outbound": [], "inbound": []},
        "usage": {"users": {"total": 1, "activeMonth": 1, "activeHalfyear": 1}, "localPosts": len(call.state.statuses)},
        "openRegistrations": False,
        "metadata": {},
    }


def emojis(call: Call) -> list[Json]:
    return [call.shapes.emoji(one) for one in call.state.emojis]


def preferences(call: Call) -> Json:
    return {
        "posting:default:visibility": call.me.privacy,
        "posting:default:sensitive": False,
        "posting:default:language": call.me.language,
        "posting:default:quote_policy": "public",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


def nothing(call: Call) -> list[Any]:
    return []


def health(call: Call) -> web.Response:
    return web.Response(text="OK")


ROUTES = {
    "GET /api/v1/instance": Route(v1, kind="open"),
    "GET /api/v2/instance": Route(v2, kind="open"),
    "GET /.well-known/nodeinfo": Route(node, kind="open"),
    "GET /nodeinfo/2.0": Route(nodeinfo, kind="open"),
    "GET /api/v1/custom_emojis": Route(emojis, kind="open"),
    "GET /api/v1/preferences": Route(preferences, "read:accounts"),
    "GET /api/v1/announcements": Route(nothing),
    "GET /api/v2/filters": Route(nothing, "read:filters"),
    "GET /health": Route(health, kind="open"),
    "HEAD /": Route(health, kind="open"),
}
