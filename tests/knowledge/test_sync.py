import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot.devices import DeviceCatalogue
from bot.errors import LoadError
from bot.model.values import Audience, Language
from bot.ports.knowledge import Query
from knowledge.index.embedded import EmbeddedIndex
from knowledge.index.follower import IndexFollower
from knowledge.loaders.source import Categories
from knowledge.retrieval import HybridRetriever
from knowledge.sync import FolderTickets, SyncReport, sync_folder
from storage.store import SqlStorage
from tests.knowledge.memory import MemoryBase
from tests.knowledge.test_markdown_loader import Tree, write
from tests.knowledge.test_pdf_loader import document

TREE: Categories = Tree()


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "kb"
    for name in ("a", "b", "03-Reseau/c"):
        write(folder, f"{name}.md", f"# Article {name}\n\nText of {name}.")
    write(folder, "faq.json", '[{"question": "One?", "answer": "1"}, {"question": "Two?", "answer": "2"}]')
    return folder


def living(base: MemoryBase) -> set[str]:
    return {id for id, row in base.rows.items() if not row.withdrawn}


async def test_only_what_changed_is_written(folder: Path) -> None:
    base = MemoryBase()
    assert counts(await sync_folder(base.unit_of_work, folder, TREE)) == (5, 0, 0, 0)
    assert base.rows["03-Reseau/c"].category == "network"
    assert {row.origin for row in base.rows.values()} == {str(folder)}

    number = base.number
    assert counts(await sync_folder(base.unit_of_work, folder, TREE)) == (0, 0, 0, 5)
    assert base.number == number

    write(folder, "a.md", "# Article a\n\nAnother text.")
    write(folder, "d.md", "# Article d\n\nText.")
    (folder / "b.md").unlink()
    assert counts(await sync_folder(base.unit_of_work, folder, TREE)) == (1, 1, 1, 3)
    assert base.rows["a"].body == "Another text."
    assert base.rows["b"].withdrawn


async def test_a_document_that_comes_back_is_taken_up_again(folder: Path) -> None:
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    text = (folder / "b.md").read_text()
    (folder / "b.md").unlink()
    await sync_folder(base.unit_of_work, folder, TREE)
    write(folder, "b.md", text)

    assert counts(await sync_folder(base.unit_of_work, folder, TREE)) == (1, 0, 0, 4)
    assert "b" in living(base)


async def test_what_was_withdrawn_by_hand_stays_so_until_its_document_changes(folder: Path) -> None:
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    base.withdraw("b")

    assert counts(await sync_folder(base.unit_of_work, folder, TREE)) == (0, 0, 0, 5)
    assert "b" not in living(base)

    write(folder, "b.md", "# Article b\n\nCorrected.")
    assert counts(await sync_folder(base.unit_of_work, folder, TREE)) == (1, 0, 0, 4)
    assert "b" in living(base)


async def test_a_document_that_cannot_be_read_keeps_its_article(folder: Path) -> None:
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    write(folder, "a.md", b"\xff\xfe")
    write(folder, "faq.json", "[{")
    (folder / "b.md").unlink()

    report = await sync_folder(base.unit_of_work, folder, TREE)

    assert counts(report) == (0, 0, 1, 1)
    assert [error.document for error in report.errors] == ["a.md", "faq.json"]
    assert len(living(base)) == 4


async def test_a_bad_entry_of_a_faq_takes_no_other_article_away(folder: Path) -> None:
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    write(folder, "faq.json", '[{"question": "One?"}, {"question": "Two?", "answer": "2"}]')

    assert counts(await sync_folder(base.unit_of_work, folder, TREE))[2] == 0
    assert len(living(base)) == 5


