"""What is set for Slack is checked at start, and what is missing is named."""

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, load_settings
from bot.slack_settings import host_and_port

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def loaded(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"GUICHET_{name}", value)
    return load_settings(None)


def test_without_a_token_there_is_no_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not loaded(monkeypatch, SLACK_BOT_TOKEN="").uses_slack


def test_socket_mode_wants_two_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, **GOOD)
    assert settings.uses_slack and settings.slack_mode == "socket"
    assert "xoxb" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SLACK_APP_TOKEN": ""}, "GUICHET_SLACK_APP_TOKEN"),
        ({"SLACK_MODE": "http"}, "GUICHET_SLACK_SIGNING_SECRET"),
        ({"SLACK_MODE": "https"}, "GUICHET_SLACK_MODE"),
        ({"SLACK_BOT_TOKEN": "xoxp-1"}, "GUICHET_SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xoxb-1"}, "GUICHET_SLACK_APP_TOKEN"),
        ({"SLACK_CLIENT_ID": "1.2"}, "GUICHET_SLACK_CLIENT_SECRET"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, "GUICHET_SECRET_KEY"),
        ({"SLACK_API_URL": "slack.com"}, "GUICHET_SLACK_API_URL"),
        ({"SLACK_HTTP_BIND": "3000"}, "GUICHET_SLACK_HTTP_BIND"),
        ({"SLACK_PING_SECONDS": "0"}, "GUICHET_SLACK_PING_SECONDS"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        loaded(monkeypatch, **GOOD | changes)
    assert "xoxb-1" not in str(raised.value) and "xapp-1" not in str(raised.value)


def test_an_address_of_the_api_ends_as_the_library_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert loaded(monkeypatch, SLACK_API_URL="http://127.0.0.1:9/api").slack_api_url == "http://127.0.0.1:9/api/"


def test_where_http_mode_listens() -> None:
    assert host_and_port("127.0.0.1:3000") == ("127.0.0.1", 3000)
    assert host_and_port("[::1]:80") == ("::1", 80)
