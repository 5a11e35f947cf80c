"""Who opens a page that nobody looks at: programs that make previews, search engines, browsers that guess ahead."""

import re

from starlette.requests import HTTPConnection

# By their names, and by the words that most of them have in it: a link in a post is fetched by every server it reaches.
# Names of apps whose own browsers people read in are not among them.
_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|preview|fetch|mastodon|pleroma|akkoma|misskey|sharkey|firefish|gotosocial|pixelfed|lemmy"
    r"|friendica|facebookexternalhit|facebot|whatsapp|slack|discord|embedly"
    r"|iframely|http\.rb|okhttp|curl|wget|python|go-http|java/|libwww|headless(?!chrome)|monitor|uptime|scan",
    re.IGNORECASE,
)
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")


def is_read(request: HTTPConnection) -> bool:
    """Whether a person opens the page, as far as that can be told."""
    headers = request.headers
    agent = headers.get("user-agent", "")
    purposes = " ".join(headers.get(name, "").lower() for name in _AHEAD)
    ahead = any(word in purposes for word in ("prefetch", "preview", "prerender"))
    return (
        request.scope["method"] == "GET"
        and "text/html" in headers.get("accept", "")
        and bool(agent)
        and _PROGRAMS.search(agent) is None
        and not ahead
    )
