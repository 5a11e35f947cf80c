"""What technicians send as a write-up is understood leniently, and what is shown to them is understood as it was."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.interventions.written import Draft, cleaned, parts_of, read, shown
from bot.model.values import Language
from bot.texts import Texts

TEXTS = Texts.load()
EMPTY = Draft()

texts = st.text(alphabet=st.sampled_from("ab :=.-#*1)é\n\t cause steps titre étapes:"), max_size=60)
drafts = st.builds(
    Draft,
    title=texts,
    symptoms=texts,
    root_cause=texts,
    steps=st.lists(texts, max_size=4).map(tuple),
    keywords=st.lists(texts, max_size=4).map(tuple),
    language=st.sampled_from(Language),
).map(cleaned)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the rail was dirty", Draft(root_cause="the rail was dirty")),
        ("1. open\n2. close", Draft(steps=("open", "close"))),
        ("cause: d\nsteps:\n- open\n- clean\n  well", Draft(root_cause="d", steps=("open", "clean well"))),
        ("Steps: open; clean; close", Draft(steps=("open", "clean", "close"))),
        ("steps:\nopen\nclean", Draft(steps=("open", "clean"))),
        ("**Cause :** dirt\n**Étapes :**\n1) ouvrir", Draft(root_cause="dirt", steps=("ouvrir",))),
        ("CAUSE = dirt", Draft(root_cause="dirt")),
        ("Mots-clés : a, b ; c", Draft(keywords=("a", "b", "c"))),
        ("cause: a\ncause: b", Draft(root_cause="a\nb")),
        ("because: of dirt", Draft(root_cause="because: of dirt")),
        ("cause: d steps: 1. open 2. close tags: rail", Draft("", "", "d", ("open", "close"), ("rail",))),
        ("symptoms: a\n  steps: set in\ncause: b", Draft(symptoms="a\nsteps: set in", root_cause="b")),
        ("titre : Panne\nlangue : fr", Draft(title="Panne", language=Language.FR)),
        ("steps:\n1. ---\n2. ok then", Draft(steps=("ok then",))),
    ],
)  # fmt: skip
def test_what_is_sent_is_understood(text: str, expected: Draft) -> None:
    assert read(text, EMPTY) == expected


def test_parts_left_out_stay_and_parts_left_empty_are_emptied() -> None:
    draft = Draft("t", "s", "c", ("x1", "x2"), ("k",))
    assert read("cause: new", draft) == Draft("t", "s", "new", ("x1", "x2"), ("k",))
    assert read("keywords:\nsteps:", draft) == Draft("t", "s", "c", (), ())


@settings(max_examples=300, deadline=None)
@given(drafts, st.sampled_from(Language))
def test_what_is_shown_and_sent_back_says_the_same(draft: Draft, language: Language) -> None:
    sent = shown(draft, TEXTS, language)
    again = read(sent, EMPTY)
    flat = [" ".join(text.split()) for text in (draft.symptoms, draft.root_cause)]
    assert (again.title, again.steps, again.keywords, again.language) == (
        draft.title, draft.steps, draft.keywords, draft.language,
    )  # fmt: skip
    assert [" ".join(text.split()) for text in (again.symptoms, again.root_cause)] == flat


@pytest.mark.parametrize("unit", ["cause: ", "1. ", "\n", "steps:\n1. a\n", "é", "* ", " ;", "\x00", "a:"])
def test_ten_megabytes_are_read_in_no_time_and_kept_short(unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    began = time.perf_counter()
    found = read(text, EMPTY)
    assert time.perf_counter() - began < 20
    assert len(found.root_cause) <= 2_000 and len(found.steps) <= 30 and all(len(step) <= 500 for step in found.steps)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert isinstance(read(text, EMPTY), Draft) and isinstance(parts_of(text), dict)
