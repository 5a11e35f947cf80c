"""Where technicians work."""

import pytest

from adapters.slack.ids import channel_room, person_room
from adapters.slack.rooms import DeskChannels, SlackDesk
from bot.errors import SettingsError
from bot.model.ids import new_id
from bot.model.people import PersonIdentity

CATEGORIES = frozenset({"network", "hardware", "hardware/printers"})


def test_one_channel_for_everything() -> None:
    desk = SlackDesk("T1", DeskChannels.of("C111", CATEGORIES))
    assert desk.rooms == (channel_room("T1", "C111"),)
    assert desk.rooms_for("network") == desk.rooms
    assert desk.contains(channel_room("T1", "C111", "1.5")) and desk.shows_cards(channel_room("T1", "C111"))
    assert not desk.contains(channel_room("T2", "C111")) and not desk.contains(channel_room("T1", "C112"))


def test_a_category_may_have_a_channel_and_those_below_it_use_the_nearest() -> None:
    desk = SlackDesk("T1", DeskChannels.of("C111, hardware=C222 ,hardware/printers = #prints", CATEGORIES))
    desk.channels = desk.channels.with_ids({"prints": "C333"})
    assert [room.room for room in desk.rooms] == ["C111", "C222", "C333"]
    assert [desk.rooms_for(category)[0].room for category in ("network", "hardware", "hardware/printers")] == [
        "C111",
        "C222",
        "C333",
    ]
    assert desk.rooms_for("hardware/screens")[0].room == "C222"


def test_without_a_common_channel_the_first_takes_the_other_categories() -> None:
    desk = SlackDesk("T1", DeskChannels.of("network=C222, hardware=#hard", CATEGORIES))
    assert desk.channels.lack and "C222" in desk.channels.lack
    desk.channels = desk.channels.with_ids({"hard": "C333"})
    for category, channel in (("hardware/printers", "C333"), ("network", "C222"), ("mail", "C222")):
        assert desk.rooms_for(category) == (channel_room("T1", channel),)


def test_a_common_channel_that_is_not_there_is_stood_in_for() -> None:
    desk = SlackDesk("T1", DeskChannels.of("#support, network=C222", CATEGORIES).with_ids({}))
    assert desk.rooms_for("mail") == (channel_room("T1", "C222"),)
    assert DeskChannels("C1").lack is None


def test_a_name_that_slack_does_not_know_is_left_out() -> None:
    channels = DeskChannels.of("#support, network=#net", CATEGORIES).with_ids({"support": "C1A"})
    assert channels == DeskChannels("C1A")


def test_before_the_workspace_is_known_there_are_no_rooms() -> None:
    desk = SlackDesk("", DeskChannels.of("C111", CATEGORIES))
    assert desk.rooms == () == desk.rooms_for("network")


@pytest.mark.parametrize(
    ("setting", "what"), [("C1,C2", "C1 and C2"), ("printers=C1", "'printers'"), ("network=", "network=")]
)
def test_what_cannot_be_meant_is_refused_by_name(setting: str, what: str) -> None:
    with pytest.raises(SettingsError, match=what):
        DeskChannels.of(setting, CATEGORIES)


def test_a_technician_is_alone_with_the_desk_in_their_direct_messages() -> None:
    desk = SlackDesk("T1", DeskChannels("C111"))
    assert desk.private_room(PersonIdentity(new_id(), "slack", "T1", "U7")) == person_room("T1", "U7")
    assert desk.private_room(PersonIdentity(new_id(), "web", "web", "x")) is None
    assert not desk.contains(person_room("T1", "U7"))
