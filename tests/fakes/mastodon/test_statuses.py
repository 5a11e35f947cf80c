"""Posts on the fake, as the real Mastodon.py writes, reads, changes and deletes them."""

from datetime import UTC, datetime, timedelta

import pytest
from mastodon import Mastodon, MastodonAPIError, MastodonNotFoundError

from tests.fakes.mastodon import FakeMastodon
from tests.fakes.mastodon.clients import client, run


async def test_a_reply_stands_under_what_it_answers(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    said = await ada.says("@guichet my printer is broken", language="en")
    found = await run(app.status, said.id)
    posted = await run(app.status_reply, found, "Is it on?", visibility="unlisted", language="en")
    assert (posted.content, posted.in_reply_to_id) == (
        '<p><span class="h-card" translate="no"><a href="https://masto.example/@ada" class="u-url mention">'
        "@<span>ada</span></a></span> Is it on?</p>",
        said.id,
    )
    reply = mastodon.replies(said)[0]
    assert (reply.text, reply.visibility, reply.language, reply.to) == ("@ada Is it on?", "unlisted", "en", ("ada",))
    assert [one.kind for one in ada.told()] == ["mention"]
    assert mastodon.transcript() == (
        "──\n@ada (public, en): @guichet my printer is broken\n  @guichet (unlisted, en): @ada Is it on?"
    )


async def test_an_answer_has_the_visibility_and_warning_of_what_it_answers(mastodon: FakeMastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob@elsewhere.example")
    said = await ada.says("@bob@elsewhere.example x", visibility="private", cw="food")
    answer = await bob.says("@ada y", to=said)
    assert (answer.visibility, answer.spoiler, answer.conversation) == ("private", "food", said.id)
    assert [one.text for one in mastodon.thread(said)] == ["@bob@elsewhere.example x", "@ada y"]


async def test_the_same_key_gives_the_same_post(mastodon: FakeMastodon, app: Mastodon) -> None:
    one = await run(app.status_post, "hello", idempotency_key="k1")
    again = await run(app.status_post, "hello", idempotency_key="k1")
    other = await run(app.status_post, "hello", idempotency_key="k2")
    assert one.id == again.id != other.id
    assert len(mastodon.posts()) == 2
    await run(app.status_delete, one)
    assert (await run(app.status_post, "hello", idempotency_key="k1")).id != one.id
    mastodon.quirks.idempotency = False
    assert (await run(app.status_post, "hello", idempotency_key="k2")).id != other.id
    assert mastodon.called("POST /api/v1/statuses")[-1].headers["Idempotency-Key"] == "k2"


async def test_a_context_has_what_is_above_and_below(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob")
    first = await ada.says("one")
    second = await bob.says("two", to=first)
    third = await ada.says("three", to=second)
    await bob.says("@ada four", to=third, visibility="direct")
    around = await run(app.status_context, second.id)
    assert [one.id for one in around.ancestors] == [first.id]
    assert [one.id for one in around.descendants] == [third.id], "the direct answer is not for the bot"
    mastodon.quirks.ancestors = False
    assert (await run(app.status_context, second.id)).ancestors == []
    await ada.deletes(first)
    assert (await run(app.status, second.id)).in_reply_to_id is None


async def test_an_edit_keeps_its_history(mastodon: FakeMastodon, app: Mastodon) -> None:
    posted = await run(app.status_post, "hello wrold", spoiler_text="greeting")
    assert posted.edited_at is None
    edited = await run(app.status_update, posted, "hello world", spoiler_text="greeting")
    assert (edited.content, edited.edited_at > posted.created_at) == ("<p>hello world</p>", True)
    assert [one.content for one in await run(app.status_history, posted)] == [
        "<p>hello wrold</p>",
        "<p>hello world</p>",
    ]
    source = await run(app.status_source, posted)
    assert (source.text, source.spoiler_text) == ("hello world", "greeting")
    assert str(mastodon.posts()[0]) == "@guichet (public, en, edited): [CW: greeting] hello world"
    ada = mastodon.person("ada")
    said = await ada.says("x")
    with pytest.raises(MastodonNotFoundError):
        await run(app.status_update, said.id, "not mine")


async def test_what_is_deleted_is_gone_with_its_notifications(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    posted = await run(app.status_post, "@ada hello")
    assert ada.told("mention")
    gone = await run(app.status_delete, posted)
    assert gone.text == "@ada hello"
    assert ada.told() == []
    assert mastodon.posts() == []
    with pytest.raises(MastodonNotFoundError):
        await run(app.status, posted)
    with pytest.raises(MastodonNotFoundError, match="does not appear to exist"):
        await run(app.status_post, "x", in_reply_to_id=posted.id)


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
async def test_who_may_see_what(mastodon: FakeMastodon, app: Mastodon, visibility: str) -> None:
    ada, follower, stranger = (mastodon.person(one) for one in ("ada", "follower", "stranger@elsewhere.example"))
    follower.follows()
    posted = await run(app.status_post, "@ada #news", visibility=visibility)
    which = mastodon.posts()[0]
    in_the_open = visibility in ("public", "unlisted")
    assert (ada.sees(which), follower.sees(which), stranger.sees(which)) == (
        True,
        visibility != "direct",
        in_the_open,
    )
    assert [one.id for one in follower.home()] == ([which.id] if visibility != "direct" else [])
    with client(mastodon, mastodon.token_for(stranger)) as other:
        tagged = await run(other.timeline_hashtag, "news")
        assert [one.id for one in tagged] == ([posted.id] if visibility == "public" else [])
        if not in_the_open:
            with pytest.raises(MastodonNotFoundError):
                await run(other.status, posted)


async def test_every_handle_in_a_direct_message_is_a_reader_of_it(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada, bob = mastodon.person("ada"), mastodon.person("bob@elsewhere.example")
    said = await ada.says("@guichet ask @bob@elsewhere.example", visibility="direct")
    found = await run(app.status, said.id)
    await run(app.status_reply, found, "for everybody in the thread")
    await run(app.status_reply, found, "for her alone", untag=True)
    everybody, alone = mastodon.replies(said)
    assert (everybody.to, alone.to) == (("ada", "bob@elsewhere.example"), ("ada",))
    assert (bob.sees(everybody), bob.sees(alone), ada.sees(alone)) == (True, False, True)


async def test_a_text_is_counted_as_mastodon_counts(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.world.max_characters = 40
    await run(app.status_post, "x" * 17 + "https://example.com/" + "y" * 200)
    await run(app.status_post, "@bob@a-very-long-domain-of-some-server.example " + "x" * 35)
    await run(app.status_post, "👩‍👩‍👧‍👦" * 20 + "é" * 20)
    for text, warning in [("x" * 18 + "https://example.com/", ""), ("x" * 41, ""), ("x" * 30, "y" * 11)]:
        with pytest.raises(MastodonAPIError) as caught:
            await run(app.status_post, text, spoiler_text=warning)
        assert caught.value.args[1:] == (
            422,
            "Unprocessable Entity",
            "Validation failed: Text character limit of 40 exceeded",
        )
    with pytest.raises(MastodonAPIError, match="can't be blank"):
        await run(app.status_post, " ")
    assert len(mastodon.posts()) == 3


async def test_boosts_and_likes_are_told_and_shown(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    posted = await run(app.status_post, "hello")
    boost = await ada.boosts(mastodon.posts()[0])
    await ada.favourites(mastodon.posts()[0])
    assert [one.type for one in await run(app.notifications)] == ["favourite", "reblog"]
    wrapped = await run(app.status, boost.id)
    assert (wrapped.reblog.id, wrapped.account.acct) == (posted.id, "ada")
    now = await run(app.status, posted)
    assert (now.reblogs_count, now.favourites_count) == (1, 1)
    said = await ada.says("boost me")
    assert (await run(app.status_reblog, said.id)).reblog.id == said.id
    assert mastodon.seen(said).boosts == ("guichet",)
    await run(app.status_unreblog, said.id)
    assert mastodon.seen(said).boosts == ()
    secret = await ada.says("@guichet x", visibility="direct")
    with pytest.raises(MastodonAPIError, match="not allowed"):
        await run(app.status_reblog, secret.id)


async def test_a_poll_is_voted_on_once(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    said = await ada.says("which?", poll=("tea", "coffee"))
    found = (await run(app.status, said.id)).poll
    assert [one.title for one in found.options] == ["tea", "coffee"]
    voted = await run(app.poll_vote, found, 1)
    assert ([one.votes_count for one in voted.options], voted.own_votes) == ([0, 1], [1])
    with pytest.raises(MastodonAPIError, match="already voted"):
        await run(app.poll_vote, found, 0)
    posted = await run(app.status_post, "mine", poll=app.make_poll(["a", "b"], 3600, multiple=True))
    await ada.votes(mastodon.posts()[0], "a", "b")
    assert (await run(app.poll, posted.poll.id)).voters_count == 1


async def test_a_late_post_has_the_id_of_its_time(mastodon: FakeMastodon, app: Mastodon) -> None:
    bob = mastodon.person("bob@elsewhere.example")
    soon = await bob.says("#news now")
    late = await bob.says("#news then", ago=120)
    assert int(late.id) < int(soon.id)
    assert await run(app.timeline_hashtag, "news", since_id=soon.id) == []
    found = await run(app.timeline_hashtag, "news")
    assert [one.id for one in found] == [soon.id, late.id]
    assert timedelta(seconds=119) < datetime.now(UTC) - found[1].created_at < timedelta(seconds=125)


async def test_files_are_attached_once_they_are_processed(mastodon: FakeMastodon, app: Mastodon) -> None:
    picture = await run(app.media_post, b"\x89PNG", "image/png", description="a chart")
    assert picture.url.startswith(mastodon.url)
    assert (await run(app.session.get, picture.url)).content == b"\x89PNG"
    mastodon.faults.processing = 0.15
    slow = await run(app.media_post, b"\x89PNG", "image/png")
    assert slow.url is None
    with pytest.raises(MastodonAPIError, match="not finished processing"):
        await run(app.status_post, "x", media_ids=[slow])
    await mastodon.until(lambda: mastodon.state.media[str(slow.id)].ready < datetime.now(UTC).timestamp())
    assert (await run(app.media, slow)).url
    await run(app.media_update, slow, description="another")
    posted = await run(app.status_post, "x", media_ids=[picture, slow])
    assert [one.description for one in posted.media_attachments] == ["a chart", "another"]
    assert mastodon.posts()[0].files == ("a chart", "another")
    with pytest.raises(MastodonAPIError, match="already attached"):
        await run(app.status_post, "y", media_ids=[picture])
    with pytest.raises(MastodonAPIError, match="content type is invalid"):
        await run(app.media_post, b"x", "application/pdf", file_name="a.pdf")
