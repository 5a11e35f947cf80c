"""Calls to the server: what is tried again, what is said once, and what a token that is good no more looks like."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from adapters.mastodon.api import Api
from adapters.mastodon.limits import Limits, instance_of
from adapters.mastodon.troubles import mastodon_troubles
from bot.errors import DeliveryRefused, OutcomeUnknown, PlatformUnavailable, RateLimited
from tests.adapters.mastodon.writing import settings_for
from tests.fakes.mastodon import FakeMastodon, Quirks, oauth
from tests.fakes.ports import free_port

WHO, POST = "GET /api/v1/accounts/verify_credentials", "POST /api/v1/statuses"


@asynccontextmanager
async def api_of(mastodon: FakeMastodon, **options: Any) -> AsyncIterator[Api]:
    api = Api(settings_for(mastodon, **options), mastodon_troubles(lambda: datetime.now(UTC)))
    try:
        yield api
    finally:
        await api.close()


async def test_what_only_reads_is_tried_again(mastodon: FakeMastodon) -> None:
    mastodon.faults.break_down(WHO, 503, times=2)
    async with api_of(mastodon) as api:
        assert (await api.read("account_verify_credentials")).id == mastodon.bot.id
        mastodon.faults.break_down(WHO, 503)
        with pytest.raises(PlatformUnavailable):
            await api.read("account_verify_credentials", patience=0)


async def test_what_writes_is_tried_once(mastodon: FakeMastodon) -> None:
    mastodon.faults.break_down(POST, 503)
    async with api_of(mastodon) as api:
        with pytest.raises(OutcomeUnknown):
            await api.call("status_post", "hello", visibility="direct")
    assert len(mastodon.called(POST)) == 1


async def test_a_rate_limit_says_how_long_and_is_kept_to(mastodon: FakeMastodon) -> None:
    mastodon.faults.rate_limit(POST, retry_after=60)
    async with api_of(mastodon) as api:
        for _ in range(3):
            with pytest.raises(RateLimited) as caught:
                await api.call("status_post", "hello", visibility="direct")
            assert 58 < caught.value.retry_after <= 60
    assert len(mastodon.called(POST)) == 1


async def test_a_server_that_never_answers_is_not_waited_for(mastodon: FakeMastodon) -> None:
    mastodon.faults.hang = {POST}
    begun = time.monotonic()
    async with api_of(mastodon, mastodon_timeout=0.3) as api:
        with pytest.raises(OutcomeUnknown):
            await api.call("status_post", "hello", visibility="direct")
    mastodon.faults.hang = set()
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("unauthorised", [400, 401, 403])
async def test_a_token_that_is_good_no_more_is_said_once_and_when_it_is_well_again(
    mastodon: FakeMastodon, caplog: pytest.LogCaptureFixture, unauthorised: int
) -> None:
    mastodon.quirks.unauthorised = unauthorised
    caplog.set_level(logging.INFO)
    async with api_of(mastodon) as api:
        token = mastodon.state.tokens[mastodon.token]
        token.gone = True
        for _ in range(3):
            with pytest.raises(PlatformUnavailable):
                await api.call("status_post", "hello", visibility="direct")
        assert [one.kind for one in api.troubles.present] == ["token"]
        token.gone = False
        await api.call("status_post", "hello", visibility="direct")
        assert api.troubles.present == ()
    said = [one.getMessage() for one in caplog.records if one.name.startswith(("adapters.mastodon", "bot."))]
    assert len([one for one in said if "guichet mastodon login" in one]) == 1
    assert token.token not in "".join(said)


@pytest.mark.parametrize("status", [400, 403, 422])
async def test_a_refusal_is_no_trouble_with_the_token(mastodon: FakeMastodon, status: int) -> None:
    mastodon.faults.refuse(POST, status, "This action is not allowed")
    async with api_of(mastodon) as api:
        with pytest.raises(DeliveryRefused):
            await api.call("status_post", "hello", visibility="direct")
        assert api.troubles.present == ()


async def test_a_call_that_is_not_known_is_none_either_where_the_server_says_so_as_of_a_token(
    mastodon: FakeMastodon,
) -> None:
    mastodon.quirks.without |= {"/api/v2/instance", "/api/v1/accounts/relationships"}
    mastodon.quirks.not_there = 401
    async with api_of(mastodon) as api:
        assert (await Limits(api, settings_for(mastodon), Clock()).now()).domain == "masto.example"
        with pytest.raises(DeliveryRefused):
            await api.read("account_relationships", ["1"])
        mastodon.faults.refuse(POST, 401, "The access token may not")
        with pytest.raises(PlatformUnavailable):  # what an operator can mend is waited for
            await api.call("status_post", "hello", visibility="direct")
        assert api.troubles.present == ()


async def test_a_scope_that_is_missing_is_named(mastodon: FakeMastodon) -> None:
    application = oauth.register(mastodon.world, "guichet", [oauth.OOB], ["read"])
    token = oauth.grant(mastodon.world, application, mastodon.bot.id, ["read"]).token
    async with api_of(mastodon, mastodon_token=token) as api:
        with pytest.raises(PlatformUnavailable):
            await api.call("status_post", "hello", visibility="direct")
        (trouble,) = api.troubles.present
        assert (trouble.kind, trouble.where) == ("scope", "status_post")


async def test_an_account_that_was_frozen_is_like_a_token_that_is_gone(mastodon: FakeMastodon) -> None:
    mastodon.api.frozen.add(mastodon.bot.id)
    async with api_of(mastodon) as api:
        with pytest.raises(PlatformUnavailable):
            await api.call("status_post", "hello", visibility="direct")
        assert [one.kind for one in api.troubles.present] == ["token"]


async def test_calls_do_not_hold_up_each_other_or_the_loop(mastodon: FakeMastodon) -> None:
    mastodon.faults.latency = 0.3
    async with api_of(mastodon) as api:
        begun = time.monotonic()
        await asyncio.gather(*(api.read("account_verify_credentials") for _ in range(6)))
        assert time.monotonic() - begun < 6 * 0.3


async def test_after_it_was_closed_nothing_is_called(mastodon: FakeMastodon) -> None:
    async with api_of(mastodon) as api:
        await api.close()
        with pytest.raises(PlatformUnavailable):
            await api.read("account_verify_credentials", patience=0)


async def test_a_post_that_is_sent_elsewhere_is_not_made(mastodon: FakeMastodon) -> None:
    """As where the address has http in place of https: it would come out as a question, and be answered well."""

    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPMovedPermanently(f"{mastodon.url}{request.path}")

    app, port = web.Application(), free_port()
    app.router.add_route("*", "/{path:.*}", elsewhere)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        async with api_of(mastodon, mastodon_url=f"http://127.0.0.1:{port}") as api:
            with pytest.raises(PlatformUnavailable):
                await api.call("status_post", "hello", visibility="direct")
    finally:
        await runner.cleanup()
    assert mastodon.posts() == []


# --- what the server takes --------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_limits_are_read_once_and_again_after_an_hour() -> None:
    clock = Clock()
    async with FakeMastodon(max_characters=777).running() as mastodon, api_of(mastodon) as api:
        limits = Limits(api, settings_for(mastodon), clock)
        assert [(await limits.now()).characters for _ in range(3)] == [777] * 3
        assert len(mastodon.called("GET /api/v2/instance")) == 1
        mastodon.world.max_characters = 300
        clock.now = 3_601
        assert (await limits.now()).characters == 300
        mastodon.world.max_characters = 200
        assert (await limits.now(anew=True)).characters == 200


@pytest.mark.parametrize("without", [{"/api/v2/instance"}, {"/api/v1/instance"}])
async def test_either_form_will_do(without: set[str]) -> None:
    quirks = Quirks(without=without, trailing_slash=False, software="pleroma")
    async with FakeMastodon(max_characters=777, quirks=quirks).running() as mastodon, api_of(mastodon) as api:
        instance = await Limits(api, settings_for(mastodon), Clock()).now()
    assert (instance.characters, instance.domain) == (777, "masto.example")


async def test_a_server_that_says_nothing_is_taken_for_a_mastodon_and_asked_again() -> None:
    clock = Clock()
    quirks = Quirks(without={"/api/v1/instance", "/api/v2/instance"})
    async with FakeMastodon(max_characters=777, quirks=quirks).running() as mastodon, api_of(mastodon) as api:
        limits = Limits(api, settings_for(mastodon), clock)
        assert (await limits.now()).characters == 500
        mastodon.quirks.without.clear()
        assert (await limits.now()).characters == 500
        clock.now = 61
        assert (await limits.now()).characters == 777
        mastodon.faults.break_down("GET /api/v2/instance", 503)
        mastodon.faults.refuse("GET /api/v1/instance", 404, "")
        clock.now = 4_000
        assert (await limits.now()).characters == 777


async def test_nothing_is_guessed_of_a_server_that_only_wants_to_be_asked_later() -> None:
    async with FakeMastodon(max_characters=777).running() as mastodon, api_of(mastodon) as api:
        limits = Limits(api, settings_for(mastodon), Clock())
        await mastodon.stop()
        with pytest.raises(PlatformUnavailable):
            await limits.now()
        await mastodon.start()
        mastodon.faults.rate_limit("GET /api/v2/instance", retry_after=60)
        with pytest.raises(RateLimited):
            await limits.now()
        api._pacing._held.clear()
        instance = await limits.now()
        assert (instance.characters, instance.domain) == (777, "masto.example")


@pytest.mark.parametrize("without", [set(), {"/api/v2/instance"}])
async def test_a_server_that_fails_now_and_then_is_asked_again_before_anything_is_guessed(without: set[str]) -> None:
    """People would be called by a domain that is not theirs."""
    quirks = Quirks(without=without)
    async with FakeMastodon(max_characters=777, quirks=quirks).running() as mastodon, api_of(mastodon) as api:
        for version in ("v1", "v2"):
            mastodon.faults.break_down(f"GET /api/{version}/instance", 503)
        instance = await Limits(api, settings_for(mastodon), Clock()).now()
        assert (instance.characters, instance.domain) == (777, "masto.example")


async def test_no_post_is_longer_than_the_server_takes_whatever_the_setting(mastodon: FakeMastodon) -> None:
    async with api_of(mastodon) as api:
        settings = settings_for(mastodon, mastodon_max_characters=5_000)
        assert (await Limits(api, settings, Clock()).now()).characters == 500
        mastodon.quirks.without |= {"/api/v1/instance", "/api/v2/instance"}
        assert (await Limits(api, settings, Clock()).now()).characters == 5_000, "it does not say"


@pytest.mark.parametrize(
    ("version", "made", "media", "asks"),
    [
        ("", (4, 5, 0), "POST /api/v2/media", 1),
        ("3.0.0", (3, 0, 0), "POST /api/v1/media", 0),
        ("4.3", (4, 3, 0), "", 1),
    ],
)
async def test_the_server_is_taken_for_the_version_of_the_setting(
    mastodon: FakeMastodon, version: str, made: tuple[int, int, int], media: str, asks: int
) -> None:
    """GUICHET_MASTODON_VERSION: what a release did not have yet is not asked for."""
    policy = "GET /api/v2/notifications/policy"
    async with api_of(mastodon, mastodon_version=version) as api:
        client = api.client
        assert (client.mastodon_major, client.mastodon_minor, client.mastodon_patch) == made
        await api.call("media_post", b"\x89PNG\r\n\x1a\n", mime_type="image/png")
        with nullcontext() if asks else pytest.raises(DeliveryRefused):
            await api.read("notifications_policy")
    assert len(mastodon.called(policy)) == asks
    assert [one.name for one in mastodon.calls if "media" in one.name][:1] == [media or "POST /api/v2/media"]


async def test_the_setting_goes_before_what_the_server_says(mastodon: FakeMastodon) -> None:
    async with api_of(mastodon) as api:
        settings = settings_for(mastodon, mastodon_max_characters=300, mastodon_version="3.0.0")
        instance = await Limits(api, settings, Clock()).now()
    assert (instance.characters, instance.version) == (300, "3.0.0")


def test_what_servers_say_of_themselves() -> None:
    assert instance_of({"max_toot_chars": 5000}).characters == 5000
    assert instance_of({"configuration": {"statuses": {"max_characters": "many"}}}).characters == 500
    assert instance_of({"configuration": "x", "urls": [], "uri": "https://masto.example/"}).domain == "masto.example"
    assert instance_of({"version": "4.5.2"}).is_mastodon and instance_of({"version": "4.4.0+glitch"}).is_mastodon
    for other in ("2.7.2 (compatible; Pleroma 2.6.0)", "0.19.1+git", "4.2.1 (compatible; Sharkey 2025.4.1)", ""):
        assert not instance_of({"version": other}).is_mastodon
        assert instance_of({"version": other}).counting.per_address is None
