"""What the server takes at most, as it says itself."""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.mastodon.api import Api
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited
from bot.public.splitting import Counting
from bot.settings import Settings

log = logging.getLogger(__name__)

CHARACTERS = 500
MEDIA = 4
DESCRIPTION = 1_500
PLACES = ("/api/v2/instance", "/api/v1/instance")
FRESH = 3_600.0  # seconds for which an answer is good
PAUSES = (0.2, 0.6)  # between two attempts of one question
AGAIN = 60.0  # after which a server that gave none is asked again
_MASTODON = re.compile(r"[1-9]\d*\.\d+")


@dataclass(frozen=True, slots=True)
class Instance:
    """What a server says of itself; what it does not say is as on a Mastodon."""

    characters: int = CHARACTERS
    says_characters: bool = False  # the server does; otherwise that is a guess
    per_address: int | None = None
    version: str = ""
    domain: str = ""  # that the handles of its people end in
    streaming: str = ""  # where it is said to be; empty: nowhere
    media: int = MEDIA  # in a post
    media_types: frozenset[str] = frozenset()  # empty: not told
    largest: int = 0  # bytes of a picture; 0: not told
    description: int = DESCRIPTION  # characters of what says what a picture shows

    @property
    def is_mastodon(self) -> bool:
        return _MASTODON.match(self.version) is not None and "compatible" not in self.version

    @property
    def counting(self) -> Counting:
        """Others than Mastodon may count what they like: for them every address and every letter is as long as it is
        written."""
        return Counting(self.per_address, by_letters=True) if self.is_mastodon else Counting(None, by_letters=False)


@dataclass(slots=True)
class Limits:
    """`ticks` is monotonic, in seconds."""

    api: Api
    settings: Settings
    ticks: Callable[[], float]
    _known: Instance = field(init=False)
    _until: float | None = None

    def __post_init__(self) -> None:
        self._known = self._wished(Instance())

    async def now(self, *, anew: bool = False) -> Instance:
        """Asked for again from time to time, or `anew`; while the server does not tell, as it told last.

        Raises RateLimited or PlatformUnavailable where it has told nothing yet, and will: what is posted in parts of
        another length would not be found again, and people are called by the domain that it tells.
        """
        if anew or self._until is None or self.ticks() >= self._until:
            try:
                self._known, self._until = self._wished(await self.told()), self.ticks() + FRESH
            except DeliveryError as error:
                log.info("mastodon: what the server takes is not told: %s", error)
                if self._until is None and isinstance(error, (RateLimited, PlatformUnavailable)):
                    raise
                self._until = self.ticks() + AGAIN
        return self._known

    def _wished(self, told: Instance) -> Instance:
        """As the settings have it, where they do; no more characters than the server says that it takes."""
        characters = self.settings.mastodon_max_characters or told.characters
        if told.says_characters:
            characters = min(characters, told.characters)
        return replace(told, characters=characters, version=self.settings.mastodon_version or told.version)

    async def told(self) -> Instance:
        """As the server says, now. Raises a DeliveryError where it does not."""
        for pause in (*PAUSES, None):
            fails = False
            for place in PLACES:
                try:
                    if isinstance(answer := await self.api.get(place), dict):
                        return instance_of(answer)
                except DeliveryRefused:  # it is not there
                    continue
                except OutcomeUnknown:  # it is a page; or it failed, as it does now and then
                    fails = True
            if not fails or pause is None:
                break
            await asyncio.sleep(pause)
        raise DeliveryRefused("the server does not say what it takes")


def instance_of(answer: Mapping[str, Any]) -> Instance:
    """Both of Mastodon's forms, and what others have in their place."""
    told = _part(answer, "configuration")
    statuses, media = _part(told, "statuses"), _part(told, "media_attachments")
    urls = _part(told, "urls") or _part(answer, "urls")
    # Pleroma says max_toot_chars, and some of its kin have a limit of posts beside that.
    said = _number(statuses.get("max_characters")) or _number(answer.get("max_toot_chars"))
    types = media.get("supported_mime_types")
    return Instance(
        characters=said or CHARACTERS,
        says_characters=said is not None,
        per_address=_number(statuses.get("characters_reserved_per_url")),
        version=str(answer.get("version") or ""),
        domain=_host(answer.get("domain") or answer.get("uri")),
        streaming=str(urls.get("streaming") or urls.get("streaming_api") or ""),
        media=_number(statuses.get("max_media_attachments")) or MEDIA,
        media_types=frozenset(one for one in types if isinstance(one, str)) if isinstance(types, list) else frozenset(),
        largest=_number(media.get("image_size_limit")) or 0,
        description=_number(media.get("description_limit")) or DESCRIPTION,
    )


def _part(answer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = answer.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(said: object) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) and said > 0 else None


def _host(said: object) -> str:
    """Some say an address where a host belongs."""
    return str(said or "").rpartition("://")[2].partition("/")[0].lower()
