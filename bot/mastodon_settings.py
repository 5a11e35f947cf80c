"""The settings of an account on Mastodon, or on a server that speaks as it does."""

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode


def _empty_is_unset(value: Any) -> Any:
    return None if value == "" else value


def _server(value: str | None) -> str | None:
    if value is None:
        return None
    parts = urlsplit(value)
    is_elsewhere = parts.path.strip("/") or parts.query or parts.username
    if parts.scheme not in ("http", "https") or not parts.hostname or is_elsewhere or re.search(r"\s", value):
        raise ValueError("should be the address of your server, such as https://mastodon.example")
    return value.rstrip("/")


def _tags(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(tag.strip().removeprefix("#").strip() for tag in value.split(",") if tag.strip(" #")))


def _known_tags(value: tuple[str, ...]) -> tuple[str, ...]:
    for tag in value:
        if not re.fullmatch(r"[\w·]*[^\W\d_][\w·]*", tag) or len(tag) > 100:
            raise ValueError(f"should be hashtags separated by commas, such as acme, acmehelp; {tag[:40]!r} is none")
    return value


def _release(value: str) -> str:
    if value and not re.fullmatch(r"\d+\.\d+(\.\d+)?", value):
        raise ValueError("should be a version of Mastodon such as 4.3.0")
    return value


def _country(value: str) -> str:
    country = value.strip().upper()
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"should be the two letters of a country, such as FR, BE or GB; {value[:20]!r} is none")
    return country


Server = Annotated[str | None, BeforeValidator(_empty_is_unset), AfterValidator(_server)]
Token = Annotated[SecretStr | None, BeforeValidator(_empty_is_unset)]
Tags = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_tags), AfterValidator(_known_tags)]
Release = Annotated[str, AfterValidator(_release)]
Characters = Annotated[Annotated[int, Field(ge=100, le=1_000_000)] | None, BeforeValidator(_empty_is_unset)]
Country = Annotated[str, AfterValidator(_country)]


class MastodonSettings(BaseSettings):
    """Read as part of Settings."""

    mastodon_url: Server = Field(
        None,
        description="Address of the server that your account is on, such as https://mastodon.example. Empty: none.",
    )
    mastodon_token: Token = Field(
        None, description="Access token of the account; guichet mastodon login has the server make one."
    )
    mastodon_hashtags: Tags = Field(
        (), description="Hashtags that are watched, without #, separated by commas. Empty: only mentions are heard."
    )
    mastodon_visibility: Literal["public", "unlisted", "private"] = Field(
        "unlisted",
        description="How far public replies reach: public, unlisted or private (followers); never further than the "
        "post that they answer.",
    )
    mastodon_approval: Literal["on", "off"] = Field(
        "on",
        description="Whether replies that nobody asked for, to posts with a watched hashtag, wait for a technician's "
        "approval (on) or go out at once (off).",
    )
    mastodon_held_minutes: int = Field(
        60,
        ge=0,
        le=10_080,
        description="Minutes of business time in which a decision about a held reply is wanted; after them the desk "
        "and its leads are reminded, once. 0: never.",
    )
    mastodon_daily_replies: int = Field(
        30,
        ge=0,
        le=10_000,
        description="Replies that nobody asked for in one day at most; the others wait in the desk.",
    )
    mastodon_signature: Tags = Field(
        (), description="Hashtags that public replies end with, without #, separated by commas. Empty: none."
    )
    mastodon_version: Release = Field(
        "",
        description="Version of Mastodon that the server is taken for, such as 3.0.0. Empty: a recent one, and what it "
        "lacks is done without.",
    )
    mastodon_poll_seconds: float = Field(
        30.0,
        ge=0.5,
        le=3600,
        description="Seconds between two questions to the server for news; what a stream brings comes at once.",
    )
    mastodon_max_characters: Characters = Field(
        None, description="Characters of a post at most. Empty: as the server says; 500 where it does not."
    )
    mastodon_timeout: float = Field(15.0, gt=0, le=300, description="Seconds that one call to the server may take.")
    contact_away_seconds: float = Field(
        20.0,
        ge=1,
        le=3600,
        description="Seconds without a sign of life from somebody's contact page, after which they are told elsewhere "
        "that an answer waits there.",
    )
    contact_tell_minutes: float = Field(
        15.0, ge=0, le=1440, description="Minutes between two notices that an answer waits on the contact page."
    )
    phone_country: Country = Field(
        "FR", description="Country of telephone numbers that are written without one: two letters, such as FR."
    )

    @property
    def uses_mastodon(self) -> bool:
        return self.mastodon_url is not None and self.mastodon_token is not None


def mastodon_refusals(settings: MastodonSettings) -> list[str]:
    """What is wrong about the settings together; empty where there is no Mastodon."""
    if settings.mastodon_token and not settings.mastodon_url:
        return ["GUICHET_MASTODON_URL: is needed with GUICHET_MASTODON_TOKEN"]
    return []
