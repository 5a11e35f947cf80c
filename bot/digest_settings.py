"""The settings of the digest."""

import re
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings

from bot.cron import CronExpression

_PLACE = re.compile(r"slack:[CGUW][A-Z0-9]{2,}|web|console")  # where only the organisation's own people read


def _off(value: Any) -> Any:
    return "" if isinstance(value, str) and value.strip().lower() in ("off", "none", "no") else value


def _times(value: str) -> str:
    if value:
        try:
            CronExpression.of(value)
        except ValueError as error:
            raise ValueError(
                f"should be a time in crontab's words, such as 0 9 * * mon-fri, or off; {error}"
            ) from error
    return value.strip()


def _once_a_week(value: str) -> str:
    found = CronExpression.of(value) if value else None
    if found is not None and (found.most_in_a_week > 1 or len(found.times) > 1):
        raise ValueError("should be once a week at most, such as 0 9 * * mon")
    return value


def _place(value: str) -> str:
    if value and not _PLACE.fullmatch(value):
        raise ValueError("should be a Slack channel or person by id, such as slack:C0123ABCD, or web, or console")
    return value


def _zone(value: str) -> str:
    try:
        return value and ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("should be an IANA time zone such as Europe/Paris or America/Montreal") from error


Times = Annotated[str, BeforeValidator(_off), AfterValidator(_times)]
WeeklyTimes = Annotated[Times, AfterValidator(_once_a_week)]
Place = Annotated[str, AfterValidator(_place)]
Zone = Annotated[str, AfterValidator(_zone)]


class DigestSettings(BaseSettings):
    """Read as part of Settings."""

    digest_weekly: WeeklyTimes = Field(
        "0 9 * * mon",
        description="When the digest of the week is posted, in crontab's words (minute, hour, day, month, weekday); "
        "where the desk does not work that day, on the next on which it does. off: never.",
    )
    digest_daily: Times = Field(
        "",
        description="When a digest of the day is posted, such as 0 9 * * mon-fri: never on a day on which the desk "
        "does not work, nor on that of the weekly one. Empty or off: never.",
    )
    digest_place: Place = Field(
        "",
        description="Where digests are posted: a Slack channel or person by id, such as slack:C0123ABCD; web; console. "
        "Empty: where tickets without a category are announced.",
    )
    digest_zone: Zone = Field(
        "", description="IANA time zone of who reads digests, such as America/Montreal. Empty: GUICHET_TIMEZONE."
    )
