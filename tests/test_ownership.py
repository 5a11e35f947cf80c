"""One owner a home, and a second `run` that says who it is."""

from pathlib import Path

import pytest

from bot.errors import AlreadyRunning, SettingsError
from bot.ownership import HomeLock, make_home


def test_a_home_has_one_owner_at_a_time(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    assert first.acquire("run")
    assert not second.acquire("chat")
    assert "guichet run (process" in second.holder()
    first.release()
    assert second.acquire("chat")
    second.release()


def test_a_second_of_the_same_kind_is_refused_and_told_why(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    assert first.acquire("run")
    with pytest.raises(AlreadyRunning, match=r"guichet run \(process \d+, since"):
        second.refuse_a_second("run")
    first.release()
    second.refuse_a_second("run")
    assert first.acquire("chat"), "looking did not take it"
    second.refuse_a_second("run")  # a chat is waited for
    first.release()


@pytest.mark.parametrize("note", ["", "[]", "{", '{"doing": 1}'])
def test_an_unreadable_note_is_no_trouble(tmp_path: Path, note: str) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    assert first.acquire("run")
    (tmp_path / "owner.json").write_text(note)
    assert second.holder() == "another guichet process"
    second.refuse_a_second("run")
    first.release()


def test_a_home_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"GUICHET_HOME: .*file"):
        make_home(tmp_path / "file")


def test_a_home_is_for_its_user_alone(tmp_path: Path) -> None:
    make_home(tmp_path / "home")
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
