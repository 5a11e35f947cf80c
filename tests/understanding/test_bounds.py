"""Understanding never raises, never takes long, and gives the same answer every time."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.categories import Categories
from bot.understanding import Understander
from bot.understanding.lexicon import lexicon
from bot.understanding.phrases import Phrases

UNDERSTANDER = Understander(Categories.load())
LENGTH = 5_000
STUCK = 5.0  # seconds of work

HOSTILE = {
    "one letter": "a",
    "one digit": "1",
    "spaces": " ",
    "newlines": "\n",
    "quotes": "'",
    "dots": ".",
    "colons": ":",
    "at signs": "@",
    "accents": "é",
    "combining": "e\u0301",
    "emoji": "👍🏽",
    "digits apart": "1 ",
    "not": "not ",
    "no": "no ",
    "yes": "yes ",
    "pas": "ne pas ",
    "password": "password ",
    "password is": "password is ",
    "mot de passe": "mot de passe pour ",
    "keys": "-----BEGIN PRIVATE KEY-----",
    "tokens": "eyJaaaaa.",
    "ibans": "FR76 3000 ",
    "mails": "a@b.c ",
    "mail head": "a.a-a",
    "urls": "https://a:b",
    "models": "HP LX-42 ",
    "codes": "error code E-",
    "codes apart": "ERR_A",
    "serials": "serial number: ",
    "phones": "+33 6 ",
    "tickets": "ticket n°",
    "meetings": "meeting at ",
    "humans": "i want to talk to a ",
    "working": "does not even work ",
    "french": "je n'arrive toujours pas à ",
    "exclaim": "! a ",
    "signature": "Cordialement,\n",
    "quoted": "> on said\n",
    "shout": "ABC ",
    "wrote": "On a wrote",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_does_not_hang_a_rule(unit: str) -> None:
    """No figure of speed: a pattern that backtracks without bound takes minutes, whatever the machine."""
    begun = time.thread_time()
    UNDERSTANDER.understand((unit * LENGTH)[:LENGTH])
    assert time.thread_time() - begun < STUCK


VOCABULARY = (
    "no yes not the printer is jammed password: mdp est bonjour merci human ticket T12 0x80070005 error 06 12 34 56 78 "
    "2 👍 ? ! . ' \" HP M404dn if phishing clicked je ne veux pas résilier facture demain matin at 9 \n"
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(VOCABULARY.split(" ")), max_size=40).map(" ".join)))
def test_any_text_is_understood_the_same_way_twice(text: str) -> None:
    first = UNDERSTANDER.understand(text)
    assert first == UNDERSTANDER.understand(text)
    assert first.choice is None or first.choice >= 1
    assert not (first.thanks and first.greeting)
    assert all(number > 0 for number in first.references)


def test_a_longer_text_is_read_up_to_a_limit_and_masked_to_its_end() -> None:
    result = UNDERSTANDER.understand("my printer is jammed " * 500 + "my password is hunter2")
    assert result.category == "hardware/printers"
    assert "hunter2" not in result.text


@pytest.mark.parametrize("pattern", ["(maybe) (this)", "_ word", "(only|optional)", ""])
def test_a_pattern_that_would_match_everywhere_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"word that is not optional|begins with a gap"):
        Phrases({"group": [pattern]}, lexicon().normaliser)
