"""The category file: what it gives, and what it says when it is wrong."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.categories import Categories
from bot.errors import SettingsError
from bot.model.values import Audience, Language

FR, EN = Language.FR, Language.EN


@pytest.fixture(scope="module")
def categories() -> Categories:
    return Categories.load()


def test_the_tree_of_the_product(categories: Categories) -> None:
    assert categories.top_level() == [
        "access", "mail", "network", "workstations", "applications",
        "telephony", "files", "hardware", "security", "uncategorised",
    ]  # fmt: skip
    codes = [categories.code(slug) for slug in categories.top_level()]
    assert codes == ["ACC", "MAI", "NET", "WKS", "APP", "TEL", "FIL", "HAR", "SEC", "GEN"]
    assert "hardware/printers" in categories
    assert "nowhere" not in categories
    assert categories.top("hardware/printers") == "hardware"
    assert categories.name("network", EN) != categories.name("network", FR)
    assert categories.name("gone", EN) == "gone"
    assert categories.code("gone") == "GEN"


def test_records_for_the_database(categories: Categories) -> None:
    records = {record.slug: record for record in categories.records()}
    printers = records["hardware/printers"]
    assert (printers.parent, set(printers.names)) == ("hardware", {"fr", "en"})
    assert [record.position for record in categories.records()] == list(range(len(records)))


@pytest.mark.parametrize(
    ("number", "slug"), [("03", "network"), ("3", "network"), ("99", "uncategorised"), ("42", None), ("x", None)]
)
def test_by_number(number: str, slug: str | None, categories: Categories) -> None:
    assert categories.by_number(number) == slug


@pytest.mark.parametrize(
    ("folders", "slug"),
    [
        (["03-Reseau-Internet"], "network"),
        (["03"], "network"),
        (["docs", "03 - Anything"], "network"),
        (["08-Materiel", "Imprimantes"], "hardware/printers"),
        (["08-Materiel", "printers"], "hardware/printers"),
        (["08-Materiel", "Claviers"], "hardware"),
        (["06-Telephonie", "06.4-Portabilite"], "telephony/portability"),
        (["06-Telephonie", "4-x"], "telephony/portability"),
        (["Réseau et internet"], "network"),
        (["network"], "network"),
        (["whatever"], None),
        ([], None),
    ],
)
def test_by_folder(folders: list[str], slug: str | None, categories: Categories) -> None:
    assert categories.by_folder(folders) == slug


def test_links_are_in_the_readers_language(categories: Categories) -> None:
    (english,) = categories.links("security", EN)
    (french,) = categories.links("security", FR)
    assert english.url == french.url
    assert english.title != french.title
    assert categories.links("gone", FR) == ()


@pytest.mark.parametrize(
    ("text", "language", "slug"),
    [
        ("Where is my payslip?", EN, "hr"),
        ("où trouver mes bulletins de paie", FR, "hr"),
        ("the coffee machine is broken", EN, "facilities"),
        ("remboursement de mes frais de déplacement", FR, "finance"),
        ("my printer is jammed", EN, None),
        ("ma facture de téléphone", FR, None),
    ],
)
def test_referrals(text: str, language: Language, slug: str | None, categories: Categories) -> None:
    found = categories.referral_for(text, language, Audience.INTERNAL)
    assert (found.slug if found else None) == slug


def test_the_public_is_not_referred_to_internal_services(categories: Categories) -> None:
    assert categories.referral_for("where is my payslip", EN, Audience.PUBLIC) is None


def entry(slug: str = "network", **changes: Any) -> dict[str, Any]:
    return {"slug": slug, "number": "03", "code": "NET", "name": {"fr": "Réseau", "en": "Network"}, **changes}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"categories": []}, "categories"),
        ({"categories": [entry(code="net")]}, "network / code"),
        ({"categories": [entry(name={"fr": "Réseau"})]}, "network / name.*missing in en"),
        ({"categories": [entry(colour="red")]}, "network / colour"),
        ({"categories": [entry(number=3)]}, "network / number"),
        ({"categories": [entry(), entry()]}, "network: is there twice"),
        ({"categories": [entry(), entry("mail")]}, "mail: code NET is already that of network"),
        ({"categories": [entry(), entry("mail", code="MAI")]}, "mail: number 03 is already that of network"),
        ({"categories": [entry("a/b")]}, "a/b: belongs in the children of a"),
        ({"categories": [entry(children=[entry("mail", code="MAI", number="4")])]}, "mail: a child's slug begins"),
        (
            {"categories": [entry(links=[{"title": {"fr": "a", "en": "a"}, "url": "ftp:x"}])]},
            "network / links / .* / url",
        ),
        ({"categories": [entry()], "referrals": [{"slug": "hr"}]}, "hr / name"),
        ("just text", "the file"),
        (None, "the file"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_entry(content: Any, says: str, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(SettingsError, match=f"ours.yaml: .*{says}"):
        Categories.load(path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read"):
        Categories.load(tmp_path / "none.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"broken\.yaml: is not valid YAML"):
        Categories.load(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"broken\.yaml: is not (text|valid)"):
        Categories.load(broken)


def test_an_organisations_own_file(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    own = {"categories": [entry("fleet", code="FLT", number="1", words={"en": ["bicycle"], "fr": ["vélo"]})]}
    path.write_text(yaml.safe_dump(own), encoding="utf-8")
    categories = Categories.load(path)
    assert list(categories.words()) == [("fleet", EN, ("bicycle",)), ("fleet", FR, ("vélo",))]
    assert categories.by_folder(["01-Velos"]) == "fleet"


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        (("Matériel", "Imprimantes"), "hardware/printers"),
        (("HARDWARE", "Laptop"), "workstations"),
        (("hardware", "Something"), "hardware"),
        (("Network", "Access"), "network"),  # the subcategory alone would be another
        (("réseau", "itinerance"), "telephony/roaming"),
        (("IT support", "V.P.N."), None),
        (("IT support", "VPN"), "network"),
        (("Other", "Printer"), "hardware/printers"),
        (("Divers", ""), "uncategorised"),
        (("telephony/billing", ""), "telephony/billing"),
        (("Accès et comptes", ""), "access"),
        (("", "Facture"), "telephony/billing"),
        (("Quantum", ""), None),
        (("", ""), None),
    ],
)
def test_names_of_other_systems_mean_our_categories(
    names: tuple[str, str], slug: str | None, categories: Categories
) -> None:
    assert categories.by_foreign_name(*names) == slug


def test_a_foreign_name_means_one_category(tmp_path: Path) -> None:
    file = tmp_path / "categories.yaml"
    entry = "- {{slug: {}, number: '{}', code: {}, name: {{en: {}, fr: {}}}, also: [Télécom]}}\n"
    file.write_text(f"categories:\n{entry.format('a', 1, 'AAA', 'a', 'a')}{entry.format('b', 2, 'BBB', 'b', 'b')}")

    with pytest.raises(SettingsError, match="category b: also: 'Télécom' is already in that of a"):
        Categories.load(file)
