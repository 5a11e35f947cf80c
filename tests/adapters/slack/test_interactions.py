"""Payloads of presses, forms, commands and shortcuts, as Slack documents them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.slack import interactions
from adapters.slack.ids import Asked, At, channel_room, person_room
from adapters.slack.payloads import BlockActions
from adapters.slack.translate import Here
from adapters.slack.views import LONGEST_METADATA
from bot.model.forms import Form
from bot.model.messages import Identity, Quoted
from bot.model.values import Language

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HERE = Here("T1", bot="U0BOT", is_desk=lambda channel: channel == "C0DESK")
FORM = Form("resolve", "Resolve T12", "Resolve", (), Language.EN, subject="T12")
TS = "1515449522.000016"
DIRECT = person_room("T1", "U1", At("D1", "1.5"))
ASKED = person_room("T1", "U1", Asked("C1", "1.2.a"))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"type": "event_callback"}, "event"),
        ({"type": "block_actions"}, "press"),
        ({"type": "view_submission"}, "submission"),
        ({"type": "message_action"}, "shortcut"),
        ({"command": "/ask"}, "command"),
        ({"type": "view_closed"}, "other"),
        ({}, "other"),
    ],
)
def test_what_a_payload_is(body: dict[str, Any], kind: str) -> None:
    assert interactions.kind_of(body) == kind


@pytest.mark.parametrize(
    ("body", "known", "account"),
    [
        ({"team_id": "T1"}, "T1 T2", "T1"),
        ({"team_id": "T9", "authorizations": [{"team_id": "T2"}]}, "T1 T2", "T2"),
        ({"team": {"id": "T2"}, "user": {"team_id": "T1"}}, "T1 T2", "T2"),
        ({"team": None, "user": {"team_id": "T1"}}, "T1 T2", "T1"),
        ({"team": {"id": "T9"}}, "T1", "T1"),
        ({"team": {"id": "T9"}}, "T1 T2", None),
        ({"team": "T2", "authorizations": [None]}, "T1 T2", None),
        ({}, "", None),
    ],
)
def test_which_workspace_is_meant(body: dict[str, Any], known: str, account: str | None) -> None:
    assert interactions.account_of(body, dict.fromkeys(known.split())) == account


def pressed(**more: Any) -> BlockActions:
    action = {"action_id": "worked:0", "block_id": "x", "type": "button", "value": "a7", "action_ts": "1515449600.1"}
    return BlockActions.model_validate({"user": {"id": "U1"}, "trigger_id": "1.2.a", "actions": [action]} | more)


@pytest.mark.parametrize(
    ("container", "message", "conversation"),
    [
        ({"channel_id": "C1", "message_ts": TS}, {"ts": TS}, channel_room("T1", "C1")),
        ({"channel_id": "C1", "message_ts": TS}, {"ts": TS, "thread_ts": TS}, channel_room("T1", "C1")),
        ({"channel_id": "C1", "message_ts": TS}, {"ts": TS, "thread_ts": "1.5"}, channel_room("T1", "C1", "1.5")),
        ({"channel_id": "C1", "message_ts": TS, "thread_ts": "1.5"}, None, channel_room("T1", "C1", "1.5")),
        (
            {"channel_id": "D1", "message_ts": TS},
            {"ts": TS, "thread_ts": "1.5"},
            person_room("T1", "U1", At("D1", "1.5")),
        ),
        ({"channel_id": "D1", "message_ts": TS}, {"ts": TS}, person_room("T1", "U1")),
        ({"type": "view"}, None, person_room("T1", "U1", Asked("home", "1.2.a"))),
    ],
)
def test_a_press_is_made_where_its_message_stands(container: Any, message: Any, conversation: Any) -> None:
    found = pressed(container=container, message=message)
    click = interactions.click(found.actions[0], found, HERE, NOW)
    assert click.conversation == conversation
    assert (click.action, click.value) == ("worked", "a7")
    again = interactions.click(found.actions[0], found, HERE, NOW)
    assert again.key == click.key


def test_two_presses_are_two() -> None:
    first, second = (
        pressed(container={"channel_id": "C1", "message_ts": TS}, message={"ts": TS}, trigger_id=f"{n}.2.a")
        for n in (1, 2)
    )
    late = second.actions[0].model_copy(update={"action_ts": "1515449601.1"})
    assert interactions.click(first.actions[0], first, HERE, NOW).key != interactions.click(late, second, HERE, NOW).key


def test_what_is_chosen_in_a_menu_is_the_value() -> None:
    action = {"action_id": "priority:1", "type": "static_select", "selected_option": {"value": "high"}}
    found = pressed(actions=[action], container={"channel_id": "C0DESK", "message_ts": TS}, message={"ts": TS})
    click = interactions.click(found.actions[0], found, HERE, NOW)
    assert (click.action, click.value, click.sent_at) == ("priority", "high", NOW)


def submitted(metadata: str) -> dict[str, Any]:
    return {"type": "view_submission", "user": {"id": "U1"}, "view": {"id": "V1", "private_metadata": metadata}}


def test_a_form_comes_back_with_where_it_was_opened_and_on_what() -> None:
    place = channel_room("T1", "C0DESK", TS)
    author = Identity("slack", "T1", "U2")
    quoted = Quoted(f"C1:{TS}", channel_room("T1", "C1", "1.5"), author, text="the VPN is down")
    sent = interactions.form(submitted(interactions.remembered(FORM, place, quoted)), {"a": "b"}, HERE, NOW)
    assert (sent.form, sent.subject, sent.conversation, sent.values) == ("resolve", "T12", place, {"a": "b"})
    assert sent.quoted and (sent.quoted.native_id, sent.quoted.text) == (f"C1:{TS}", "the VPN is down")
    assert (sent.quoted.conversation, sent.quoted.author) == (quoted.conversation, author)
    assert sent.key.native_id == "V1"


def test_a_form_without_a_message_quotes_none() -> None:
    sent = interactions.form(submitted(interactions.remembered(FORM, person_room("T1", "U1"))), {}, HERE, NOW)
    assert sent.quoted is None


def test_what_a_form_remembers_fits() -> None:
    quoted = Quoted(f"C1:{TS}", channel_room("T1", "C1"), text='"\\\n' * 5_000)
    assert len(interactions.remembered(FORM, person_room("T1", "U1"), quoted)) <= LONGEST_METADATA


@pytest.mark.parametrize("metadata", ["", "{}", "[]", '{"form": 3}'])
def test_a_form_that_is_none_of_ours_is_told_from_one_that_is(metadata: str) -> None:
    with pytest.raises(ValidationError):
        interactions.form(submitted(metadata), {}, HERE, NOW)


COMMAND = {
    "command": "/ask",
    "text": "where is <@U0BOT|guichet> &amp; co?",
    "user_id": "U1",
    "channel_id": "C1",
    "trigger_id": "1.2.a",
    "team_id": "T1",
}


@pytest.mark.parametrize(
    ("more", "text", "conversation", "asked_in"),
    [
        ({}, "where is & co?", ASKED, channel_room("T1", "C1")),
        (
            {"command": "/DEMANDER", "text": "x"},
            "x",
            ASKED,
            channel_room("T1", "C1"),
        ),
        ({"channel_id": "D1"}, "where is & co?", person_room("T1", "U1", Asked("D1", "1.2.a")), None),
        ({"text": None}, "", ASKED, channel_room("T1", "C1")),
        ({"command": "/ticket", "text": "list"}, "/ticket list", ASKED, None),
        (
            {"command": "/ticket", "text": "list", "channel_id": "C0DESK"},
            "/ticket list",
            channel_room("T1", "C0DESK"),
            None,
        ),
        ({"command": "/desk", "text": ""}, "/desk", ASKED, None),
    ],
)
def test_commands(more: dict[str, Any], text: str, conversation: Any, asked_in: Any) -> None:
    found = interactions.command(COMMAND | more, HERE, NOW)
    assert (found.text, found.conversation, found.asked_in) == (text, conversation, asked_in)
    assert found.quiet and found.mentioned
    assert found.private == (conversation.room == "U1")
    assert interactions.command(COMMAND | more, HERE, NOW).key == found.key
