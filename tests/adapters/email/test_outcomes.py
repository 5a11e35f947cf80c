"""Every error that the library can raise is in the table, and every answer of a server means something."""

import builtins

import aiosmtplib
import pytest
from aiosmtplib import errors

from adapters.email.outcomes import TABLE, outcome, reason_of
from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited

OURS = [getattr(errors, name) for name in errors.__all__]


def made(kind: type[Exception], code: int = 550) -> Exception:
    """One of that kind, with an answer that holds what no log may."""
    if issubclass(kind, aiosmtplib.SMTPSenderRefused | aiosmtplib.SMTPRecipientRefused):
        return kind(code, "ada@example.org is no more", "ada@example.org")
    if issubclass(kind, aiosmtplib.SMTPRecipientsRefused):
        return kind([aiosmtplib.SMTPRecipientRefused(code, "ada@example.org is no more", "ada@example.org")])
    return kind(code, "ada") if issubclass(kind, aiosmtplib.SMTPResponseException) else kind("ada@example.org")


def test_the_table_is_complete() -> None:
    there = {value for value in vars(aiosmtplib).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert set(OURS) | there == {kind for kind in TABLE if kind.__module__.startswith("aiosmtplib")}
    assert {OSError, ValueError} <= TABLE.keys()


@pytest.mark.parametrize("kind", [*OURS, builtins.ConnectionResetError, builtins.TimeoutError, UnicodeEncodeError])
@pytest.mark.parametrize("content", [False, True])
def test_each_is_an_error_of_a_delivery_without_anybodys_address(kind: type[Exception], content: bool) -> None:
    error = UnicodeEncodeError("ascii", "é", 0, 1, "no") if kind is UnicodeEncodeError else made(kind)
    found = outcome(error, content=content)
    kinds: tuple[type, ...] = (PlatformUnavailable, DeliveryRefused, RateLimited, OutcomeUnknown)
    assert isinstance(found, kinds) and "ada" not in str(found)
    assert content or not isinstance(found, OutcomeUnknown), "nothing can have been taken yet"


@pytest.mark.parametrize("code", range(300, 600))
def test_every_answer_of_a_server_means_something(code: int) -> None:
    found = outcome(aiosmtplib.SMTPDataError(code, "no"), content=True)
    if code == 421 or code < 400:
        assert isinstance(found, PlatformUnavailable)
    elif code < 500:
        assert isinstance(found, RateLimited) and found.retry_after >= 60
    else:
        assert isinstance(found, DeliveryRefused)
    assert str(code) in reason_of(aiosmtplib.SMTPDataError(code, "no"))


def test_what_is_lost_is_unknown_only_once_the_text_was_under_way() -> None:
    lost = aiosmtplib.SMTPServerDisconnected("gone")
    assert isinstance(outcome(lost, content=False), PlatformUnavailable)
    assert isinstance(outcome(lost, content=True), OutcomeUnknown)
    assert isinstance(outcome(ValueError("no address"), content=False), DeliveryRefused)
