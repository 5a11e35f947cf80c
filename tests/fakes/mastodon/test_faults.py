"""The fake's faults, as the real Mastodon.py meets them."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from mastodon import (
    Mastodon,
    MastodonAPIError,
    MastodonNetworkError,
    MastodonRatelimitError,
    MastodonServiceUnavailableError,
)

from tests.fakes.mastodon import FakeMastodon, Person, Quirks, State, mastodon_process
from tests.fakes.mastodon.clients import client, heard, run
from tests.fakes.ports import free_port

POST = "POST /api/v1/statuses"


@pytest.mark.parametrize("copies", [2, 3])
async def test_every_event_comes_several_times(mastodon: FakeMastodon, app: Mastodon, copies: int) -> None:
    mastodon.faults.copies = mastodon.faults.poll_copies = copies
    async with heard(mastodon, app.stream_user) as heard_:
        said = await mastodon.person("ada").says("@guichet hello")
        await mastodon.until(lambda: len(heard_.events) == copies)
        assert {one.status.id for one in heard_.named("notification")} == {said.id}
    assert [one.status.id for one in await run(app.notifications)] == [said.id] * copies
    assert [name for _, name, _ in mastodon.streams.sent].count("notification") == 1
    assert mastodon.faults.happened["copies"] == copies - 1


async def test_every_third_call_is_limited(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.limit_every, mastodon.faults.retry_after = 3, 2
    await run(app.status_post, "one")
    await run(app.status_post, "two")
    with pytest.raises(MastodonRatelimitError):
        await run(app.status_post, "three")
    assert 0 < app.ratelimit_reset - time.time() < 3.1
    assert [one.text for one in mastodon.posts()] == ["one", "two"]
    assert mastodon.faults.happened["limit"] == 1


async def test_so_many_calls_and_no_more(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.api.rate, mastodon.api.period = 3, 100_000
    for left in (2, 1, 0):
        await run(app.account_verify_credentials)
        assert (app.ratelimit_limit, app.ratelimit_remaining) == (3, left)
    with pytest.raises(MastodonRatelimitError):
        await run(app.account_verify_credentials)
    with client(mastodon, mastodon.token_for(mastodon.person("ada"))) as hers:
        await run(hers.account_verify_credentials)
    mine = mastodon.token_for(Person(mastodon, mastodon.bot))
    with client(mastodon, mine) as another, pytest.raises(MastodonRatelimitError):
        await run(another.account_verify_credentials)
    mastodon.api.period = 0.2
    await mastodon.until(lambda: time.time() % 0.2 < 0.1)
    await run(app.account_verify_credentials)


async def test_thirty_deletions_and_no_more(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.skew = 150 - time.time() % 1_800  # early in a window
    for number in range(31):
        posted = await run(app.status_post, f"{number}")
        if number == 30:
            break
        await run(app.status_delete, posted)
    assert (app.ratelimit_limit, app.ratelimit_remaining) == (300, 239)
    with pytest.raises(MastodonRatelimitError):
        await run(app.status_delete, posted)
    assert [one.text for one in mastodon.posts()] == ["30"]


async def test_a_lost_answer_took_effect(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.lose_every = 2
    await run(app.status_post, "one")
    with pytest.raises(MastodonNetworkError):
        await run(app.status_post, "two", idempotency_key="k")
    assert [one.text for one in mastodon.posts()] == ["one", "two"]
    assert mastodon.called(POST)[-1].lost
    mastodon.faults.clear()
    again = await run(app.status_post, "two", idempotency_key="k")
    assert again.id == mastodon.posts()[1].id
    mastodon.faults.cut()
    with pytest.raises(MastodonNetworkError):
        await run(app.status_post, "three")
    assert len(mastodon.posts()) == 2


async def test_what_befalls_the_next_calls(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.refuse(POST, 422, "Validation failed: no")
    with pytest.raises(MastodonAPIError, match="Validation failed: no"):
        await run(app.status_post, "x")
    mastodon.faults.rate_limit(POST, 7)
    with pytest.raises(MastodonRatelimitError):
        await run(app.status_post, "x")
    mastodon.faults.break_down(POST)
    with pytest.raises(MastodonServiceUnavailableError):
        await run(app.status_post, "x")
    mastodon.faults.lose_answer()
    with pytest.raises(MastodonNetworkError):
        await run(app.status_post, "x")
    await run(app.status_post, "y")
    assert [(one.status, one.lost) for one in mastodon.called(POST)] == [
        (422, False),
        (429, False),
        (503, False),
        (200, True),
        (200, False),
    ]


async def test_every_second_call_breaks_down(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.break_every = 2
    await run(app.status_post, "x")
    with pytest.raises(MastodonServiceUnavailableError):
        await run(app.status_post, "y")


async def test_slow_answers_and_calls_that_hang(mastodon: FakeMastodon) -> None:
    mastodon.faults.latency = 0.15
    with client(mastodon, request_timeout=0.1) as app:
        with pytest.raises(MastodonNetworkError, match="timed out"):
            await run(app.status_post, "x")
        await mastodon.until(mastodon.posts, what="it took effect")
        mastodon.faults.clear()
        mastodon.faults.hang.add(POST)
        with pytest.raises(MastodonNetworkError, match="timed out"):
            await run(app.status_post, "y")
        mastodon.faults.hang.clear()
    assert len(mastodon.posts()) == 1


async def test_events_are_dropped_or_none_comes(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.drop_every = 2
    ada = mastodon.person("ada")
    async with heard(mastodon, app.stream_user) as heard_:
        for number in range(4):
            await ada.says(f"@guichet {number}")
        await mastodon.until(lambda: len(heard_.events) == 2)
        mastodon.faults.clear()
        mastodon.faults.deaf = True
        await ada.says("@guichet hello?")
        await mastodon.until(lambda: mastodon.faults.happened["deaf"])
        assert len(heard_.events) == 2
    assert len(await run(app.notifications)) == 5


async def test_the_server_is_gone_and_back_with_what_it_knew(mastodon: FakeMastodon, app: Mastodon) -> None:
    ada = mastodon.person("ada")
    async with heard(mastodon, app.stream_user) as heard_:
        posted = await run(app.status_post, "before")
        await mastodon.stop()
        with pytest.raises(MastodonNetworkError):
            await run(app.status, posted)
        await ada.says("@guichet while it was away")
        await mastodon.start()
        assert (await run(app.status, posted)).content == "<p>before</p>"
        await mastodon.until(lambda: mastodon.streams.connections)
        await ada.says("@guichet after")
        await mastodon.until(lambda: heard_.named("notification"))
        assert heard_.named("notification")[0].status.content.endswith("after</p>")
    assert len(await run(app.notifications)) == 2
    await mastodon.restart()
    assert (await run(app.account_verify_credentials)).id == mastodon.bot.id


async def test_the_state_is_kept_in_a_file(mastodon: FakeMastodon, app: Mastodon, tmp_path: Path) -> None:
    said = await mastodon.person("ada").says("@guichet hello")
    mastodon.save(tmp_path / "mastodon.pickle")
    kept = State.load(tmp_path / "mastodon.pickle")
    async with FakeMastodon(state=kept).running() as other:
        assert other.token == mastodon.token
        with client(other) as again:
            assert [one.status.id for one in await run(again.notifications)] == [said.id]
            assert int((await run(again.status_post, "x")).id) > int(said.id)


async def test_the_server_s_clock_is_wrong(mastodon: FakeMastodon, app: Mastodon) -> None:
    mastodon.faults.skew = -3_600
    posted = await run(app.status_post, "x")
    assert 3_590 < (datetime.now(UTC) - posted.created_at).total_seconds() < 3_610
    for path in ("/api/v1/instance", "/health"):
        answer = await run(app.session.get, f"{mastodon.url}{path}")
        said = parsedate_to_datetime(answer.headers["Date"])
        assert 3_590 < (datetime.now(UTC) - said).total_seconds() < 3_610


async def test_a_server_of_its_own_process_is_driven_and_keeps_its_state(tmp_path: Path) -> None:
    port, state = free_port(), tmp_path / "mastodon.pickle"
    async with mastodon_process(port, state) as remote:
        about = await remote.do("about")
        said = await remote.do("load", count=4, rate=100)
        app = Mastodon(access_token=about["token"], api_base_url=about["url"], request_timeout=5)
        with app.session:
            for one in await run(app.notifications):
                await run(app.status_reply, one.status, "yes")
            await remote.do("faults", limit_every=1)
            with pytest.raises(AssertionError, match="limit_evry"):
                await remote.do("faults", limit_evry=1)
        assert (await remote.do("counts"))["calls"]["POST /api/v1/statuses"] == 4
        answers = await remote.do("replies", status=said[0]["id"])
        assert [one["text"] for one in answers] == ["@caller000@elsewhere.example yes"]
    again = FakeMastodon(state=State.load(state))
    assert (again.token, len(again.posts())) == (about["token"], 4)


async def test_quiet_means_that_nothing_is_posted_any_more() -> None:
    async with FakeMastodon(quirks=Quirks(ids="small")).running() as mastodon:
        with client(mastodon) as app:
            await run(app.status_post, "x")
            began = time.monotonic()
            await mastodon.quiet(0.1)
            assert 0.1 <= time.monotonic() - began < 1
        with pytest.raises(AssertionError, match="not within"):
            await mastodon.until(lambda: len(mastodon.posts()) == 2, 0.05)
