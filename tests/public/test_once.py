"""Once in a thread, once a day to who did not ask, so many a day: for replies that technicians approve, too."""

import pytest

from bot.model.values import Language
from tests.public.stage import COMPLAINT, Stage, a_held


async def test_the_days_unasked_replies_hold_for_approvals_too(stage: Stage) -> None:
    stage.settle_policy(daily_replies=1)
    first, second = await a_held(stage), await a_held(stage, who="bob")
    await stage.presses("post_approve", first)
    assert "used up" in await stage.presses("post_approve", second)
    assert (await stage.heard("s2")).state == "held"
    stage.later(days=1)
    await stage.presses("post_approve", second)
    assert (await stage.heard("s2")).state == "approved"


@pytest.mark.parametrize("language", list(Language))
async def test_nobody_is_written_to_twice_a_day_by_approvals_either(stage: Stage, language: Language) -> None:
    stage.desk_speaks(language)
    first = await a_held(stage)
    stage.later(days=1)
    second = await a_held(stage, "Still no internet, shame on you")
    await stage.presses("post_approve", first)
    said = await stage.presses("post_approve", second)
    assert ("until tomorrow" if language is Language.EN else "jusqu’à demain") in said
    assert (await stage.heard("s2")).state == "held"
    stage.later(days=1)
    await stage.presses("post_approve", second)
    assert (await stage.heard("s2")).state == "approved"


async def test_who_was_answered_without_approval_today_waits_as_well(stage: Stage) -> None:
    first = await a_held(stage)
    stage.later(days=1)
    stage.settle_policy(approval=False)
    assert await stage.posts("Still no internet, shame on you", found_by="hashtag")
    assert "until tomorrow" in await stage.presses("post_approve", first)


@pytest.mark.parametrize("language", list(Language))
async def test_a_thread_is_answered_once_by_approvals_too_unless_a_technician_has_words_for_it(
    stage: Stage, language: Language
) -> None:
    stage.desk_speaks(language)
    await stage.desk.says("/desk mastodon pause", "desk", who="tess")
    for _ in range(2):
        await stage.posts(COMPLAINT["en"], root="s1")
    first, second = await stage.heard("s1"), await stage.heard("s2")
    assert (first.state, second.state) == ("held", "held")
    await stage.presses("post_approve", first)
    said = await stage.presses("post_approve", second)
    assert ("words of your own" if language is Language.EN else "vos propres mots") in said
    assert (await stage.heard("s2")).state == "held"
    await stage.fills_in(second, "It is mended, too.")
    await stage.presses("post_approve", await stage.heard("s2"))
    assert (await stage.heard("s2")).state == "approved"


async def test_of_two_replies_in_a_thread_that_are_approved_at_once_one_goes_out(stage: Stage) -> None:
    await stage.desk.says("/desk mastodon pause", "desk", who="tess")
    for _ in range(2):
        await stage.posts(COMPLAINT["en"], root="s1")
    posts = [await stage.heard("s1"), await stage.heard("s2")]
    await stage.desk.receive(*(stage.click("post_approve", one) for one in posts))
    await stage.desk.settle()
    assert sorted([(await stage.heard(id)).state for id in ("s1", "s2")]) == ["approved", "held"]
