"""The parts of a server's answers that are read, checked. What is wrong about anything that can be done without is as
if it were not there; everything else is ignored."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

MOST_TEXT = 200_000  # characters of one field
MOST = 200  # mentions, hashtags, files of one post


def _string(value: Any) -> Any:
    """Ids of some servers are numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(value: Any) -> str:
    value = _string(value)
    return value[:MOST_TEXT] if isinstance(value, str) else ""


def _id_or_none(value: Any) -> str | None:
    try:
        return _ID.validate_python(value)
    except ValidationError:
        return None


def _flag(value: Any) -> bool:
    return value is True


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _moment(value: Any) -> datetime | None:
    try:
        return _MOMENT.validate_python(value)
    except (ValidationError, OverflowError):
        return None


def _utc(value: datetime) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


Id = Annotated[str, BeforeValidator(_string), Field(pattern=r"^[A-Za-z0-9_.:~=+-]{1,100}$")]  # part of keys
AnyId = Annotated[str | None, BeforeValidator(_id_or_none)]
Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
AnyCount = Annotated[int | None, BeforeValidator(_count)]
Moment = Annotated[datetime, AfterValidator(_utc)]
AnyMoment = Annotated[datetime | None, BeforeValidator(_moment)]
_ID: TypeAdapter[str] = TypeAdapter(Id)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class Payload(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


def _readable(kind: type[Payload]) -> BeforeValidator:
    """Of a list those that can be read."""

    def read(value: Any) -> tuple[Payload, ...]:
        found = []
        for one in value[:MOST] if isinstance(value, list | tuple) else ():
            try:
                found.append(kind.model_validate(one))
            except ValidationError:
                continue
        return tuple(found)

    return BeforeValidator(read)


class Named(Payload):
    name: Text = ""
    value: Text = ""


class Mention(Payload):
    """`id` is 0 on some servers."""

    id: AnyId = None
    acct: Text = ""
    url: Text = ""


class Media(Payload):
    id: Id
    type: Text = ""
    url: Text = ""
    remote_url: Text = ""
    description: Text = ""


class Account(Payload):
    id: Id
    acct: Text = ""
    username: Text = ""
    display_name: Text = ""
    url: Text = ""
    note: Text = ""
    bot: Flag = False
    limited: Flag = False  # by the moderators
    fields: Annotated[tuple[Named, ...], _readable(Named)] = ()


class Status(Payload):
    id: Id
    account: Account
    created_at: Moment
    edited_at: AnyMoment = None
    in_reply_to_id: AnyId = None
    visibility: Text = ""
    language: Text = ""
    spoiler_text: Text = ""
    content: Text = ""
    url: Text = ""
    uri: Text = ""
    reblog: Any = None
    sensitive: Flag = False
    replies_count: AnyCount = None
    mentions: Annotated[tuple[Mention, ...], _readable(Mention)] = ()
    tells_mentions: bool = False  # not every server does
    tags: Annotated[tuple[Named, ...], _readable(Named)] = ()
    media_attachments: Annotated[tuple[Media, ...], _readable(Media)] = ()

    @model_validator(mode="before")
    @classmethod
    def _tells(cls, told: Any) -> Any:
        return {**told, "tells_mentions": isinstance(told.get("mentions"), list)} if isinstance(told, dict) else told

    @property
    def revision(self) -> str:
        return self.edited_at.isoformat() if self.edited_at else ""


class Notification(Payload):
    """`status` is checked when it is of use."""

    id: Id
    type: Text = ""
    created_at: Moment
    status: Any = None


class Request(Payload):
    """Notifications of somebody that are kept back."""

    id: Id
    account: Account


class Relationship(Payload):
    id: Id
    blocking: Flag = False
    blocked_by: Flag = False
    muting: Flag = False
    domain_blocking: Flag = False

    @property
    def is_unwanted(self) -> bool:
        return self.blocking or self.blocked_by or self.muting or self.domain_blocking
