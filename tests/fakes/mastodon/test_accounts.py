"""Accounts and the instance on the fake, as the real Mastodon.py shows and changes them."""

import pytest
from mastodon import Mastodon, MastodonNotFoundError
from mastodon.errors import MastodonDeprecationWarning

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon.clients import client, run


async def test_the_instance_tells_its_limits(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.world.max_characters = 5_000
    second = await run(app.instance_v2)
    assert second.configuration.statuses.max_characters == 5_000
    assert second.configuration.urls.streaming == f"ws://127.0.0.1:{mastodon.streaming_port}"
    assert second.domain == "masto.example"
    with pytest.warns(MastodonDeprecationWarning):
        first = await run(app.instance_v1)
    assert first.configuration.statuses.characters_reserved_per_url == 23
    assert (await run(app.instance_nodeinfo)).software.name == "mastodon"
    assert await run(app.instance_health)
    mastodon.emoji("blobcat")
    assert [one.shortcode for one in await run(app.custom_emojis)] == ["blobcat"]


async def test_the_flag_of_a_bot(app: Mastodon, mastodon: FakeMastodon) -> None:
    mastodon.bot.bot = False
    assert not (await run(app.account_verify_credentials)).bot
    changed = await run(
        app.account_update_credentials, bot=True, note="Ask me", fields=[("site", "https://example.com")]
    )
    assert (changed.bot, changed.source.note, changed.fields[0].name) == (True, "Ask me", "site")
    assert mastodon.bot.bot


async def test_local_and_remote_accounts(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada", name="Ada Lovelace", note="#nobot")
    bob = mastodon.person("bob@elsewhere.example")
    hers = await run(app.account_lookup, "ada@masto.example")
    assert (hers.id, hers.acct, hers.display_name, hers.note) == (ada.id, "ada", "Ada Lovelace", "<p>#nobot</p>")
    his = await run(app.account, bob.id)
    assert (his.acct, his.url) == ("bob@elsewhere.example", "https://elsewhere.example/@bob")
    assert mastodon.person("bob@elsewhere.example").id == bob.id
    with pytest.raises(MastodonNotFoundError):
        await run(app.account_lookup, "nobody")
    assert [one.id for one in await run(app.account_search, "lovelace")] == [ada.id]
    ada.becomes(display_name="A. L.")
    assert (await run(app.account, ada.id)).display_name == "A. L."


async def test_an_account_s_posts(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    said = await ada.says("#news one")
    await run(app.status_post, "@ada two", in_reply_to_id=said.id)
    await run(app.status_post, "three #news")
    await run(app.status_reblog, said.id)
    mine = await run(app.account_statuses, mastodon.bot.id, exclude_replies=True, exclude_reblogs=True)
    assert [one.content[:8] for one in mine] == ["<p>three"]
    assert len(await run(app.account_statuses, mastodon.bot.id)) == 3
    assert [one.tags[0].name for one in await run(app.account_statuses, mastodon.bot.id, tagged="news")] == ["news"]
    await ada.says("@bob x", visibility="direct")
    assert [one.id for one in await run(app.account_statuses, ada.id)] == [said.id]


async def test_following(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, locked = mastodon.person("ada"), mastodon.person("locked", locked=True)
    assert (await run(app.account_follow, ada.id)).following
    assert (await run(app.account_follow, locked.id)).requested
    assert [one.kind for one in locked.told()] == ["follow_request"]
    ada.follows()
    assert [one.acct for one in await run(app.account_followers, mastodon.bot.id)] == ["ada"]
    said = await ada.says("for my followers", visibility="private")
    assert [one.id for one in await run(app.timeline_home)] == [said.id]
    assert not (await run(app.account_unfollow, ada.id)).following
    assert await run(app.timeline_home) == []
    mastodon.bot.locked = True
    locked.follows()
    assert [one.acct for one in await run(app.follow_requests)] == ["locked"]
    await run(app.follow_request_authorize, locked.id)
    assert (await run(app.account_relationships, locked.id))[0].followed_by


async def test_timelines(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob@elsewhere.example")
    first = await ada.says("#News here", files=[("a.png", b"x")])
    second = await bob.says("#news there #other", to=first)
    await bob.boosts(first)

    async def ids(*tags: str, **more: object) -> list[str]:
        return [one.id for one in await run(app.timeline_hashtag, *tags, **more)]

    assert await ids("news") == [second.id, first.id], "replies too, boosts not"
    assert await ids("news", local=True) == [first.id]
    assert await ids("NEWS", remote=True) == [second.id]
    assert await ids("news", only_media=True) == [first.id]
    assert [one.id for one in await run(app.timeline_public)] == [first.id]
    await run(app.tag_follow, "other")
    assert [one.id for one in await run(app.timeline_home)] == [second.id]
    found = await run(app.search_v2, f"https://elsewhere.example/@bob/{second.id}", resolve=True)
    assert [one.id for one in found.statuses] == [second.id]


async def test_pages_of_a_timeline_lead_on(mastodon: FakeMastodon) -> None:
    ada = mastodon.person("ada")
    said = [(await ada.says(f"#news {number}")).id for number in range(7)]
    with client(mastodon) as app:
        page = await run(app.timeline_hashtag, "news", limit=3)
        found = [one.id for one in page]
        while page := await run(app.fetch_next, page) or []:
            found += [one.id for one in page]
        assert found == said[::-1]
        assert "max_id" in str(mastodon.calls[-1].params)
        mastodon.quirks.link_headers = False
        page = await run(app.timeline_hashtag, "news", limit=3)
        assert await run(app.fetch_next, page) is None
