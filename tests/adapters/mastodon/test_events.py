"""Bytes of a stream become events, however they are cut."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.mastodon.events import LONGEST, Event, Parser

STREAM = (
    b":)\n"
    b'event: update\ndata: {"id":"1"}\n\n'
    b":thump\n"
    b"event: delete\r\ndata: 2\r\n\r\n"
    b"no field at all\n\n"
    b"data: without a name\n\n"
    b'event: notification\ndata: {"a":\ndata: "\xc3\xa9"}\nid: 7\n\n'
    b"event: notifications_merged\n\n"
)
EVENTS = [
    Event("update", '{"id":"1"}'),
    Event("delete", "2"),
    Event("notification", '{"a":\n"é"}'),
    Event("notifications_merged", ""),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_events_are_the_same_however_the_bytes_come(cuts: list[int]) -> None:
    parser, found, start = Parser(), [], 0
    for end in [*sorted(cuts), len(STREAM)]:
        found += parser.feed(STREAM[start:end])
        start = end
    assert found == EVENTS


@given(st.binary(max_size=200))
def test_no_bytes_whatever_keep_a_later_event_from_being_heard(noise: bytes) -> None:
    parser = Parser()
    parser.feed(noise)
    assert parser.feed(b"\n\nevent: delete\ndata: 2\n\n")[-1] == Event("delete", "2")


def test_an_event_that_is_too_long_is_passed_over_and_the_next_is_heard() -> None:
    parser = Parser()
    found = parser.feed(b"event: update\ndata: ")
    for _ in range(LONGEST // 500_000 + 2):
        found += parser.feed(b"x" * 500_000)
        assert len(parser._rest) <= LONGEST
    found += parser.feed(b"\n\nevent: delete\ndata: 2\n\n")
    assert found == [Event("delete", "2")]
