import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import LoadError
from bot.model.knowledge import Article
from bot.model.values import Audience, Language
from knowledge.loaders import load_folder
from tests.knowledge.test_markdown_loader import Tree, loaded, refused, write


def faq(folder: Path, name: str, *entries: Any) -> Path:
    return write(folder, name, json.dumps(entries))


def test_each_entry_is_an_article_in_the_category_of_the_file(tmp_path: Path) -> None:
    faq(
        tmp_path,
        "03-Reseau.json",
        {"question": "Where is the Wi-Fi password?", "answer": "On the back of your badge.", "tags": ["wifi", "badge"]},
        {
            "question": "Comment imprimer en couleur ?",
            "answer": "Choisissez **Couleur**.",
            "category": "hardware/printers",
            "tags": "imprimante, couleur",
            "audience": "public",
        },
    )

    first, second = loaded(tmp_path)

    assert first.id.startswith("03-Reseau#")
    assert (first.title, first.body) == ("Where is the Wi-Fi password?", "On the back of your badge.")
    assert (first.category, first.keywords, first.language) == ("network", ("wifi", "badge"), Language.EN)
    assert first.audience is Audience.INTERNAL
    assert (second.category, second.keywords, second.language) == (
        "hardware/printers",
        ("imprimante", "couleur"),
        Language.FR,
    )
    assert second.audience is Audience.PUBLIC


def test_entries_stay_the_same_articles_when_their_order_changes(tmp_path: Path) -> None:
    one, two = {"question": "One?", "answer": "1"}, {"question": "Two?", "answer": "2", "id": 7}
    faq(tmp_path, "a.json", one, two)
    before = {article.id: article.revision for article in loaded(tmp_path)}
    faq(tmp_path, "a.json", two, one)

    assert {article.id: article.revision for article in loaded(tmp_path)} == before
    assert "a#7" in before


def test_a_changed_answer_is_the_same_article_in_another_revision(tmp_path: Path) -> None:
    faq(tmp_path, "a.json", {"question": "One?", "answer": "1"})
    (before,) = loaded(tmp_path)
    faq(tmp_path, "a.json", {"question": "One?", "answer": "one"})
    (after,) = loaded(tmp_path)

    assert after.id == before.id
    assert after.revision != before.revision


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("text", "should be an object"),
        ({"answer": "1"}, "question: is missing"),
        ({"question": "One?"}, "answer: is missing"),
        ({"question": "One?", "answer": ["1"]}, "answer: should be text"),
        ({"question": ["One?"], "answer": "1"}, "question: should be text"),
        ({"question": "One?", "answer": "1", "category": "x"}, "category: 'x'"),
        ({"question": "One?", "answer": "\ud800"}, "half a character"),
        ({"question": "First?", "answer": "again"}, "earlier entry"),
    ],
)
def test_a_bad_entry_is_named_by_its_place_and_stops_nothing(tmp_path: Path, entry: Any, reason: str) -> None:
    faq(tmp_path, "a.json", {"question": "First?", "answer": "1"}, entry, {"question": "Last?", "answer": "3"})

    found = list(load_folder(tmp_path, Tree()))

    assert [each.title for each in found if isinstance(each, Article)] == ["First?", "Last?"]
    (error,) = [each for each in found if isinstance(each, LoadError)]
    assert error.document == "a.json, entry 2"
    assert reason in error.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("{", "not valid JSON: line 1"),
        ('{"question": "One?"}', "should be a list"),
        ("[" * 100_000, "nested too deeply"),
        ("[" + "9" * 5000 + "]", "number too long"),
    ],
)
def test_a_bad_file_is_named_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    write(tmp_path, "bad.json", text)
    faq(tmp_path, "good.json", {"question": "One?", "answer": "1"})

    (error,) = refused(tmp_path)

    assert error.document == "bad.json"
    assert reason in error.reason
