"""The log is about us: not about what Slack tells, at whatever level."""

import logging
from collections.abc import Iterator

import pytest

from adapters.slack.api import QUIET
from bot.model.messages import IncomingMessage
from tests.adapters.slack.hearing import listening
from tests.fakes.slack import FakeSlack


@pytest.fixture
def levels_as_at_start() -> Iterator[None]:
    loggers = {logging.getLogger(name): logging.getLogger(name).level for name in QUIET}
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
    yield
    for logger, level in loggers.items():
        logger.setLevel(level)


@pytest.mark.usefixtures("levels_as_at_start")
async def test_at_the_lowest_level_too_nobody_is_named_and_no_token_is_written_down(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with FakeSlack().running() as slack:
            ada = slack.person("Ada Martin")
            room = slack.channel("takeover-of-acme", [ada])
            async with listening(slack, desk="takeover-of-acme") as front:
                await ada.says(room, "@guichet the VPN is down")
                await front.introduced(IncomingMessage)
        told = "\n".join(record.getMessage() for record in caplog.records)
    for word in ("takeover", "Ada", "example.com", "VPN", slack.bot_token, slack.app_token, slack.signing_secret):
        assert word not in told
