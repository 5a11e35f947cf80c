"""What servers that speak Mastodon's client API lack or do in their own way, as switches; all off at first."""

from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.mastodon.ids import Scheme

# How streaming is, seen by who tries it. All but "none" are advertised.
#   sse        works            none     not advertised, and 404
#   refused    nobody listens   ssl      wss:// is advertised, and plain text is spoken there
#   reset      cut at once      html     200 with the web client's page
#   websocket  400: only a WebSocket is taken          silent   200, and nothing ever comes
Streaming = Literal["sse", "none", "refused", "ssl", "reset", "html", "websocket", "silent"]
Html = Literal["mastodon", "pleroma", "gotosocial", "misskey", "bare"]  # bare: links say nothing of what they are


@dataclass
class Quirks:
    """`without`: routes that are not there, as `"/api/v2/instance"` or `"PUT /api/v1/statuses/{id}"`; they answer
    `not_there`, and what they would have told is not so either (no policy: nothing is filtered; no v2 media: v1 is
    waited for)."""

    ids: Scheme = "snowflake"
    streaming: Streaming = "sse"
    version: str = "4.5.2"
    software: str = "mastodon"
    html: Html = "mastodon"
    without: set[str] = field(default_factory=set)
    not_there: int = 404  # as which those are answered; elsewhere 405 or 501
    missing: set[str] = field(default_factory=set)  # fields that statuses do not have: language, edited_at, …
    idempotency: bool = True  # False: Idempotency-Key is not looked at
    rate_limit_headers: bool = True
    rate_limit_reset: Literal["iso", "epoch"] = "iso"
    notifications_in_order: bool = True  # False: their ids are not in the order in which they came
    pages_in_order: bool = True  # False: what is on a page is shuffled
    link_headers: bool = True
    min_id: bool = True  # False: min_id gives the newest page, as since_id does
    types: bool = True  # False: types and exclude_types of notifications are not looked at
    mention_ids: bool = True  # False: the ids inside mentions are 0
    full_acct: bool = False  # True: acct bears the domain for local accounts too, except for one's own
    unauthorised: int = 401
    folded_tags: bool = True  # False: #Été is another hashtag than #ete
    notifications_outlive: bool = False  # True: a notification stays when its post is deleted, and has none then
    lists_direct: bool = True  # False: one's own direct messages are not in the list of one's posts
    ancestors: bool = True  # False: a context has descendants only
    lone_replies: bool = False  # True: what answers a post that is not there is posted, and answers nothing
    trailing_slash: bool = True  # False: an address that ends in / is not found
    tells_time: bool = True  # False: its answers have no Date
    files_at: str | None = None  # where all its files are said to be, in place of where they are
    content_type: str = "application/json; charset=utf-8"

    def has(self, method: str, path: str) -> bool:
        return path not in self.without and f"{method} {path}" not in self.without

    @classmethod
    def pleroma(cls) -> "Quirks":
        return cls(
            ids="flake",
            streaming="websocket",
            version="2.7.2 (compatible; Pleroma 2.6.0)",
            software="pleroma",
            html="pleroma",
            without={*POLICIES, "/.well-known/oauth-authorization-server"},
            missing={"filtered"},
            rate_limit_headers=False,
            unauthorised=400,
            folded_tags=False,
        )

    @classmethod
    def gotosocial(cls) -> "Quirks":
        return cls(
            ids="ulid",
            streaming="websocket",
            version="0.19.1+git-4b5e2d1",  # Mastodon.py takes it for a Mastodon that is too old for anything
            software="gotosocial",
            html="gotosocial",
            without={*POLICIES},
            idempotency=False,
            rate_limit_reset="epoch",
            notifications_in_order=False,
            folded_tags=False,
        )

    @classmethod
    def misskey(cls) -> "Quirks":
        return cls(
            ids="flake",
            streaming="none",
            version="4.2.1 (compatible; Sharkey 2025.4.1)",
            software="sharkey",
            html="misskey",
            without={*POLICIES, "/api/v1/instance", "/api/v1/markers", "/api/v1/conversations"},
            missing={"language", "edited_at", "filtered", "tags"},
            idempotency=False,
            rate_limit_headers=False,
            link_headers=False,
            min_id=False,
            mention_ids=False,
            folded_tags=False,
            notifications_outlive=True,
            full_acct=True,
        )


POLICIES = ("/api/v2/notifications/policy", "/api/v1/notifications/requests")
