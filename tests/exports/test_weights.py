"""Networks as ONNX and safetensors: whoever opens them gets our outputs on the game's own frames."""

import json
import re

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import load_file, safe_open

from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.envs.observation import FrameDifferencer, Observation, crop
from pongarena.exports.weights import write_onnx, write_safetensors
from pongarena.game.cartridge import Cartridge
from pongarena.game.paddle import Move
from pongarena.library.models import Library
from pongarena.nn.checkpoint import Card, Checkpoint, read_checkpoint
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import AgentSpec

SPECS = {
    "the post's": (AgentSpec(), ()),
    "may stay": (AgentSpec(actions=3), ()),
    "deep": (AgentSpec(), (9, 7)),
    "deep, may stay": (AgentSpec(Observation(fade=0.5), actions=3, frame_skip=2), (5, 4, 3)),
    "75 rows": (AgentSpec(Observation(crop=1)), ()),
    "cropped and shuffled": (AgentSpec(Observation(fade=0.25, crop=2, shuffle=41)), (6,)),
    "trained with a critic": (None, ()),
}


@pytest.fixture(scope="module")
def screens():
    """Every fourth screen of a game."""
    cartridge, rng, found = Cartridge(left_ai=True), np.random.default_rng(4), []
    for _ in range(150):
        move = Move(int(rng.integers(-1, 2)))
        for _ in range(4):
            cartridge.step(Move.STAY, move)
        found.append(cartridge.screen.copy())
    cartridge.close()
    return found


@pytest.fixture(params=SPECS)
def checkpoint(request):
    spec, deeper = SPECS[request.param]
    if spec is None:
        return read_checkpoint(Library().checkpoint("champion").path)
    policy = PolicyNetwork.random(12, np.random.default_rng(5), spec, deeper=deeper)
    card = Card("ann", "turbo", 3, 1, 90, 0, None, 0, 0, ("eve@2",), "2026-01-01T00:00:00+00:00", "0.1.0")
    return Checkpoint(policy, card)


def ours(policy, screens):
    eye = FrameDifferencer(policy.spec.observation)
    found = [policy.forward(eye.look(screen)) for screen in screens]
    return tuple(
        np.concatenate([getattr(each, name) for each in found]) for name in ("probabilities", "logits")
    )


def whole_views(screens, fade):
    views = np.array([crop(screen) for screen in screens]).astype(np.float32)
    return views - np.float32(fade) * np.concatenate([views[:1], views[:-1]])


def seen_by_others(screens, fade):
    """As the file's metadata say; the first frame of a game is of two equal views."""
    frames = whole_views(screens, float(fade))
    assert np.abs(frames[1:]).sum(axis=(1, 2)).min() > 0
    return frames


def test_a_runtime_gets_the_same_from_an_onnx_file(checkpoint, screens, tmp_path):
    path = tmp_path / "agent.onnx"
    write_onnx(checkpoint, path)
    session = onnxruntime.InferenceSession(path)
    told = session.get_modelmeta().custom_metadata_map
    frames = seen_by_others(screens, told["fade"])
    probabilities, logits = session.run(["probabilities", "logits"], {"observation": frames})
    own_probabilities, own_logits = ours(checkpoint.policy, screens)
    np.testing.assert_allclose(logits, own_logits, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(probabilities, own_probabilities, atol=2e-5)
    spec = checkpoint.policy.spec
    assert told["actions"] == ",".join(move.name.lower() for move in spec.moves)
    assert (told["frame_skip"], told["observation"]) == (str(spec.frame_skip), spec.observation.name)
    assert Card.from_json(json.loads(told["card"])) == checkpoint.card
    onnx.checker.check_model(onnx.load(path), full_check=True)


def test_arrays_in_a_safetensors_file_are_a_stack_of_linear_layers(checkpoint, screens, tmp_path):
    path = tmp_path / "agent.safetensors"
    write_safetensors(checkpoint, path)
    with safe_open(path, "numpy") as file:
        told = file.metadata()
    x = seen_by_others(screens, told["fade"]).reshape(len(screens), -1)
    layers = [array for _, array in sorted(load_file(path).items())]
    for place, weights in enumerate(layers):
        x = x @ weights.T
        x = x if place == len(layers) - 1 else np.maximum(x, 0)
    np.testing.assert_allclose(x, ours(checkpoint.policy, screens)[1], rtol=1e-4, atol=1e-4)
    assert list(load_file(path)) == [f"{2 * place}.weight" for place in range(len(layers))]
    assert told["name"] == str(checkpoint.card)


@pytest.mark.parametrize("write", [write_onnx, write_safetensors])
def test_a_file_that_is_there_stays(write, tmp_path):
    checkpoint = read_checkpoint(Library().checkpoint("first-steps").path)
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(LibraryError, match="exists already"):
        write(checkpoint, tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("write", "module", "package"),
    [(write_onnx, "onnx", "onnx"), (write_safetensors, "safetensors.numpy", "safetensors")],
)
def test_what_is_missing_is_named_with_the_command_that_installs_it(
    write, module, package, tmp_path, monkeypatch
):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    checkpoint = read_checkpoint(Library().checkpoint("first-steps").path)
    words = f"pipx inject pongarena {package} · uv tool install pongarena --with {package}"
    with pytest.raises(InvalidSettingError, match=re.escape(words)):
        write(checkpoint, tmp_path / "file")
    assert not list(tmp_path.glob("file*"))
