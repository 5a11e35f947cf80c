"""One message holds everything that is to be said of a problem."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.tickets import ProblemText
from bot.model.values import Audience, Language
from bot.problems.drafting import LONGEST, LONGEST_PUBLIC, Unreadable, Written, read_draft

INTERNAL, PUBLIC, FR, EN = Audience.INTERNAL, Audience.PUBLIC, Language.FR, Language.EN
WHOLE = (
    ProblemText(INTERNAL, EN, "The VPN gateway is down.", "Use the web mail."),
    ProblemText(INTERNAL, FR, "La passerelle est en panne."),
    ProblemText(PUBLIC, FR, "Accès interrompus."),
)


@pytest.mark.parametrize("between", ["\n", " | ", "\n\n", "\n| "])
def test_lines_and_bars_say_the_same(between: str) -> None:
    pieces = (
        "VPN down",
        "en: The VPN gateway is down.",
        "fr: La passerelle est en panne.",
        "public fr: Accès interrompus.",
        "workaround en: Use the web mail.",
        "category: network",
        "words: vpn, remote access",
    )
    assert read_draft(between.join(pieces), EN) == Written("VPN down", WHOLE, "network", ("vpn", "remote access"))


def test_french_labels_with_and_without_accents_and_spaces() -> None:
    text = "Panne\nPublic FR : Accès interrompus.\nfrançais : Ça coupe.\nContournement : Le web."
    written = read_draft(f"{text}\nCatégorie : réseau\nMots : vpn", FR)
    assert written == Written(
        "Panne",
        (ProblemText(PUBLIC, FR, "Accès interrompus."), ProblemText(INTERNAL, FR, "Ça coupe.", "Le web.")),
        "réseau",
        ("vpn",),
    )


def test_a_text_without_any_label_is_for_employees_in_the_writers_language() -> None:
    assert read_draft("The VPN is down until noon", EN).texts == (
        ProblemText(INTERNAL, EN, "The VPN is down until noon"),
    )


def test_what_looks_like_a_label_and_is_none_stays_text() -> None:
    written = read_draft("en: Beware: see https://status.example\nAt 14:30: more", EN)
    assert written.texts[0].text == "Beware: see https://status.example\nAt 14:30: more"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("workaround fr: rien", "problem.draft.workaround_of_nothing"),
        (f"en: {'x' * (LONGEST + 1)}", "problem.draft.too_long"),
        (f"public en: {'x' * LONGEST_PUBLIC}\nworkaround public en: y", "problem.draft.too_long"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, key: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_draft(text, EN)
    assert caught.value.key == key


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        written = read_draft(text, FR)
    except Unreadable:
        return
    slots = [(one.audience, one.language) for one in written.texts]
    assert len(slots) == len(set(slots))
    assert all(one.text.strip() for one in written.texts)
