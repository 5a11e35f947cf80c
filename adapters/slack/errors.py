"""What Slack's refusals mean for us, and what is known after a call that failed."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited

SHORTEST_PAUSE = 1.0  # seconds, where a refusal for too many calls says nothing else
LONGEST_PAUSE = 300.0

TOKEN = frozenset(
    "invalid_auth not_authed account_inactive token_revoked token_expired no_permission org_login_required "
    "ekm_access_denied not_allowed_token_type".split()
)
SCOPE = frozenset({"missing_scope"})
CHANNEL = frozenset(
    "channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel "
    "restricted_action_thread_only_channel restricted_action_non_threadable_channel channel_is_archived".split()
)
TOO_MANY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
PASSING = frozenset(  # nothing was done, and later it may be
    "service_unavailable team_added_to_org accesslimited external_channel_migrating two_factor_setup_required".split()
)
HALF = frozenset({"internal_error", "fatal_error", "request_timeout"})  # something may have been done


def kind_of(error: str) -> str | None:
    """Of the troubles that somebody has to see to; None for an error that is none."""
    if error in TOKEN:
        return "token"
    if error in SCOPE:
        return "scope"
    return "channel" if error in CHANNEL else None


def name_of(error: SlackApiError) -> str:
    """Slack's name for what it refused; `http_503` where it gave none."""
    data = getattr(error.response, "data", error.response)
    if isinstance(data, Mapping) and isinstance(data.get("error"), str):
        return str(data["error"])
    return f"http_{status_of(error)}"


def status_of(error: SlackApiError) -> int:
    status = getattr(error.response, "status_code", getattr(error.response, "status", 0))
    return status if isinstance(status, int) else 0


def translated(error: Exception, method: str) -> DeliveryError:
    """The same as one of ours. What went out without an answer is OutcomeUnknown."""
    match error:
        case SlackApiError():
            return _refused(error, method)
        case aiohttp.ClientConnectorError() | aiohttp.ClientProxyConnectionError() | aiohttp.InvalidURL():
            return PlatformUnavailable(f"{method}: Slack cannot be reached")
        case aiohttp.ClientError() | TimeoutError() | asyncio.TimeoutError() | SlackClientError() | OSError():
            return OutcomeUnknown(f"{method}: no answer ({type(error).__name__})")
        case _:
            raise error


def _refused(error: SlackApiError, method: str) -> DeliveryError:
    name, status = name_of(error), status_of(error)
    if status == 429 or name in TOO_MANY:
        return RateLimited(_pause(getattr(error.response, "headers", {})))
    if name in HALF or status >= 500 or name.startswith("http_"):
        return OutcomeUnknown(f"{method}: {name}")
    if name in PASSING or name in TOKEN or name in SCOPE:  # what an operator can mend is worth waiting for
        return PlatformUnavailable(f"{method}: {name}")
    return DeliveryRefused(f"{method}: {name}")


def _pause(headers: Any) -> float:
    try:
        seconds = float(headers.get("Retry-After", SHORTEST_PAUSE))
    except (TypeError, ValueError, AttributeError):
        seconds = SHORTEST_PAUSE
    return min(LONGEST_PAUSE, max(0.1, seconds))
