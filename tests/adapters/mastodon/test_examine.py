"""What the doctor finds: what is well, what is not and what to do, and never the token."""

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.mastodon.examine import examined
from adapters.mastodon.signing_up import SCOPES
from tests.adapters.mastodon.writing import PRESETS, settings_for
from tests.fakes.mastodon import FakeMastodon, Quirks, oauth

MARKS = {"ok": "✓", "warning": "!", "broken": "✗"}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.mastodon.examine.PATIENCE", 0.3)


async def said(mastodon: FakeMastodon, **options: Any) -> list[str]:
    """A line a finding, and one for what is to be done."""
    settings = settings_for(mastodon, **{"public_url": "https://desk.example.org"} | options)
    found = []
    async for check in examined(settings, lambda: datetime.now(UTC)):
        found += [f"{MARKS[check.state]} {check.finding}", *([f"→ {check.remedy}"] if check.remedy else [])]
    return found


def lines(output: str) -> list[str]:
    """Of the doctor's, those about Mastodon, remedies included."""
    found, is_ours = [], False
    for line in output.splitlines():
        is_ours = line[2:].startswith("mastodon ") or (is_ours and line.lstrip().startswith("→"))
        if is_ours:
            found.append(" ".join(line.split()))
    return found


def granted(mastodon: FakeMastodon, *scopes: str) -> str:
    """Another token of the account, good for these alone."""
    application = oauth.register(mastodon.world, "guichet", [oauth.OOB], list(scopes))
    return oauth.grant(mastodon.world, application, mastodon.bot.id, list(scopes)).token


@pytest.mark.parametrize("kind", PRESETS)
async def test_every_kind_of_server_can_be_well(kind: str) -> None:
    async with FakeMastodon(quirks=PRESETS[kind]()).running() as mastodon:
        mastodon.accepts()
        found = await said(mastodon)
        assert all(one.startswith("✓") for one in found) and len(found) >= 4
        assert mastodon.token not in "".join(found)


@pytest.mark.parametrize("streaming", ["sse", "none", "refused", "ssl", "reset", "html", "websocket"])
async def test_it_is_tried_whether_there_is_a_stream(streaming: Any) -> None:
    async with FakeMastodon(quirks=Quirks(streaming=streaming)).running() as mastodon:
        found = await said(mastodon, mastodon_poll_seconds=7)
    wanted = "✓ the server streams: what is written is heard at once"
    if streaming != "sse":
        wanted = "✓ the server does not stream: it is asked for news every 7 s"
    assert wanted in found


async def test_a_server_that_is_not_there(mastodon: FakeMastodon) -> None:
    found = await said(mastodon, mastodon_url="http://127.0.0.1:9")
    assert "does not answer as a Mastodon does" in found[0] and "GUICHET_MASTODON_URL" in found[1]


@pytest.mark.parametrize("unauthorised", [401, 400, 403])
async def test_a_token_that_is_good_no_more(mastodon: FakeMastodon, unauthorised: int) -> None:
    mastodon.quirks.unauthorised = unauthorised
    found = await said(mastodon, mastodon_token="nonsense")
    assert found[0].startswith("✗ the token is refused") and "guichet mastodon login" in found[1]
    assert "nonsense" not in "".join(found)


async def test_scopes_that_are_missing_are_named(mastodon: FakeMastodon) -> None:
    few = [one for one in SCOPES if one not in ("write:media", "read:notifications")]
    found = "\n".join(await said(mastodon, mastodon_token=granted(mastodon, *few)))
    assert "✗ scopes are missing: read:notifications, write:media" in found and "✗ mentions cannot be read" in found
    assert "scopes are missing" not in "\n".join(await said(mastodon, mastodon_token=granted(mastodon, *SCOPES)))
    assert "scopes are missing" not in "\n".join(
        await said(mastodon, mastodon_token=granted(mastodon, "read", "write"))
    )


async def test_what_the_server_keeps_back_is_said(mastodon: FakeMastodon) -> None:
    assert "! the server keeps messages of strangers back: for_private_mentions" in await said(mastodon)
    mastodon.bot.policy["for_not_following"] = "drop"
    assert "✗ the server drops what people write: for_not_following" in await said(mastodon)
    mastodon.bot.policy.clear()
    mastodon.accepts()
    assert "✓ direct messages of strangers come in" in await said(mastodon)


async def test_manners_and_limits(mastodon: FakeMastodon) -> None:
    mastodon.bot.bot = False
    found = await said(mastodon, mastodon_max_characters=1000, public_url=None)
    assert "! the account does not say that it is a program" in found
    assert "! posts of 1000 characters are too long: the server takes 500, so those are posted" in found
    assert "! there is no contact page: people are helped by direct message alone" in found
    assert "✓ posts of up to 300 characters; longer answers are threads" in await said(
        mastodon, mastodon_max_characters=300
    )


async def test_a_server_that_says_nothing_of_itself(mastodon: FakeMastodon) -> None:
    mastodon.quirks.without |= {"/api/v1/instance", "/api/v2/instance"}
    guess = "! the server does not say how long posts may be: 500 characters are taken for it"
    assert guess in await said(mastodon)
    assert guess not in await said(mastodon, mastodon_max_characters=1000)


async def test_a_hashtag_that_cannot_be_read(mastodon: FakeMastodon) -> None:
    mastodon.quirks.without.add("/api/v1/timelines/tag/{tag}")
    found = await said(mastodon, mastodon_hashtags="acme")
    assert any(one.startswith("✗ #acme cannot be watched") for one in found)
