"""A BERT encoder in plain numpy and double precision: what a converted model must compute."""

import json
from collections.abc import Sequence
from math import erf, sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

Array = NDArray[np.float64]
gelu = np.vectorize(lambda x: x * (1 + erf(x / sqrt(2))) / 2)


class Bert:
    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = {
            name: array.astype(np.float64) for name, array in load_file(folder / "model.safetensors").items()
        }

    def tokens(self, ids: Sequence[int]) -> Array:
        """The last layer's vectors, one a token."""
        w = self.weights
        words, positions = w["embeddings.word_embeddings.weight"], w["embeddings.position_embeddings.weight"]
        segment = w["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(words[list(ids)] + positions[: len(ids)] + segment, "embeddings.LayerNorm")
        for layer in range(self.config["num_hidden_layers"]):
            x = self.layer(x, f"encoder.layer.{layer}.")
        return x

    def sentence(self, ids: Sequence[int]) -> Array:
        """Their mean, at length 1."""
        mean = self.tokens(ids).mean(axis=0)
        unit: Array = mean / np.linalg.norm(mean)
        return unit

    def layer(self, x: Array, prefix: str) -> Array:
        x = self.norm(
            x + self.dense(self.attention(x, prefix + "attention.self."), prefix + "attention.output.dense"),
            prefix + "attention.output.LayerNorm",
        )
        wide = gelu(self.dense(x, prefix + "intermediate.dense"))
        return self.norm(x + self.dense(wide, prefix + "output.dense"), prefix + "output.LayerNorm")

    def attention(self, x: Array, prefix: str) -> Array:
        query, key, value = (self.dense(x, prefix + part) for part in ("query", "key", "value"))
        size = self.config["hidden_size"] // self.config["num_attention_heads"]
        heads = []
        for start in range(0, self.config["hidden_size"], size):
            head = slice(start, start + size)
            scores = np.exp(query[:, head] @ key[:, head].T / sqrt(size))
            heads.append(scores / scores.sum(axis=1, keepdims=True) @ value[:, head])
        return np.concatenate(heads, axis=1)

    def dense(self, x: Array, name: str) -> Array:
        result: Array = x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return result

    def norm(self, x: Array, name: str) -> Array:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + self.config["layer_norm_eps"])
        result: Array = centred / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return result
