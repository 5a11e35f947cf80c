"""What Slack's refusals mean for us."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.errors import kind_of, translated
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited


def refused(name: str, status: int = 200, **headers: str) -> SlackApiError:
    data = {"ok": False, "error": name}
    response = AsyncSlackResponse(
        client=None, http_verb="POST", api_url="", req_args={}, data=data, headers=headers, status_code=status
    )
    return SlackApiError("no", response)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (refused("ratelimited", 429, **{"Retry-After": "7"}), RateLimited),
        (refused("is_archived"), DeliveryRefused),
        (refused("msg_too_long"), DeliveryRefused),
        (refused("something_new"), DeliveryRefused),
        (refused("token_revoked"), PlatformUnavailable),
        (refused("missing_scope"), PlatformUnavailable),
        (refused("service_unavailable"), PlatformUnavailable),
        (refused("fatal_error"), OutcomeUnknown),
        (refused("", 503), OutcomeUnknown),
        (TimeoutError(), OutcomeUnknown),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknown),
        (aiohttp.ClientPayloadError(), OutcomeUnknown),
        (ConnectionResetError(), OutcomeUnknown),
    ],
)
def test_each_error_is_one_of_ours(error: Exception, meant: type[DeliveryError]) -> None:
    assert type(translated(error, "chat.postMessage")) is meant


def test_a_refusal_for_too_many_calls_says_how_long_to_wait() -> None:
    error = translated(refused("ratelimited", 429, **{"Retry-After": "7"}), "chat.postMessage")
    assert isinstance(error, RateLimited) and error.retry_after == 7
    for silly in ("soon", "-5", "1e9"):
        error = translated(refused("ratelimited", 429, **{"Retry-After": silly}), "chat.postMessage")
        assert isinstance(error, RateLimited) and 0 < error.retry_after <= 300


def test_a_server_that_was_never_reached_has_done_nothing() -> None:
    key = aiohttp.client_reqrep.ConnectionKey("127.0.0.1", 1, False, True, None, None, None)
    error = aiohttp.ClientConnectorError(key, OSError("refused"))
    assert type(translated(error, "chat.postMessage")) is PlatformUnavailable


def test_a_bug_of_ours_stays_one() -> None:
    with pytest.raises(KeyError):
        translated(KeyError("x"), "chat.postMessage")


def test_what_somebody_has_to_see_to() -> None:
    assert [kind_of(name) for name in ("token_revoked", "missing_scope", "is_archived", "msg_too_long")] == [
        "token",
        "scope",
        "channel",
        None,
    ]
