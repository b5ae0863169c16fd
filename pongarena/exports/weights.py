"""Networks for other libraries: an ONNX graph, or arrays in safetensors.

Both take a full view of 80×80 pixels: weights outside a crop are 0, and shuffled pixels are unshuffled.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from pongarena import __version__
from pongarena.core.arrays import FloatArray
from pongarena.core.extras import require
from pongarena.core.files import require_new_file, write_atomically
from pongarena.envs.observation import VIEW_SHAPE
from pongarena.nn.checkpoint import Checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["layers_of", "metadata_of", "onnx_bytes", "safetensors_bytes", "write_onnx", "write_safetensors"]

_OPSET, _IR_VERSION = 17, 8
"""Versions of 2022, which all current ONNX readers support."""


def layers_of(policy: PolicyNetwork) -> list[FloatArray]:
    """Return the layers' weights, each of shape (outputs, inputs), from 6,400 pixels to the logits."""
    return [policy.on_view(), *policy.deeper, policy.w2]


def metadata_of(checkpoint: Checkpoint) -> dict[str, str]:
    """Return the metadata needed to play with the network; `assets/formats.md` describes it."""
    spec = checkpoint.policy.spec
    return {
        "format": "pongarena network",
        "name": str(checkpoint.card),
        "observation": spec.observation.name,
        "fade": f"{spec.fade:g}",
        "frame_skip": str(spec.frame_skip),
        "actions": ",".join(move.name.lower() for move in spec.moves),
        "card": json.dumps(checkpoint.card.to_json(), ensure_ascii=False),
    }


def write_onnx(checkpoint: Checkpoint, path: Path, *, overwrite: bool = False) -> None:
    """Write a graph: input "observation" (n, 80, 80), outputs "probabilities" (n, actions) and "logits".

    Raises:
        InvalidSettingError: When onnx is not installed.
        LibraryError: When `path` exists and may not be overwritten, or cannot be written.
    """
    require_new_file(path, force=overwrite)
    write_atomically(path, onnx_bytes(checkpoint))


def write_safetensors(checkpoint: Checkpoint, path: Path, *, overwrite: bool = False) -> None:
    """Write the layers with the names that a `torch.nn.Sequential` of alternating Linear and ReLU has.

    Raises:
        InvalidSettingError: When safetensors is not installed.
        LibraryError: When `path` exists and may not be overwritten, or cannot be written.
    """
    require_new_file(path, force=overwrite)
    write_atomically(path, safetensors_bytes(checkpoint))


def safetensors_bytes(checkpoint: Checkpoint) -> bytes:
    """Return the content of a safetensors file with arrays "0.weight", "2.weight" and so on."""
    save = require("safetensors.numpy", "a safetensors file").save
    layers = layers_of(checkpoint.policy)
    arrays = {f"{2 * place}.weight": np.ascontiguousarray(each) for place, each in enumerate(layers)}
    content: bytes = save(arrays, metadata=metadata_of(checkpoint))
    return content


def onnx_bytes(checkpoint: Checkpoint) -> bytes:
    """Return the content of an ONNX file."""
    onnx = require("onnx", "an ONNX file")
    nodes, constants = _graph(onnx.helper, onnx.numpy_helper, checkpoint.policy)
    value, number = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    spec = checkpoint.policy.spec
    graph = onnx.helper.make_graph(
        nodes,
        "pongarena",
        [value("observation", number, ["n", *VIEW_SHAPE])],
        [
            value("probabilities", number, ["n", spec.actions]),
            value("logits", number, ["n", spec.outputs]),
        ],
        constants,
    )
    opset = onnx.helper.make_opsetid("", _OPSET)
    model = onnx.helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)
    model.producer_name, model.producer_version = "pongarena", __version__
    model.doc_string = f"{checkpoint.card}: Atari Pong; {spec}"
    onnx.helper.set_model_props(model, metadata_of(checkpoint))
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _graph(helper: Any, arrays: Any, policy: PolicyNetwork) -> tuple[list[Any], list[Any]]:  # noqa: ANN401
    """Return the nodes, and the constants that they use."""
    node = helper.make_node
    nodes, constants = [node("Flatten", ["observation"], ["layer0"], axis=1)], []
    layers = layers_of(policy)
    for place, weights in enumerate(layers, 1):
        constants.append(arrays.from_array(np.ascontiguousarray(weights.T), f"weights{place}"))
        given, is_last = [f"layer{place - 1}", f"weights{place}"], place == len(layers)
        nodes.append(node("MatMul", given, ["logits" if is_last else f"sum{place}"]))
        if not is_last:
            nodes.append(node("Relu", [f"sum{place}"], [f"layer{place}"]))
    if policy.spec.outputs > 1:
        return [*nodes, node("Softmax", ["logits"], ["probabilities"], axis=1)], constants
    constants.append(arrays.from_array(np.ones(1, np.float32), "one"))
    coin = [
        node("Sigmoid", ["logits"], ["up"]),
        node("Sub", ["one", "up"], ["down"]),
        node("Concat", ["up", "down"], ["probabilities"], axis=1),
    ]
    return nodes + coin, constants
