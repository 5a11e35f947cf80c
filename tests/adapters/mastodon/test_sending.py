"""What the desk posts: to whom, how openly, in which thread, in how many parts."""

from dataclasses import replace

import pytest

from adapters.mastodon.ids import direct_room, public_thread
from adapters.mastodon.rooms import last_name
from bot.errors import DeliveryError, DeliveryRefused, OutcomeUnknown, PlatformUnavailable, TargetGone
from bot.model.documents import Actions, Button, Document, Paragraph, Steps
from bot.model.ledger import Delivery
from bot.model.messages import ConversationRef
from bot.model.public import PublicTarget, Reach
from tests.adapters.mastodon.writing import FRENCH, HOST, Desk, desk_of
from tests.fakes.mastodon import FakeMastodon

POST, EDIT = "POST /api/v1/statuses", "PUT /api/v1/statuses/{id}"


async def test_a_public_reply_hangs_from_the_post_and_mentions_its_author_first(somewhere: Desk) -> None:
    mastodon = somewhere.mastodon
    ada, bob = mastodon.person("ada@elsewhere.example"), mastodon.person("bob")
    asked = await ada.says("@guichet @bob my #printer is broken", language="fr")
    id = await somewhere.adapter.send(
        somewhere.reply(asked, "ada@elsewhere.example", "On s’en occupe.", language=FRENCH)
    )
    (post,) = mastodon.posts()
    assert (post.id, post.reply_to, post.to) == (id, asked.id, ("ada@elsewhere.example",))
    assert post.text == "@ada@elsewhere.example On s’en occupe."
    assert post.visibility == "unlisted"
    assert [one.status for one in bob.told()] == [asked.id]  # of the question, not of the answer
    if "language" not in mastodon.quirks.missing:
        assert post.language == "fr"


