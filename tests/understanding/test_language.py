"""The language of chat messages: short, without accents, sometimes a single word."""

from pathlib import Path

import pytest
import yaml

from bot.categories import Categories
from bot.model.values import Language
from bot.understanding import Understander

FR, EN = Language.FR, Language.EN
SAMPLES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("languages.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def understander() -> Understander:
    return Understander(Categories.load())


@pytest.mark.parametrize("code", ["fr", "en"])
@pytest.mark.parametrize("help_from", ["nothing", "the other language's default"])
def test_short_messages_are_recognised(code: str, help_from: str, understander: Understander) -> None:
    other = EN if code == "fr" else FR
    default = Understander(Categories.load(), other) if help_from != "nothing" else understander
    samples = SAMPLES[code]
    wrong = [text for text in samples if default.understand(text).language.value != code]
    assert len(samples) >= 60
    assert len(wrong) <= 0.02 * len(samples), wrong


@pytest.mark.parametrize(
    "text", ["no", "No!", "ok", "OK", "non", "oui", "yes", "👍", "2", "T12", "merci", "thanks", "...", ""]
)
@pytest.mark.parametrize("previous", [FR, EN])
def test_a_lone_everyday_word_does_not_change_the_conversations_language(
    text: str, previous: Language, understander: Understander
) -> None:
    assert understander.understand(text, previous=previous, locale="en-GB").language is previous


@pytest.mark.parametrize(
    ("text", "locale", "expected"),
    [
        ("ok", "fr-FR", FR),
        ("ok", "en_US", EN),
        ("ok", "de", EN),
        ("ok", None, EN),
        ("no", "fr", FR),
        ("oui", "en", FR),
        ("non", None, FR),
        ("yes", "fr", EN),
        ("VPN", "fr-CA", FR),
    ],
)
def test_without_a_conversation_the_locale_helps(
    text: str, locale: str | None, expected: Language, understander: Understander
) -> None:
    assert understander.understand(text, locale=locale).language is expected


def test_a_real_message_changes_the_language(understander: Understander) -> None:
    assert understander.understand("toujours pareil", previous=EN).language is FR
    assert understander.understand("still the same problem", previous=FR, locale="fr").language is EN


def test_the_language_wanted_by_the_caller_wins(understander: Understander) -> None:
    assert understander.understand("where is my ticket", language=FR).language is FR


def test_names_and_loan_words_do_not_decide_a_long_message(understander: Understander) -> None:
    understander.warm()
    french = "Update du reporting : le mail de feedback du meeting n'est pas dans le Teams du projet Workplace Services"
    english = "Monsieur Dupont from the Lyon office cannot open Société Générale reports in the Bureau folder"
    assert understander.understand(french).language is FR
    assert understander.understand(english).language is EN
