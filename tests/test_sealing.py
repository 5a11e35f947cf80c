"""Secrets of others, kept so that the database alone does not give them away."""

import pytest

from bot.errors import SettingsError
from bot.sealing import Sealer

KEY = "k" * 32


def test_what_is_sealed_can_be_opened_with_the_same_key_alone() -> None:
    sealed = Sealer(KEY, "slack").seal("xoxb-secret")
    assert "xoxb" not in sealed
    assert Sealer(KEY, "slack").open(sealed) == "xoxb-secret"
    for other in (Sealer("q" * 32, "slack"), Sealer(KEY, "discord")):
        with pytest.raises(SettingsError, match="GUICHET_SECRET_KEY"):
            other.open(sealed)


@pytest.mark.parametrize("changed", ["", "nonsense", "é" * 40])
def test_what_was_changed_is_not_opened(changed: str) -> None:
    with pytest.raises(SettingsError):
        Sealer(KEY, "slack").open(changed)


def test_the_same_secret_is_never_sealed_the_same_way() -> None:
    sealer = Sealer(KEY, "slack")
    assert sealer.seal("xoxb-secret") != sealer.seal("xoxb-secret")
