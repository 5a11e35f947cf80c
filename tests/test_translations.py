from dataclasses import replace
from datetime import date

import pytest

from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from bot.translations import is_stale

SOURCE = Article("a.fr", "o", "Titre", "Texte", Language.FR, "network", Audience.PUBLIC, "1")
TRANSLATION = replace(SOURCE, id="a.en", language=Language.EN, translation_of="a.fr")
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


@pytest.mark.parametrize(
    ("translation", "source", "stale"),
    [
        (MARCH, APRIL, True),
        (APRIL, MARCH, False),
        (MARCH, MARCH, False),
        (None, MARCH, True),
        (MARCH, None, False),
        (None, None, False),
    ],
)
def test_a_translation_is_stale_once_its_source_was_reviewed_later(
    translation: date | None, source: date | None, stale: bool
) -> None:
    assert is_stale(replace(TRANSLATION, reviewed=translation), replace(SOURCE, reviewed=source)) is stale


def test_only_a_living_pair_can_be_stale() -> None:
    old, new = replace(TRANSLATION, reviewed=MARCH), replace(SOURCE, reviewed=APRIL)
    assert not is_stale(replace(old, translation_of=None), new)
    assert not is_stale(replace(old, translation_of="b.fr"), new)
    assert not is_stale(replace(old, withdrawn=True), new)
    assert not is_stale(old, replace(new, withdrawn=True))
