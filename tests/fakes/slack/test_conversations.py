"""What is said in the fake Slack, heard by the real slack_bolt."""

import aiohttp

from tests.fakes.slack import FakeSlack
from tests.fakes.slack.bolt import client, connected, listening


async def test_a_mention_is_heard_twice_and_answered_in_its_thread(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace", locale="fr-FR")
    room = slack.channel("help", [ada])
    async with connected(slack, app):
        said = await ada.says(room, "@guichet the <printer> & co")
        await slack.until(lambda: len(heard) == 2)
        await client(slack).chat_postMessage(channel=room.id, text=f"On *it*, <@{ada.id}>", thread_ts=said.ts)
        await slack.until(lambda: len(heard) == 3)
    assert [one["type"] for one in heard] == ["message", "app_mention", "message"]
    assert heard[0]["ts"] == heard[1]["ts"] == said.ts
    assert heard[0]["channel_type"] == "channel"
    assert heard[0]["text"] == f"<@{slack.bot.id}> the &lt;printer&gt; &amp; co"
    assert heard[2]["bot_id"] == slack.bot.bot_id
    shown = slack.messages(room, thread=said)
    assert [one.text for one in shown] == ["@guichet the <printer> & co", "On *it*, @Ada Lovelace"]
    assert [one.author for one in shown] == ["Ada Lovelace", "guichet"]
    assert all(one.ok for one in slack.acks)
    assert slack.harm() == []


async def test_direct_messages_edits_and_deletions_are_heard(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        said = await ada.says(ada.dm(), "VPN down")
        await ada.edits(said, "VPN is down")
        slack.unfurls(said)
        reply = await ada.says(ada.dm(), "still", thread=said)
        await ada.deletes(reply)
        await slack.until(lambda: len(heard) == 5)
    first, edit, preview, answer, deletion = heard
    assert first["channel_type"] == "im"
    assert edit["subtype"] == "message_changed"
    assert edit["message"]["text"] == "VPN is down"
    assert edit["message"]["edited"]["user"] == ada.id
    assert edit["previous_message"]["text"] == "VPN down"
    assert preview["message"]["edited"] == edit["message"]["edited"]
    assert (answer["thread_ts"], answer["parent_user_id"]) == (said.ts, ada.id)
    assert (deletion["subtype"], deletion["deleted_ts"]) == ("message_deleted", reply.ts)


async def test_a_root_with_replies_leaves_a_gravestone(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    async with connected(slack, app):
        said = await ada.says(ada.dm(), "a secret")
        await ada.says(ada.dm(), "more", thread=said)
        await ada.deletes(said)
        await slack.until(lambda: len(heard) == 3)
    assert heard[2]["message"]["subtype"] == "tombstone"
    assert heard[2]["previous_message"]["text"] == "a secret"


async def test_the_app_hears_nothing_of_channels_it_is_not_in(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    away, here = slack.channel("away", [ada], bot=False), slack.channel("here", [ada])
    async with connected(slack, app):
        await ada.says(away, "@guichet hello?")
        said = await ada.says(here, "hello")
        await ada.reacts(said, "ticket")
        slack.invites_bot(away)
        await slack.until(lambda: any(one["type"] == "member_joined_channel" for one in heard))
    assert {one.get("text") for one in heard if one["type"] == "message" and one["channel"] == here.id} == {"hello"}
    assert not any(one.get("text", "").endswith("hello?") for one in heard)
    reaction = next(one for one in heard if one["type"] == "reaction_added")
    assert reaction["item"] == {"type": "message", "channel": here.id, "ts": said.ts}
    assert reaction["item_user"] == ada.id


async def test_history_and_threads_are_read_in_pages(slack: FakeSlack) -> None:
    ada = slack.person("Ada Lovelace")
    room = slack.channel("help", [ada])
    web = client(slack)
    said = [await ada.says(room, f"question {number}") for number in range(5)]
    for number in range(3):
        await web.chat_postMessage(
            channel=room.id,
            text=f"answer {number}",
            thread_ts=said[0].ts,
            metadata={"event_type": "delivery", "event_payload": {"id": str(number)}},
        )
    pages = [page["messages"] async for page in await web.conversations_history(channel=room.id, limit=2)]
    assert [one["text"] for page in pages for one in page] == [f"question {n}" for n in (4, 3, 2, 1, 0)]
    root = pages[-1][-1]
    assert root["reply_count"] == 3
    assert root["latest_reply"] == slack.messages(room, thread=said[0])[-1].ts

    since = await web.conversations_history(channel=room.id, oldest=said[3].ts)
    assert [one["ts"] for one in since["messages"]] == [said[4].ts]
    since = await web.conversations_history(channel=room.id, oldest=said[3].ts, inclusive=True)
    assert [one["ts"] for one in since["messages"]] == [said[4].ts, said[3].ts]

    bare = await web.conversations_replies(channel=room.id, ts=said[0].ts)
    assert not any("metadata" in one for one in bare["messages"])
    asked = await web.conversations_replies(channel=room.id, ts=said[0].ts, limit=2, include_all_metadata=True)
    threads = [page["messages"] async for page in asked]
    assert [page[0]["ts"] for page in threads] == [said[0].ts] * 2
    ids = [one["metadata"]["event_payload"]["id"] for page in threads for one in page[1:]]
    assert ids == ["0", "1", "2"]


async def test_a_reply_whose_root_is_gone_is_refused_or_posted_beside(slack: FakeSlack) -> None:
    room = slack.channel("help")
    web = client(slack)
    slack.faults.orphans_to_root = True
    posted = await web.chat_postMessage(channel=room.id, text="lost", thread_ts="1.000001")
    assert posted["ok"]
    assert [one.text for one in slack.messages(room)] == ["lost"]
    assert slack.faults.happened["orphans"] == 1


async def test_files_need_the_token_and_arrive_whole(slack: FakeSlack) -> None:
    app, heard = listening(slack)
    ada = slack.person("Ada Lovelace")
    web = client(slack)
    async with connected(slack, app):
        await ada.says(ada.dm(), "look", files=[("screen.png", b"\x89PNG...")])
        await slack.until(lambda: heard)
        (file,) = heard[0]["files"]
        assert (heard[0]["subtype"], file["mimetype"], file["size"]) == ("file_share", "image/png", 7)
        async with aiohttp.ClientSession() as session:
            async with session.get(file["url_private"]) as answer:
                assert answer.content_type == "text/html"
            headers = {"Authorization": f"Bearer {slack.bot_token}"}
            async with session.get(file["url_private_download"], headers=headers) as answer:
                assert await answer.read() == b"\x89PNG..."
        await web.files_upload_v2(
            channel=ada.dm().id, content="the log", filename="log.txt", initial_comment="Here", thread_ts=heard[0]["ts"]
        )
    shown = slack.messages(ada.dm(), thread=heard[0]["ts"])
    assert (shown[-1].text, shown[-1].files) == ("Here", ("log.txt",))


async def test_what_harms_is_found(slack: FakeSlack) -> None:
    ada, bob = slack.person("Ada Lovelace"), slack.person("Bob Kahn")
    room = slack.channel("help", [ada, bob])
    web = client(slack)
    await ada.says(room, "hello @channel")
    await web.chat_postMessage(channel=room.id, text=f"ok <@{ada.id}> &lt;!here&gt;")
    assert slack.harm() == []
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"<!channel> <@{bob.id}>"}}
    await web.chat_postMessage(channel=room.id, text="ok", blocks=[section])
    assert [one.mention for one in slack.harm()] == ["<!channel>", f"<@{bob.id}>"]
    assert [one.mention for one in slack.harm(meant=[bob])] == ["<!channel>"]
    await web.chat_update(channel=room.id, ts=slack.posts()[-1].ts, text="never mind", blocks=[])
    assert len(slack.harm()) == 2, "who was called stays called"


async def test_two_workspaces_have_the_app_and_each_its_own(slack: FakeSlack) -> None:
    app, _ = listening(slack)
    partner = slack.workspace("Partner", installed=True)
    olga = slack.person("Olga Other", team=partner)
    room = slack.channel("help", [olga], team=partner)
    other = slack.state.installed_in(partner.id)
    assert other
    shared = slack.channel("partners", [slack.person("Ada Lovelace"), olga], shared=True)
    async with connected(slack, app):
        said = await olga.says(room, "@guichet hello")
        await olga.says(shared, "hello all")
        await slack.until(lambda: len(slack.acks) == 3)
    assert said.text == f"<@{other.bot_user}> hello"
    assert [one["team_id"] for one in slack.deliveries.sent] == [partner.id, partner.id, slack.team.id]
    stranger = slack.deliveries.sent[2]
    assert (stranger["event"]["user_team"], stranger["is_ext_shared_channel"]) == (partner.id, True)
    posted = await client(slack, other.token).chat_postMessage(channel=room.id, text="hi", thread_ts=said.ts)
    assert [one.ts for one in slack.messages(room, said, by_bot=True)] == [posted["ts"]]
