"""How lost posts are looked for: in one reading of the account's list for all who wait, on servers slow and fast."""

import asyncio
import gc
from dataclasses import replace

import pytest

from bot.errors import OutcomeUnknown, RateLimited, TargetGone
from bot.model.ledger import Delivery
from tests.adapters.mastodon.test_finding import POST
from tests.adapters.mastodon.test_finding import desk as desk
from tests.adapters.mastodon.writing import Desk, desk_of, hastened

LIST = "GET /api/v1/accounts/{id}/statuses"


async def _lost(desk: Desk, count: int) -> list[Delivery]:
    """So many public replies and direct messages that are out, and of which nobody knows."""
    lost = []
    for number in range(count):
        person = desk.mastodon.person(f"ada{number}@elsewhere.example")
        asked = await person.says("@guichet hello")
        for delivery in (desk.reply(asked, person.acct, "In public."), desk.direct(person, "In private.")):
            desk.mastodon.faults.lose_answer(POST)
            with pytest.raises(OutcomeUnknown):
                await desk.adapter.send(delivery)
            lost.append(delivery)
    return lost


async def test_the_list_is_read_once_for_all_who_look_for_something(desk: Desk) -> None:
    lost = await _lost(desk, 5)
    before = len(desk.mastodon.calls)
    found = await asyncio.gather(*(desk.adapter.find_posted(one) for one in lost))
    assert found == [one.id for one in desk.mastodon.posts()]
    # One reading for whoever came first, one for all who came meanwhile; somebody may be late.
    names = [one.name for one in desk.mastodon.calls[before:]]
    assert set(names) == {LIST} and len(names) <= 4


async def test_what_came_after_the_list_was_read_is_read_next(desk: Desk) -> None:
    first = await _lost(desk, 1)
    assert all([await desk.adapter.find_posted(one) for one in first])
    ada = desk.mastodon.person("late@elsewhere.example")
    later = desk.direct(ada, "One more.")
    desk.mastodon.faults.lose_answer(POST)
    with pytest.raises(OutcomeUnknown):
        await desk.adapter.send(later)
    assert await desk.adapter.find_posted(later) == desk.mastodon.posts()[-1].id


async def test_a_refusal_is_one_for_all_who_wait(desk: Desk) -> None:
    lost = await _lost(desk, 4)
    desk.mastodon.faults.rate_limit(LIST, retry_after=60)
    before = len(desk.mastodon.calls)
    found = await asyncio.gather(*(desk.adapter.find_posted(one) for one in lost), return_exceptions=True)
    assert all(isinstance(one, RateLimited) for one in found)
    assert [one.name for one in desk.mastodon.calls[before:]] == [LIST]


async def _looked_in_vain(desk: Desk, delivery: Delivery) -> None:
    """Called off while the list was being read."""
    own = desk.adapter._sender._own
    look = asyncio.create_task(desk.adapter.find_posted(delivery))
    while own._reading is None:  # noqa: ASYNC110  # a moment, in which no server can answer
        await asyncio.sleep(0)
    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look


async def test_who_has_no_more_time_finds_what_was_read_meanwhile_when_they_come_again(desk: Desk) -> None:
    """On a slow server nobody would ever learn anything else, each time beginning anew."""
    lost = (await _lost(desk, 1))[-1]
    desk.mastodon.faults.latency = 0.4
    await _looked_in_vain(desk, replace(lost, attempt=1))
    assert await desk.adapter.find_posted(replace(lost, attempt=2)) == desk.mastodon.posts()[-1].id
    assert len([one for one in desk.mastodon.called(LIST) if "max_id" not in one.params]) == 1


async def test_what_nobody_waits_for_any_more_may_fail_in_silence(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    lost = (await _lost(desk, 1))[-1]
    desk.mastodon.faults.latency = 0.5
    desk.mastodon.faults.rate_limit(LIST, retry_after=60)
    await _looked_in_vain(desk, lost)
    own = desk.adapter._sender._own
    assert own._reading
    await asyncio.wait([own._reading])
    own._reading = None
    gc.collect()
    await asyncio.sleep(0)
    assert "never retrieved" not in caplog.text


async def test_what_was_read_before_another_process_tried_is_old(desk: Desk) -> None:
    """Else what that one posted would be taken for lost, and be posted twice."""
    ada = desk.mastodon.person("ada@elsewhere.example")
    delivery = desk.direct(ada, "Once.")
    desk.mastodon.faults.latency = 0.4
    await _looked_in_vain(desk, replace(delivery, attempt=1))
    await desk.mastodon.until(lambda: len(desk.mastodon.called(LIST)) == 1, 10, "a reading")
    desk.mastodon.faults.latency = 0.0
    async with desk_of(desk.mastodon, ticks=hastened) as other:
        desk.mastodon.faults.lose_answer(POST)
        with pytest.raises(OutcomeUnknown):
            await other.adapter.send(replace(delivery, attempt=2))
    assert await desk.adapter.find_posted(replace(delivery, attempt=3)) == desk.mastodon.posts()[-1].id


async def test_an_answer_that_hangs_from_nothing_is_no_answer(desk: Desk) -> None:
    """Its question was deleted before anybody knew that it had been answered."""
    ada = desk.mastodon.person("ada@elsewhere.example")
    asked = await ada.says("@guichet hello")
    delivery = desk.reply(asked, ada.acct, "Here it is.")
    desk.mastodon.faults.lose_answer(POST)
    with pytest.raises(OutcomeUnknown):
        await desk.adapter.send(delivery)
    await ada.deletes(asked)
    assert desk.mastodon.posts()
    with pytest.raises(TargetGone):
        await desk.adapter.find_posted(delivery)
    assert not desk.mastodon.posts()
