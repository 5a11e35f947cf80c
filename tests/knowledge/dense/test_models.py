"""The store: what is installed, which is meant, and what is not whole."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import AlreadyRunning, ModelUnavailable
from knowledge.dense.manifest import FILE, Precision, describe
from knowledge.dense.models import Installed, ModelStore

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
Put = Callable[..., Installed]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path)


@pytest.fixture
def put(store: ModelStore) -> Put:
    """Installs something that has a model's shape."""

    def call(name: str, content: bytes = b"weights", hour: int = 0) -> Installed:
        with store.workshop() as workshop:
            folder = workshop / "made"
            folder.mkdir()
            (folder / "model.onnx").write_bytes(content)
            (folder / "tokenizer.json").write_bytes(b"{}")
            manifest = describe(
                folder,
                name=name,
                model="model.onnx",
                size=3,
                precision=Precision.PUBLISHED,
                licence="MIT",
                source="a test",
                installed_at=MORNING + timedelta(hours=hour),
            )
            return store.put(folder, manifest)

    return call


def test_the_one_installed_last_is_meant_unless_one_is_named(store: ModelStore, put: Put) -> None:
    assert store.chosen("") is None
    first, second = put("first"), put("Second", hour=1)
    assert store.installed() == [second, first]
    assert store.chosen("") == second
    assert store.chosen("first") == first
    assert store.chosen("some-publisher/second") == second
    assert store.chosen("none") is store.chosen("NONE") is None
    with pytest.raises(ModelUnavailable, match="third is not installed"):
        store.chosen("third")


def test_a_new_version_takes_the_place_of_the_old(store: ModelStore, put: Put) -> None:
    old = put("model", b"old")
    new = put("model", b"new", hour=1)
    assert store.installed() == [new]
    assert not old.folder.exists() and old.embedder().name != new.embedder().name
    assert put("model", b"new", hour=2).embedder().name == new.embedder().name
    assert [model.manifest.installed_at.hour for model in store.installed()] == [10]


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_what_is_not_whole_is_told_and_not_used(store: ModelStore, put: Put, name: str) -> None:
    whole, hurt = put("whole"), put("hurt", hour=1)
    (hurt.folder / name).write_bytes(b"")
    assert store.installed() == [whole] and store.chosen("") == whole
    assert store.damaged() == [f"{hurt.folder / name} is missing or damaged"]
    with pytest.raises(ModelUnavailable, match="missing or damaged"):
        store.chosen("hurt")
    shutil.rmtree(whole.folder)
    with pytest.raises(ModelUnavailable, match="missing or damaged"):
        store.chosen("")
    assert put("hurt") == store.chosen("")
    store.remove("hurt")
    assert store.chosen("") is None and store.damaged() == []


@pytest.mark.parametrize("content", [b"", b"{}", b'{"name": "../../etc"}', b"\xff\xfe", b"[" * 10_000])
def test_a_manifest_that_cannot_be_read_is_damage(store: ModelStore, put: Put, content: bytes) -> None:
    model = put("model")
    (model.folder / FILE).write_bytes(content)
    assert store.installed() == []
    (reason,) = store.damaged()
    assert str(model.folder / FILE) in reason


def test_a_manifest_that_is_gone_is_damage(store: ModelStore, put: Put) -> None:
    (put("model").folder / FILE).unlink()
    (reason,) = store.damaged()
    assert "holds no installed model" in reason


def test_a_damaged_model_can_be_removed(store: ModelStore, put: Put) -> None:
    (put("model").folder / FILE).write_bytes(b"")
    store.remove("publisher/MODEL")
    assert store.damaged() == []
    with pytest.raises(ModelUnavailable, match="model is not installed"):
        store.remove("model")


def test_one_installs_at_a_time_and_what_a_killed_one_left_goes(store: ModelStore, put: Put, tmp_path: Path) -> None:
    left = tmp_path / "models" / ".new-killed"
    left.mkdir(parents=True)
    (left / "model.onnx").write_bytes(b"half")
    assert store.installed() == [] and store.damaged() == []
    with store.workshop() as workshop:
        assert not left.exists()
        with pytest.raises(AlreadyRunning, match="another guichet model command"):
            put("model")
        with pytest.raises(AlreadyRunning):
            store.remove("model")
    assert not workshop.exists()
    put("model")


def test_an_installation_that_fails_leaves_what_was_there(store: ModelStore, put: Put, tmp_path: Path) -> None:
    model = put("model")
    with pytest.raises(OSError, match="power"), store.workshop() as workshop:
        (workshop / "model.onnx").write_bytes(b"half")
        raise OSError("the power is out")
    assert store.installed() == [model]
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == [model.folder.name]


def test_a_home_that_cannot_be_written_is_said(store: ModelStore, put: Put, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    assert store.installed() == []
    with pytest.raises(ModelUnavailable, match="models cannot be written"):
        put("model")
