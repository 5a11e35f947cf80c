"""How the real Mastodon.py gets a token of the fake, and what becomes of calls without a good one."""

from urllib.parse import parse_qs, urlparse

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonIllegalArgumentError, MastodonUnauthorizedError

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon.clients import client, run

SCOPES = ["read:accounts", "read:notifications", "write:statuses"]
BACK = "http://127.0.0.1:1/back"


async def registered(mastodon: FakeMastodon, redirect: str | None = None) -> tuple[str, str]:
    made: tuple[str, str] = await run(
        Mastodon.create_app, "guichet", scopes=SCOPES, redirect_uris=redirect, api_base_url=mastodon.url
    )
    return made


async def test_a_code_is_changed_for_a_token_once(mastodon: FakeMastodon) -> None:
    name, secret = await registered(mastodon)
    with client(mastodon, "none", client_id=name, client_secret=secret) as app:
        app.access_token = None
        address = await run(app.auth_request_url, scopes=SCOPES, allow_http=True)
        assert address.startswith(f"{mastodon.url}/oauth/authorize?")
        code = await mastodon.authorises(address)
        token = await run(app.log_in, code=code, scopes=SCOPES, allow_http=True)
        assert mastodon.token == token
        assert (await run(app.account_verify_credentials)).id == mastodon.bot.id
        assert (await run(app.app_verify_credentials)).name == "guichet"
        with pytest.raises(MastodonIllegalArgumentError, match="400"):
            await run(app.log_in, code=code, scopes=SCOPES, allow_http=True)
        app.access_token = token
        with pytest.raises(MastodonAPIError) as caught:
            await run(app.media_post, b"x", "image/png")
        assert caught.value.args[1:] == (403, "Forbidden", "This action is outside the authorized scopes")
        mastodon.quirks.without.add("/.well-known/oauth-authorization-server")
        await run(app.revoke_access_token)
        app.access_token = token
        with pytest.raises(MastodonUnauthorizedError, match="revoked"):
            await run(app.account_verify_credentials)


async def test_the_page_leads_back_to_the_app(mastodon: FakeMastodon) -> None:
    name, secret = await registered(mastodon, BACK)
    with client(mastodon, client_id=name, client_secret=secret) as app:
        address = await run(app.auth_request_url, redirect_uris=BACK, scopes=SCOPES, state="s1", allow_http=True)
        back = parse_qs(urlparse(await mastodon.authorises(address)).query)
        assert back["state"] == ["s1"]
        with pytest.raises(MastodonIllegalArgumentError, match="400"):
            await run(app.log_in, code=back["code"][0], scopes=SCOPES, allow_http=True)  # another redirect_uri
        await run(app.log_in, code=back["code"][0], redirect_uri=BACK, scopes=SCOPES, allow_http=True)
        assert "access_denied" in await mastodon.authorises(address, allow=False)
        other = await run(app.auth_request_url, scopes=["write"], redirect_uris=BACK, allow_http=True)
        assert "requested scope is invalid" in await mastodon.authorises(other)


async def test_without_a_good_token(mastodon: FakeMastodon) -> None:
    with client(mastodon, "wrong") as app:
        with pytest.raises(MastodonUnauthorizedError, match="The access token is invalid"):
            await run(app.account_verify_credentials)
        assert (await run(app.instance)).version == "4.5.2"
        mastodon.quirks.unauthorised = 400
        with pytest.raises(MastodonAPIError) as caught:
            await run(app.notifications)
        assert not isinstance(caught.value, MastodonUnauthorizedError)
        assert caught.value.args[1] == 400


async def test_a_token_that_is_taken_back_and_an_account_that_is_locked_out(
    mastodon: FakeMastodon, app: Mastodon
) -> None:
    mastodon.freezes()
    with pytest.raises(MastodonAPIError, match="currently disabled"):
        await run(app.status_post, "x")
    mastodon.revokes()
    with pytest.raises(MastodonUnauthorizedError):
        await run(app.status_post, "x")
