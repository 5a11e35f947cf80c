"""What each way in which handing in a mail can fail means for its delivery."""

import ssl
from collections.abc import Mapping
from enum import StrEnum

import aiosmtplib

from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited

GREYLISTED = 300.0  # seconds after which a server that said "not now" is asked again; most want to see a few minutes


class Means(StrEnum):
    LATER = "later"  # nothing was handed in; the server may be well again soon
    NEVER = "never"  # nothing was handed in, and trying again would not help
    BY_CODE = "by code"  # the server's answer says: 4xx not now, 5xx never
    LOST = "lost"  # no answer: handed in or not, by how far it had come


# Every error of the library; of an error the nearest of its classes counts. A test proves that none is missing.
TABLE: Mapping[type[Exception], Means] = {
    aiosmtplib.SMTPAuthenticationError: Means.LATER,  # the operator's to mend: what waits is sent then
    aiosmtplib.SMTPConnectError: Means.LATER,
    aiosmtplib.SMTPConnectResponseError: Means.LATER,
    aiosmtplib.SMTPConnectTimeoutError: Means.LATER,
    aiosmtplib.SMTPHeloError: Means.LATER,
    aiosmtplib.SMTPNotSupported: Means.LATER,  # a server without the encryption that is wanted
    aiosmtplib.SMTPDataError: Means.BY_CODE,
    aiosmtplib.SMTPRecipientRefused: Means.BY_CODE,
    aiosmtplib.SMTPRecipientsRefused: Means.BY_CODE,  # of a mail to one person, that one
    aiosmtplib.SMTPResponseException: Means.BY_CODE,
    aiosmtplib.SMTPSenderRefused: Means.BY_CODE,
    aiosmtplib.SMTPReadTimeoutError: Means.LOST,
    aiosmtplib.SMTPServerDisconnected: Means.LOST,
    aiosmtplib.SMTPTimeoutError: Means.LOST,
    aiosmtplib.SMTPException: Means.LOST,
    ssl.SSLError: Means.LATER,
    OSError: Means.LOST,
    ValueError: Means.NEVER,  # an address or a text that no mail can carry
}


def outcome(error: Exception, *, content: bool) -> DeliveryError:
    """The error to raise. `content`: whether the mail's text was under way, so that the server may have taken it."""
    reason = reason_of(error)
    match next((TABLE[kind] for kind in type(error).__mro__ if kind in TABLE), Means.LOST):
        case Means.LATER:
            return PlatformUnavailable(f"the mail server cannot be used: {reason}")
        case Means.NEVER:
            return DeliveryRefused(f"no mail can be made of it: {reason}")
        case Means.LOST if content:
            return OutcomeUnknown(f"the mail server did not say whether it took a mail: {reason}")
        case Means.LOST:
            return PlatformUnavailable(f"the mail server did not answer: {reason}")
    match code_of(error) or 0:
        case 421:  # the server is about to close, whatever was asked
            return PlatformUnavailable(f"the mail server is busy: {reason}")
        case code if 400 <= code < 500:
            return RateLimited(GREYLISTED)
        case code if code >= 500:
            return DeliveryRefused(f"the mail server refused a mail: {reason}")
    return PlatformUnavailable(f"the mail server answered strangely: {reason}")


def code_of(error: Exception) -> int | None:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else getattr(error, "code", None)


def reason_of(error: Exception) -> str:
    """The kind and the code: a server's words may quote the address, and logs hold no personal data."""
    code = code_of(error)
    return f"{type(error).__name__}{f' {code}' if code else ''}"
