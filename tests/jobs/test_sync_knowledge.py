"""The articles follow a folder, which is read again only when something in it has changed."""

from pathlib import Path

import pytest

from bot.categories import Categories
from bot.devices import DeviceCatalogue
from bot.errors import LoadError
from jobs.sync_knowledge import sync_knowledge
from knowledge.followed import FollowedFolder
from knowledge.past_questions import keeper
from storage.store import SqlStorage

ARTICLE = "---\ntitle: {title}\nlanguage: en\ncategory: network\naudience: public\n---\n# {title}\n\nConnect it.\n"


def write(folder: Path, name: str, title: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.en.md").write_text(ARTICLE.format(title=title))


def followed(storage: SqlStorage, folder: Path) -> FollowedFolder:
    work = storage.unit_of_work
    return FollowedFolder(work, folder, Categories.load(None), DeviceCatalogue.load(None), keeper(work))


async def titles(storage: SqlStorage) -> set[str]:
    async with storage.unit_of_work() as uow:
        articles = await uow.knowledge.articles(await uow.knowledge.catalogue())
        return {article.title for article in articles.values() if not article.withdrawn}


async def test_articles_come_change_and_go_with_their_documents(sqlite_storage: SqlStorage, tmp_path: Path) -> None:
    folder = tmp_path / "kb"
    write(folder, "vpn", "The VPN")
    write(folder, "wifi", "The Wi-Fi")
    one = followed(sqlite_storage, folder)
    assert await one.has_changed()
    assert await sync_knowledge(one) == 2
    assert not await one.has_changed()

    write(folder, "vpn", "The new VPN")
    assert await one.has_changed()
    assert await sync_knowledge(one) == 1
    (folder / "wifi.en.md").unlink()
    assert await one.has_changed()
    assert await sync_knowledge(one) == 1
    assert not await one.has_changed()
    assert await titles(sqlite_storage) == {"The new VPN"}
    assert await sync_knowledge(followed(sqlite_storage, folder)) == 0, "another process finds nothing new"


async def test_a_folder_that_is_gone_is_said_and_takes_nothing_with_it(
    sqlite_storage: SqlStorage, tmp_path: Path
) -> None:
    folder = tmp_path / "kb"
    write(folder, "vpn", "The VPN")
    one = followed(sqlite_storage, folder)
    await one.sync()
    folder.rename(tmp_path / "unmounted")
    assert await one.has_changed()
    with pytest.raises(LoadError):
        await one.sync()
    assert await titles(sqlite_storage) == {"The VPN"}


async def test_a_document_that_cannot_be_used_is_named_and_the_others_are_used(
    sqlite_storage: SqlStorage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "kb"
    write(folder, "vpn", "The VPN")
    (folder / "bad.en.md").write_bytes(b"---\ntitle: [\n---\n")
    assert await followed(sqlite_storage, folder).sync() == 1
    assert "bad.en.md" in caplog.text
