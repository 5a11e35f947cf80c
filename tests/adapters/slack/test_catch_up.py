"""What was said while nobody listened is read afterwards, but not what people settled among themselves."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from adapters.slack.catch_up import AT_ONCE
from adapters.slack.ids import At, channel_room, person_room
from bot.model.messages import IncomingMessage, IncomingReaction
from tests.adapters.slack.hearing import Front, Store, listening, until
from tests.fakes.slack import FakeSlack
from tests.fakes.slack.state import Channel, Message

CURSOR = "slack/{}/heard"


def aged(slack: FakeSlack, room: Channel, message: Message, *, hours: int) -> Message:
    """The message as if it had been written some hours earlier."""
    channel = slack.state.channels[room.id]
    del channel.messages[message.ts]
    seconds, _, rest = message.ts.partition(".")
    message.ts = f"{int(seconds) - hours * 3_600}.{rest}"
    channel.messages[message.ts] = message
    channel.messages = dict(sorted(channel.messages.items()))
    return message


@pytest.fixture
async def store(slack: FakeSlack) -> Store:
    """Of a desk that listened until a moment ago."""
    until_then = datetime.now(UTC) - timedelta(seconds=5)
    return Store(names={CURSOR.format(slack.team.id): until_then.isoformat()})


async def caught_up(front: Front, since: datetime) -> None:
    """Until the desk has heard everything that there is."""

    def is_over() -> bool:
        kept = front.store.names.get(CURSOR.format(front.slack.team.id))
        return kept is not None and datetime.fromisoformat(kept) >= since

    await until(is_over, "caught up")


async def test_the_first_connection_starts_from_now(slack: FakeSlack) -> None:
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "long ago")
    async with listening(slack) as front:
        await caught_up(front, datetime.now(UTC) - timedelta(seconds=2))
        await slack.quiet()
        assert front.store.events == []
        assert slack.called("conversations.history") == []


async def test_what_was_said_while_the_desk_was_away_is_read(slack: FakeSlack, store: Store) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    help_room, random = slack.channel("help", [ada]), slack.channel("random", [ada])
    desk, elsewhere = slack.channel("it-desk", [tom]), slack.channel("elsewhere", [ada], bot=False)
    direct = await ada.says(ada.dm(), "the VPN is down", files=[("screen.png", b"\x89PNG")])
    await ada.says(ada.dm(), "still down", direct)
    await ada.says(help_room, "@guichet and the printer")
    await ada.says(random, "lunch?")
    await ada.says(elsewhere, "@guichet nobody hears this")
    await tom.says(desk, "!list")
    started = datetime.now(UTC)
    async with listening(slack, desk=desk.id, store=store) as front:
        await caught_up(front, started)
    messages = [event for event in store.events if isinstance(event, IncomingMessage)]
    messages.sort(key=lambda one: one.sent_at)
    assert [one.text for one in messages] == ["the VPN is down", "still down", "and the printer", "!list"]
    assert all(one.caught_up and not one.introduced for one in messages)
    assert [one.private for one in messages] == [True, True, False, False]
    assert messages[0].conversation == person_room(slack.team.id, ada.id, At(ada.dm().id, direct.ts))
    assert messages[1].conversation == messages[0].conversation
    assert messages[3].conversation == channel_room(slack.team.id, desk.id)
    assert [file.name for file in messages[0].files] == ["screen.png"]


async def test_it_goes_on_where_it_stopped(slack: FakeSlack) -> None:
    ada, store = slack.person("Ada Martin"), Store()
    async with listening(slack, store=store) as front:
        await ada.says(ada.dm(), "one")
        await front.heard(IncomingMessage)
    await ada.says(ada.dm(), "two")
    async with listening(slack, store=store) as front:
        await front.heard(IncomingMessage, 2)
        await slack.quiet()
    assert store.texts == ["one", "two"]


async def test_a_question_that_was_corrected_meanwhile(slack: FakeSlack) -> None:
    ada, store = slack.person("Ada Martin"), Store()
    async with listening(slack, store=store) as front:
        question = await ada.says(ada.dm(), "my printer LX-42 is jammed")
        await front.heard(IncomingMessage)
    await ada.edits(question, "my printer LX-420 is jammed")
    async with listening(slack, store=store) as front:
        await front.heard(IncomingMessage, 2)
    first, second = (event for event in store.events if isinstance(event, IncomingMessage))
    assert (first.key.native_id, first.key.revision) == (second.key.native_id, "")
    assert second.key.revision and second.text.endswith("LX-420 is jammed")


async def test_the_emoji_that_opens_a_ticket_is_found_on_what_was_written_meanwhile(
    slack: FakeSlack, store: Store
) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room, desk = slack.channel("help", [ada, tom]), slack.channel("it-desk", [tom])
    before = aged(slack, room, await ada.says(room, "the coffee machine hisses"), hours=1)
    written = await ada.says(room, "the projector is dead")
    for message in (before, written, await tom.says(desk, "the lamp is dead")):
        for emoji in ("ticket", "eyes", "tada"):
            await tom.reacts(message, emoji)
    for _ in range(2):
        started = datetime.now(UTC)
        async with listening(slack, desk=desk.id, store=store) as front:
            await caught_up(front, started)
    (reaction,) = [event for event in store.events if isinstance(event, IncomingReaction)]
    assert (reaction.cue, reaction.author.native_id, reaction.introduced) == ("ticket", tom.id, False)
    assert reaction.quoted.native_id == str(At(room.id, written.ts))
    assert reaction.quoted.author and reaction.quoted.author.native_id == ada.id


async def test_what_a_human_answered_meanwhile_is_left_to_them(slack: FakeSlack, store: Store) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room = slack.channel("help", [ada, tom])
    settled = await ada.says(room, "@guichet the VPN is down")
    await tom.says(room, "I have restarted it", settled)
    going_on = await ada.says(room, "@guichet the printer, too")
    await ada.says(room, "the one on floor 2", going_on)
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
    heard = [event for event in store.events if isinstance(event, IncomingMessage)]
    addressed = [one.text for one in heard if one.mentioned]
    assert addressed == ["the printer, too"]
    assert "the one on floor 2" in store.texts  # under it, which is for the desk to judge


async def test_threads_of_the_desk_are_read_whoever_speaks_in_them(slack: FakeSlack, store: Store) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room = slack.channel("help", [ada, tom])
    root = await ada.says(room, "@guichet the VPN is down")
    await ada.says(room, "since this morning", root)
    await tom.says(room, "for me too", root)
    started = datetime.now(UTC)
    async with listening(slack, store=store, wait=False) as front:
        front.reception.known.add(channel_room(slack.team.id, room.id, root.ts))
        await caught_up(front, started)
    assert store.texts == ["the VPN is down", "since this morning", "for me too"]


async def test_old_threads_that_are_alive_are_read(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    root = await ada.says(room, "@guichet the VPN is down")
    older = aged(slack, room, root, hours=5)
    for _ in range(201):  # more than a page
        aged(slack, room, await ada.says(room, "chatter"), hours=4)
    news = await ada.says(room, "still down", older)
    started = datetime.now(UTC)
    async with listening(slack, store=store, wait=False) as front:
        front.reception.live.append(channel_room(slack.team.id, room.id, older.ts))
        await caught_up(front, started)
    assert store.texts == ["still down"]
    assert store.events[0].conversation == channel_room(slack.team.id, room.id, older.ts)
    assert [one.params["ts"] for one in slack.called("conversations.replies")] == [older.ts]
    assert store.last(IncomingMessage).key.native_id == f"{room.id}:{news.ts}"


async def test_long_histories_are_read_page_by_page(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    words = [f"line {number}" for number in range(450)]
    for word in words:
        await ada.says(ada.dm(), word)
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
    assert store.texts == words
    assert len(slack.called("conversations.history")) == 3


async def test_what_is_too_old_is_nobodys_question_any_more(slack: FakeSlack) -> None:
    store = Store(names={CURSOR.format(slack.team.id): (datetime.now(UTC) - timedelta(days=30)).isoformat()})
    ada = slack.person("Ada Martin")
    for text, hours in (("long ago", 24 * 5), ("yesterday", 20)):
        aged(slack, ada.dm(), await ada.says(ada.dm(), text), hours=hours)
    await ada.says(ada.dm(), "now")
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
    assert store.texts == ["yesterday", "now"]


async def test_of_bots_and_the_desk_itself_nothing_is_read(slack: FakeSlack, store: Store) -> None:
    ada, robot = slack.person("Ada Martin"), slack.person("Robot", bot=True)
    room = slack.channel("help", [ada, robot])
    root = slack.says_as_app(robot, room, "@guichet the build broke")
    slack.says_as_app(robot, room, "again", root)
    slack.person("Zoe Petit").joins(room)
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
    assert store.events == []


async def test_under_rate_limits_and_outages_it_is_read_all_the_same(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    rooms = [slack.channel(f"help-{number}", [ada]) for number in range(12)]
    for room in rooms:
        await ada.says(room, f"@guichet in {room.name}")
    slack.faults.limit_every, slack.faults.retry_after = 3, 0.1
    slack.faults.break_every = 7
    slack.faults.refuse("users.conversations", "internal_error")
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await until(lambda: len(store.texts) == 12, "all of them", 15)
        await caught_up(front, started)
        assert "catch_up" not in {one.kind for one in front.adapter.troubles.present}
    assert sorted(store.texts) == sorted(f"in {room.name}" for room in rooms)


async def test_a_channel_that_cannot_be_read_keeps_nobody_from_the_others(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "the VPN is down")
    slack.channel("help", [ada])
    slack.faults.refuse("conversations.history", "channel_not_found")
    await ada.says(slack.channel("help"), "@guichet hello")
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
    assert len(store.texts) == 1


async def test_without_the_scope_for_some_kinds_the_others_are_read(slack: FakeSlack, store: Store) -> None:
    slack.installation.scopes = [one for one in slack.installation.scopes if not one.startswith("mpim:")]
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "the VPN is down")
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
        assert {one.kind for one in front.adapter.troubles.present} == {"scope"}
    assert store.texts == ["the VPN is down"]


async def test_while_the_database_is_away_the_cursor_stays(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    async with listening(slack, store=store) as front:
        await caught_up(front, datetime.now(UTC) - timedelta(seconds=2))
        store.is_down = True
        slack.deliveries.waits = ()  # Slack gives up at once
        slack.sockets.ack_seconds = 0.2
        await ada.says(ada.dm(), "unheard")
        await slack.until(lambda: slack.deliveries.lost)
        before = store.names[CURSOR.format(slack.team.id)]
        await asyncio.sleep(0.2)
        assert store.names[CURSOR.format(slack.team.id)] == before
        store.is_down = False
        await front.heard(IncomingMessage)
    assert store.texts == ["unheard"]


async def test_catching_up_on_demand_tells_how_many_were_new(slack: FakeSlack) -> None:
    ada = slack.person("Ada Martin")
    async with listening(slack) as front:
        await ada.says(ada.dm(), "heard")
        await front.heard(IncomingMessage)
        fresh = Store()
        since = datetime.now(UTC) - timedelta(seconds=5)
        assert await front.adapter.catch_up(fresh, since) == 1
        assert await front.adapter.catch_up(fresh, since) == 0
        assert fresh.texts == ["heard"]


async def test_under_a_thread_that_has_not_changed_nothing_is_read_again(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    roots = [await ada.says(room, f"@guichet question {number}") for number in range(3)]
    for root in roots:
        await ada.says(room, "and more", root)
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
        assert len(slack.called("conversations.replies")) == 3
        slack.deliveries.events = ()  # of what is said from now on nobody tells
        await ada.says(room, "at last", roots[1])
        slack.sockets.cut()
        await front.heard(IncomingMessage, 7)
        assert [one.params["ts"] for one in slack.called("conversations.replies")[3:]] == [roots[1].ts]
    assert store.texts[-1] == "at last"


async def test_what_was_read_after_a_gap_is_not_read_for_it_again(slack: FakeSlack, store: Store) -> None:
    """The connection is lost while the histories are being read: those that come after it hold everything."""
    ada = slack.person("Ada Martin")
    for number in range(6 * AT_ONCE):
        slack.channel(f"help-{number}", [ada])
    slack.faults.latency = 0.1
    async with listening(slack, store=store, wait=False) as front:
        await slack.until(lambda: len(slack.called("conversations.history")) > AT_ONCE)
        slack.sockets.cut()
        await caught_up(front, datetime.now(UTC))
    calls = Counter(one.params["channel"] for one in slack.called("conversations.history"))
    assert len(calls) == 6 * AT_ONCE
    assert set(calls.values()) == {1, 2}


async def test_it_is_not_always_the_same_conversation_that_is_read_last(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    for number in range(30):
        slack.channel(f"help-{number:02d}", [ada])
    orders = []
    for _ in range(2):
        started = datetime.now(UTC)
        async with listening(slack, store=store) as front:
            await caught_up(front, started)
        orders.append([one.params["channel"] for one in slack.called("conversations.history")][-30:])
    assert sorted(orders[0]) == sorted(orders[1])
    assert set(orders[0][:15]) != set(orders[1][:15])


async def test_where_somebody_waits_is_read_first(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    rooms = [slack.channel(f"help-{number:02d}", [ada]) for number in range(3 * AT_ONCE)]
    question = await ada.says(rooms[-1], "@guichet the printer is jammed")
    slack.faults.latency = 0.1
    async with listening(slack, store=store) as front:
        await ada.says(rooms[-1], "no", question)
        await front.heard(IncomingMessage, 2)
        assert len(slack.called("conversations.history")) <= 2 * AT_ONCE
    assert store.texts == ["the printer is jammed", "no"]


async def test_a_live_thread_is_read_where_slack_does_not_tell_of_replies(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    root = await ada.says(room, "@guichet the VPN is down")
    started = datetime.now(UTC)
    async with listening(slack, store=store, wait=False) as front:
        front.reception.live.append(channel_room(slack.team.id, room.id, root.ts))
        await caught_up(front, started)
    assert [one.params["ts"] for one in slack.called("conversations.replies")] == [root.ts]


async def test_no_thread_is_read_in_which_nobody_but_the_desk_wrote(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    answered, thanked = [await ada.says(room, f"@guichet question {number}") for number in range(2)]
    for root in (answered, thanked):
        slack.world.post(room, slack.bot.id, "this should help", thread_ts=root.ts, app_id=slack.state.app_id)
    await ada.says(room, "thanks", thanked)
    started = datetime.now(UTC)
    async with listening(slack, store=store) as front:
        await caught_up(front, started)
    assert [one.params["ts"] for one in slack.called("conversations.replies")] == [thanked.ts]
    assert store.texts == ["question 0", "question 1", "thanks"]


async def test_no_thread_is_read_where_slack_tells_that_nothing_was_said(slack: FakeSlack, store: Store) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    talk, silent = [await ada.says(room, f"@guichet question {number}") for number in range(2)]
    await ada.says(room, "and more", talk)
    started = datetime.now(UTC)
    async with listening(slack, store=store, wait=False) as front:
        front.reception.live += [channel_room(slack.team.id, room.id, one.ts) for one in (talk, silent)]
        await caught_up(front, started)
    assert [one.params["ts"] for one in slack.called("conversations.replies")] == [talk.ts]
