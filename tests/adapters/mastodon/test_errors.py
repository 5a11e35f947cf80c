"""What a server's refusals mean for us: one table, for every class of the library's errors."""

import inspect
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import mastodon
import pytest
import requests
from mastodon import MastodonAPIError, MastodonError, MastodonNetworkError
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from adapters.mastodon.errors import MEANINGS, Answer, is_gone, pause, status_of, translated
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited


def classes() -> list[type[MastodonError]]:
    found = [one for _, one in inspect.getmembers(mastodon.errors, inspect.isclass) if issubclass(one, MastodonError)]
    rest = [MastodonError]
    while rest:
        below = rest.pop().__subclasses__()
        rest += below
        found += below
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("kind", classes())
def test_every_class_of_the_library_has_a_meaning(kind: type[MastodonError]) -> None:
    assert kind in MEANINGS
    assert isinstance(translated(kind("x"), "status_post", None), DeliveryError)


def test_the_table_has_nothing_else() -> None:
    assert set(MEANINGS) == set(classes())


def answered(status: int, said: str = "", kind: type[MastodonAPIError] = MastodonAPIError) -> MastodonAPIError:
    return kind("Mastodon API returned error", status, "Reason", said)


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (answered(404, kind=mastodon.MastodonNotFoundError), DeliveryRefused),
        (answered(410), DeliveryRefused),
        (answered(422, "Validation failed"), DeliveryRefused),
        (answered(400, "Bad request"), DeliveryRefused),
        (answered(403, "This action is not allowed"), DeliveryRefused),
        (answered(401, kind=mastodon.MastodonUnauthorizedError), PlatformUnavailable),
        (answered(403, "This action is outside the authorized scopes"), PlatformUnavailable),
        (answered(408), OutcomeUnknown),
        (answered(500, kind=mastodon.MastodonInternalServerError), OutcomeUnknown),
        (answered(503, kind=mastodon.MastodonServiceUnavailableError), OutcomeUnknown),
        (answered(520), OutcomeUnknown),
        (answered(405), DeliveryRefused),
        (answered(501, "Not Implemented", mastodon.MastodonServerError), DeliveryRefused),
        (MastodonAPIError("Could not parse response as JSON", "Exception was"), OutcomeUnknown),
    ],
)
def test_what_is_known_after_a_call_that_failed(error: MastodonError, meant: type[DeliveryError]) -> None:
    assert type(translated(error, "status_post", None)) is meant


def network(behind: Exception) -> MastodonNetworkError:
    try:
        try:
            raise behind
        except type(behind) as error:
            raise MastodonNetworkError(f"Could not complete request: {error}")  # noqa: B904  # as the library does it
    except MastodonNetworkError as made:
        return made


def unreachable() -> requests.ConnectionError:
    refused = NewConnectionError(HTTPConnection("127.0.0.1", 1), "refused")
    return requests.ConnectionError(MaxRetryError(None, "/", refused))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("behind", "meant"),
    [
        (unreachable(), PlatformUnavailable),
        (requests.ConnectTimeout(), PlatformUnavailable),
        (requests.exceptions.InvalidURL(), PlatformUnavailable),
        (requests.ReadTimeout(), OutcomeUnknown),
        (requests.ConnectionError(ProtocolError("Connection aborted.")), OutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError(), OutcomeUnknown),
    ],
)
def test_a_server_that_was_never_reached_has_done_nothing(behind: Exception, meant: type[DeliveryError]) -> None:
    assert type(translated(network(behind), "status_post", None)) is meant


def limited(status: int = 429, **headers: str) -> DeliveryError:
    answer = Answer(status, {name.replace("_", "-"): value for name, value in headers.items()})
    return translated(mastodon.MastodonRatelimitError("Hit rate limit."), "status_post", answer)


def test_a_refusal_for_too_many_calls_says_how_long_to_wait() -> None:
    error = limited(Retry_After="7")
    assert isinstance(error, RateLimited) and error.retry_after == 7
    error = limited()
    assert isinstance(error, RateLimited) and error.retry_after > 0


def test_headers_that_the_library_cannot_read_are_no_refusal() -> None:
    """It says the same of them, of an answer to a post that was made."""
    assert type(limited(status=200, X_RateLimit_Reset="never")) is OutcomeUnknown


NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DATE = format_datetime(NOW, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": format_datetime(NOW + timedelta(seconds=40), usegmt=True), "Date": DATE}, 40),
        ({"X-RateLimit-Reset": "2026-11-21T12:04:00.123456Z", "Date": DATE}, 240),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 90), "Date": DATE}, 90),
        ({"X-RateLimit-Reset": "2026-11-21T12:01:00", "Date": DATE}, 60),
        ({"X-RateLimit-Reset": "2020-01-01T00:00:00Z", "Date": DATE}, 1),
        ({"Retry-After": "1e9"}, 1_800),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "soon"}, None),
        ({"X-RateLimit-Reset": "9" * 40}, None),
        ({}, None),
    ],
)
def test_servers_say_in_several_ways_how_long(headers: dict[str, str], seconds: float | None) -> None:
    assert pause(headers) == seconds


def test_the_status_behind_one_of_ours() -> None:
    def refused() -> DeliveryError:
        try:
            try:
                raise answered(404, "Record not found")
            except MastodonAPIError as error:
                raise translated(error, "status", None) from error
        except DeliveryError as made:
            return made

    assert status_of(refused()) == 404 and is_gone(refused())
    assert status_of(OutcomeUnknown("x")) is None


def test_no_error_has_what_somebody_wrote_in_it() -> None:
    said: Any = "Could not parse response as JSON, response code was 200, bad json content was b'my password'."
    assert "password" not in str(translated(MastodonAPIError(said, "x"), "status_post", None))
