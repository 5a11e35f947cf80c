"""MiniLM from its published weights to an ONNX model, without PyTorch.

What goes in is a folder as Hugging Face publishes a BERT encoder: `config.json` and `model.safetensors`. The graph
that comes out follows Devlin et al. 2019, section 3, in its usual (post-norm) form; it gives the last layer's vectors,
one a token, and whoever runs it takes their mean. Only BERT with absolute positions and the exact GELU is understood,
which is what the MiniLM family is; ModelUnavailable says so of anything else.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from pydantic import BaseModel, PositiveFloat, PositiveInt, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file

from bot.errors import ModelUnavailable

Array = NDArray[Any]

INPUTS = ("input_ids", "attention_mask", "token_type_ids")  # each of shape (texts, tokens)
OUTPUT = "last_hidden_state"
OPSET = 20  # the first with Gelu
IR_VERSION = 9  # what goes with that opset: older runtimes refuse a newer one
UNATTENDED = -1e9  # added to the score of padding: its weight is nothing, and no row of scores is all infinite


class BertConfig(BaseModel):
    """What of `config.json` decides the graph's shape."""

    model_type: str
    hidden_size: PositiveInt
    num_hidden_layers: PositiveInt
    num_attention_heads: PositiveInt
    layer_norm_eps: PositiveFloat
    hidden_act: str = "gelu"
    position_embedding_type: str = "absolute"

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.num_attention_heads

    def objection(self) -> str | None:
        """Why this encoder cannot be converted."""
        if self.model_type != "bert":
            return f"it is a {self.model_type} model, and only bert is understood"
        if self.hidden_act != "gelu" or self.position_embedding_type != "absolute":
            return f"its {self.hidden_act} or {self.position_embedding_type} positions are not understood"
        if self.hidden_size % self.num_attention_heads:
            return "its heads do not divide its width"
        return None


def convert(source: Path, target: Path) -> None:
    """Write the ONNX model of the encoder in `source`. Raises ModelUnavailable."""
    try:
        config = BertConfig.model_validate_json((source / "config.json").read_bytes())
        weights = load_file(source / "model.safetensors")
        if objection := config.objection():
            raise ModelUnavailable(f"{source} cannot be converted: {objection}")
        onnx.save(encoder({name.removeprefix("bert."): array for name, array in weights.items()}, config), target)
    except (OSError, ValidationError, SafetensorError, json.JSONDecodeError) as error:
        raise ModelUnavailable(f"{source} cannot be converted: {error}") from error
    except KeyError as error:
        raise ModelUnavailable(f"{source} cannot be converted: model.safetensors has no {error}") from error


def quantise(source: Path, target: Path) -> None:
    """Write the same model with weights of eight bits: a quarter of the size, and more than twice as fast.

    One scale a column of each weight: with one a matrix, a vector's cosine to the exact one falls from .995 to .96.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]

    model = onnx.load(source)
    # The runtime's advice to have shapes inferred first is for calibrated models; this says that it is heeded.
    model.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
    quantize_dynamic(model, target, weight_type=QuantType.QInt8, per_channel=True)


def encoder(weights: Mapping[str, Array], config: BertConfig) -> onnx.ModelProto:
    """The graph of a BERT encoder. Raises KeyError for weights that are not there."""
    graph = Graph(weights)
    hidden = embeddings(graph, config)
    padding = padding_scores(graph)
    for layer in range(config.num_hidden_layers):
        prefix = f"encoder.layer.{layer}"
        attended = graph.linear(
            attention(graph, config, hidden, padding, f"{prefix}.attention.self"), f"{prefix}.attention.output.dense"
        )
        hidden = graph.norm(graph.add(hidden, attended), f"{prefix}.attention.output.LayerNorm", config)
        widened = graph.op("Gelu", graph.linear(hidden, f"{prefix}.intermediate.dense"))
        narrowed = graph.linear(widened, f"{prefix}.output.dense")
        hidden = graph.norm(graph.add(hidden, narrowed), f"{prefix}.output.LayerNorm", config)
    return graph.model(hidden, config.hidden_size)


@dataclass(slots=True)
class Graph:
    """An ONNX graph that grows. Methods take and return the names of values in it."""

    weights: Mapping[str, Array]
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, array: Array) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def integers(self, *numbers: int) -> str:
        return self.constant(np.array(numbers, np.int64))

    def weight(self, name: str) -> Array:
        return self.weights[name].astype(np.float32)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        names = [f"value_{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def add(self, left: str, right: str) -> str:
        return self.op("Add", left, right)

    def linear(self, value: str, *layers: str) -> str:
        """Dense layers of one value side by side, as one multiplication."""
        weight = np.concatenate([self.weight(f"{layer}.weight") for layer in layers]).T
        bias = np.concatenate([self.weight(f"{layer}.bias") for layer in layers])
        return self.add(self.op("MatMul", value, self.constant(weight)), self.constant(bias))

    def norm(self, value: str, layer: str, config: BertConfig) -> str:
        scale, shift = (self.constant(self.weight(f"{layer}.{part}")) for part in ("weight", "bias"))
        return self.op("LayerNormalization", value, scale, shift, axis=-1, epsilon=config.layer_norm_eps)

    def model(self, result: str, width: int) -> onnx.ModelProto:
        """The whole, checked."""
        self.nodes.append(helper.make_node("Identity", [result], [OUTPUT]))
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in INPUTS]
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["texts", "tokens", width])
        graph = helper.make_graph(self.nodes, "encoder", inputs, [output], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model)
        return model


def embeddings(graph: Graph, config: BertConfig) -> str:
    """Each token's vector: of the word, of its position, and of the segment it stands in."""

    def table(name: str) -> str:
        return graph.constant(graph.weight(f"embeddings.{name}_embeddings.weight"))

    words = graph.op("Gather", table("word"), "input_ids")
    length = graph.op("Shape", "input_ids", start=1, end=2)
    start = graph.integers(0)
    positions = graph.op("Slice", table("position"), start, length, start)
    segments = graph.op("Gather", table("token_type"), "token_type_ids")
    return graph.norm(graph.add(graph.add(words, positions), segments), "embeddings.LayerNorm", config)


def padding_scores(graph: Graph) -> str:
    """What is added to attention scores, of shape (texts, 1, 1, tokens): nothing for tokens, UNATTENDED for padding."""
    mask = graph.op("Cast", graph.op("Unsqueeze", "attention_mask", graph.integers(1, 2)), to=TensorProto.FLOAT)
    absent = graph.op("Sub", graph.constant(np.array(1, np.float32)), mask)
    return graph.op("Mul", absent, graph.constant(np.array(UNATTENDED, np.float32)))


def attention(graph: Graph, config: BertConfig, hidden: str, padding: str, layer: str) -> str:
    """Scaled dot-product attention of all heads, before its output layer."""
    joined = graph.linear(hidden, f"{layer}.query", f"{layer}.key", f"{layer}.value")
    apart = graph.integers(0, 0, config.num_attention_heads, config.head_size)
    query, key, value = (
        graph.op("Transpose", graph.op("Reshape", part, apart), perm=order)
        for part, order in zip(
            graph.ops("Split", 3, joined, axis=-1, num_outputs=3),
            ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]),
            strict=True,
        )
    )
    scale = graph.constant(np.array(1 / math.sqrt(config.head_size), np.float32))
    scores = graph.add(graph.op("Mul", graph.op("MatMul", query, key), scale), padding)
    mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
    together = graph.integers(0, 0, config.hidden_size)
    return graph.op("Reshape", graph.op("Transpose", mixed, perm=[0, 2, 1, 3]), together)
