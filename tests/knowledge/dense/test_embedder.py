"""all-MiniLM-L6-v2 for real: the vectors it gives, whatever it is given."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from bot.errors import ModelUnavailable
from knowledge.dense.build import build
from knowledge.dense.embedder import FastembedEmbedder
from knowledge.dense.manifest import Precision, part_of
from knowledge.dense.models import Installed
from knowledge.dense.reference import RECORDED, SENTENCES, likeness
from knowledge.dense.wheel import NAME, from_wheel
from tests.knowledge.dense.bert import Bert
from tests.knowledge.dense.servers import Server, serving

STRANGE = (
    "",
    "   \n\t ",
    "😀🖨️🔥",
    "لا تعمل الطابعة في الطابق الثاني",
    "\u202eright to left\u202c \x00 nul",
    "half a character \ud83d",
    "é" * 30 + "e\u0301" * 30,
    "x" * 100_000,
    "printer " * 12_500,
)


@pytest.fixture(scope="module")
def published(minilm_wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return from_wheel(minilm_wheel, tmp_path_factory.mktemp("published"), "test").folder


@pytest.fixture(scope="module")
def expected(published: Path) -> list[np.ndarray]:
    """The vectors of the reference sentences, from the published weights and none of our graph."""
    tokenizer = Tokenizer.from_file(str(published / "tokenizer.json"))
    tokenizer.no_padding()
    bert = Bert(published)
    return [bert.sentence(tokenizer.encode(sentence).ids) for sentence in SENTENCES]


@pytest.fixture
def embedder(minilm: Installed) -> FastembedEmbedder:
    return minilm.embedder()


def test_the_recorded_vectors_are_those_of_the_published_weights(expected: list[np.ndarray]) -> None:
    for vector, recorded in zip(expected, RECORDED[NAME], strict=True):
        np.testing.assert_allclose(vector[: len(recorded)], recorded, atol=1e-6)


def test_full_precision_is_exact(minilm_wheel: Path, tmp_path: Path, expected: list[np.ndarray]) -> None:
    published = from_wheel(minilm_wheel, tmp_path / "unpacked", "test")
    (tmp_path / "workshop").mkdir()
    at = datetime.now(UTC)
    folder, manifest = build(published, tmp_path / "workshop", at, lambda line: None, full=True)
    assert manifest.precision == Precision.FULL
    vectors = FastembedEmbedder(folder, manifest).embed(SENTENCES)
    assert likeness(vectors, [vector.tolist() for vector in expected]) > 0.9999
    np.testing.assert_allclose(vectors, expected, atol=1e-4)


def test_eight_bits_are_near(minilm: Installed, expected: list[np.ndarray]) -> None:
    assert minilm.manifest.precision == Precision.INT8
    similarity = likeness(minilm.embedder().embed(SENTENCES), [vector.tolist() for vector in expected])
    assert similarity > 0.98
    assert minilm.manifest.similarity == pytest.approx(similarity, abs=1e-3)


def test_it_says_what_it_is(embedder: FastembedEmbedder, minilm: Installed) -> None:
    assert embedder.name == f"all-MiniLM-L6-v2@{minilm.manifest.version}"
    assert embedder.size == 384 and minilm.manifest.licence == "Apache-2.0"


def test_a_text_has_one_vector_whenever_and_beside_whatever_it_is_embedded(
    embedder: FastembedEmbedder, minilm: Installed
) -> None:
    texts = [*SENTENCES, *STRANGE]
    together = embedder.embed(texts)
    assert together == embedder.embed(texts) == minilm.embedder().embed(texts)
    assert [embedder.embed([text])[0] for text in texts] == together
    assert embedder.embed(texts[::-1])[::-1] == together
    assert embedder.embed([]) == []


def test_whatever_is_given_comes_back_as_a_vector(embedder: FastembedEmbedder) -> None:
    vectors = embedder.embed(STRANGE)
    assert [len(vector) for vector in vectors] == [384] * len(STRANGE)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_what_is_beyond_the_models_length_is_not_read(embedder: FastembedEmbedder) -> None:
    long = "printer " * 400
    assert embedder.embed([long]) == embedder.embed([long + "and a VPN"])
    assert embedder.embed(["printer " * 200]) != embedder.embed(["printer " * 200 + "and a VPN"])


def test_callers_at_once_load_it_once_and_have_what_they_asked(minilm: Installed) -> None:
    embedder, alone = minilm.embedder(), minilm.embedder()
    texts = [f"printer number {number} is jammed" for number in range(24)]
    with ThreadPoolExecutor(8) as callers:
        vectors = list(callers.map(lambda text: embedder.embed([text])[0], texts))
    assert vectors == alone.embed(texts)


def test_it_never_asks_the_network(minilm: Installed) -> None:
    """Loaded and used in a process whose hub, and whose every proxy, is a server that counts."""
    script = (
        "import sys; from pathlib import Path; from knowledge.dense.embedders import InstalledEmbedders\n"
        "print(len(InstalledEmbedders(Path(sys.argv[1]), '').wanted.embed(['hello'])[0]))"
    )
    with serving(Server()) as server:
        everywhere = dict.fromkeys(
            ("HF_ENDPOINT", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), server.address
        )
        environ = {name: value for name, value in os.environ.items() if name.lower() != "no_proxy"} | everywhere
        home = str(minilm.folder.parent.parent)
        done = subprocess.run(
            [sys.executable, "-c", script, home], env=environ, capture_output=True, text=True, timeout=60
        )
        assert (done.stdout.strip(), server.asked) == ("384", []), done.stderr


def test_a_file_that_changed_under_it_is_noticed_when_it_loads(minilm: Installed, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(minilm.folder, copy)
    model = copy / "model.onnx"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1  # of the same length: only its hash tells
    model.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"model\.onnx is not what was installed"):
        FastembedEmbedder(copy, minilm.manifest).warm()
    model.unlink()
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        FastembedEmbedder(copy, minilm.manifest).warm()


def test_files_that_are_no_model_are_refused_by_name(minilm: Installed, tmp_path: Path) -> None:
    for name in minilm.manifest.files:
        (tmp_path / name).write_bytes(b'{"pad_token": "[PAD]", "model_max_length": 9}')
    files = {name: part_of(tmp_path / name) for name in minilm.manifest.files}
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        FastembedEmbedder(tmp_path, minilm.manifest.model_copy(update={"files": files})).warm()
