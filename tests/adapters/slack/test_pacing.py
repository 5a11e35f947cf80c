"""How fast a channel is written to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.ids import channel_room
from adapters.slack.pacing import BURST, RATE, Pacing
from bot.errors import RateLimited
from bot.model.documents import Document, Paragraph
from bot.model.ledger import Delivery
from tests.adapters.slack.hearing import Front
from tests.fakes.slack import Channel


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_burst_goes_at_once_and_then_one_a_second() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    assert [pacing.take("C1") for _ in range(int(BURST))] == [0.0] * int(BURST)
    wait = pacing.take("C1")
    assert 0 < wait <= 1 / RATE
    clock.at += wait
    assert pacing.take("C1") == 0.0
    assert pacing.take("C1") > 0


def test_channels_do_not_wait_for_each_other() -> None:
    pacing = Pacing(Clock())
    while not pacing.take("C1"):
        pass
    assert pacing.take("C2") == 0.0


def test_what_slack_says_is_waited_for() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    pacing.hold("C1", 30)
    assert pacing.take("C1") == 30
    clock.at += 29
    assert pacing.take("C1") == 1
    assert pacing.take("C2") == 0
    clock.at += 1
    assert pacing.take("C1") == 0


def test_a_hold_is_not_shortened_by_a_later_shorter_one() -> None:
    pacing = Pacing(Clock())
    pacing.hold("C1", 30)
    pacing.hold("C1", 1)
    assert pacing.take("C1") == 30


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_never_more_than_a_burst_and_a_message_a_second(pauses: list[float]) -> None:
    clock = Clock()
    pacing = Pacing(clock)
    start, sent = clock.at, 0
    for pause in pauses:
        clock.at += pause
        sent += pacing.take("C1") == 0
        assert sent <= BURST + (clock.at - start) * RATE + 1e-6


def test_thousands_of_channels_are_not_kept_for_ever() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    for number in range(5_000):
        clock.at += 1
        assert pacing.take(f"C{number}") == 0
    assert len(pacing._channels) < 2_000


async def test_a_busy_channel_is_not_written_to_and_others_are(front: Front) -> None:
    busy, quiet = front.slack.channel("busy"), front.slack.channel("quiet")

    async def post(channel: Channel, number: int) -> None:
        room = channel_room(front.slack.team.id, channel.id)
        await front.adapter.send(Delivery(room, Document((Paragraph(f"{number}"),)), f"{channel.name} {number}"))

    for number in range(int(BURST)):
        await post(busy, number)
    with pytest.raises(RateLimited) as held:
        await post(busy, 99)
    assert 0 < held.value.retry_after <= 1 / RATE
    await post(quiet, 1)
    front.slack.faults.rate_limit("chat.postMessage", retry_after=7)
    with pytest.raises(RateLimited) as refused:
        await post(quiet, 2)
    with pytest.raises(RateLimited) as still:
        await post(quiet, 2)
    assert refused.value.retry_after == 7 and 6 < still.value.retry_after <= 7
    asked = front.slack.called("chat.postMessage")
    assert len(asked) == int(BURST) + 2  # what has to wait is not even asked for
