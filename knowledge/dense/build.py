"""From a model's files as they were published to a folder that can be put in place, checked."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import ModelUnavailable
from knowledge.dense.embedder import FastembedEmbedder
from knowledge.dense.manifest import Manifest, Pooling, Precision, describe
from knowledge.dense.reference import ALIKE, SENTENCES, check_exact, check_sense, likeness

Say = Callable[[str], None]

MODEL = "model.onnx"
TOKENIZER = ("tokenizer.json", "tokenizer_config.json")
BESIDE = ("special_tokens_map.json", "config.json")
READY = (MODEL, "onnx/model.onnx", "model_optimized.onnx", "onnx/model_quantized.onnx")  # in this order


@dataclass(frozen=True, slots=True)
class Published:
    """A model's files, and what is known of it beside. `published_as`: its name in fastembed's list, or empty."""

    folder: Path
    name: str
    source: str
    licence: str
    published_as: str = ""
    model: str = ""  # the ONNX file to take; empty: the first usual one, else the weights are converted


def build(published: Published, workshop: Path, at: datetime, say: Say, full: bool = False) -> tuple[Path, Manifest]:
    """The folder made, inside `workshop`, and its manifest. Converted models have weights of eight bits, unless `full`
    precision is asked for or this processor computes too roughly with them. Raises ModelUnavailable."""
    ready = [published.model] if published.model else [name for name in READY if (published.folder / name).is_file()]
    if ready:
        return take(published, ready[0], workshop / "taken", at, say)
    if not (published.folder / "model.safetensors").is_file():
        raise ModelUnavailable(f"{published.folder} has neither {MODEL} nor model.safetensors")
    return made(published, workshop, at, say, full)


def take(published: Published, model: str, folder: Path, at: datetime, say: Say) -> tuple[Path, Manifest]:
    """An ONNX model as it is."""
    copy_tokenizer(published.folder, folder)
    original = published.folder / model
    (folder / model).parent.mkdir(exist_ok=True)
    for file in original.parent.glob(f"{original.name}*"):  # large models keep their weights in a file beside
        shutil.copy(file, (folder / model).parent)
    say("Checking what it computes.")
    manifest = described(published, folder, model, Precision.PUBLISHED, pooling_of(published, model), 1, at)
    vectors = FastembedEmbedder(folder, manifest).embed(SENTENCES)
    check_sense(vectors)
    return folder, manifest.model_copy(update={"size": len(vectors[0])})


def made(published: Published, workshop: Path, at: datetime, say: Say, full: bool) -> tuple[Path, Manifest]:
    """An ONNX model from weights."""
    from knowledge.dense.minilm import convert, quantise  # onnx takes a while to import

    exact, small = workshop / "exact", workshop / "small"
    say("Converting its weights to ONNX.")
    copy_tokenizer(published.folder, exact)
    convert(published.folder, exact / MODEL)
    size = int(read_json(exact / "config.json")["hidden_size"])
    pooling = pooling_of(published)
    manifest = described(published, exact, MODEL, Precision.FULL, pooling, size, at)
    vectors = FastembedEmbedder(exact, manifest).embed(SENTENCES)
    check_sense(vectors)
    known = check_exact(published.name, vectors)
    say("Its vectors are the recorded ones." if known else "Its vectors make sense; none are recorded to compare with.")
    if full:
        return exact, manifest
    say("Reducing the weights to eight bits.")
    copy_tokenizer(published.folder, small)
    quantise(exact / MODEL, small / MODEL)
    reduced = described(published, small, MODEL, Precision.INT8, pooling, size, at)
    similarity = likeness(vectors, FastembedEmbedder(small, reduced).embed(SENTENCES))
    if similarity < ALIKE:
        say(f"On this processor that costs too much (cosine {similarity:.3f}): full precision is kept.")
        return exact, manifest
    say(f"The cosine to full precision is {similarity:.3f}.")
    return small, reduced.model_copy(update={"similarity": round(similarity, 4)})


def described(
    published: Published, folder: Path, model: str, precision: Precision, pooling: Pooling, size: int, at: datetime
) -> Manifest:
    return describe(
        folder,
        name=published.name,
        model=model,
        size=size,
        precision=precision,
        licence=published.licence,
        source=published.source,
        installed_at=at,
        pooling=pooling,
        published_as=published.published_as,
    )


def copy_tokenizer(source: Path, target: Path) -> None:
    """What splits texts, with the length that the model was trained for where its publisher tells. Raises
    ModelUnavailable if something is missing."""
    target.mkdir()
    for name in TOKENIZER:
        if not (source / name).is_file():
            raise ModelUnavailable(f"{source} has no {name}")
    for name in (*TOKENIZER, *BESIDE):
        if (source / name).is_file():
            shutil.copy(source / name, target)
    trained = read_json(source / "sentence_bert_config.json").get("max_seq_length")
    config = read_json(target / "tokenizer_config.json")
    if isinstance(trained, int) and trained < config.get("model_max_length", trained + 1):
        text = json.dumps(config | {"model_max_length": trained}, indent=2)
        (target / "tokenizer_config.json").write_text(text, encoding="utf-8")


def pooling_of(published: Published, model: str = "") -> Pooling:
    """How its publisher says that a text's vector is made; a model that gives one a text has done it."""
    if model and vectors_a_text(published.folder / model):
        return Pooling.DISABLED
    config = read_json(published.folder / "1_Pooling" / "config.json")
    if config.get("pooling_mode_cls_token"):
        return Pooling.CLS
    if config and not config.get("pooling_mode_mean_tokens"):
        raise ModelUnavailable(f"{published.name} pools in a way that is not understood")
    return Pooling.MEAN


def vectors_a_text(model: Path) -> bool:
    """Whether the first thing an ONNX model gives is one vector a text, rather than one a token."""
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        graph = onnx.load(model, load_external_data=False).graph
    except (OSError, DecodeError) as error:
        raise ModelUnavailable(f"{model} cannot be read: {error}") from error
    if not graph.output:
        raise ModelUnavailable(f"{model} is no ONNX model")
    return len(graph.output[0].type.tensor_type.shape.dim) == 2


def read_json(file: Path) -> dict[str, Any]:
    """An object; an empty one if there is no such file. Raises ModelUnavailable for anything else."""
    try:
        value = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"{file} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ModelUnavailable(f"{file} holds no object")
    return value
