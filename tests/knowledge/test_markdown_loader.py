from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from bot.errors import LoadError
from bot.model.knowledge import Article, Link
from bot.model.values import Audience, Language
from knowledge.loaders import load_folder
from knowledge.loaders.source import LARGEST


class Tree:
    """Two numbered categories, one below the other."""

    slugs = {"08": "hardware", "8.1": "hardware/printers", "03": "network"}

    def __contains__(self, slug: object) -> bool:
        return slug in {*self.slugs.values(), "uncategorised"}

    def by_number(self, number: str) -> str | None:
        return self.slugs.get(number)

    def by_foreign_name(self, category: str, subcategory: str = "") -> str | None:
        return {"imprimantes": "hardware/printers", "wan": "network"}.get((subcategory or category).lower())

    def by_folder(self, parts: Sequence[str]) -> str | None:
        found = None
        for part in parts:
            found = self.slugs.get(part.partition("-")[0]) or (
                "hardware/printers" if part == "Imprimantes" and found == "hardware" else found
            )
        return found


def loaded(folder: Path) -> list[Article]:
    found = list(load_folder(folder, Tree(), "folder"))
    assert not [each for each in found if isinstance(each, LoadError)]
    return [each for each in found if isinstance(each, Article)]


def refused(folder: Path) -> list[LoadError]:
    return [each for each in load_folder(folder, Tree()) if isinstance(each, LoadError)]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


COMPLETE = """---
title: "Bourrage papier : que faire ?"
category: hardware/printers
audience: public
language: fr
keywords: [imprimante, bourrage]
phrasings:
  - mon imprimante est bloquée
  - Papier coincé
applies_to: [HP 4250, 9000]
links:
  - {title: Notice, url: https://example.org/notice}
  - https://example.org/aide
reviewed: 2026-03-31
translation_of: paper-jam.en.md
owner: somebody
---
Ouvrez le capot.
"""


def test_every_field_of_the_front_matter_is_read(tmp_path: Path) -> None:
    write(tmp_path, "printers/paper-jam.fr.md", COMPLETE)

    (article,) = loaded(tmp_path)

    assert article.id == "printers/paper-jam.fr"
    assert article.origin == "folder"
    assert article.title == "Bourrage papier : que faire ?"
    assert article.body == "Ouvrez le capot."
    assert (article.category, article.audience, article.language) == (
        "hardware/printers",
        Audience.PUBLIC,
        Language.FR,
    )
    assert article.keywords == ("imprimante", "bourrage")
    assert article.phrasings == ("mon imprimante est bloquée", "Papier coincé")
    assert article.applies_to == ("HP 4250", "9000")
    assert article.links == (
        Link("Notice", "https://example.org/notice"),
        Link("https://example.org/aide", "https://example.org/aide"),
    )
    assert article.reviewed == date(2026, 3, 31)
    assert article.translation_of == "printers/paper-jam.en"


def test_what_is_missing_gets_a_default_that_publishes_nothing(tmp_path: Path) -> None:
    write(
        tmp_path, "08-Materiel/Imprimantes/jam.md", "# The printer is jammed\n\nOpen the lid and take the paper out.\n"
    )

    (article,) = loaded(tmp_path)

    assert article.title == "The printer is jammed"
    assert article.body == "Open the lid and take the paper out."
    assert article.category == "hardware/printers"
    assert article.audience is Audience.INTERNAL
    assert article.language is Language.EN
    assert (article.keywords, article.reviewed, article.translation_of) == ((), None, None)


def test_the_title_falls_back_on_the_file_name_and_the_language_on_its_suffix(tmp_path: Path) -> None:
    write(tmp_path, "reset_my-password.fr.md", "Cliquez ici.")

    (article,) = loaded(tmp_path)

    assert (article.title, article.language) == ("Reset my password", Language.FR)
    assert article.category == "uncategorised"


