"""What is set for Mastodon is checked at start, and what is missing is named."""

from datetime import UTC, datetime
from time import monotonic

import pytest

from adapters.mastodon.api import Api
from adapters.mastodon.server import Server
from adapters.mastodon.troubles import mastodon_troubles
from bot.errors import SettingsError
from bot.policies import policy_of, public_policy_of
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
        ({"PHONE_COUNTRY": "France"}, "GUICHET_PHONE_COUNTRY: should be the two letters of a country, such as FR"),
        ({"PHONE_COUNTRY": "UK"}, "GUICHET_PHONE_COUNTRY: should be the two letters of a country.*GB; 'UK' is none"),
        ({"PHONE_COUNTRY": "33"}, "GUICHET_PHONE_COUNTRY: should be"),
        ({"PHONE_COUNTRY": ""}, "GUICHET_PHONE_COUNTRY: should be"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        loaded(monkeypatch, **GOOD | changes)
    assert "secret-token" not in str(raised.value) and "me:secret" not in str(raised.value)


@pytest.mark.parametrize(("written", "country"), [("BE", "BE"), (" gb ", "GB")])
def test_the_country_of_telephone_numbers_reaches_who_reads_them(
    monkeypatch: pytest.MonkeyPatch, written: str, country: str
) -> None:
    settings = loaded(monkeypatch, PHONE_COUNTRY=written)
    assert policy_of(settings).public.country == settings.phone_country == country
    monkeypatch.delenv("GUICHET_PHONE_COUNTRY")
    assert policy_of(loaded(monkeypatch)).public.country == "FR"


@pytest.mark.parametrize(
    ("changes", "account"),
    [
        ({}, ("mastodon", "masto.example")),
        ({"MASTODON_URL": "https://Masto.example:8443/"}, ("mastodon", "masto.example")),
        ({"MASTODON_TOKEN": ""}, None),
        ({"MASTODON_URL": "", "MASTODON_TOKEN": ""}, None),
    ],
)
def test_the_account_that_writes_to_who_gave_a_handle_is_the_one_that_is_set(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], account: tuple[str, str] | None
) -> None:
    settings = loaded(monkeypatch, **GOOD | changes)
    assert public_policy_of(settings).account == account
    if account:  # as the adapter calls itself
        assert (
            Server(Api(settings, mastodon_troubles(lambda: datetime.now(UTC))), settings, monotonic).account
            == account[1]
        )


def test_every_setting_is_in_the_example() -> None:
    example = env_example()
    for name in Settings.model_fields:
        if name.startswith("mastodon_"):
            assert f"GUICHET_{name.upper()}=" in example
