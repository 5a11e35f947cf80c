"""The conversion, held to the same encoder in plain numpy; no download."""

import json
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest

from bot.errors import ModelUnavailable
from knowledge.dense.minilm import convert, quantise
from tests.knowledge.dense.bert import Bert
from tests.models import write_json, write_toy

IDS = [2, 7, 9, 4, 11, 3]


def run(model: Path, rows: list[list[int]], attended: list[int]) -> np.ndarray:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    mask = [[1] * length + [0] * (len(rows[0]) - length) for length in attended]
    inputs = {"input_ids": rows, "attention_mask": mask, "token_type_ids": np.zeros_like(rows)}
    output: np.ndarray = session.run(None, {name: np.array(value, np.int64) for name, value in inputs.items()})[0]
    return output


@pytest.mark.parametrize(("width", "heads", "layers"), [(32, 4, 1), (48, 3, 2), (24, 1, 3)])
def test_a_converted_model_computes_what_its_weights_say(tmp_path: Path, width: int, heads: int, layers: int) -> None:
    toy = write_toy(tmp_path / "toy", width, heads, layers)
    convert(toy, tmp_path / "model.onnx")
    np.testing.assert_allclose(run(tmp_path / "model.onnx", [IDS], [6])[0], Bert(toy).tokens(IDS), atol=2e-5)


def test_padding_changes_nothing(tmp_path: Path) -> None:
    toy = write_toy(tmp_path / "toy")
    convert(toy, tmp_path / "model.onnx")
    rows = [[*IDS[:4], 0, 0], IDS]
    short, long = run(tmp_path / "model.onnx", rows, [4, 6])
    np.testing.assert_allclose(short[:4], Bert(toy).tokens(IDS[:4]), atol=2e-5)
    np.testing.assert_allclose(long, Bert(toy).tokens(IDS), atol=2e-5)


def test_eight_bits_stay_near(tmp_path: Path) -> None:
    toy = write_toy(tmp_path / "toy", width=64)
    convert(toy, tmp_path / "model.onnx")
    quantise(tmp_path / "model.onnx", tmp_path / "small.onnx")
    exact, near = Bert(toy).tokens(IDS).mean(axis=0), run(tmp_path / "small.onnx", [IDS], [6])[0].mean(axis=0)
    assert exact @ near / np.linalg.norm(exact) / np.linalg.norm(near) > 0.98
    assert (tmp_path / "small.onnx").stat().st_size < 0.6 * (tmp_path / "model.onnx").stat().st_size


def test_weights_under_their_older_names_are_known(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    toy = write_toy(tmp_path / "toy")
    expected = Bert(toy).tokens(IDS)
    weights = load_file(toy / "model.safetensors")
    save_file({f"bert.{name}": array for name, array in weights.items()}, toy / "model.safetensors")
    convert(toy, tmp_path / "model.onnx")
    np.testing.assert_allclose(run(tmp_path / "model.onnx", [IDS], [6])[0], expected, atol=2e-5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model_type": "roberta"}, "a roberta model"),
        ({"hidden_act": "relu"}, "relu"),
        ({"position_embedding_type": "relative_key"}, "relative_key"),
        ({"num_attention_heads": 5}, "heads do not divide"),
        ({"num_hidden_layers": 3}, "has no 'encoder.layer.2"),
        ({"hidden_size": None}, "hidden_size"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, change: dict[str, object], says: str) -> None:
    toy = write_toy(tmp_path / "toy")
    write_json(toy / "config.json", json.loads((toy / "config.json").read_text()) | change)
    with pytest.raises(ModelUnavailable, match=says):
        convert(toy, tmp_path / "model.onnx")


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100])
@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_damaged_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    toy = write_toy(tmp_path / "toy")
    (toy / name).write_bytes(content)
    with pytest.raises(ModelUnavailable, match="cannot be converted"):
        convert(toy, tmp_path / "model.onnx")
