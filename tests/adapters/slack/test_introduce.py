"""What Slack knows of who speaks, who reads along, and what was pointed at, is asked for once and kept for a while."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack import channels as channels_module
from adapters.slack.api import APART, Api
from adapters.slack.cache import Cache
from adapters.slack.channels import Channels
from adapters.slack.ids import channel_room, person_room
from adapters.slack.people import SECONDS, People, profile_of
from adapters.slack.troubles import slack_troubles
from bot.errors import PlatformUnavailable
from bot.model.messages import IncomingForm, IncomingMessage, IncomingReaction
from bot.model.values import Audience
from tests.adapters.slack.hearing import Front, listening
from tests.fakes.slack import FakeSlack


@pytest.fixture
async def front(slack: FakeSlack) -> AsyncIterator[Front]:
    desk = slack.channel("it-desk", [slack.person("Tom Tech")])
    async with listening(slack, desk=desk.id) as open_front:
        yield open_front


async def test_a_member_in_their_direct_messages(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin", email="ada@example.org", locale="fr-FR", tz="Europe/Paris")
    said = await ada.says(ada.dm(), "où est le VPN ?")
    found = await front.introduced(IncomingMessage)
    author = found.author
    assert (author.name, author.email, author.locale) == ("Ada Martin", "ada@example.org", "fr-FR")
    assert (author.timezone, author.guest) == ("Europe/Paris", False)
    assert (found.introduced, found.audience) == (True, Audience.INTERNAL)
    assert found.link and found.link.endswith(f"/archives/{ada.dm().id}/p{said.ts.replace('.', '')}")


async def test_who_is_known_is_not_asked_for_again(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    for number in range(3):
        await ada.says(room, f"@guichet question {number}")
    await front.heard(IncomingMessage, 3)
    await asyncio.gather(*(front.adapter.introduce(event) for event in front.store.events))
    asked = [one.method for one in slack.calls if one.method.startswith(("users.", "conversations.info"))]
    about_ada = [one for one in slack.called("users.info") if one.params["user"] == ada.id]
    assert len(about_ada) == 1
    assert asked.count("users.list") == 1


@pytest.mark.parametrize("kind", [{"guest": True}, {"single_channel": True}])
async def test_guests_read_what_everybody_may(slack: FakeSlack, front: Front, kind: dict[str, Any]) -> None:
    zoe = slack.person("Zoe Guest", **kind)
    await zoe.says(zoe.dm(), "hello")
    found = await front.introduced(IncomingMessage)
    assert (found.author.guest, found.audience) == (True, Audience.PUBLIC)


async def test_strangers_read_what_everybody_may(slack: FakeSlack, front: Front) -> None:
    pat = slack.person("Pat Partner", team=slack.workspace("Partner"))
    room = slack.channel("with-partner", [pat, slack.person("Ada Martin")], shared=True)
    await pat.says(room, "@guichet hello")
    found = await front.introduced(IncomingMessage)
    assert (found.author.guest, found.audience) == (True, Audience.PUBLIC)


@pytest.mark.parametrize(
    ("options", "guest", "audience"),
    [
        ({}, False, Audience.INTERNAL),
        ({"private": True}, False, Audience.INTERNAL),
        ({"shared": True}, False, Audience.PUBLIC),
        ({}, True, Audience.PUBLIC),
    ],
)
async def test_the_audience_of_a_channel_is_that_of_its_least_privileged_reader(
    slack: FakeSlack, front: Front, options: dict[str, Any], guest: bool, audience: Audience
) -> None:
    ada, zoe = slack.person("Ada Martin"), slack.person("Zoe Guest", guest=True)
    room = slack.channel("help", [ada, zoe] if guest else [ada], **options)
    await ada.says(room, "@guichet where is the VPN?")
    assert (await front.introduced(IncomingMessage)).audience is audience


@pytest.mark.parametrize("method", ["conversations.info", "users.list", "conversations.members"])
async def test_a_channel_of_which_nothing_is_known_is_public(slack: FakeSlack, front: Front, method: str) -> None:
    slack.faults.refuse(method, "unknown_method", times=50)
    ada = slack.person("Ada Martin")
    slack.person("Zoe Guest", guest=True)  # elsewhere in the workspace
    room = slack.channel("help", [ada])
    await ada.says(room, "@guichet where is the VPN?")
    assert (await front.introduced(IncomingMessage)).audience is Audience.PUBLIC


async def test_who_reads_a_channel_is_waited_for_but_not_for_ever(slack: FakeSlack) -> None:
    room, now = slack.channel("help", [slack.person("Ada Martin")]), [0.0]
    api = Api(slack.bot_token, slack.api_url, slack_troubles(lambda: datetime.now(UTC)), account=slack.team.id)
    channels = Channels(api, slack.team.id, clock=lambda: now[0])
    try:
        slack.faults.rate_limit("users.list", retry_after=60)
        with pytest.raises(PlatformUnavailable):
            await channels.audience(room.id)
        assert await channels.audience(room.id) is Audience.INTERNAL

        now[0] += 2 * channels_module.SECONDS
        slack.faults.rate_limit("users.list", retry_after=60, times=2)
        with pytest.raises(PlatformUnavailable):
            await channels.audience(room.id)
        now[0] += channels_module.UNTOLD + 1
        assert await channels.audience(room.id) is Audience.PUBLIC
        assert await channels.audience(room.id) is Audience.INTERNAL
    finally:
        await api.close()


async def test_those_who_are_refused_together_come_back_one_by_one(slack: FakeSlack) -> None:
    """Of calls in step, it would always be the same that Slack refuses."""
    api = Api(slack.bot_token, slack.api_url, slack_troubles(lambda: datetime.now(UTC)), account=slack.team.id)
    slack.faults.rate_limit("auth.test", retry_after=0, times=20)
    try:
        await asyncio.gather(*(api.read("auth.test") for _ in range(20)))
    finally:
        await api.close()
    again = sorted(one.at for one in slack.called("auth.test") if not one.error)
    assert again[-1] - again[0] > APART / 2


async def test_a_quiet_question_is_read_by_who_asked_alone(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("with-partner", [ada], shared=True)
    await ada.asks("/ask", "where is the VPN?", room)
    found = await front.introduced(IncomingMessage)
    assert (found.audience, found.asked_among) == (Audience.INTERNAL, Audience.PUBLIC)


async def test_a_bot_that_is_not_marked_as_one_is_not_heard(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    ada.becomes(is_bot=True)
    await ada.says(ada.dm(), "beep")
    message = await front.heard(IncomingMessage)
    assert await front.adapter.introduce(message) is None


async def test_while_slack_does_not_answer_it_is_to_be_asked_again(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    slack.faults.rate_limit("users.info", retry_after=60, times=2)
    await ada.says(ada.dm(), "hello")
    message = await front.heard(IncomingMessage)
    await slack.until(lambda: slack.called("users.info"))  # when it came
    await slack.quiet()
    with pytest.raises(PlatformUnavailable):
        await front.adapter.introduce(message)
    assert await front.adapter.introduce(message)


async def test_without_the_scope_people_are_strangers_and_are_answered(slack: FakeSlack, front: Front) -> None:
    ada = slack.person("Ada Martin")
    await ada.says(ada.dm(), "hello")
    slack.faults.refuse("users.info", "missing_scope", times=9, needed="users:read")
    found = await front.introduced(IncomingMessage)
    assert (found.author.name, found.audience) == ("", Audience.PUBLIC)
    assert [(one.kind, one.error) for one in front.adapter.troubles.present] == [("scope", "users:read")]


async def test_without_the_scope_to_list_people_channels_are_public_and_slack_is_asked_once(
    slack: FakeSlack, front: Front
) -> None:
    ada = slack.person("Ada Martin")
    room = slack.channel("help", [ada])
    slack.faults.refuse("users.list", "missing_scope", times=9, needed="users:read")
    for count in (1, 2):
        await ada.says(room, "@guichet where is the VPN?")
        assert (await front.introduced(IncomingMessage, count)).audience is Audience.PUBLIC
    assert len(slack.called("users.list")) == 1


async def test_mentions_of_people_become_names(slack: FakeSlack, front: Front) -> None:
    ada, zoe = slack.person("Ada Martin"), slack.person("Zoe Petit")
    await ada.says(ada.dm(), "ask @Zoe Petit about #help")
    assert (await front.heard(IncomingMessage)).text.startswith(f"ask @{zoe.id}")
    assert (await front.introduced(IncomingMessage)).text == "ask @Zoe Petit about #help"


# --- what was pointed at -------------------------------------------------------------------------------------------


async def test_a_reaction_comes_with_the_message_and_its_thread(slack: FakeSlack, front: Front) -> None:
    ada, tom, zoe = (slack.person(name) for name in ("Ada Martin", "Tom Tech", "Zoe Petit"))
    room = slack.channel("help", [ada, tom, zoe])
    root = await zoe.says(room, "is anything down?")
    said = await ada.says(room, "the <VPN>, for me", root, files=[("screen.png", b"\x89PNG")])
    await tom.says(room, "for me too", root)
    await tom.reacts(said, "ticket")
    found = await front.introduced(IncomingReaction)
    quoted = found.quoted
    assert found.author.name == "Tom Tech"
    assert quoted.author and (quoted.author.name, quoted.text) == ("Ada Martin", "the <VPN>, for me")
    assert quoted.author.email == "ada.martin@example.com"
    assert [(one.name, one.text) for one in quoted.thread] == [
        ("Zoe Petit", "is anything down?"),
        ("Tom Tech", "for me too"),
    ]
    assert [one.name for one in quoted.files] == ["screen.png"]
    assert quoted.link and said.ts.replace(".", "") in quoted.link
    assert quoted.audience is Audience.INTERNAL
    assert found.conversation == quoted.conversation == channel_room(slack.team.id, room.id, root.ts)


async def test_nobody_gets_a_ticket_for_what_a_bot_wrote(slack: FakeSlack, front: Front) -> None:
    ada, robot = slack.person("Ada Martin"), slack.person("Robot", bot=True)
    room = slack.channel("help", [ada, robot])
    await ada.reacts(slack.says_as_app(robot, room, "the build broke"), "ticket")
    assert await front.adapter.introduce(await front.heard(IncomingReaction)) is None


async def test_a_reaction_below_a_card_is_about_the_cards_thread(slack: FakeSlack, front: Front) -> None:
    tom, desk = slack.person("Tom Tech"), slack.channel("it-desk")
    root = await tom.says(desk, "as if it were a card")
    below = await tom.says(desk, "mine", root)
    await tom.reacts(below, "eyes")
    found = await front.introduced(IncomingReaction)
    assert found.conversation == channel_room(slack.team.id, desk.id, root.ts)


async def test_a_shortcut_where_the_bot_is_not(slack: FakeSlack, front: Front) -> None:
    ada, tom = slack.person("Ada Martin"), slack.person("Tom Tech")
    room = slack.channel("elsewhere", [ada, tom], bot=False)
    said = await ada.says(room, "the VPN is down")
    await tom.uses_shortcut("open_ticket", said)
    await tom.submits(await tom.sees_modal(), {"What about": "VPN"})
    found = await front.introduced(IncomingForm)
    quoted = found.quoted
    assert quoted and quoted.author and (quoted.author.name, quoted.text) == ("Ada Martin", "the VPN is down")
    assert quoted.conversation == person_room(slack.team.id, ada.id)
    assert quoted.thread == ()


# --- what is kept --------------------------------------------------------------------------------------------------


async def test_who_somebody_is_is_asked_again_after_a_while(slack: FakeSlack) -> None:
    now = [0.0]
    ada = slack.person("Ada Martin", email="ada@example.org", locale="fr-FR", tz="Europe/Paris")
    api = Api(slack.bot_token, slack.api_url, slack_troubles(lambda: datetime.now(UTC)), account=slack.team.id)
    people = People(api, slack.team.id, clock=lambda: now[0])
    try:
        before = await people.get(ada.id)
        ada.becomes(real_name="Ada Petit", locale="en-GB", tz="Europe/London", email="petit@example.org")
        ada.becomes(is_restricted=True)
        now[0] = SECONDS - 1
        assert await people.get(ada.id) == before
        now[0] = SECONDS + 1
        after = await people.get(ada.id)
    finally:
        await api.close()
    assert (before.name, before.email, before.locale, before.timezone, before.member) == (
        "Ada Martin", "ada@example.org", "fr-FR", "Europe/Paris", True,
    )  # fmt: skip
    assert (after.name, after.email, after.locale, after.timezone, after.member) == (
        "Ada Petit", "petit@example.org", "en-GB", "Europe/London", False,
    )  # fmt: skip


async def test_an_answer_is_kept_for_a_while_and_asked_for_once_at_a_time() -> None:
    now = [0.0]
    asked: list[str] = []

    async def ask(key: str) -> str:
        asked.append(key)
        await asyncio.sleep(0)
        return f"{key}{len(asked)}"

    cache = Cache(ask, seconds=10, most=2, clock=lambda: now[0])
    assert [*await asyncio.gather(cache.get("a"), cache.get("a"))] == ["a1", "a1"]
    now[0] = 9.9
    assert await cache.get("a") == "a1"
    now[0] = 10.1
    assert await cache.get("a") == "a2"
    await cache.get("b")
    await cache.get("c")
    assert (cache.known("a"), cache.known("b"), cache.known("c")) == (None, "b3", "c4")


async def test_a_failure_is_told_to_all_who_wait_and_not_kept() -> None:
    tries = []

    async def ask(key: str) -> str:
        tries.append(key)
        await asyncio.sleep(0)
        if len(tries) == 1:
            raise PlatformUnavailable("away")
        return key

    cache = Cache(ask, seconds=10, most=2)
    found = await asyncio.gather(cache.get("a"), cache.get("a"), return_exceptions=True)
    assert [type(one) for one in found] == [PlatformUnavailable, PlatformUnavailable]
    assert await cache.get("a") == "a"


def test_who_is_of_the_organisation() -> None:
    user = {"id": "U1", "team_id": "T1", "name": "ada", "profile": {"real_name": "Ada Martin", "display_name": ""}}
    assert profile_of(user, "T1").member
    assert profile_of(user, "T1").name == "Ada Martin"
    assert not profile_of(user, "T2").member
    assert profile_of(user | {"enterprise_user": {"teams": ["T2"]}}, "T2").member
    assert not profile_of(user | {"is_stranger": True}, "T1").member
    assert not profile_of(user | {"deleted": True}, "T1").member
