"""Payloads as Slack documents them become events of ours."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.slack.ids import At, channel_room, person_room
from adapters.slack.translate import Here, message_event, moment, reaction_event
from bot.model.messages import IncomingDeletion, IncomingMessage, MessageKey

HERE = Here("T024BE7LD", bot="U0BOT", bot_id="B0BOT", is_desk=lambda channel: channel == "C0DESK")
TS = "1515449522.000016"

MESSAGE = {
    "type": "message",
    "channel": "C123ABC456",
    "user": "U123ABC456",
    "text": "Hello <@U0BOT>, the VPN is down",
    "ts": TS,
    "event_ts": TS,
    "channel_type": "channel",
    "client_msg_id": "1be6e7a3-2b07-4d6c-a2f7-7b5a0f5c9c0f",
    "team": "T024BE7LD",
    "blocks": [{"type": "rich_text", "block_id": "x", "elements": []}],
}
DIRECT = MESSAGE | {"channel": "D024BE91L", "channel_type": "im", "text": "The VPN is down"}
FILE = {
    "id": "F12345",
    "created": 1434373051,
    "name": "screenshot.png",
    "title": "Screenshot",
    "mimetype": "image/png",
    "filetype": "png",
    "user": "U123ABC456",
    "mode": "hosted",
    "is_external": False,
    "size": 13768,
    "url_private": "https://files.slack.com/files-pri/T024BE7LD-F12345/screenshot.png",
    "url_private_download": "https://files.slack.com/files-pri/T024BE7LD-F12345/download/screenshot.png",
}


def heard(event: dict[str, Any]) -> IncomingMessage | IncomingDeletion | None:
    return message_event(event, HERE)


def message(event: dict[str, Any]) -> IncomingMessage:
    found = heard(event)
    assert isinstance(found, IncomingMessage)
    return found


def test_a_mention_starts_a_thread_of_its_own() -> None:
    found = message(MESSAGE)
    assert found.key == MessageKey("slack", "T024BE7LD", "message", f"C123ABC456:{TS}")
    assert found.conversation == channel_room("T024BE7LD", "C123ABC456", TS)
    assert (found.text, found.mentioned, found.private) == ("Hello, the VPN is down", True, False)
    assert found.author.native_id == "U123ABC456"
    assert found.sent_at == moment(TS)
    assert not found.introduced


def test_a_mention_and_its_twin_are_one_message() -> None:
    twin = {name: value for name, value in MESSAGE.items() if name != "channel_type"} | {"type": "app_mention"}
    assert message(twin) == message(MESSAGE)


def test_direct_messages_are_in_the_persons_room_a_thread_for_each_question() -> None:
    found = message(DIRECT)
    assert found.conversation == person_room("T024BE7LD", "U123ABC456", At("D024BE91L", TS))
    assert found.private and not found.mentioned
    again = message(DIRECT | {"ts": "1515449600.000100", "thread_ts": TS})
    assert again.conversation == found.conversation
    assert again.key.native_id == "D024BE91L:1515449600.000100"


def test_a_follow_up_in_a_thread_needs_no_mention_and_chatter_is_not_heard() -> None:
    follow_up = message(MESSAGE | {"text": "still down", "ts": "1515449600.000100", "thread_ts": TS})
    assert follow_up.conversation == channel_room("T024BE7LD", "C123ABC456", TS)
    assert not follow_up.mentioned
    assert heard(MESSAGE | {"text": "lunch?"}) is None
    assert heard(MESSAGE | {"text": "lunch?", "thread_ts": TS}) is None  # a root that has replies is at the top


def test_everything_is_heard_in_a_desk_channel() -> None:
    found = message(MESSAGE | {"channel": "C0DESK", "text": "!list"})
    assert found.conversation == channel_room("T024BE7LD", "C0DESK")
    under_a_card = message(MESSAGE | {"channel": "C0DESK", "text": "!claim", "thread_ts": "1515449000.000001"})
    assert under_a_card.conversation == channel_room("T024BE7LD", "C0DESK", "1515449000.000001")


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "bot_message", "bot_id": "BB12033", "user": None},
        {"bot_id": "B0OTHER"},
        {"subtype": "bot_message", "bot_id": "B0FLOW", "username": "A workflow"},
        {"user": "U0BOT"},
        {"user": "USLACKBOT"},
        {"subtype": "channel_join"},
        {"subtype": "channel_topic", "topic": "hello"},
        {"subtype": "reminder_add"},
        {"subtype": "something_new"},
        {"user": ""},
    ],
)
def test_what_no_person_said_is_not_heard(more: dict[str, Any]) -> None:
    assert heard(DIRECT | more) is None


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_words_of_people_are_heard_whatever_they_are_called(subtype: str) -> None:
    assert message(DIRECT | {"subtype": subtype}).text == "The VPN is down"


def test_files_come_with_what_is_known_of_them() -> None:
    remote = FILE | {"id": "F2", "mode": "external", "is_external": True, "url_private": "https://drive.example/x"}
    gone = {"id": "F3", "mode": "tombstone"}
    found = message(DIRECT | {"subtype": "file_share", "text": "", "files": [FILE, remote, gone]})
    first, second, third = found.files
    assert (first.native_id, first.name, first.media_type, first.size) == (
        "F12345",
        "screenshot.png",
        "image/png",
        13768,
    )
    assert first.url == FILE["url_private_download"]
    assert (first.problem, second.problem, third.problem) == (None, "refused", "gone")


EDITED = {
    "type": "message",
    "subtype": "message_changed",
    "hidden": True,
    "channel": "D024BE91L",
    "channel_type": "im",
    "ts": "1515449530.000001",
    "message": {
        "type": "message",
        "user": "U123ABC456",
        "text": "The Wi-Fi is down",
        "ts": TS,
        "edited": {"user": "U123ABC456", "ts": "1515449528.000000"},
    },
    "previous_message": {"type": "message", "user": "U123ABC456", "text": "The VPN is down", "ts": TS},
}


def test_an_edit_is_the_same_message_in_another_version() -> None:
    found, first = message(EDITED), message(DIRECT)
    assert found.key == replace(first.key, revision="1515449528.000000")
    assert found.conversation == first.conversation
    assert (found.text, found.sent_at) == ("The Wi-Fi is down", moment("1515449528.000000"))


def test_what_changes_no_word_is_no_edit() -> None:
    unfolded = {**EDITED, "previous_message": EDITED["message"]}
    assert heard(unfolded) is None
    counted = {**EDITED, "message": {"type": "message", "user": "U123ABC456", "text": "x", "ts": TS, "reply_count": 2}}
    assert heard(counted) is None
    own = {**EDITED, "message": EDITED["message"] | {"user": "U0BOT", "bot_id": "B0BOT"}}  # type: ignore[operator]
    assert heard(own) is None


DELETED = {
    "type": "message",
    "subtype": "message_deleted",
    "hidden": True,
    "channel": "D024BE91L",
    "channel_type": "im",
    "ts": "1515449540.000001",
    "event_ts": "1515449540.000001",
    "deleted_ts": TS,
    "previous_message": {"type": "message", "user": "U123ABC456", "text": "The VPN is down", "ts": TS},
}


def test_a_deletion_names_the_message_and_its_conversation() -> None:
    found, first = heard(DELETED), message(DIRECT)
    assert isinstance(found, IncomingDeletion)
    assert (found.message, found.conversation, found.author) == (first.key.native_id, first.conversation, first.author)
    assert (found.key.kind, found.sent_at) == ("deletion", moment("1515449540.000001"))
    own = {**DELETED, "previous_message": DELETED["previous_message"] | {"bot_id": "B0BOT"}}  # type: ignore[operator]
    assert heard(own) is None
    assert heard({**DELETED, "previous_message": None}) is None


def test_what_remains_of_a_deleted_root_is_a_deletion() -> None:
    remains = {
        "type": "message",
        "subtype": "tombstone",
        "user": "USLACKBOT",
        "text": "This message was deleted.",
        "ts": TS,
    }
    found = heard({**EDITED, "message": remains})
    assert isinstance(found, IncomingDeletion)
    assert found.message == f"D024BE91L:{TS}"


REACTION = {
    "type": "reaction_added",
    "user": "U123ABC456",
    "reaction": "ticket",
    "item_user": "U222222222",
    "item": {"type": "message", "channel": "C123ABC456", "ts": TS},
    "event_ts": "1515449599.000200",
}


def test_the_ticket_emoji_asks_for_a_ticket_for_the_author() -> None:
    found = reaction_event(REACTION, HERE)
    assert found is not None
    assert (found.cue, found.author.native_id) == ("ticket", "U123ABC456")
    assert found.quoted.native_id == f"C123ABC456:{TS}"
    assert found.quoted.author is not None and found.quoted.author.native_id == "U222222222"
    assert found.conversation == channel_room("T024BE7LD", "C123ABC456", TS)
    assert found.key.revision == "1515449599.000200"
    assert not found.introduced


@pytest.mark.parametrize(
    ("emoji", "cue"),
    [
        ("eyes", "claim"),
        ("white_check_mark", "resolve"),
        ("heavy_check_mark", "resolve"),
        ("rotating_light", "urgent"),
        ("ticket", "ticket"),
        ("thumbsup", None),
        ("eyes::skin-tone-3", "claim"),
    ],
)
def test_emoji_of_the_desk_mean_something_there_alone(emoji: str, cue: str | None) -> None:
    in_desk = REACTION | {"reaction": emoji, "item": {"type": "message", "channel": "C0DESK", "ts": TS}}
    found = reaction_event(in_desk, HERE)
    assert (found.cue if found else None) == cue
    elsewhere = reaction_event(REACTION | {"reaction": emoji}, HERE)
    assert (elsewhere is not None) == (cue == "ticket")


def test_the_ticket_emoji_is_a_setting_and_the_bot_does_not_react_to_itself() -> None:
    lifebuoy = replace(HERE, ticket_emoji=":sos:")
    assert reaction_event(REACTION, lifebuoy) is None
    assert reaction_event(REACTION | {"reaction": "sos::skin-tone-2"}, lifebuoy) is not None
    assert reaction_event(REACTION | {"user": "U0BOT"}, HERE) is None
    assert reaction_event(REACTION | {"item": {"type": "file", "file": "F1"}}, HERE) is None


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"type": "message", "channel": "C1", "user": "U1", "text": "x"},
        MESSAGE | {"ts": 3},
        MESSAGE | {"ts": "nonsense"},
        MESSAGE | {"files": "none"},
        {"type": "message", "subtype": "message_changed", "channel": "C1"},
    ],
)
def test_a_body_that_is_none_is_told_from_one_that_is(event: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        message_event(event, HERE)
