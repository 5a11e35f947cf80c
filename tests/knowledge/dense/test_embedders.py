"""What the desk asks for embeddings, while models come and go under it; and which languages a model has learnt."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model.values import Language
from knowledge.dense import embedders
from knowledge.dense.embedders import InstalledEmbedders
from knowledge.dense.install import install
from knowledge.dense.languages import SAME, found, learnt
from knowledge.dense.models import Installed, ModelStore
from tests.models import write_toy


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy", width=64)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home")


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedders, "LOOK", -1.0)


def said(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """By the desk: the library that makes models smaller logs as well."""
    return [record for record in caplog.records if record.name == embedders.__name__]


def put(store: ModelStore, toy: Path, name: str, full: bool = False) -> Installed:
    return install(store, name, str(toy), datetime.now(UTC), lambda line: None, full)


def test_a_model_is_taken_up_and_let_go_while_the_desk_runs(tmp_path: Path, store: ModelStore, toy: Path) -> None:
    here = InstalledEmbedders(tmp_path / "home", "")
    assert here.wanted is None and here.name == ""
    first = put(store, toy, "first")
    assert here.wanted and here.name == first.embedder().name
    before = here.wanted
    before.warm()
    second = put(store, toy, "second")
    assert here.name == second.embedder().name and here.get(before.name) is before
    store.remove("second")
    assert here.wanted is before
    store.remove("first")
    assert here.wanted is None
    assert here.get(before.name) is before and len(before.embed(["printer"])[0]) == 64  # what is loaded goes on


def test_a_new_version_of_a_model_has_another_name(tmp_path: Path, store: ModelStore, toy: Path) -> None:
    here = InstalledEmbedders(tmp_path / "home", "model")
    names = []
    for full in (False, True, False):
        put(store, toy, "model", full)
        names.append(here.name)
    assert names[0] == names[2] != names[1]


def test_a_model_that_is_wanted_and_not_there_is_said_once_with_what_to_run(
    tmp_path: Path, store: ModelStore, toy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(store, toy, "toy")
    assert InstalledEmbedders(tmp_path / "home", "none").wanted is None
    assert not said(caplog)
    here = InstalledEmbedders(tmp_path / "home", "other")
    assert here.wanted is here.wanted is None
    (record,) = said(caplog)
    assert record.levelno == logging.ERROR
    assert "other is not installed" in record.message and "guichet model install other" in record.message
    put(store, toy, "other")
    assert here.wanted


def test_minilm_has_learnt_english_and_not_french(minilm: Installed) -> None:
    embedder = minilm.embedder()
    assert learnt(embedder.embed) == {Language.EN}
    assert found(embedder.embed, SAME[Language.EN]) >= 18
    assert found(embedder.embed, SAME[Language.FR]) <= 8


def test_a_model_that_means_nothing_has_learnt_nothing(tmp_path: Path, store: ModelStore, toy: Path) -> None:
    assert learnt(put(store, toy, "toy").embedder().embed) == frozenset()
