"""The catalogue of device models, and the articles that name models."""

from pathlib import Path

import pytest

from bot.app import SAMPLES
from bot.categories import Categories
from bot.devices import DeviceCatalogue
from bot.errors import SettingsError
from bot.model.knowledge import Article
from bot.understanding import Understander
from knowledge.loaders import Notice, load_folder


@pytest.fixture(scope="module")
def catalogue() -> DeviceCatalogue:
    return DeviceCatalogue.load()


@pytest.mark.parametrize(
    ("name", "models"),
    [
        ("HP LaserJet Pro M404dn", ["HP LaserJet Pro M404dn"]),
        ("m404dn", ["HP LaserJet Pro M404dn"]),
        ("hp laserjet m404DN", ["HP LaserJet Pro M404dn"]),
        ("M404", ["HP LaserJet Pro M404dn", "HP LaserJet Pro M404n"]),
        ("HL L2350DW", ["Brother HL-L2350DW"]),
        ("Canon M404dn", []),
        ("HP", []),
        ("", []),
    ],
)
def test_a_model_is_known_by_many_names(catalogue: DeviceCatalogue, name: str, models: list[str]) -> None:
    assert list(catalogue.models(name)) == models


@pytest.mark.parametrize(
    ("text", "devices", "references"),
    [
        ("my M404 is jammed", ("HP LaserJet Pro M404dn", "HP LaserJet Pro M404n"), ()),
        ("la hl l2350dw est hors ligne", ("Brother HL-L2350DW",), ()),
        ("my thinkpad t14 is slow", ("Lenovo ThinkPad T14",), ()),
        ("where is T14?", (), (14,)),
        ("error on my Zorglub ZX-900", ("ZX-900",), ()),
    ],
)
def test_messages_name_models_in_full(
    catalogue: DeviceCatalogue, text: str, devices: tuple[str, ...], references: tuple[int, ...]
) -> None:
    understood = Understander(Categories.load(), devices=catalogue).understand(text)
    assert (understood.entities.devices, understood.references) == (devices, references)


def test_an_organisation_adds_models_and_says_more_of_known_ones(tmp_path: Path) -> None:
    file = tmp_path / "devices.yaml"
    file.write_text(
        "devices:\n- {maker: Arcadia, model: 3000, kind: router, aliases: [the grey box]}\n"
        "- {maker: HP, model: LaserJet Pro M404dn, kind: printer, aliases: [Gutenberg]}\n"
    )
    catalogue = DeviceCatalogue.load(file)

    assert catalogue.models("The Grey Box") == ("Arcadia 3000",)
    assert catalogue.models("gutenberg") == ("HP LaserJet Pro M404dn",)
    assert catalogue.models("L2350DW")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("devices:\n- {maker: HP, kind: printer}\n", "devices / entry 1 / model"),
        ("devices: [", "not valid YAML"),
        ("- x", "the file"),
        ("devices:\n- {maker: HP, model: X1, kind: printer, colour: red}\n", "colour"),
    ],
)
def test_a_broken_catalogue_is_named_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "devices.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=reason) as caught:
        DeviceCatalogue.load(file)
    assert str(file) in str(caught.value)


def test_articles_are_for_the_models_of_the_catalogue(tmp_path: Path, catalogue: DeviceCatalogue) -> None:
    (tmp_path / "a.md").write_text("---\napplies_to: [M404dn, Zorglub 9]\n---\n# Jam\n\nOpen it.")

    notice, article = load_folder(tmp_path, Categories.load(), "folder", catalogue)

    assert isinstance(notice, Notice)
    assert str(notice).startswith("a.md: applies_to: 'Zorglub 9' is not in the catalogue")
    assert isinstance(article, Article)
    assert article.applies_to == ("HP LaserJet Pro M404dn", "Zorglub 9")


def test_the_samples_name_models_as_the_catalogue_does(catalogue: DeviceCatalogue) -> None:
    known = {device.name for device in catalogue.devices}
    for article in load_folder(SAMPLES, Categories.load()):
        if isinstance(article, Article):
            assert set(article.applies_to) <= known, article.id
