"""Whose word counts for what: members of the desk's channel, and people of workspaces that installed the app."""

from adapters.slack.ids import person_room
from adapters.slack.rooms import SlackDesk
from adapters.slack.signing_in import SigningIn
from adapters.slack.troubles import slack_troubles
from bot.app import now
from bot.model.messages import IncomingMessage
from bot.model.values import Audience
from tests.adapters.slack.hearing import listening, settings_for
from tests.fakes.slack import FakeSlack


async def test_it_is_known_who_is_in_the_desks_channels(slack: FakeSlack) -> None:
    tom, ada, zoe = slack.person("Tom Tech"), slack.person("Ada Martin"), slack.person("Zoe Guest", guest=True)
    desk = slack.channel("it-desk", [tom, zoe])
    async with listening(slack, desk=desk.id, desk_members_are_technicians=True) as front:
        at_desk = {}
        for number, who in enumerate((tom, ada, zoe), 1):
            await who.says(who.dm(), "hello")
            found = await front.introduced(IncomingMessage, number)
            at_desk[found.author.name] = found.author.at_desk
    assert at_desk == {"Tom Tech": True, "Ada Martin": False, "Zoe Guest": None}


async def test_nobody_is_asked_where_it_does_not_matter(slack: FakeSlack) -> None:
    tom = slack.person("Tom Tech")
    desk = slack.channel("it-desk", [tom])
    async with listening(slack, desk=desk.id) as front:
        await tom.says(tom.dm(), "hello")
        found = await front.introduced(IncomingMessage)
    assert found.author.at_desk is None and slack.called("conversations.members") == []


async def test_without_the_scope_it_is_not_known(slack: FakeSlack) -> None:
    tom = slack.person("Tom Tech")
    desk = slack.channel("it-desk", [tom], private=True)
    slack.installation.scopes.remove("groups:read")
    async with listening(slack, desk=desk.id, desk_members_are_technicians=True) as front:
        await tom.says(tom.dm(), "hello")
        found = await front.introduced(IncomingMessage)
    assert found.author.at_desk is None


async def test_the_people_of_another_workspace_are_the_public(slack: FakeSlack) -> None:
    other = slack.workspace("Elsewhere", installed=True)
    token = next(one.token for one in slack.state.installations.values() if one.team == other.id)
    eve = slack.person("Eve Elsewhere", email="boss@example.com", team=other)
    by_account = {other.id: token, slack.team.id: slack.bot_token}

    async def tokens() -> dict[str, str]:
        return by_account

    signed_in = SigningIn(settings_for(slack), SlackDesk(), slack_troubles(now), tokens)
    try:
        await signed_in.all()
        team = signed_in.teams[other.id]
        author = (await team.people.get(eve.id)).identity(other.id)
        assert author.guest and author.email == "boss@example.com"
        assert team.people.known("U0NEVERSEEN").guest and not signed_in.teams[slack.team.id].people.known("U1").guest
        room = slack.channel("general", [eve], team=other)
        assert await team.channels.audience(room.id) is Audience.PUBLIC
        assert await team.is_at_desk(eve.id) is None
        assert signed_in.teams[slack.team.id].desk is not None, "installed by itself, too: it stays the desk's own"
        assert not team.here.is_desk(person_room(other.id, eve.id).room)
    finally:
        await signed_in.close()