async def test_people_of_the_same_server_are_called_by_their_name(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    asked = await ada.says("@guichet hello")
    await somewhere.adapter.send(somewhere.reply(asked, "ada", "Hello."))
    (post,) = somewhere.mastodon.posts()
    assert post.text == "@ada Hello." and post.to == ("ada",)
    assert [one.status for one in ada.told("mention")] == [post.id]


@pytest.mark.parametrize(
    ("wanted", "asked_as", "said_as"),
    [
        ("unlisted", "public", "unlisted"),
        ("public", "public", "public"),
        ("public", "unlisted", "unlisted"),
        ("unlisted", "private", "private"),
        ("private", "public", "private"),
        ("public", "direct", "direct"),
    ],
)
async def test_a_reply_reaches_no_further_than_the_post_and_than_the_organisation_wishes(
    mastodon: FakeMastodon, wanted: str, asked_as: Reach, said_as: str
) -> None:
    async with desk_of(mastodon, mastodon_visibility=wanted) as desk:
        asked = await mastodon.person("ada").says("@guichet hello", visibility=asked_as)
        await desk.adapter.send(desk.reply(asked, "ada", "Hello."))
    assert [one.visibility for one in mastodon.posts()] == [said_as]


async def test_what_was_posted_is_found_at_its_address(somewhere: Desk) -> None:
    asked = await somewhere.mastodon.person("ada").says("@guichet hello")
    posted = await somewhere.adapter.send(somewhere.reply(asked, "ada", "Hello."))
    link = await somewhere.adapter.link_to(posted)
    assert link is not None and link.startswith("https://") and posted in link
    assert await somewhere.adapter.link_to("404404") is None


async def test_a_content_warning_is_repeated(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    asked = await ada.says("@guichet they hung up on me", cw="anger, @bob and #shouting")
    await somewhere.adapter.send(somewhere.reply(asked, "ada", "We are sorry."))
    (post,) = somewhere.mastodon.posts()
    assert post.cw.replace("\u200b", "") == "anger, @bob and #shouting"
    assert "@\u200bbob" in post.cw and "#\u200bshouting" in post.cw  # some servers look for them there, too


async def test_of_a_very_long_warning_the_beginning_is_repeated(desk: Desk) -> None:
    ada = desk.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet help", cw="anger " * 200)
    await desk.adapter.send(desk.reply(asked, "ada@elsewhere.example", "We are sorry. " * 40))
    posts = desk.mastodon.posts()
    assert len(posts) > 1 and all(one.cw.startswith("anger anger") and one.cw.endswith("…") for one in posts)


async def test_nothing_is_said_in_public_but_a_public_reply(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    asked = await ada.says("@guichet hello")
    place = public_thread(HOST, asked.id)
    delivery = somewhere.direct(ada, "T12 is late.")
    with pytest.raises(DeliveryRefused):
        await somewhere.adapter.send(_at(place, delivery))
    with pytest.raises(DeliveryRefused):
        await somewhere.adapter.find_posted(_at(place, delivery))
    with pytest.raises(DeliveryRefused):
        await somewhere.adapter.edit(place, asked.id, Document((Paragraph("T12"),)))
    with pytest.raises(DeliveryRefused):
        await somewhere.adapter.upload(place, "a.png", b"png")
    assert somewhere.mastodon.posts() == []
    assert not somewhere.mastodon.called(POST) and not somewhere.mastodon.called(EDIT)


async def test_a_public_reply_goes_to_no_direct_message(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    public = PublicTarget("1", "ada@masto.example", "public")
    with pytest.raises(DeliveryRefused):
        await desk.adapter.send(desk.direct(ada, "Hello.", public=public))
    assert desk.mastodon.posts() == []


@pytest.mark.parametrize("handle", ["ada @bob", "ada@elsewhere.example,@bob", "@bob", "", "ada@", "ada\n@bob", "é"])
async def test_a_handle_that_is_none_is_not_written_to(desk: Desk, handle: str) -> None:
    asked = await desk.mastodon.person("ada").says("@guichet hello")
    delivery = desk.reply(asked, "ada", "Hello.")
    assert delivery.public
    broken = PublicTarget(asked.id, handle, "public")
    with pytest.raises(DeliveryRefused):
        await desk.adapter.send(replace(delivery, public=broken))
    assert desk.mastodon.posts() == []


async def test_the_account_does_not_answer_itself(desk: Desk) -> None:
    asked = await desk.mastodon.person("ada").says("@guichet hello")
    delivery = replace(
        desk.reply(asked, "ada", "Hello."), public=PublicTarget(asked.id, "guichet@masto.example", "public")
    )
    with pytest.raises(DeliveryRefused):
        await desk.adapter.send(delivery)


async def test_what_answers_a_post_that_is_gone_is_refused(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    asked = await ada.says("@guichet hello")
    delivery = somewhere.reply(asked, "ada", "Hello.")
    await ada.deletes(asked)
    with pytest.raises(TargetGone, match="gone"):
        await somewhere.adapter.send(delivery)
    assert somewhere.mastodon.posts() == []


async def test_what_is_out_and_cannot_be_looked_at_is_not_sent_as_if_it_were_not(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    asked = await ada.says("@guichet help")
    delivery = desk.reply(asked, ada.acct, "Here.")
    await ada.deletes(asked)
    desk.mastodon.quirks.lone_replies = True
    desk.mastodon.faults.rate_limit("GET /api/v1/statuses/{id}", retry_after=60)
    with pytest.raises(OutcomeUnknown):
        await desk.adapter.send(delivery)


async def test_where_a_server_posts_an_answer_to_nothing_it_is_taken_back(desk: Desk) -> None:
    desk.mastodon.quirks.lone_replies = True
    ada = desk.mastodon.person("ada")
    asked = await ada.says("@guichet hello")
    delivery = desk.reply(asked, "ada", "Hello.")
    await ada.deletes(asked)
    with pytest.raises(TargetGone, match="gone"):
        await desk.adapter.send(delivery)
    assert desk.mastodon.posts() == []
    assert desk.mastodon.calls[-1].name == "DELETE /api/v1/statuses/{id}"


async def test_a_server_that_says_otherwise_that_a_post_is_gone_is_understood(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    asked = await ada.says("@guichet hello")
    delivery = desk.reply(asked, "ada", "Hello.")
    await ada.deletes(asked)
    desk.mastodon.faults.refuse(POST, 422, "Validation failed")
    with pytest.raises(TargetGone, match="gone"):
        await desk.adapter.send(delivery)


async def test_a_direct_message_is_read_by_that_person_alone(somewhere: Desk) -> None:
    mastodon = somewhere.mastodon
    ada, bob = mastodon.person("ada@elsewhere.example"), mastodon.person("bob")
    await somewhere.adapter.send(somewhere.direct(ada, "Ask @bob or @ada of #acme."))
    (post,) = mastodon.posts()
    assert (post.visibility, post.to, post.tags) == ("direct", ("ada@elsewhere.example",), ())
    assert post.text.replace("\u200b", "") == "@ada@elsewhere.example Ask @bob or @ada of #acme."
    assert ada.sees(post) and not bob.sees(post) and bob.told() == []


async def test_direct_messages_hang_from_what_was_said_last(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada@elsewhere.example")
    asked, room = await ada.says("@guichet hello", visibility="direct"), ada.id
    await somewhere.store.keep(last_name(HOST, room), asked.id)
    first = await somewhere.adapter.send(somewhere.direct(ada, "Hello."))
    second = await somewhere.adapter.send(somewhere.direct(ada, "How are you?"))
    answered = await ada.says("@guichet fine", to=somewhere.mastodon.posts()[-1])
    await somewhere.store.keep(last_name(HOST, room), answered.id)
    third = await somewhere.adapter.send(somewhere.direct(ada, "Good."))
    posts = {one.id: one.reply_to for one in somewhere.mastodon.posts()}
    assert posts == {first: asked.id, second: first, third: answered.id}


async def test_a_direct_message_begins_a_thread_where_the_last_one_is_gone(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet hello", visibility="direct")
    await somewhere.store.keep(last_name(HOST, ada.id), asked.id)
    await ada.deletes(asked)
    await somewhere.adapter.send(somewhere.direct(ada, "Hello."))
    (post,) = somewhere.mastodon.posts()
    assert post.reply_to is None and post.to == ("ada@elsewhere.example",)


@pytest.mark.parametrize("handle", ["ada", "ada@elsewhere.example"])
async def test_where_the_server_tells_of_no_accounts_one_is_called_as_in_what_was_said_last(
    desk: Desk, handle: str
) -> None:
    desk.mastodon.quirks.without.add("/api/v1/accounts/{id}")
    ada = desk.mastodon.person(handle)
    asked = await ada.says("@guichet hello", visibility="direct")
    await desk.store.keep(last_name(HOST, ada.id), asked.id)
    await desk.adapter.send(desk.direct(ada, "Hello."))
    assert [one.to for one in desk.mastodon.posts()] == [(handle,)]


async def test_whom_the_server_does_not_know_is_not_written_to(desk: Desk) -> None:
    ada = desk.mastodon.person("ada@elsewhere.example")
    gone = replace(desk.direct(ada, "Hello."), conversation=direct_room(HOST, "99"))
    with pytest.raises(DeliveryRefused, match="no account"):
        await desk.adapter.send(gone)
    assert desk.mastodon.posts() == []


async def test_a_direct_message_that_reaches_nobody_is_taken_back_and_refused(desk: Desk) -> None:
    ada = desk.mastodon.person("ada@elsewhere.example")
    await desk.adapter.send(desk.direct(ada, "Hello."))
    ada.becomes(username="grace")  # and the adapter still has the handle of before
    with pytest.raises(DeliveryRefused, match="another handle"):
        await desk.adapter.send(desk.direct(ada, "Secret."))
    assert [one.text for one in desk.mastodon.posts()] == ["@ada@elsewhere.example Hello."]


async def test_a_server_that_does_not_tell_whom_a_post_mentions_is_believed(desk: Desk) -> None:
    ada = desk.mastodon.person("ada@elsewhere.example")
    desk.mastodon.quirks.missing.add("mentions")
    await desk.adapter.send(desk.direct(ada, "Hello."))
    assert [one.to for one in desk.mastodon.posts()] == [("ada@elsewhere.example",)]


async def test_buttons_are_numbers_in_direct_messages_and_nothing_in_public(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    asked = await ada.says("@guichet hello")
    document = Document(
        (
            Paragraph("Try **this**:"),
            Steps(("Open the _door_.", "Pull.")),
            Actions((Button("worked", "It worked"), Button("next", "Next solution"))),
            Actions((Button("human", "Talk to a human"),)),
        )
    )
    await somewhere.adapter.send(somewhere.reply(asked, "ada", document))
    await somewhere.adapter.send(somewhere.direct(ada, document))
    public, direct = somewhere.mastodon.posts()
    assert public.text == "@ada Try this:\n\n1. Open the door.\n2. Pull."
    assert direct.text == (f"{public.text}\n\nReply with a number:\n1. It worked\n2. Next solution\n3. Talk to a human")


async def test_signature_hashtags_live_and_others_do_not(mastodon: FakeMastodon) -> None:
    async with desk_of(mastodon, mastodon_signature="acme,AcmeHelp") as desk:
        asked = await mastodon.person("ada").says("@guichet my #printer")
        said = Document((Paragraph("About #printer and #acme."), Paragraph("\\#acme \\#AcmeHelp")))
        await desk.adapter.send(desk.reply(asked, "ada", said))
        await desk.adapter.send(desk.direct(mastodon.person("ada"), said))
    public, direct = mastodon.posts()
    assert [one.lower() for one in public.tags] == ["acme", "acmehelp"] and direct.tags == ()
    assert public.text.replace("\u200b", "") == "@ada About #printer and #acme.\n\n#acme #AcmeHelp"


async def test_a_long_answer_is_a_thread_of_numbered_parts(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet hello", visibility="direct")
    await somewhere.store.keep(last_name(HOST, ada.id), asked.id)
    words = [f"word{number}" for number in range(160)]
    first = await somewhere.adapter.send(somewhere.direct(ada, " ".join(words)))
    posts = somewhere.mastodon.posts()
    count = len(posts)
    assert count > 2 and posts[0].id == first
    assert [one.reply_to for one in posts] == [asked.id, *(one.id for one in posts[:-1])]
    assert all(one.to == ("ada@elsewhere.example",) and one.visibility == "direct" for one in posts)
    assert [one.text.split("\n")[-1] for one in posts] == [f"({number}/{count})" for number in range(1, count + 1)]
    said = " ".join(one.text.removeprefix("@ada@elsewhere.example ").rpartition("\n")[0] for one in posts)
    assert said.split() == words


async def test_an_edit_changes_what_stands_there(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    first = await somewhere.adapter.send(somewhere.direct(ada, "T1 is waiting."))
    second = await somewhere.adapter.send(somewhere.direct(ada, "Grace has T1.", replaces=first))
    await somewhere.adapter.edit(somewhere.room(ada), first, Document((Paragraph("T1 is **resolved**."),)))
    (post,) = somewhere.mastodon.posts()
    assert first == second == post.id and post.edited
    assert (post.text, post.to, post.visibility) == ("@ada T1 is resolved.", ("ada",), "direct")


async def test_an_edit_of_a_public_reply_keeps_its_mention_and_warning(desk: Desk) -> None:
    asked = await desk.mastodon.person("ada").says("@guichet hello", cw="anger")
    delivery = desk.reply(asked, "ada", "We look into it.")
    first = await desk.adapter.send(delivery)
    assert await desk.adapter.send(replace(desk.reply(asked, "ada", "It is over."), replaces=first)) == first
    (post,) = desk.mastodon.posts()
    assert (post.text, post.cw, post.visibility) == ("@ada It is over.", "anger", "unlisted")


async def test_where_nothing_can_be_changed_the_new_version_follows(desk: Desk) -> None:
    desk.mastodon.quirks.without.add(EDIT)
    ada = desk.mastodon.person("ada")
    first = await desk.adapter.send(desk.direct(ada, "T1 is waiting."))
    second = await desk.adapter.send(desk.direct(ada, "Grace has T1.", replaces=first))
    posts = desk.mastodon.posts()
    assert [(one.text, one.reply_to) for one in posts] == [("@ada T1 is waiting.", None), ("@ada Grace has T1.", first)]
    assert second == posts[-1].id


async def test_an_edit_of_what_is_gone_is_refused(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    first = await somewhere.adapter.send(somewhere.direct(ada, "T1 is waiting."))
    await somewhere.adapter.delete(somewhere.room(ada), first)
    with pytest.raises(DeliveryRefused):
        await somewhere.adapter.send(somewhere.direct(ada, "Grace has T1.", replaces=first))
    assert somewhere.mastodon.posts() == []


async def test_an_edit_that_is_too_long_ends_with_a_mark(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    first = await desk.adapter.send(desk.direct(ada, "Short."))
    await desk.adapter.send(desk.direct(ada, "word " * 300, replaces=first))
    (post,) = desk.mastodon.posts()
    assert post.text.endswith("word …") and len(post.text) <= 500


async def test_what_is_taken_back_is_gone_with_all_its_parts_and_may_be_taken_back_twice(somewhere: Desk) -> None:
    ada = somewhere.mastodon.person("ada")
    kept = await somewhere.adapter.send(somewhere.direct(ada, "T1 is waiting."))
    gone = await somewhere.adapter.send(somewhere.direct(ada, "word " * 300))
    for _ in range(2):
        await somewhere.adapter.delete(somewhere.room(ada), gone)
    assert [one.id for one in somewhere.mastodon.posts()] == [kept]


async def test_the_server_takes_less_than_it_did(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    await desk.adapter.send(desk.direct(ada, "Hello."))
    desk.mastodon.world.max_characters = 200
    await desk.adapter.send(desk.direct(ada, "word " * 60))
    assert [one.text.rpartition("\n")[2] for one in desk.mastodon.posts()[1:]] == ["(1/2)", "(2/2)"]


async def test_nothing_is_posted_for_another_account(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    delivery = desk.direct(ada, "Hello.")
    elsewhere = replace(delivery, conversation=direct_room("elsewhere.example", ada.id))
    with pytest.raises(DeliveryError):
        await desk.adapter.send(elsewhere)
    assert desk.mastodon.posts() == []


async def test_each_part_has_a_key_of_its_own_that_does_not_change(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    delivery = desk.direct(ada, "word " * 150)
    await desk.adapter.send(delivery)
    keys = [call.headers["Idempotency-Key"] for call in desk.mastodon.called(POST)]
    assert keys == [f"{delivery.id}/0", f"{delivery.id}/1"]


async def test_a_server_that_is_away_is_said_to_be(desk: Desk) -> None:
    ada = desk.mastodon.person("ada")
    await desk.adapter.send(desk.direct(ada, "Hello."))
    await desk.mastodon.stop()
    with pytest.raises((PlatformUnavailable, OutcomeUnknown)):
        await desk.adapter.send(desk.direct(ada, "Hello?"))
    await desk.mastodon.start()


def _at(place: ConversationRef, delivery: Delivery) -> Delivery:
    return replace(delivery, conversation=place)