def test_a_heading_that_repeats_the_title_is_not_shown_twice(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: VPN\n---\n# VPN\n\nStart it.")
    write(tmp_path, "b.md", "---\ntitle: VPN\n---\n# Before you start\n\nStart it.")

    assert [article.body for article in loaded(tmp_path)] == ["Start it.", "# Before you start\n\nStart it."]


def test_the_language_is_recognised_from_the_text(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "# Comment ouvrir une session ?\n\nSaisissez votre mot de passe puis validez.")
    write(tmp_path, "b.md", "# How do I sign in?\n\nType your password and press enter.")

    assert [article.language for article in loaded(tmp_path)] == [Language.FR, Language.EN]


def test_a_category_can_be_given_by_number(tmp_path: Path) -> None:
    write(tmp_path, "a.md", '---\ncategory: "03"\n---\nText')

    assert loaded(tmp_path)[0].category == "network"


def test_windows_line_ends_and_a_byte_order_mark_are_no_obstacle(tmp_path: Path) -> None:
    write(tmp_path, "a.md", b"\xef\xbb\xbf---\r\ntitle: VPN\r\n---\r\nStart it.\r\n")

    assert [(article.title, article.body) for article in loaded(tmp_path)] == [("VPN", "Start it.")]


def test_articles_come_in_the_order_of_their_paths_and_hidden_ones_not_at_all(tmp_path: Path) -> None:
    for name in ("b/2.md", "b/1.md", "a.md", "c.markdown", ".git/x.md", ".draft.md", "notes.txt"):
        write(tmp_path, name, "Text")

    assert [article.id for article in loaded(tmp_path)] == ["a", "b/1", "b/2", "c"]


def test_the_revision_changes_with_anything_shown_or_indexed_and_with_nothing_else(tmp_path: Path) -> None:
    def revision(text: str, name: str = "a.md") -> str:
        path = write(tmp_path, name, text)
        (article,) = loaded(tmp_path)
        path.unlink()
        return article.revision

    first = revision(COMPLETE)
    assert revision(COMPLETE) == first
    assert revision(COMPLETE.replace("owner: somebody", "owner: somebody else")) == first
    for old, new in (
        ("Ouvrez", "Fermez"),
        ("bourrage]", "papier]"),
        ("public", "internal"),
        ("Papier coincé", "Papier plié"),
        ("9000", "9050"),
        ("aide", "secours"),
        ("2026-03-31", "2026-04-01"),
        ("paper-jam.en", "jam.en"),
        ("hardware/printers", "network"),
        ("que faire", "quoi faire"),
    ):
        assert revision(COMPLETE.replace(old, new)) != first, old


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"# Only a title\n", "no text below its title"),
        (b"---\ntitle: x\n---\n", "no text below its title"),
        (b"---\ntitle: x\nText without an end", "no second --- ends it"),
        (b"---\ntitle: [x\n---\nText", "not valid YAML"),
        (b"---\ntitle: 'a\n  b: c\n---\nText", "not valid YAML"),
        (b"---\n- a\n- b\n---\nText", "key: value"),
        (b"---\njust words\n---\nText", "key: value"),
        (b"---\ntitle: [a, b]\n---\nText", "title: should be text"),
        (b"---\ntitle: yes\n---\nText", "title: should be text"),
        (b"---\nkeywords: {a: b}\n---\nText", "keywords: should be text"),
        (b"---\nphrasings: [[a]]\n---\nText", "phrasings: should be text"),
        (b"---\nlanguage: de\n---\nText", "language: should be one of fr, en"),
        (b"---\naudience: everybody\n---\nText", "audience: should be one of public, internal"),
        (b"---\ncategory: astrology\n---\nText", "category: 'astrology'"),
        (b"---\nreviewed: soon\n---\nText", "reviewed: should be a date"),
        (b"---\nreviewed: 2026-02-31\n---\nText", "2026-02-31|day|date"),
        (b"---\nlinks: https://example.org\n---\nText", "links: should be a list"),
        (b"---\nlinks: ['javascript:alert(1)']\n---\nText", "is not a link"),
        (b"---\ntitle: !!python/object/apply:os.system ['true']\n---\nText", "not valid YAML"),
        (b"---\na: &a [x]\nb: *a\n---\nText", "alias"),
        (b"---\na: " + b"[" * 50 + b"]" * 50 + b"\n---\nText", "nested too deeply"),
        (b"---\na: " + b"[" * 30_000 + b"\n---\nText", "nested too deeply|not valid YAML"),
        (b"---\nb: " + b"x" * 70_000 + b"\n---\nText", "front matter is too long"),
        (b"---\ntitle: " + b"x" * 600 + b"\n---\nText", "title: is too long"),
        (b"---\nkeywords: [" + b"a," * 201 + b"]\n---\nText", "at most 200|null"),
        ("Ouvrez le capot. é".encode("cp437"), r"not text in UTF-8 \(byte 17 is 0x82\)"),
        ("Text".encode("utf-16")[:-1], "not the UTF-16 it says"),
        (b"Text\x00with a NUL", "NUL"),
        (b'---\ntitle: "half \\ud800"\n---\nText', "half a character|not valid YAML"),
    ],
)
def test_a_bad_document_is_named_with_its_reason_and_stops_nothing(tmp_path: Path, text: bytes, reason: str) -> None:
    import re

    write(tmp_path, "a.md", "Text")
    write(tmp_path, "bad.md", text)
    write(tmp_path, "z.md", "Text")

    found = list(load_folder(tmp_path, Tree()))

    assert [each.id for each in found if isinstance(each, Article)] == ["a", "z"]
    (error,) = [each for each in found if isinstance(each, LoadError)]
    assert error.document == "bad.md"
    assert re.search(reason, error.reason), error.reason


