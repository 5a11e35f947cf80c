"""Slack's ids in ours."""

import pytest

from adapters.slack.ids import Asked, At, block_id, channel_room, delivery_of, is_person, person_room
from bot.model.ids import new_id


def test_a_message_is_its_channel_and_its_ts() -> None:
    assert At.of(str(At("C1", "1700000000.000100"))) == At("C1", "1700000000.000100")


@pytest.mark.parametrize("text", ["", "C1", "C1:", ":1.5", "ask:C1:99"])
def test_other_ids_are_no_messages(text: str) -> None:
    with pytest.raises(ValueError, match="no message"):
        At.of(text)


def test_a_question_put_with_a_command_is_a_thread_of_the_direct_messages() -> None:
    asked = Asked("C1", "13345224609.738474920")
    room = person_room("T1", "U1", asked)
    assert Asked.of(room.thread) == asked
    assert Asked.of(channel_room("T1", "C1", "1.5").thread) is None
    assert Asked.of(None) is None
    assert Asked.of("ask:C1:") is None


def test_rooms_of_people_and_channels_are_told_apart() -> None:
    assert is_person("U1") and is_person("W1")
    assert not is_person("C1") and not is_person("G1") and not is_person("D1")


def test_a_block_names_its_delivery() -> None:
    delivery = new_id()
    assert delivery_of(block_id(delivery, 3)) == delivery
    for foreign in ("guichet:none:1", "other:1", "", None, 5, f"x{block_id(delivery, 1)}"):
        assert delivery_of(foreign) is None
