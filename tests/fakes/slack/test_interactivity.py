"""Buttons, modals, commands, shortcuts and the Home tab of the fake, with the real slack_bolt."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from tests.fakes.slack import FakeSlack
from tests.fakes.slack.bolt import called_by_http, client, connected, listening, over_http

PLAIN = "plain_text"


def plain(text: str) -> dict[str, str]:
    return {"type": PLAIN, "text": text}


def field(name: str, label: str, **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "value"} | more.pop("element", {})
    return {"type": "input", "block_id": name, "label": plain(label), "element": element, **more}


CATEGORIES = [{"text": plain(label), "value": value} for value, label in (("network", "Network"), ("mail", "Mail"))]
NEW_TICKET = {
    "type": "modal",
    "callback_id": "new_ticket",
    "private_metadata": "from here",
    "notify_on_close": True,
    "title": plain("New ticket"),
    "submit": plain("Send"),
    "blocks": [
        field("subject", "Subject", element={"initial_value": "VPN", "max_length": 20}),
        field("details", "Details", optional=True, element={"multiline": True}),
        field("category", "Category", element={"type": "static_select", "options": CATEGORIES}),
    ],
}
CARD: list[dict[str, Any]] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*T1* VPN"}},
    {
        "type": "actions",
        "block_id": "card:1",
        "elements": [
            {"type": "button", "action_id": "claim:0", "text": plain("Claim"), "value": "T1"},
            {"type": "button", "action_id": "form:1", "text": plain("New ticket"), "value": "T1"},
        ],
    },
]


@pytest.fixture(params=["socket", "http"])
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[tuple[FakeSlack, AsyncApp]]:
    """A fake in either mode, and an app that listens to it."""
    made = FakeSlack() if request.param == "socket" else over_http()
    async with made.running() as slack:
        app, _ = listening(slack)
        async with _listening(slack, app, request.param):
            yield slack, app


@asynccontextmanager
async def _listening(slack: FakeSlack, app: AsyncApp, mode: str) -> AsyncIterator[None]:
    async with connected(slack, app) if mode == "socket" else called_by_http(slack, app):
        yield


async def test_a_press_reaches_the_app_and_its_answer_the_message(desk: tuple[FakeSlack, AsyncApp]) -> None:
    slack, app = desk
    ada = slack.person("Ada Lovelace")
    room = slack.channel("desk", [ada])
    bodies: list[dict[str, Any]] = []

    @app.action("claim:0")
    async def claimed(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        bodies.append(body)
        await respond(text="claimed", replace_original=True, blocks=CARD[:1])
        await respond(text="You have it.")
        await respond(text="Ada has it.", response_type="in_channel")

    await client(slack).chat_postMessage(channel=room.id, text="T1", blocks=CARD)
    (card,) = slack.messages(room)
    assert card.buttons == ("Claim", "New ticket")
    ack = await ada.presses(card, "Claim")
    assert ack.ok
    await slack.until(lambda: len(slack.messages(room)) == 3)
    action = bodies[0]["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("claim:0", "card:1", "T1")
    assert bodies[0]["message"]["ts"] == card.ts == bodies[0]["container"]["message_ts"]
    card, mine, everybody = slack.messages(room)
    assert (card.text, card.buttons) == ("*T1* VPN", ())
    assert (mine.text, mine.ephemeral_to) == ("You have it.", "Ada Lovelace")
    assert (everybody.text, everybody.ephemeral_to) == ("Ada has it.", None)
    with pytest.raises(AssertionError, match="nothing to press"):
        await ada.presses(card, "Claim")


async def test_an_ephemeral_message_is_pressed_by_its_reader_and_goes_away(desk: tuple[FakeSlack, AsyncApp]) -> None:
    slack, app = desk
    ada, bob = slack.person("Ada Lovelace"), slack.person("Bob Kahn")
    room = slack.channel("desk", [ada, bob])
    bodies: list[dict[str, Any]] = []

    @app.action("claim:0")
    async def claimed(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        bodies.append(body)
        await respond(delete_original=True)

    await client(slack).chat_postEphemeral(channel=room.id, user=ada.id, text="T1", blocks=CARD)
    (whisper,) = slack.messages(room)
    with pytest.raises(AssertionError, match="does not see"):
        await bob.presses(whisper, "Claim")
    await ada.presses(whisper, "Claim")
    await slack.until(lambda: not slack.messages(room))
    assert bodies[0]["container"]["is_ephemeral"] is True
    assert "message" not in bodies[0]


async def test_a_form_is_opened_refused_corrected_and_sent(desk: tuple[FakeSlack, AsyncApp]) -> None:
    slack, app = desk
    ada = slack.person("Ada Lovelace")
    room = slack.channel("desk", [ada])
    sent: list[dict[str, Any]] = []

    @app.action("form:1")
    async def pressed(ack: Any, body: dict[str, Any], client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=NEW_TICKET)
        await ack()

    @app.view("new_ticket")
    async def filled(ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        if values["subject"]["value"]["value"] == "?":
            await ack(response_action="errors", errors={"subject": "Say what it is about."})
            return
        sent.append(view)
        await ack()

    @app.view_closed("new_ticket")
    async def closed(ack: Any) -> None:
        await ack()

    await client(slack).chat_postMessage(channel=room.id, text="T1", blocks=CARD)
    await ada.presses(slack.messages(room)[0], "New ticket")
    view = await ada.sees_modal("New ticket")
    with pytest.raises(AssertionError, match="Category"):
        await ada.submits(view)
    with pytest.raises(AssertionError, match="21 characters"):
        await ada.submits(view, {"Subject": "x" * 21})
    refused = await ada.submits(view, {"Subject": "?", "Category": "Network"})
    assert refused.payload["errors"] == {"subject": "Say what it is about."}
    assert ada.modal() is view
    taken = await ada.submits(view, {"Details": "since noon", "category": "mail"})
    assert taken.ok and not taken.payload
    assert ada.modal() is None
    values = sent[0]["state"]["values"]
    assert values["subject"]["value"]["value"] == "VPN"
    assert values["details"]["value"]["value"] == "since noon"
    assert values["category"]["value"]["selected_option"]["value"] == "mail"
    assert sent[0]["private_metadata"] == "from here"

    await ada.presses(slack.messages(room)[0], "New ticket")
    told = await ada.closes(await ada.sees_modal())
    assert told
    assert told.what == "view_closed"


async def test_commands_answer_the_one_who_gave_them(desk: tuple[FakeSlack, AsyncApp]) -> None:
    slack, app = desk
    ada = slack.person("Ada Lovelace")
    room = slack.channel("away", [ada], bot=False)
    heard: list[dict[str, Any]] = []

    @app.command("/ask")
    async def asked(ack: Any, command: dict[str, Any], respond: Any) -> None:
        heard.append(command)
        await ack("Looking …")
        await respond(text="Found it.")

    await ada.asks("/ask", "how do I <print>?", room)
    await slack.until(lambda: len(slack.messages(room)) == 2)
    assert (heard[0]["text"], heard[0]["channel_id"]) == ("how do I <print>?", room.id)
    assert {(one.text, one.ephemeral_to) for one in slack.messages(room)} == {
        ("Looking …", "Ada Lovelace"),
        ("Found it.", "Ada Lovelace"),
    }
    with pytest.raises(AssertionError, match="not a valid command"):
        await ada.asks("/sak", "", room)


async def test_a_shortcut_carries_its_message_from_anywhere(desk: tuple[FakeSlack, AsyncApp]) -> None:
    slack, app = desk
    ada = slack.person("Ada Lovelace")
    room = slack.channel("away", [ada], bot=False)
    heard: list[dict[str, Any]] = []

    @app.shortcut("open_ticket")
    async def used(ack: Any, shortcut: dict[str, Any], client: Any) -> None:
        await ack()
        heard.append(shortcut)
        await client.views_open(trigger_id=shortcut["trigger_id"], view=NEW_TICKET)

    said = await ada.says(room, "the printer smokes")
    await ada.uses_shortcut("open_ticket", said)
    await ada.sees_modal("New ticket")
    assert (heard[0]["type"], heard[0]["message"]["text"]) == ("message_action", "the printer smokes")


async def test_the_home_tab_is_published_and_pressed(desk: tuple[FakeSlack, AsyncApp]) -> None:
    slack, app = desk
    ada = slack.person("Ada Lovelace")

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD})

    @app.action("form:1")
    async def pressed(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=NEW_TICKET)

    await ada.opens_home()
    home = await slack.until(ada.home)
    await ada.presses(home, "New ticket")
    await ada.sees_modal("New ticket")


async def test_an_app_that_says_nothing_is_noticed(slack: FakeSlack) -> None:
    slack.sockets.ack_seconds = 0.2
    app, _ = listening(slack)
    ada = slack.person("Ada Lovelace")

    @app.command("/ask")
    async def asked() -> None:
        return

    async with connected(slack, app):
        ack = await ada.asks("/ask", "anyone?")
    assert not ack.ok
    assert ack.reason == "timeout"