def test_a_bomb_of_merged_aliases_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    levels = ["a0: &a0 {k: v}"]
    levels += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    write(tmp_path, "bomb.md", "---\n" + "\n".join(levels) + "\n---\nText")

    (error,) = refused(tmp_path)

    assert "alias" in error.reason


def test_an_ampersand_in_a_title_is_just_an_ampersand(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "---\ntitle: Q&A about R&D\n---\nText")

    assert loaded(tmp_path)[0].title == "Q&A about R&D"


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(200_000_000)

    (error,) = refused(tmp_path)

    assert f"{LARGEST:,}" in error.reason


def test_folders_links_and_pipes_with_the_name_of_a_document_are_refused(tmp_path: Path) -> None:
    import os

    write(tmp_path, "folder.md/inside.md", "Text")
    (tmp_path / "itself.md").symlink_to("itself.md")
    (tmp_path / "nowhere.md").symlink_to("missing.md")
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "circle").symlink_to(tmp_path)
    write(tmp_path, "ok.md", "Text")

    found = list(load_folder(tmp_path, Tree()))

    assert [each.id for each in found if isinstance(each, Article)] == ["ok"]
    assert [each.document for each in found if isinstance(each, LoadError)] == [
        "folder.md",
        "itself.md",
        "nowhere.md",
        "pipe.md",
    ]


def test_a_linked_file_is_read_if_it_lies_below_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    write(folder, "elsewhere/text.txt", "Text")
    (folder / "a.md").symlink_to("elsewhere/text.txt")
    (folder / "b.md").symlink_to(folder / "a.md")
    (tmp_path / "linked").symlink_to(folder)

    assert [article.id for article in loaded(folder)] == ["a", "b"]
    assert [article.id for article in loaded(tmp_path / "linked")] == ["a", "b"]


def test_a_link_that_leads_out_of_the_folder_is_refused_by_name(tmp_path: Path) -> None:
    secret = write(tmp_path, "secret", "Not to be published")
    folder = tmp_path / "kb"
    write(folder, "ok.md", "Text")
    (folder / "below").mkdir()
    (folder / "below" / "absolute.md").symlink_to(secret)
    (folder / "relative.json").symlink_to("../secret")
    (tmp_path / "kb-beside").mkdir()
    (folder / "two-steps.md").symlink_to(tmp_path / "kb-beside" / "step.md")
    (tmp_path / "kb-beside" / "step.md").symlink_to(secret)

    found = list(load_folder(folder, Tree()))

    assert [each.id for each in found if isinstance(each, Article)] == ["ok"]
    refused = [each for each in found if isinstance(each, LoadError)]
    assert [each.document for each in refused] == ["below/absolute.md", "relative.json", "two-steps.md"]
    assert {each.reason for each in refused} == {"is a link that leads out of the folder"}


def test_a_folder_that_is_not_there_is_an_error_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, "file", "Text")
    for path in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(LoadError, match="not a folder"):
            list(load_folder(path, Tree()))


def test_a_file_name_that_is_no_text_does_not_stop_the_rest(tmp_path: Path) -> None:
    import os

    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.md")).write_text("Text")
    write(tmp_path, "ok.md", "Text")

    assert [article.id for article in loaded(tmp_path)] == ["caf\\xe9", "ok"]
