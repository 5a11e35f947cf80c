"""What a server's refusals mean for us, and what is known after a call that failed."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from mastodon import errors as library
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ProxyError

from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited

SHORTEST_PAUSE = 1.0  # seconds, where the server names less
LONGEST_PAUSE = 1_800.0
UNTOLD_PAUSE = 5.0  # where a refusal for too many calls does not say for how long
MOST_SAID = 160  # characters of a server's own words that are kept

GONE = frozenset({404, 410})
LACKING = frozenset({*GONE, 405, 501})  # as servers answer a call that they do not know
FORBIDDEN = frozenset({400, 401, 403})  # as servers answer a token that is good no more; or for other reasons
_NOT_SENT = (NewConnectionError, ConnectTimeoutError, ProxyError, ssl.SSLCertVerificationError)
_NO_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.ConnectTimeout,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back last, as far as the library's errors do not tell. `headers` are found in any case."""

    status: int
    headers: Mapping[str, str]


def translated(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    """The same as one of ours; `answer` to the call, if there was one. What went out and was not answered in a way that
    can be understood is OutcomeUnknown."""
    meaning = next(MEANINGS[one] for one in type(error).__mro__ if one in MEANINGS)
    return meaning(error, method, answer)


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind one of our errors, or the library's; None where there was none."""
    while error.__cause__ is not None:
        error = error.__cause__
    if not isinstance(error, library.MastodonAPIError):
        return None
    return next((one for one in error.args[1:2] if isinstance(one, int)), None)


def words_of(error: BaseException) -> str:
    """The server's own words for what it refused; empty where it had none."""
    while error.__cause__ is not None:
        error = error.__cause__
    if not isinstance(error, library.MastodonAPIError) or len(error.args) < 4:
        return ""
    return str(error.args[3] or error.args[2] or "")[:MOST_SAID]


def is_gone(error: BaseException) -> bool:
    """Whether what the call was about is not there, or not for us."""
    return status_of(error) in GONE


def is_lacking(error: BaseException) -> bool:
    """Whether the server knows no such call."""
    return status_of(error) in LACKING


def is_of_scope(error: BaseException) -> bool:
    """Whether the token is good, and not for that."""
    return status_of(error) == 403 and "scope" in words_of(error).lower()


def pause(headers: Mapping[str, str]) -> float | None:
    """Seconds until a server that refused for too many calls takes some again; None where it does not say."""
    if (said := headers.get("Retry-After")) is not None:
        return _bounded(_seconds(said, headers))
    if (said := headers.get("X-RateLimit-Reset")) is not None:
        return _bounded(_until(said, headers))
    return None


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(LONGEST_PAUSE, max(SHORTEST_PAUSE, seconds))


def _seconds(said: str, headers: Mapping[str, str]) -> float | None:
    try:
        return float(said)
    except ValueError:
        return _until(said, headers)


def _until(said: str, headers: Mapping[str, str]) -> float | None:
    """By the server's clock, which tells whole seconds."""
    then, now = moment(said), moment(headers.get("Date", "")) or datetime.now(UTC)
    return None if then is None else float(int((then - now).total_seconds()))


def moment(said: str) -> datetime | None:
    """A time as servers write it: ISO 8601, seconds since 1970, or as in a header of HTTP."""
    for read in (_epoch, datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(said)
        except (ValueError, TypeError, OverflowError, OSError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _epoch(said: str) -> datetime:
    return datetime.fromtimestamp(float(said), UTC)


# --- what each class of the library's errors means -------------------------------------------------------------------


def _unknown(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    status = status_of(error) or (answer.status if answer else None)
    return OutcomeUnknown(f"{method}: {f'HTTP {status}' if status else 'no answer'} ({type(error).__name__})")


def _refused(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    status = status_of(error)
    return DeliveryRefused(f"{method}: {f'HTTP {status} {words_of(error)}' if status else error}")


def _forbidden(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    """What an operator can mend is worth waiting for."""
    return PlatformUnavailable(f"{method}: HTTP {status_of(error)} {words_of(error)}")


def _network(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    behind: list[BaseException] = []
    rest: list[object] = [error.__context__]
    while rest:
        one = rest.pop()
        if isinstance(one, BaseException) and one not in behind:
            behind.append(one)
            rest += [one.__context__, one.__cause__, getattr(one, "reason", None), *one.args]
    if any(isinstance(one, (*_NOT_SENT, *_NO_ADDRESS)) for one in behind):
        return PlatformUnavailable(f"{method}: the server cannot be reached")
    return OutcomeUnknown(f"{method}: no answer ({type(error.__context__ or error).__name__})")


def _answered(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    """Any status without a class of its own; or an answer that is none, such as a page of HTML."""
    status = status_of(error)
    if status is None or status < 400:
        return _unknown(error, method, answer)
    if status == 401 or is_of_scope(error):
        return _forbidden(error, method, answer)
    if status in (408, 425) or (status >= 500 and status not in LACKING):
        return _unknown(error, method, answer)
    return _refused(error, method, answer)


def _too_many(error: library.MastodonError, method: str, answer: Answer | None) -> DeliveryError:
    if answer is None or answer.status != 429:  # the library says so, too, of headers that it cannot read
        return _unknown(error, method, answer)
    return RateLimited(pause(answer.headers) or UNTOLD_PAUSE)


Meaning = Callable[[library.MastodonError, str, Answer | None], DeliveryError]
MEANINGS: dict[type, Meaning] = {
    library.MastodonError: _unknown,
    library.MastodonVersionError: _refused,
    library.MastodonIllegalArgumentError: _refused,
    library.MastodonIOError: _unknown,
    library.MastodonFileNotFoundError: _refused,
    library.MastodonNetworkError: _network,
    library.MastodonReadTimeout: _unknown,
    library.MastodonAPIError: _answered,
    library.MastodonServerError: _answered,
    library.MastodonInternalServerError: _unknown,
    library.MastodonBadGatewayError: _unknown,
    library.MastodonServiceUnavailableError: _unknown,
    library.MastodonGatewayTimeoutError: _unknown,
    library.MastodonNotFoundError: _refused,
    library.MastodonUnauthorizedError: _forbidden,
    library.MastodonRatelimitError: _too_many,
    library.MastodonMalformedEventError: _unknown,
}