async def test_a_missing_or_empty_folder_is_not_an_order_to_forget_everything(folder: Path, tmp_path: Path) -> None:
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    shutil.move(folder, tmp_path / "elsewhere")

    with pytest.raises(LoadError, match="not a folder"):
        await sync_folder(base.unit_of_work, folder, TREE)
    shutil.copytree(tmp_path / "elsewhere", folder, ignore=lambda *_: ["a.md", "b.md", "faq.json", "03-Reseau"])
    with pytest.raises(LoadError, match="5 articles came from it; nothing was changed"):
        await sync_folder(base.unit_of_work, folder, TREE)

    assert len(living(base)) == 5


async def test_a_folder_below_that_cannot_be_entered_keeps_its_articles(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simulated, since the superuser can enter any folder."""
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("03-Reseau"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)

    report = await sync_folder(base.unit_of_work, folder, TREE)

    assert [error.document for error in report.errors] == ["03-Reseau"]
    assert report.removed == 0
    assert "03-Reseau/c" in living(base)


async def test_other_origins_are_left_alone(folder: Path, tmp_path: Path) -> None:
    base = MemoryBase()
    write(tmp_path / "other", "x.md", "Text of x.")
    await sync_folder(base.unit_of_work, tmp_path / "other", TREE)

    await sync_folder(base.unit_of_work, folder, TREE)
    (folder / "a.md").unlink()
    await sync_folder(base.unit_of_work, folder, TREE)

    assert living(base) == {"x", "b", "03-Reseau/c"} | {id for id in base.rows if id.startswith("faq#")}


async def test_two_folders_cannot_have_the_same_article_but_one_can_move(folder: Path, tmp_path: Path) -> None:
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    other = tmp_path / "other"
    write(other, "a.md", "Another text.")

    report = await sync_folder(base.unit_of_work, other, TREE)
    assert [(error.document, error.reason) for error in report.errors] == [("a", f"is already an article of {folder}")]
    assert base.rows["a"].body == "Text of a."

    shutil.move(folder, tmp_path / "moved")
    report = await sync_folder(base.unit_of_work, tmp_path / "moved", TREE)
    assert (report.changed, report.errors) == (5, ())
    assert base.rows["a"].origin == str(tmp_path / "moved")


async def test_one_name_with_two_suffixes_is_reported(folder: Path) -> None:
    write(folder, "a.markdown", "Another a.")

    report = await sync_folder(MemoryBase().unit_of_work, folder, TREE)

    assert [error.document for error in report.errors] == ["a"]
    assert report.added == 5


async def test_writing_is_in_batches_and_progress_is_told(tmp_path: Path) -> None:
    for number in range(450):
        write(tmp_path, f"{number:03}.md", f"Text {number}")
    base = MemoryBase()
    seen: list[tuple[int, int]] = []

    await sync_folder(base.unit_of_work, tmp_path, TREE, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(200, 450), (400, 450), (450, 450)]
    assert base.transactions == 3


async def test_a_crash_in_the_middle_is_made_good_by_the_next_call(tmp_path: Path) -> None:
    for number in range(450):
        write(tmp_path, f"{number:03}.md", f"Text {number}")
    base = MemoryBase()

    def die(done: int, total: int) -> None:
        if done == 400:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await sync_folder(base.unit_of_work, tmp_path, TREE, progress=die)
    assert len(base.rows) == 400

    assert counts(await sync_folder(base.unit_of_work, tmp_path, TREE)) == (50, 0, 0, 400)


async def test_from_the_folder_through_the_database_to_an_answer(
    sqlite_storage: SqlStorage, folder: Path, tmp_path: Path
) -> None:
    index = await EmbeddedIndex.open(tmp_path / "index")
    follower = IndexFollower(sqlite_storage.unit_of_work, index)
    retriever = HybridRetriever(index)

    async def best(text: str) -> str | None:
        await follower.catch_up()
        hits = (await retriever.search(Query(text, Language.EN, Audience.INTERNAL))).hits
        return hits[0].article_id if hits else None

    assert counts(await sync_folder(sqlite_storage.unit_of_work, folder, TREE)) == (5, 0, 0, 0)
    assert await best("text of b") == "b"
    assert counts(await sync_folder(sqlite_storage.unit_of_work, folder, TREE)) == (0, 0, 0, 5)

    write(folder, "a.md", "# The printer is jammed\n\nOpen the lid.")
    (folder / "b.md").unlink()
    assert counts(await sync_folder(sqlite_storage.unit_of_work, folder, TREE)) == (0, 1, 1, 3)
    assert await best("printer jammed") == "a"
    assert await best("text of b") != "b"

    async with sqlite_storage.unit_of_work() as work:
        row = await work.knowledge.article("a")
        assert row is not None
        hits = (await retriever.search(Query("printer jammed", Language.EN, Audience.INTERNAL))).hits
        assert hits[0].revision == row.revision
        work.knowledge.put(replace(row, title="The scanner is slow", revision="edited"))
        await work.commit()
    assert await best("scanner slow") == "a"
    await index.close()


def past(number: int, **values: object) -> dict[str, object]:
    return {"ticket_id": number, "subject": f"Subject {number}", "content": "It fails."} | values


async def test_past_tickets_are_handed_on_and_counted_and_foreign_names_reported(folder: Path) -> None:
    base, kept = MemoryBase(), []

    async def keep(tickets: FolderTickets) -> None:
        kept.append(tickets)

    entries = [past(1, category="Quantum"), past(2, category="Quantum"), past(3, category="WAN", resolution="Restart.")]
    write(folder, "old/past.json", json.dumps(entries))
    report = await sync_folder(base.unit_of_work, folder, TREE, "kb", keep_tickets=keep)

    assert counts(report) == (6, 0, 0, 0)  # what resolved the third is an article
    assert base.rows["old/past#3"].category == "network"
    assert report.tickets == 3
    assert [str(notice) for notice in report.notices] == [
        "old/past: category 'Quantum' is not mapped: 2 tickets are uncategorised; add it to `also` in the category file"
    ]
    (tickets,) = kept
    assert tickets.origin == "kb"
    assert [ticket.id for ticket in tickets.tickets] == ["old/past#1", "old/past#2", "old/past#3"]


async def test_tickets_of_a_document_that_cannot_be_read_may_remain(folder: Path) -> None:
    base, kept = MemoryBase(), []

    async def keep(tickets: FolderTickets) -> None:
        kept.append(tickets)

    write(folder, "past.json", json.dumps([past(1), {"ticket_id": 2}]))
    write(folder, "more.csv", "ticket;sujet;description\n7;Un;Deux;Trois\n")
    await sync_folder(base.unit_of_work, folder, TREE, keep_tickets=keep)

    (tickets,) = kept
    assert [tickets.may_remain(id) for id in ("past#2", "more#7", "gone#1")] == [True, True, False]


async def test_what_a_curator_should_know_is_told_and_nothing_is_withdrawn_for_it(folder: Path) -> None:
    base = MemoryBase()
    write(folder, "a.md", "---\napplies_to: [Zorglub 9]\n---\n# A\n\nText.")

    report = await sync_folder(base.unit_of_work, folder, TREE, devices=DeviceCatalogue.load())

    assert [notice.document for notice in report.notices] == ["a.md"]
    assert not report.errors
    assert "a" in living(base)


async def test_what_is_found_in_a_pdf_says_on_which_page(folder: Path, tmp_path: Path) -> None:
    pages = ("How to unpack the laser printer.", "Replace the fuser unit when it shows 50.2.", "Recycle the old toner.")
    write(folder, "guide.pdf", document(*pages))
    base = MemoryBase()
    await sync_folder(base.unit_of_work, folder, TREE)
    index = await EmbeddedIndex.open(tmp_path / "index")
    await IndexFollower(base.unit_of_work, index).catch_up()

    found = await HybridRetriever(index).search(Query("replace the fuser unit", Language.EN, Audience.INTERNAL))
    await index.close()

    assert (found.hits[0].article_id, found.hits[0].heading) == ("guide", "Page 2")
