"""Whether the desk can work with its account on Mastodon, and what to do if not."""

from collections.abc import AsyncIterator
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests

from adapters.mastodon.api import WHO, Api
from adapters.mastodon.errors import is_lacking
from adapters.mastodon.filtered import KEPT_BACK
from adapters.mastodon.limits import Instance, Limits
from adapters.mastodon.server import me_of
from adapters.mastodon.signing_up import SCOPES
from adapters.mastodon.troubles import untold_troubles
from bot.checks import Check
from bot.errors import DeliveryError
from bot.ports.adapters import Clock
from bot.settings import Settings

PART = "mastodon"
PATIENCE = 5.0  # seconds for which somebody waits at the terminal
REACHING = "see that this machine reaches it, and correct GUICHET_MASTODON_URL or the proxy if one is wrong"
SIGNING_IN = "guichet mastodon login has the server make another"


async def examined(settings: Settings, clock: Clock) -> AsyncIterator[Check]:
    """One line a finding; the token is in none."""
    api = Api(settings, untold_troubles(clock))
    try:
        async for check in _examined(settings, api):
            yield check
    finally:
        await api.close()


async def _examined(settings: Settings, api: Api) -> AsyncIterator[Check]:
    limits = Limits(api, settings, monotonic)
    try:
        instance = await limits.now()
        found = await api.read(WHO, patience=PATIENCE)
        me = me_of(found, instance.domain or api.url.partition("://")[2])
    except DeliveryError as error:
        if any(one.kind == "token" for one in api.troubles.present):
            yield Check(PART, "broken", f"the token is refused: {error}", SIGNING_IN)
        else:
            yield Check(PART, "broken", f"{api.url} does not answer as a Mastodon does: {error}", REACHING)
        return
    yield Check(PART, "ok", f"{api.url} ({_named(instance)}) as @{me.handle}")
    yield await _limit(settings, limits, instance)
    async for check in _abilities(settings, api):
        yield check
    if not me.is_bot:
        remedy = "mark it in the account's own settings, or with guichet mastodon login"
        yield Check(PART, "warning", "the account does not say that it is a program", remedy)
    if kept := await _policy(api):
        yield kept
    yield await _stream(settings, api, instance)
    if settings.public_url is None:
        remedy = "set GUICHET_PUBLIC_URL to where people reach the web page, for links to the contact page"
        yield Check(PART, "warning", "there is no contact page: people are helped by direct message alone", remedy)


def _named(instance: Instance) -> str:
    return f"Mastodon {instance.version}" if instance.is_mastodon else instance.version or "of an unknown version"


async def _limit(settings: Settings, limits: Limits, instance: Instance) -> Check:
    wanted = settings.mastodon_max_characters
    try:
        told = await limits.told()
    except DeliveryError:
        told = Instance()
    if not told.says_characters and wanted is None:
        remedy = "set GUICHET_MASTODON_MAX_CHARACTERS if it takes more, or fewer"
        finding = f"the server does not say how long posts may be: {instance.characters} characters are taken for it"
        return Check(PART, "warning", finding, remedy)
    if told.says_characters and wanted is not None and wanted > told.characters:
        finding = f"posts of {wanted} characters are too long: the server takes {told.characters}, so those are posted"
        return Check(PART, "warning", finding, "unset GUICHET_MASTODON_MAX_CHARACTERS, or set fewer")
    return Check(PART, "ok", f"posts of up to {instance.characters} characters; longer answers are threads")


async def _abilities(settings: Settings, api: Api) -> AsyncIterator[Check]:
    """By what the server says of the application; where it does not, by trying what only reads."""
    granted = await _granted(api)
    if granted and (missing := [one for one in SCOPES if not {one, one.partition(":")[0]} & granted]):
        yield Check(PART, "broken", f"scopes are missing: {', '.join(missing)}", SIGNING_IN)
    try:
        await api.read("notifications", limit=1, patience=PATIENCE)
    except DeliveryError as error:
        yield Check(PART, "broken", f"mentions cannot be read: {error}", SIGNING_IN)
    for tag in settings.mastodon_hashtags:
        try:
            await api.read("timeline_hashtag", tag, limit=1, patience=PATIENCE)
        except DeliveryError as error:
            remedy = "see whether the server lets accounts read hashtags, or take it out of GUICHET_MASTODON_HASHTAGS"
            yield Check(PART, "broken", f"#{tag} cannot be watched: {error}", remedy)
    if tags := settings.mastodon_hashtags:
        yield Check(PART, "ok", f"watched: {', '.join(f'#{tag}' for tag in tags)}")
    else:
        yield Check(PART, "ok", "no hashtag is watched: mentions and direct messages are heard")


async def _granted(api: Api) -> frozenset[str]:
    """Empty where the server does not say."""
    try:
        found: Any = await api.read("app_verify_credentials", patience=PATIENCE)
    except DeliveryError:
        return frozenset()
    scopes = found.get("scopes") if isinstance(found, dict) else None
    if isinstance(scopes, str):
        scopes = scopes.split()
    return frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset()


async def _policy(api: Api) -> Check | None:
    try:
        policy = await api.read("notifications_policy", patience=PATIENCE)
    except DeliveryError as error:
        if is_lacking(error):
            return None
        return Check(PART, "warning", f"what the server keeps back is not told: {error}", SIGNING_IN)
    told = policy if isinstance(policy, dict) else {}
    if dropped := [one for one in KEPT_BACK if told.get(one) == "drop"]:
        remedy = "in the account's settings, notifications: accept them"
        return Check(PART, "broken", f"the server drops what people write: {', '.join(dropped)}", remedy)
    if kept := [one for one in KEPT_BACK if told.get(one) == "filter"]:
        remedy = "guichet run has the server let them in when it starts; guichet mastodon login does it now"
        return Check(PART, "warning", f"the server keeps messages of strangers back: {', '.join(kept)}", remedy)
    return Check(PART, "ok", "direct messages of strangers come in")


async def _stream(settings: Settings, api: Api, instance: Instance) -> Check:
    """Without one the desk works, and hears a little later."""
    if await api.in_thread("stream_user", lambda: _streams(api, instance)):
        return Check(PART, "ok", "the server streams: what is written is heard at once")
    every = f"{settings.mastodon_poll_seconds:g} s"
    return Check(PART, "ok", f"the server does not stream: it is asked for news every {every}")


def _streams(api: Api, instance: Instance) -> bool:
    """Whether a stream of events can be opened. Some servers say that they have one, and have another kind."""
    parts = urlsplit(instance.streaming)
    base = f"{parts.scheme.replace('ws', 'http')}://{parts.netloc}" if parts.netloc else api.url
    try:
        with api.session.get(
            f"{base}/api/v1/streaming/user",
            headers={"Authorization": f"Bearer {api.client.access_token}"},
            stream=True,
            timeout=PATIENCE,
        ) as answer:
            return answer.ok and "text/event-stream" in answer.headers.get("Content-Type", "")
    except requests.RequestException:
        return False
