"""Names of device models compare with and without their maker."""

import pytest

from bot.devices import spellings


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        (["LX-420"], ["lx-420"]),
        (["HP M404dn"], ["hp m404dn", "m404dn"]),
        (["ThinkPad  T14"], ["thinkpad t14", "t14"]),
        (["LX-420", "lx-420"], ["lx-420"]),
        (["iPhone 15"], ["iphone 15"]),
        ([""], [""]),
    ],
)
def test_every_way_to_name_a_model(models: list[str], expected: list[str]) -> None:
    assert spellings(models) == expected


def test_the_same_model_is_recognised_with_and_without_its_maker() -> None:
    assert set(spellings(["HP M404dn"])) & set(spellings(["M404dn"]))
    assert not set(spellings(["HP M404dn"])) & set(spellings(["HP M507"]))
