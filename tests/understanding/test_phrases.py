"""How text is normalised, and the pattern language of the word lists."""

import pytest

from bot.understanding.body import body
from bot.understanding.lexicon import lexicon
from bot.understanding.phrases import Phrases, covered

NORMALISER = lexicon().normaliser


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("J'ai un PB avec l'imprimante", "j ai un probleme avec l imprimante"),
        ("I can't, it doesn't and won't", "i can not it does not and will not"),
        ("I’m sure it’s broken", "i am sure it is broken"),
        ("dont cant doesnt", "do not can not does not"),
        ("pleeeease hellllo coool", "please hello cool"),
        ("svp mdp tt de suite", "s il vous plait mot de passe tout de suite"),
        ("Œuvre à l'ÉTÉ", "oeuvre a l ete"),
        ("14h30 9:30 9am 13.02", "14h30 9:30 9am 13 02"),
        ("👍🏽 :+1: wi-fi", "👍 :+1: wi fi"),
        ("", ""),
    ],
)
def test_words_are_spelt_out(text: str, words: str) -> None:
    assert NORMALISER.words(text) == words.split()


@pytest.mark.parametrize(
    ("pattern", "text", "quoted"),
    [
        ("reset|change my password", "please CHANGE my password now", "CHANGE my password"),
        ("imprim*", "j'imprime", "imprime"),
        ("talk to (a|an) human", "talk to human", "talk to human"),
        ("i want _ agent", "I want to see an agent", "I want to see an agent"),
        ("i want _ agent", "I want to see one of the agents", ""),
        ("i want _ agent", "I want that. Agent", ""),
        ("before <time>", "before 14h30", "before 14h30"),
        ("in <number> minutes", "in ten minutes", "in ten minutes"),
        ("at <time>|<number>", "at five", "at five"),
        ("the <word> works", "the thing works", "the thing works"),
        ("once-more|again please", "once more please", "once more please"),
        ("ca ne marche", "ÇA ne marche", "ÇA ne marche"),
    ],
)
def test_a_pattern_finds_its_words(pattern: str, text: str, quoted: str) -> None:
    phrases = Phrases({"group": [pattern]}, NORMALISER)
    assert phrases.find(NORMALISER.tokens(text), text).words("group") == quoted


def test_an_exception_silences_what_it_overlaps() -> None:
    phrases = Phrases({"f.human": ["human"], "g.human": ["human"]}, NORMALISER, {"f.": ["human resources"]})
    text = "ask human resources, or a human"
    found = phrases.find(NORMALISER.tokens(text), text)
    assert [len(found.of("f.human")), len(found.of("g.human"))] == [1, 2]


def test_a_message_is_covered_only_if_every_word_is() -> None:
    phrases = Phrases({"no": ["no", "still broken"], "filler": ["it is"]}, NORMALISER)
    tokens = NORMALISER.tokens("no it is still broken")
    read = covered(phrases.find(tokens, "no it is still broken"), len(tokens), ["no", "filler"])
    assert read == frozenset(("no", "filler"))
    tokens = NORMALISER.tokens("no it is the cable")
    assert covered(phrases.find(tokens, "no it is the cable"), len(tokens), ["no", "filler"]) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Le VPN est coupé.\nCordialement,\nJean", "Le VPN est coupé.\n"),
        ("It fails.\n\nBest regards, Anna\nIT phone desk", "It fails.\n\n"),
        ("It fails.\n-- \nAnna", "It fails.\n"),
        ("It fails.\nSent from my iPhone", "It fails.\n"),
        ("Ça rame.\nEnvoyé de mon iPhone", "Ça rame.\n"),
        ("Same here.\n> my printer is broken", "Same here.\n"),
        ("Same.\nOn Mon, 3 Nov 2025, Bob wrote:\n> x", "Same.\n"),
        ("Cheers for the help, but it still fails", "Cheers for the help, but it still fails"),
        (
            "Bonjour\nCordialement est mal écrit dans ma signature Outlook",
            "Bonjour\nCordialement est mal écrit dans ma signature Outlook",
        ),
        ("> only quoted", "> only quoted"),
    ],
)
def test_signatures_and_quotes_are_left_out(text: str, said: str) -> None:
    assert body(text) == said
