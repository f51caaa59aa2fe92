"""The weights of a small BERT, read from a safetensors file, and its layers as an ONNX graph; no Django, no network.

Formats: https://huggingface.co/docs/safetensors (8 bytes length, JSON header, raw tensors), BERT by Devlin et al. 2019
(arXiv 1810.04805). The words are looked up outside the graph, so that their table, half of the whole, stays in the
file that all processes share, and only the rows in use are read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

GRAPH_VERSION = 1  # counts changes of what `make_graph` makes of the same weights

Tensor = NDArray[np.float32]
_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """What config.json says of a BERT."""

    layers: int
    heads: int
    epsilon: float


class WeightsError(Exception):
    """The folder holds no BERT as we can read one; the message says what is wrong."""


def read_shape(folder: Path) -> Shape:
    """The shape of the model in a folder. Raises WeightsError unless it is a BERT with exact GELU."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if found["model_type"] != "bert" or found["hidden_act"] != "gelu":
            raise WeightsError(f"{folder.name}/config.json describes no BERT with GELU")
        return Shape(
            int(found["num_hidden_layers"]), int(found["num_attention_heads"]), float(found["layer_norm_eps"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{folder.name}/config.json cannot be read: {error}") from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of 32 bits in a safetensors file by their names, as views of the mapped file."""
    try:
        raw = np.memmap(path, dtype=np.uint8, mode="r")
        start = _HEAD_BYTES + int(raw[:_HEAD_BYTES].view("<u8")[0])
        head: dict[str, Any] = json.loads(raw[_HEAD_BYTES:start].tobytes())
        return {
            name: raw[start + about["data_offsets"][0] : start + about["data_offsets"][1]]
            .view("<f4")
            .reshape(about["shape"])
            for name, about in head.items()
            if about.get("dtype") == "F32"
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise WeightsError(f"{path.name} is no safetensors file: {error}") from error


@dataclass(frozen=True, slots=True)
class WordTable:
    """What a token and its place in the text stand for, before the first layer."""

    words: Tensor
    places: Tensor

    def look_up(self, tokens: NDArray[np.int64]) -> Tensor:
        """Texts of equally many tokens (n x length) as n x length x width."""
        return np.asarray(self.words[tokens] + self.places[: tokens.shape[1]])


def word_table(weights: dict[str, Tensor], most_tokens: int) -> WordTable:
    """The tables of tokens and of places; a text is one piece, so that the first kind of token is all."""
    places = weights["embeddings.position_embeddings.weight"][:most_tokens]
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    return WordTable(weights["embeddings.word_embeddings.weight"], np.asarray(places + kind))


def make_graph(weights: dict[str, Tensor], shape: Shape) -> bytes:
    """The layers as an ONNX file: `embedded` (n x length x width) in, `hidden` of the same shape out.

    There is no mask: all texts of a run have equally many tokens, so that none is padded.
    """
    # Wanted once in the life of a data folder.
    import onnx  # noqa: PLC0415

    draft = _Draft(onnx.helper, onnx.numpy_helper, shape)
    width = weights["embeddings.LayerNorm.weight"].shape[0]
    at = draft.normed(weights, "embeddings.LayerNorm", ["embedded"])
    for number in range(shape.layers):
        at = _layer(draft, weights, f"encoder.layer.{number}", at)
    draft.node("Identity", [at], "hidden")
    kind, sizes = onnx.TensorProto.FLOAT, ["n", "length", width]
    graph = onnx.helper.make_graph(
        draft.nodes,
        "bert",
        [onnx.helper.make_tensor_value_info("embedded", kind, sizes)],
        [onnx.helper.make_tensor_value_info("hidden", kind, sizes)],
        draft.constants,
    )
    versions = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid(_FUSED, 1)]
    model = onnx.helper.make_model(graph, opset_imports=versions, ir_version=9, producer_name="newsdesk")
    return bytes(model.SerializeToString())


# onnxruntime's own operators: several steps of a layer in one, at half the time.
_FUSED = "com.microsoft"


class _Draft:
    """A graph in the making."""

    def __init__(self, helper: Any, numpy_helper: Any, shape: Shape) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shape = shape
        self._helper = helper
        self._numpy_helper = numpy_helper

    def constant(self, name: str, value: Tensor) -> str:
        self.constants.append(self._numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op: str, inputs: list[str], output: str, domain: str = "", **settings: Any) -> str:
        self.nodes.append(self._helper.make_node(op, inputs, [output], domain=domain, **settings))
        return output

    def times(self, weights: dict[str, Tensor], name: str, given: str) -> str:
        """A dense layer without its bias."""
        matrix = self.constant(f"{name}.matrix", weights[f"{name}.weight"].T)
        return self.node("MatMul", [given, matrix], f"{name}.product")

    def normed(self, weights: dict[str, Tensor], name: str, given: list[str], bias: str = "") -> str:
        """The layer norm of one input, or of the sum of two and a bias."""
        scale = self.constant(f"{name}.scale", weights[f"{name}.weight"])
        shift = self.constant(f"{name}.shift", weights[f"{name}.bias"])
        if len(given) == 1:
            inputs, epsilon = [*given, scale, shift], self.shape.epsilon
            return self.node("LayerNormalization", inputs, f"{name}.normed", axis=-1, epsilon=epsilon)
        inputs = [*given, scale, shift, bias]
        return self.node(
            "SkipLayerNormalization", inputs, f"{name}.normed", _FUSED, epsilon=self.shape.epsilon
        )


def _layer(draft: _Draft, weights: dict[str, Tensor], name: str, given: str) -> str:
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    matrix = draft.constant(
        f"{name}.attend.matrix", np.concatenate([weights[f"{part}.weight"].T for part in parts], axis=1)
    )
    bias = draft.constant(f"{name}.attend.bias", np.concatenate([weights[f"{part}.bias"] for part in parts]))
    seen = draft.node("Attention", [given, matrix, bias], f"{name}.seen", _FUSED, num_heads=draft.shape.heads)
    out = f"{name}.attention.output"
    bias = draft.constant(f"{out}.bias", weights[f"{out}.dense.bias"])
    first = draft.normed(
        weights, f"{out}.LayerNorm", [given, draft.times(weights, f"{out}.dense", seen)], bias
    )
    inner = f"{name}.intermediate.dense"
    bias = draft.constant(f"{inner}.bias", weights[f"{inner}.bias"])
    wide = draft.node("BiasGelu", [draft.times(weights, inner, first), bias], f"{inner}.gelu", _FUSED)
    last = f"{name}.output"
    bias = draft.constant(f"{last}.bias", weights[f"{last}.dense.bias"])
    return draft.normed(
        weights, f"{last}.LayerNorm", [first, draft.times(weights, f"{last}.dense", wide)], bias
    )
