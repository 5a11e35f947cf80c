"""The digest in the desk's channel: a message, and below it the details and the picture."""

from pathlib import Path

import pytest

from bot.model.values import Language
from bot.reports.periods import DAY, midnight
from jobs.post_digest import post_digest, timings
from tests.adapters.slack.casting import casting


async def test_the_digest_is_a_message_with_a_thread_and_a_picture_that_says_what_it_shows(
    sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with casting(sampled_home, tmp_path / "home", monkeypatch, "socket", Language.EN) as cast:
        stage, ada, desk = cast.stage, cast.ada, cast.desk
        for _ in range(2):
            await stage.step("Ada asks", ada.asks("/ask", "my VPN does not connect", cast.room))
        (timing,) = timings(stage.desk.settings).values()
        today = stage.clock().astimezone(timing.zone).date()
        wait = timing.after(midnight(today + DAY, timing.zone)) - stage.clock()
        await stage.passes("Until Monday at nine", seconds=wait.total_seconds() + 1)
        before = len(cast.slack.messages(desk, by_bot=True))
        assert await post_digest(stage.services, stage.desk.settings) == 1
        await stage.settled()
        message, *others = cast.slack.messages(desk, by_bot=True)[before:]
        assert not others, "the rest is in the thread"
        assert message.text.startswith("*The week") and "*Asked 2×*" in message.text
        told = [one.text for one in cast.slack.messages(desk, thread=message, by_bot=True)]
        assert any("Questions" in text for text in told)

        await stage.slack.until(lambda: bool(stage.files(desk, message)), what="the picture")
        ((name, content),) = stage.files(desk, message).items()
        assert name.startswith("digest-") and name.endswith(".png") and content.startswith(b"\x89PNG")
        (kept,) = [one for one in cast.slack.state.files.values() if one.name == name]
        assert kept.alternative.startswith("Two bar charts by day"), "for who does not see it"
        assert await post_digest(stage.services, stage.desk.settings) == 0


async def test_where_somebody_wants_it_for_themselves_it_is_a_direct_message_with_a_thread(
    sampled_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GUICHET_DIGEST_PLACE=slack:U…"""
    async with casting(sampled_home, tmp_path / "home", monkeypatch, "socket", Language.EN) as cast:
        stage, grace, slack = cast.stage, cast.grace, cast.slack
        await stage.step("Ada asks", cast.ada.asks("/ask", "my VPN does not connect", cast.room))
        settings = stage.desk.settings.model_copy(update={"digest_place": f"slack:{grace.id}"})
        (timing,) = timings(settings).values()
        today = stage.clock().astimezone(timing.zone).date()
        wait = timing.after(midnight(today + DAY, timing.zone)) - stage.clock()
        await stage.passes("Until Monday at nine", seconds=wait.total_seconds() + 1)
        in_channels = {one.channel: len(slack.everything(one.channel)) for one in slack.posts()}
        assert await post_digest(stage.services, settings) == 1
        await stage.settled()
        (message,) = [one for one in slack.messages(grace.dm(), by_bot=True) if one.text.startswith("*The week")]
        assert "*Asked" in message.text
        told = [one.text for one in slack.messages(grace.dm(), thread=message, by_bot=True)]
        assert any("Questions" in text for text in told[1:]), "the details are below it"
        await slack.until(lambda: bool(stage.files(grace.dm(), message)), what="the picture")
        elsewhere = {channel: count for channel, count in in_channels.items() if channel != grace.dm().id}
        assert elsewhere == {channel: len(slack.everything(channel)) for channel in elsewhere}, "nobody else reads it"
        assert await post_digest(stage.services, settings) == 0
