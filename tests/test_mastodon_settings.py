"""What is set for Mastodon is checked at start, and what is missing is named."""

import pytest

from bot.errors import SettingsError
from bot.settings import Settings, env_example, load_settings

GOOD = {"MASTODON_URL": "https://masto.example", "MASTODON_TOKEN": "secret-token"}


def loaded(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(f"GUICHET_{name}", value)
    return load_settings(None)


def test_without_a_token_there_is_no_mastodon(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not loaded(monkeypatch, MASTODON_URL="", MASTODON_TOKEN="").uses_mastodon
    assert not loaded(monkeypatch, MASTODON_URL="https://masto.example").uses_mastodon


def test_an_account_and_what_goes_without_saying(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, **GOOD | {"MASTODON_URL": "https://masto.example/"})
    assert settings.uses_mastodon and settings.mastodon_url == "https://masto.example"
    assert (settings.mastodon_visibility, settings.mastodon_approval) == ("unlisted", "on")
    assert settings.mastodon_hashtags == settings.mastodon_signature == ()
    assert settings.mastodon_max_characters is None and settings.mastodon_version == ""
    assert "secret-token" not in repr(settings)


def test_hashtags_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = loaded(monkeypatch, MASTODON_HASHTAGS=" #acme, acmeHelp ,#été,acme,, ")
    assert settings.mastodon_hashtags == ("acme", "acmeHelp", "été")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"MASTODON_URL": ""}, "GUICHET_MASTODON_URL"),
        ({"MASTODON_URL": "masto.example"}, "GUICHET_MASTODON_URL"),
        ({"MASTODON_URL": "https://masto.example/@help"}, "GUICHET_MASTODON_URL"),
        ({"MASTODON_URL": "https://masto example"}, "GUICHET_MASTODON_URL"),
        ({"MASTODON_URL": "https://me:secret@masto.example"}, "GUICHET_MASTODON_URL"),
        ({"MASTODON_HASHTAGS": "two words"}, "GUICHET_MASTODON_HASHTAGS"),
        ({"MASTODON_HASHTAGS": "#123"}, "GUICHET_MASTODON_HASHTAGS"),
        ({"MASTODON_SIGNATURE": "a-b"}, "GUICHET_MASTODON_SIGNATURE"),
        ({"MASTODON_VISIBILITY": "direct"}, "GUICHET_MASTODON_VISIBILITY"),
        ({"MASTODON_APPROVAL": "maybe"}, "GUICHET_MASTODON_APPROVAL"),
        ({"MASTODON_VERSION": "latest"}, "GUICHET_MASTODON_VERSION"),
        ({"MASTODON_POLL_SECONDS": "0"}, "GUICHET_MASTODON_POLL_SECONDS"),
        ({"MASTODON_MAX_CHARACTERS": "10"}, "GUICHET_MASTODON_MAX_CHARACTERS"),
        ({"MASTODON_TIMEOUT": "0"}, "GUICHET_MASTODON_TIMEOUT"),
        ({"MASTODON_DAILY_REPLIES": "-1"}, "GUICHET_MASTODON_DAILY_REPLIES"),
        ({"MASTODON_HELD_MINUTES": "-1"}, "GUICHET_MASTODON_HELD_MINUTES"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        loaded(monkeypatch, **GOOD | changes)
    assert "secret-token" not in str(raised.value) and "me:secret" not in str(raised.value)


def test_every_setting_is_in_the_example() -> None:
    example = env_example()
    for name in Settings.model_fields:
        if name.startswith("mastodon_"):
            assert f"GUICHET_{name.upper()}=" in example
