"""Invented articles do not answer real people unless somebody says so."""

import pytest

from bot.errors import SettingsError
from tests.cli.conftest import Run

TOKENS = {"GUICHET_SLACK_BOT_TOKEN": "xoxb-1", "GUICHET_SLACK_APP_TOKEN": "xapp-1"}


def test_a_desk_with_a_platform_and_only_samples_does_not_start(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=r"GUICHET_ALLOW_SAMPLES.*guichet kb sync"):
        run("run", "--no-console")
