"""Notifications on the fake, with what is kept back of them, as the real Mastodon.py fetches them."""

import pytest
from mastodon import Mastodon, MastodonNotFoundError

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon.clients import client, heard, run


async def test_pages_of_notifications(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    for number in range(5):
        await ada.says(f"@guichet {number}")
    everything = [one.id for one in await run(app.notifications)]
    assert everything == sorted(everything, key=int, reverse=True)
    assert len(everything) == 5
    first = await run(app.notifications, limit=2)
    assert [one.id for one in first] == everything[:2]
    assert [one.id for one in await run(app.fetch_next, first) or []] == everything[2:4]
    newest = await run(app.notifications, since_id=everything[4], limit=2)
    assert [one.id for one in newest] == everything[:2], "since_id: the newest page"
    following = await run(app.notifications, min_id=everything[4], limit=2)
    assert [one.id for one in following] == everything[2:4], "min_id: the page that follows"
    assert [one.id for one in await run(app.fetch_previous, following) or []] == everything[:2]
    assert len(await run(app.fetch_remaining, first)) == 5
    assert (await run(app.notifications, id=everything[0])).status.content.endswith(" 4</p>")


async def test_kinds_of_notifications(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob@elsewhere.example")
    ada.follows()
    posted = await run(app.status_post, "x")
    await ada.favourites(mastodon.posts()[0])
    await bob.boosts(mastodon.posts()[0])
    said = await bob.says("@guichet hello")
    await run(app.status_reblog, said.id)
    await bob.edits(said, "@guichet hello!")
    kinds = [one.type for one in await run(app.notifications)]
    assert kinds == ["update", "mention", "reblog", "favourite", "follow"]
    assert [one.type for one in await run(app.notifications, types=["mention", "follow"])] == ["mention", "follow"]
    left = await run(app.notifications, exclude_types=["mention", "follow", "update"])
    assert [one.type for one in left] == ["reblog", "favourite"]
    assert [one.status.id for one in left] == [posted.id] * 2
    assert [one.type for one in await run(app.notifications, account_id=ada.id)] == ["favourite", "follow"]
    mastodon.quirks.types = False
    assert len(await run(app.notifications, types=["mention"])) == 5


async def test_an_edit_tells_only_whom_it_mentions_anew(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob")
    posted = await run(app.status_post, "@ada hello")
    await run(app.status_update, posted, "@ada hello!")
    await run(app.status_update, posted, "@ada @bob hello!")
    assert (len(ada.told("mention")), len(bob.told("mention"))) == (1, 1)
    said = await ada.says("anybody?")
    await ada.edits(said, "@guichet anybody?")
    assert [one.status.id for one in await run(app.notifications)] == [said.id]


async def test_notifications_are_dismissed(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    for number in range(3):
        await ada.says(f"@guichet {number}")
    found = await run(app.notifications)
    assert (await run(app.notifications_unread_count)).count == 3
    await run(app.markers_set, "notifications", found[1].id)
    assert (await run(app.notifications_unread_count)).count == 1
    assert (await run(app.markers_get, "notifications")).notifications.last_read_id == found[1].id
    await run(app.notifications_dismiss, found[0])
    assert [one.id for one in await run(app.notifications)] == [one.id for one in found[1:]]
    with pytest.raises(MastodonNotFoundError):
        await run(app.notifications, id=found[0])
    await run(app.notifications_clear)
    assert await run(app.notifications) == []


async def test_unasked_direct_messages_are_kept_back_until_they_are_accepted(
    mastodon: FakeMastodon, app: Mastodon
) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob")
    async with heard(mastodon, app.stream_user) as heard_:
        first = await ada.says("@guichet one", visibility="direct")
        await ada.says("@guichet two", to=first)
        await bob.says("@guichet three", visibility="direct")
        assert await run(app.notifications) == []
        assert await run(app.conversations) == []
        assert (await run(app.notifications_policy)).summary.pending_requests_count == 2
        hers = next(one for one in await run(app.notification_requests) if one.account.id == ada.id)
        assert (hers.notifications_count, hers.last_status.content.endswith("two</p>")) == ("2", True)
        await run(app.accept_notification_request, hers)
        await mastodon.until(lambda: heard_.events)
        assert await run(app.notifications_merged)
        assert [name for name, _ in heard_.events] == ["notifications_merged"]
        assert len(await run(app.notifications)) == 2
        assert [one.last_status.content.endswith("two</p>") for one in await run(app.conversations)] == [True]
        await ada.says("@guichet four", visibility="direct")
        await mastodon.until(lambda: heard_.named("notification"))
    his = (await run(app.notification_requests))[0]
    await run(app.dismiss_multiple_notification_requests, [his.id])
    assert await run(app.notification_requests) == []
    assert (await run(app.notification_request, his)).account.id == bob.id


async def test_an_answer_to_a_direct_message_is_not_kept_back(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    await run(app.status_post, "@ada hello", visibility="direct")
    await ada.says("@guichet yes?", to=mastodon.posts()[0])
    assert [one.type for one in await run(app.notifications)] == ["mention"]
    assert [one.text for one in ada.dms()] == ["@ada hello", "@guichet yes?"]
    assert [one.kind for one in ada.held()] == ["mention"]


async def test_a_direct_answer_to_a_post_in_the_open_is_kept_back(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob@elsewhere.example")
    said = await ada.says("@guichet @bob@elsewhere.example help")
    await run(app.status_post, "@ada @bob@elsewhere.example in private", in_reply_to_id=said.id, visibility="direct")
    assert (ada.told(), len(ada.held()), len(bob.told("mention"))) == ([], 1, 2)
    ada.follows()
    await run(app.status_post, "@ada in private", in_reply_to_id=said.id, visibility="direct")
    assert [one.kind for one in ada.told()] == ["mention"]


async def test_the_policy_decides_of_whom_one_is_told(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, limited, fresh = mastodon.person("ada"), mastodon.person("limited"), mastodon.person("fresh")
    limited.becomes(limited=True)
    fresh.becomes(created=mastodon.world.now())
    await limited.says("@guichet x")
    assert await run(app.notifications) == []
    said = await run(
        app.update_notifications_policy,
        for_private_mentions="accept",
        for_limited_accounts="accept",
        for_new_accounts="drop",
    )
    assert (said.for_private_mentions, said.for_new_accounts, said.for_not_following) == ("accept", "drop", "accept")
    await ada.says("@guichet x", visibility="direct")
    await limited.says("@guichet y")
    await fresh.says("@guichet z")
    assert [one.account.acct for one in await run(app.notifications)] == ["limited", "ada"]
    mastodon.accepts()
    await fresh.says("@guichet again")
    assert (await run(app.notifications))[0].account.acct == "fresh"


async def test_who_is_blocked_or_muted_is_not_heard(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob, eve = (mastodon.person(one) for one in ("ada", "bob", "eve"))
    await run(app.account_mute, bob.id)
    await run(app.account_block, eve.id)
    for one in (ada, bob, eve):
        await one.says("@guichet #news")
    assert [one.account.acct for one in await run(app.notifications)] == ["ada"]
    assert [one.account.acct for one in await run(app.timeline_hashtag, "news")] == ["ada"]
    assert [one.acct for one in await run(app.mutes)] == ["bob"]
    assert [one.acct for one in await run(app.blocks)] == ["eve"]
    between = await run(app.account_relationships, [bob.id, eve.id])
    assert [(one.muting, one.blocking) for one in between] == [(True, False), (False, True)]


async def test_who_blocks_or_mutes_the_bot_is_left_alone(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob")
    said = await ada.says("@guichet help")
    ada.blocks()
    bob.mutes()
    with pytest.raises(MastodonNotFoundError):
        await run(app.status, said.id)
    with pytest.raises(MastodonNotFoundError):
        await run(app.status_post, "@ada x", in_reply_to_id=said.id)
    await run(app.status_post, "@ada @bob hello")
    assert (ada.told(), bob.told()) == ([], [])
    between = await run(app.account_relationships, [ada.id, bob.id])
    assert [(one.blocked_by, one.muting) for one in between] == [(True, False), (False, False)]
    ada.unblocks()
    assert (await run(app.status, said.id)).id == said.id


async def test_a_muted_thread_is_not_heard(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    said = await ada.says("@guichet one")
    assert (await run(app.status_mute, said.id)).muted
    await ada.says("@guichet two", to=said)
    assert len(await run(app.notifications)) == 1
    await run(app.status_unmute, said.id)
    await ada.says("@guichet three", to=said)
    assert len(await run(app.notifications)) == 2


async def test_reports_are_seen_by_the_moderators(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    await run(app.status_post, "@ada buy this")
    ada.reports(mastodon.posts()[0], "unasked")
    said = await ada.says("rude")
    await run(app.report, ada.id, [said.id], comment="rude")
    assert [(one.by, one.about, one.comment) for one in mastodon.reports] == [
        (ada.id, mastodon.bot.id, "unasked"),
        (mastodon.bot.id, ada.id, "rude"),
    ]


async def test_conversations(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.accepts()
    ada, bob = mastodon.person("ada"), mastodon.person("bob@elsewhere.example")
    ada.follows()
    first = await ada.says("@guichet one", visibility="direct")
    await run(app.status_post, "@ada two", in_reply_to_id=first.id, visibility="direct")
    await bob.says("@guichet three", visibility="direct")
    found = await run(app.conversations)
    assert [([who.acct for who in one.accounts], one.unread) for one in found] == [
        (["bob@elsewhere.example"], True),
        (["ada"], False),
    ]
    assert not (await run(app.conversations_read, found[0])).unread
    with client(mastodon, mastodon.token_for(ada)) as hers:
        assert [one.last_status.content.endswith(" two</p>") for one in await run(hers.conversations)] == [True]
