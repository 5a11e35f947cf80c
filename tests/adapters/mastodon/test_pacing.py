"""How fast the server is called: as it says; as one likes where it says nothing, until it refuses."""

from adapters.mastodon.pacing import PERIOD, Pacing


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def left(count: int, seconds: int = 100) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "300",
        "X-RateLimit-Remaining": str(count),
        "X-RateLimit-Reset": f"2026-11-21T12:{seconds // 60:02}:{seconds % 60:02}Z",
        "Date": "Sat, 21 Nov 2026 12:00:00 GMT",
    }


def test_without_a_word_of_the_server_nothing_waits() -> None:
    pacing = Pacing(Clock())
    assert [pacing.take("status_post", reads=False) for _ in range(1_000)] == [0.0] * 1_000
    pacing.heard("status_post", 200, {})
    assert [pacing.take("notifications", reads=True) for _ in range(1_000)] == [0.0] * 1_000


def test_no_more_calls_are_made_than_are_left() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    pacing.heard("status_post", 200, left(3))
    assert [pacing.take("status_post", reads=False) for _ in range(4)] == [0.0, 0.0, 0.0, 100.0]
    clock.now += 99
    assert pacing.take("status_post", reads=False) == 1.0
    clock.now += 1
    assert pacing.take("status_post", reads=False) == 0.0


def test_what_reads_leaves_some_for_what_is_sent() -> None:
    pacing = Pacing(Clock())
    pacing.heard("notifications", 200, left(30))
    assert pacing.take("notifications", reads=True) == 100.0
    assert pacing.take("status_post", reads=False) == 0.0
    pacing.heard("notifications", 200, left(31))
    assert pacing.take("notifications", reads=True) == 0.0


def test_a_refusal_holds_everything_for_as_long_as_it_says() -> None:
    clock = Clock()
    pacing = Pacing(clock)
    pacing.heard("status_post", 429, {"Retry-After": "7"})
    assert pacing.take("notifications", reads=True) == 7.0
    clock.now += 7
    assert pacing.take("notifications", reads=True) == 0.0


def test_refusals_that_say_nothing_are_waited_for_longer_each_time() -> None:
    clock = Clock()
    pacing, waits = Pacing(clock), []
    for _ in range(4):
        pacing.heard("status_post", 429, {})
        waits.append(pacing.take("status_post", reads=False))
        clock.now += waits[-1]
    assert waits == [5.0, 10.0, 20.0, 40.0]
    pacing.heard("status_post", 200, {})
    pacing.heard("status_post", 429, {})
    assert pacing.take("status_post", reads=False) == 5.0


def test_uploads_and_deletions_have_limits_of_their_own() -> None:
    """Thirty in half an hour: what their headers say is of nothing else."""
    pacing = Pacing(Clock())
    pacing.heard("media_post", 200, left(0))
    assert pacing.take("status_post", reads=False) == 0.0
    pacing.heard("status_delete", 429, {"Retry-After": "60"})
    assert pacing.take("status_post", reads=False) == 0.0
    assert pacing.take("status_delete", reads=False) == 60.0


def test_headers_that_cannot_be_read_are_none() -> None:
    pacing = Pacing(Clock())
    for silly in ("", "many", "-"):
        pacing.heard("status_post", 200, {"X-RateLimit-Remaining": silly})
        assert pacing.take("status_post", reads=False) == 0.0
    pacing.heard("status_post", 200, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"})
    assert pacing.take("status_post", reads=False) == PERIOD
