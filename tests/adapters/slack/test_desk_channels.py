"""The desk's channels are found by id or by name; what is wrong with one is told, and the rest goes on."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from adapters.slack.ids import channel_room
from bot.errors import DeliveryError, DeliveryRefused, PlatformUnavailable
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from bot.model.messages import IncomingMessage
from tests.adapters.slack.hearing import listening, until
from tests.fakes.slack import FakeSlack


@pytest.mark.parametrize("by_name", [True, False])
async def test_what_is_said_in_the_desks_channel_is_heard(slack: FakeSlack, by_name: bool) -> None:
    tom = slack.person("Tom Tech")
    desk = slack.channel("it-desk", [tom])
    async with listening(slack, desk="#it-desk" if by_name else desk.id) as front:
        await tom.says(desk, "!list")
        assert (await front.heard(IncomingMessage)).conversation == channel_room(slack.team.id, desk.id)
        assert front.adapter.troubles.present == ()


@pytest.mark.parametrize(
    ("desk", "options", "error"),
    [
        ("nowhere", {}, "channel_not_found"),
        ("it-desk", {"bot": False}, "not_in_channel"),
        ("it-desk", {"archived": True}, "is_archived"),
    ],
)
async def test_what_is_wrong_with_a_channel_is_told_and_people_are_heard(
    slack: FakeSlack, desk: str, options: dict[str, Any], error: str
) -> None:
    ada = slack.person("Ada Martin")
    slack.channel("it-desk", [ada], **options)
    async with listening(slack, desk=desk) as front:
        assert [(one.kind, one.error) for one in front.adapter.troubles.present] == [("channel", error)]
        await ada.says(ada.dm(), "the VPN is down")
        await front.heard(IncomingMessage)


@pytest.mark.parametrize(
    ("setting", "says"),
    [("network=it-desk", "announced in it-desk, too"), ("", "announced nowhere in Slack"), ("it-desk", "")],
)
async def test_the_start_says_which_tickets_have_no_channel_of_their_own(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture, setting: str, says: str
) -> None:
    slack.channel("it-desk")
    async with listening(slack, desk=setting):
        warned = [one.getMessage() for one in caplog.records if "no desk channel" in one.getMessage()]
    assert [says in line and "GUICHET_SLACK_DESK_CHANNEL" in line for line in warned] == [True] * bool(says)


async def test_an_archived_channel_that_is_given_by_id(slack: FakeSlack) -> None:
    desk = slack.channel("it-desk", archived=True)
    async with listening(slack, desk=desk.id) as front:
        assert [(one.kind, one.error) for one in front.adapter.troubles.present] == [("channel", "is_archived")]


async def test_a_bot_that_is_thrown_out_says_so_once_and_is_well_when_it_is_back(
    slack: FakeSlack, caplog: pytest.LogCaptureFixture
) -> None:
    desk = slack.channel("it-desk", [slack.person("Tom Tech")], private=True)
    async with listening(slack, desk=desk.id) as front:
        slack.kicks_bot(desk)
        for number in range(2):
            with pytest.raises(DeliveryError):
                await front.adapter.send(card(slack, desk.id, number))
        assert [one.where for one in front.adapter.troubles.present] == [desk.id]
        assert caplog.text.count(desk.id) == 1
        slack.invites_bot(desk)
        await front.adapter.send(card(slack, desk.id, 3))
        await until(lambda: front.adapter.troubles.present == (), "well again")


def card(slack: FakeSlack, channel: str, number: int) -> Delivery:
    return Delivery(channel_room(slack.team.id, channel), Document((Paragraph("A ticket."),)), f"key-{number}")


async def test_what_the_desk_is_told_waits_while_its_channel_is_archived_and_nothing_else_does(
    slack: FakeSlack,
) -> None:
    desk, room = slack.channel("it-desk"), slack.channel("help")
    told = Document((Paragraph("T1 waits."),))
    async with listening(slack, desk=desk.id) as front:
        card, answer = (Delivery(channel_room(slack.team.id, one.id), told, f"key-{one.id}") for one in (desk, room))
        slack.archives(desk)
        slack.archives(room)
        with pytest.raises(PlatformUnavailable, match="is_archived"):
            await front.adapter.send(card)
        with pytest.raises(DeliveryRefused, match="is_archived"):
            await front.adapter.send(answer)
        with pytest.raises(DeliveryRefused, match="is_archived"):
            await front.adapter.send(replace(card, id=UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000)))
        desk.is_archived = False
        await front.adapter.send(card)
        assert [one.text for one in slack.messages(desk, by_bot=True)] == ["T1 waits."]
