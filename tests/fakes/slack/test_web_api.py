"""The fake's Web API refuses what Slack refuses, in Slack's words."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import FakeSlack
from tests.fakes.slack.bolt import client


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def section(text: str = "words", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(number: int = 0, text: str = "Press", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": f"a{number}", "text": {"type": "plain_text", "text": text}, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


TOO_MUCH = {
    "blocks": [section()] * 51,
    "section": [section("x" * 3_001)],
    "empty section": [section("")],
    "fields": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "field": [{"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2_001}]}],
    "header": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
    "label": [actions(button(text="x" * 76))],
    "value": [actions(button(value="x" * 2_001))],
    "style": [actions(button(style="green"))],
    "action id": [actions(button() | {"action_id": "x" * 256})],
    "twin actions": [actions(button(), button())],
    "elements": [actions(*map(button, range(26)))],
    "block id": [section(block_id="x" * 256)],
    "twin blocks": [section(block_id="one"), section(block_id="one")],
    "context": [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
    "unknown": [{"type": "carousel-of-old"}],
    "bold label": [actions(button() | {"text": {"type": "mrkdwn", "text": "*Press*"}})],
}


@pytest.mark.parametrize("blocks", TOO_MUCH.values(), ids=TOO_MUCH)
async def test_blocks_beyond_the_limits_are_refused(slack: FakeSlack, blocks: list[dict[str, Any]]) -> None:
    room = slack.channel("help")
    assert await refused(client(slack).chat_postMessage(channel=room.id, text="x", blocks=blocks)) == "invalid_blocks"
    assert slack.messages(room) == []


async def test_blocks_at_the_limits_are_taken(slack: FakeSlack) -> None:
    room = slack.channel("help")
    web = client(slack)
    most = [section("x" * 3_000, block_id="y" * 255), actions(*(button(n, "l" * 75, value="v") for n in range(25)))]
    await web.chat_postMessage(channel=room.id, text="x", blocks=most)
    await web.chat_postMessage(channel=room.id, text="x", blocks=[{"type": "divider"}] * 50)
    long = [section("x" * 2_900)] * 5
    assert await refused(web.chat_postMessage(channel=room.id, text="x", blocks=long)) == "msg_blocks_too_long"
    assert len(slack.messages(room)) == 2
    assert slack.messages(room)[0].buttons == ("l" * 75,) * 25


async def test_messages_that_cannot_be_are_refused(slack: FakeSlack) -> None:
    ada = slack.person("Ada Lovelace")
    web = client(slack)
    here, away = slack.channel("here", [ada]), slack.channel("away", [ada], bot=False)
    secret, old = slack.channel("secret", [ada], bot=False, private=True), slack.channel("old", archived=True)
    slack.installation.scopes.remove("chat:write.public")
    assert await refused(web.chat_postMessage(channel="C404", text="x")) == "channel_not_found"
    assert await refused(web.chat_postMessage(channel=secret.id, text="x")) == "channel_not_found"
    assert await refused(web.chat_postMessage(channel=away.id, text="x")) == "not_in_channel"
    assert await refused(web.chat_postMessage(channel=old.id, text="x")) == "is_archived"
    assert await refused(web.api_call("chat.postMessage", json={"channel": here.id})) == "no_text"
    assert await refused(web.chat_postMessage(channel=here.id, text="x" * 40_001)) == "msg_too_long"
    assert await refused(web.chat_postMessage(channel=here.id, text="x", thread_ts="1.000001")) == "thread_not_found"
    assert await refused(web.chat_update(channel=here.id, ts="1.000001", text="x")) == "message_not_found"
    said = await ada.says(here, "mine")
    assert await refused(web.chat_update(channel=here.id, ts=said.ts, text="x")) == "cant_update_message"
    assert await refused(web.chat_delete(channel=here.id, ts=said.ts)) == "cant_delete_message"
    stranger = slack.person("Zoe Out")
    whisper = web.chat_postEphemeral(channel=here.id, user=stranger.id, text="x")
    assert await refused(whisper) == "user_not_in_channel"
    await web.reactions_add(channel=here.id, timestamp=said.ts, name="eyes")
    assert await refused(web.reactions_add(channel=here.id, timestamp=said.ts, name="eyes")) == "already_reacted"
    assert await refused(web.reactions_remove(channel=here.id, timestamp=said.ts, name="x")) == "no_reaction"
    slack.kicks_bot(here)
    assert await refused(web.conversations_history(channel=here.id)) == "not_in_channel"


async def test_a_post_goes_where_it_should_and_is_edited_in_place(slack: FakeSlack) -> None:
    ada = slack.person("Ada Lovelace")
    web = client(slack)
    room = slack.channel("help", [ada])
    first = await web.chat_postMessage(channel="#help", text="card", blocks=[section("*card*", block_id="card")])
    await web.chat_postMessage(channel=ada.id, text="hello")
    opened = await web.conversations_open(users=ada.id)
    assert opened["channel"]["id"] == ada.dm().id
    assert [one.text for one in slack.messages(ada.dm())] == ["hello"]
    await web.chat_update(channel=room.id, ts=first["ts"], text="claimed", blocks=[section("claimed")])
    (card,) = slack.messages(room)
    assert (card.text, card.edited) == ("claimed", True)
    await web.chat_postEphemeral(channel=room.id, user=ada.id, text="only you")
    assert slack.messages(room)[-1].ephemeral_to == "Ada Lovelace"
    assert len((await web.conversations_history(channel=room.id))["messages"]) == 1
    link = await web.chat_getPermalink(channel=room.id, message_ts=first["ts"])
    assert link["permalink"] == f"https://example.slack.com/archives/{room.id}/p{first['ts'].replace('.', '')}"
    await web.chat_delete(channel=room.id, ts=first["ts"])
    assert [one.text for one in slack.messages(room)] == ["only you"]


async def test_people_are_seen_as_scopes_allow(slack: FakeSlack) -> None:
    web = client(slack)
    ada = slack.person("Ada Lovelace", locale="fr-FR", tz="Europe/Paris")
    guest = slack.person("Gus Guest", guest=True)
    other = slack.person("Olga Other", team=slack.workspace("Partner"))
    shared = slack.channel("partners", [ada, other], shared=True)
    user = (await web.users_info(user=ada.id, include_locale=True))["user"]
    assert (user["locale"], user["tz"], user["profile"]["email"]) == (
        "fr-FR",
        "Europe/Paris",
        "ada.lovelace@example.com",
    )
    assert "locale" not in (await web.users_info(user=ada.id))["user"]
    assert (await web.users_info(user=guest.id))["user"]["is_restricted"] is True
    stranger = (await web.users_info(user=other.id))["user"]
    assert stranger["is_stranger"] and stranger["team_id"] != slack.team.id and "email" not in stranger["profile"]
    assert (await web.conversations_info(channel=shared.id))["channel"]["is_ext_shared"] is True
    assert (await web.users_lookupByEmail(email="Ada.Lovelace@example.com"))["user"]["id"] == ada.id
    assert await refused(web.users_lookupByEmail(email="nobody@example.com")) == "users_not_found"
    slack.installation.scopes.remove("users:read.email")
    assert "email" not in (await web.users_info(user=ada.id))["user"]["profile"]
    with pytest.raises(SlackApiError) as caught:
        await web.users_lookupByEmail(email="ada.lovelace@example.com")
    assert (caught.value.response["error"], caught.value.response["needed"]) == ("missing_scope", "users:read.email")
    channels = await web.users_conversations(types="public_channel,private_channel")
    assert [one["id"] for one in channels["channels"]] == [shared.id]


async def test_tokens_are_checked(slack: FakeSlack) -> None:
    assert (await client(slack).auth_test())["bot_id"] == slack.bot.bot_id
    assert await refused(client(slack, "xoxb-wrong").auth_test()) == "invalid_auth"
    assert await refused(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    app = slack.bot_token
    assert await refused(client(slack).apps_connections_open(app_token=app)) == "not_allowed_token_type"
    slack.revokes("account_inactive")
    assert await refused(client(slack).auth_test()) == "account_inactive"


async def test_a_trigger_opens_one_view_within_three_seconds(slack: FakeSlack) -> None:
    ada = slack.person("Ada Lovelace")
    web = client(slack)
    view = {
        "type": "modal",
        "title": {"type": "plain_text", "text": "New ticket"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [section()],
    }
    trigger = slack.world.trigger(slack.team.id, ada.id)
    assert await refused(web.views_open(trigger_id="nonsense", view=view)) == "invalid_trigger_id"
    long = view | {"title": {"type": "plain_text", "text": "x" * 25}}
    assert await refused(web.views_open(trigger_id=trigger, view=long)) == "invalid_arguments"
    await web.views_open(trigger_id=trigger, view=view)
    assert await refused(web.views_open(trigger_id=trigger, view=view)) == "exchanged_trigger_id"
    late = slack.world.trigger(slack.team.id, ada.id)
    slack.world.triggers[late].at -= 3.1
    assert await refused(web.views_open(trigger_id=late, view=view)) == "expired_trigger_id"
    modal = ada.modal()
    assert modal
    assert modal.view["title"]["text"] == "New ticket"


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")  # by slack_sdk
async def test_an_app_is_let_into_a_workspace(slack: FakeSlack) -> None:
    partner = slack.workspace("Partner")
    asked = {"client_id": slack.state.client_id, "scope": "chat:write,users:read", "state": "s1", "team": partner.id}
    back = "http://127.0.0.1:1/oauth"
    async with aiohttp.ClientSession() as session:
        url = f"{slack.url}/oauth/v2/authorize"
        async with session.get(url, params=asked | {"redirect_uri": back}) as page:
            assert "Partner" in await page.text()
        form = asked | {"redirect_uri": back, "into": partner.id}
        async with session.post(url, data=form, allow_redirects=False) as answer:
            code, state = answer.headers["Location"].removeprefix(f"{back}?code=").split("&state=")
    assert state == "s1"
    web = AsyncWebClient(base_url=slack.api_url)
    secret = slack.state.client_secret
    granted = await web.oauth_v2_access(
        client_id=slack.state.client_id, client_secret=secret, code=code, redirect_uri=back
    )
    assert granted["team"]["id"] == partner.id
    assert (await client(slack, granted["access_token"]).auth_test())["team"] == "Partner"
    again = web.oauth_v2_access(client_id=slack.state.client_id, client_secret=secret, code=code, redirect_uri=back)
    assert await refused(again) == "invalid_code"
