"""Who it was and how to reach them does not go into a write-up; what is no name stays."""

import time

import pytest

from bot.interventions.masking import Masker

MASKER = Masker(
    close=("Ada Lovelace", "Jean-Pierre du Val", "Mark Petit", "Bo Li", "Zoë Müller", "you"),
    others=("Grace Hopper", "Will May"),
    literals=(("serial", "5CD-1234"), ("phone", "4242"), ("name", "alovelace")),
)
M = "●●●●"


@pytest.mark.parametrize(
    ("text", "expected", "kinds"),
    [
        ("Ada Lovelace called", f"{M} called", ("name",)),
        ("LOVELACE, Ada called", f"{M} called", ("name",)),
        ("ada's laptop", f"{M}'s laptop", ("name",)),
        ("lovelace said so", f"{M} said so", ("name",)),
        ("jean-pierre et M. du Val", f"{M} et M. {M}", ("name",)),
        ("zoe muller", M, ("name",)),
        ("mark the box with Mark", f"mark the box with {M}", ("name",)),
        ("bo is no word, Bo is a name", f"bo is no word, {M} is a name", ("name",)),
        ("un petit déjeuner, Petit", f"un petit déjeuner, {M}", ("name",)),
        ("grace hopper wrote", f"{M} wrote", ("name",)),
        ("a grace period; will it work in may?", "a grace period; will it work in may?", ()),
        ("Grace said, Hopper said", "Grace said, Hopper said", ()),
        ("you should restart", "you should restart", ()),
        ("login alovelace", f"login {M}", ("name",)),
        ("ping @ada.l or @bo", f"ping {M} or {M}", ("name",)),
        ("call 06 12 34 56 78 or +44 20 7946 0958 x", f"call {M} or {M} x", ("phone",)),
        ("extension 4242, not 42421", f"extension {M}, not 42421", ("phone",)),
        ("mail a.b@acme.example", f"mail {M}", ("email",)),
        ("S/N ZX81-99887 and 5cd-1234", f"S/N {M} and {M}", ("serial",)),
        ("mot de passe : Soleil2024!", f"mot de passe : {M}", ("password",)),
        ("Madame Curie est passée", f"Madame {M} est passée", ("name",)),
        ("The adapter in Adana; a markdown file", "The adapter in Adana; a markdown file", ()),
        ("", "", ()),
    ],
)
def test_personal_data_is_masked_and_nothing_else(text: str, expected: str, kinds: tuple[str, ...]) -> None:
    found, said = MASKER(text)
    assert found == expected
    assert set(said) == set(kinds)


def test_what_is_masked_stays_masked() -> None:
    once, kinds = MASKER("Ada at ada@acme.example, 06 12 34 56 78")
    assert MASKER(once) == (once, ()) and set(kinds) == {"name", "email", "phone"}


def test_a_company_of_ten_thousand_takes_no_time() -> None:
    others = tuple(f"{first} {last}" for first in map(_name, range(100)) for last in map(_name, range(100, 200)))
    began = time.perf_counter()
    masker = Masker(others=others)
    text = " ".join(["nothing to see here"] * 500) + f" {others[4711]}"
    assert masker(text)[0].endswith(f"here {M}")
    assert time.perf_counter() - began < 3


def _name(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in f"{number:04d}").title()
