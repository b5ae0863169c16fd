"""One interface for players from files: Python, ONNX, or an agent of Stable-Baselines3.

This code runs in a separate process; see `foreign_host`.
"""

import importlib.util
import inspect
import json
import sys
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pongarena.core.errors import MatchError
from pongarena.core.extras import require
from pongarena.game.rules import FRAME_SKIP, MOST_FRAME_SKIP

__all__ = ["ACTIONS", "KINDS", "Agent", "answer_in", "load_agent"]

ACTIONS = {2: ("down", "up"), 3: ("down", "up", "stay")}
"""The meaning of action numbers, as in `pongarena/Pong-v0`, unless a player declares its own."""

KINDS = {"difference": (80, 80), "view": (80, 80), "rgb": (210, 160, 3)}
"""Observations that a player can ask for, with their shapes, as in `pongarena/Pong-v0`."""

_SURE = 1e-3
"""How far the sum of probabilities may differ from 1."""

_COLOURS = 3


class Agent(ABC):
    """A player loaded from a file.

    Attributes:
        observation: A key of `KINDS`.
        fade: The factor of the last view that a difference subtracts, 0..1.
        frame_skip: Frames that a decision lasts.
        actions: "up", "down" and perhaps "stay", in the order of the action numbers.
    """

    observation: str = "difference"
    fade: float = 1.0
    frame_skip: int = FRAME_SKIP
    actions: Sequence[str] = ()

    @abstractmethod
    def decide(self, seen: NDArray[Any], *, greedy: bool) -> dict[str, Any]:
        """Choose an action: {"action": number}, or {"probabilities": of all actions}."""

    def reset(self, seed: int) -> None:  # noqa: B027 (most players have no state)
        """Start a game."""

    def introduction(self) -> dict[str, Any]:
        """The observation, frame skip and actions that it asks for.

        Raises:
            MatchError: When they are not available.
        """
        if self.observation not in KINDS:
            raise MatchError(f"observation: expected one of {', '.join(KINDS)}, got {self.observation!r:.80}")
        skip = self.frame_skip
        if not isinstance(skip, int) or not 1 <= skip <= MOST_FRAME_SKIP:
            raise MatchError(f"frame_skip: expected 1..{MOST_FRAME_SKIP}, got {skip!r:.80}")
        actions = [str(each) for each in self.actions]
        if actions and sorted(actions) not in (["down", "up"], ["down", "stay", "up"]):
            raise MatchError(f"actions: expected up, down and maybe stay, got {', '.join(actions):.80}")
        return {
            "observation": self.observation,
            "fade": float(self.fade),
            "frame_skip": skip,
            "actions": actions,
        }


def load_agent(path: str, maker: str = "") -> Agent:
    """Load a player from a file.

    Args:
        path: A .py, an .onnx or a .zip.
        maker: The function of a .py that makes the player.

    Raises:
        MatchError: When the file holds no player.
        InvalidSettingError: When a required library is not installed.
    """
    kinds: dict[str, Callable[[str, str], Agent]]
    kinds = {".py": _PythonAgent, ".onnx": _OnnxAgent, ".zip": _SB3Agent}
    return kinds[Path(path).suffix.lower()](path, maker)


class _PythonAgent(Agent):
    """An object with `predict(observation)`, made by a function in a Python file."""

    def __init__(self, path: str, maker: str) -> None:
        found = getattr(_module(path), maker, None)
        if not callable(found):
            raise MatchError(f"expected a function {maker} in it that makes the player, got none")
        self._player = player = found()
        if not callable(getattr(player, "predict", None)):
            raise MatchError(
                f"expected {maker}() to return something with predict(observation), got {player!r:.80}"
            )
        for name in ("observation", "frame_skip", "actions"):
            if hasattr(player, name):
                setattr(self, name, getattr(player, name))
        self._takes_greedy = _takes(player.predict, "deterministic")

    def decide(self, seen: NDArray[Any], *, greedy: bool) -> dict[str, Any]:
        more = {"deterministic": greedy} if self._takes_greedy else {}
        return answer_in(self._player.predict(seen, **more), self.actions)

    def reset(self, seed: int) -> None:
        if callable(reset := getattr(self._player, "reset", None)):
            reset(**({"seed": seed} if _takes(reset, "seed") else {}))


class _OnnxAgent(Agent):
    """An ONNX graph with one input that gives probabilities, logits, or an action number."""

    def __init__(self, path: str, _: str) -> None:
        runtime = require("onnxruntime", "an ONNX file that plays")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the match needs a core, too
        options.log_severity_level = 4
        try:
            self._session = runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise MatchError(f"expected an ONNX file that onnxruntime can play: {error}") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1:
            raise MatchError(f"expected a graph with one input, got {len(inputs)}")
        self._input = inputs[0]
        names = [each.name for each in outputs]
        self._output = "probabilities" if "probabilities" in names else names[0]
        self._shape = [each if isinstance(each, int) and each > 0 else 1 for each in self._input.shape]
        told = self._session.get_modelmeta().custom_metadata_map
        self._take_up(told)

    def _take_up(self, told: dict[str, str]) -> None:
        """Read observation and actions from the metadata of our own files, else from the input's shape."""
        sizes = {int(np.prod(shape)): kind for kind, shape in reversed(KINDS.items())}
        size = int(np.prod(self._shape))
        if size not in sizes:
            raise MatchError(
                f"expected a graph whose input takes 80×80 numbers, or 210×160×3 in colour, got the shape "
                f"{self._input.shape}"
            )
        self.observation = "view" if told.get("observation") == "view" else sizes[size]
        try:
            self.fade, self.frame_skip = float(told.get("fade", 1)), int(told.get("frame_skip", FRAME_SKIP))
        except ValueError as error:
            raise MatchError(f"its metadata is invalid: {error}") from error
        self.actions = tuple(filter(None, told.get("actions", "").split(",")))

    def decide(self, seen: NDArray[Any], *, greedy: bool) -> dict[str, Any]:
        channels_first = seen.ndim == _COLOURS and self._shape[-1] != _COLOURS
        ordered = seen.transpose(2, 0, 1) if channels_first else seen
        kind = np.uint8 if "uint8" in self._input.type else np.float32
        given = {self._input.name: np.ascontiguousarray(ordered, kind).reshape(self._shape)}
        (found,) = self._session.run([self._output], given)
        values = np.asarray(found).ravel()
        if values.dtype.kind == "f" and values.size in ACTIONS and not _are_probabilities(values):
            if "prob" in self._output or not np.isfinite(values).all():
                return answer_in(values, self.actions)  # raises the error
            raised = np.exp(values - values.max())
            values = raised / raised.sum()
        return answer_in(values, self.actions)


class _SB3Agent(Agent):
    """An agent that Stable-Baselines3 saved. Loading it can run code in the file."""

    def __init__(self, path: str, _: str) -> None:
        library = require("stable_baselines3", "an agent of Stable-Baselines3")
        with zipfile.ZipFile(path) as archive:
            data = json.loads(archive.read("data"))
        kind = "DQN" if "exploration_rate" in data else "PPO" if "clip_range" in data else "A2C"
        self._model = getattr(library, kind).load(path, device="cpu")
        space, actions = self._model.observation_space, getattr(self._model.action_space, "n", 0)
        self._shape = space.shape
        sizes = {(80, 80): "difference", (6400,): "difference", (210, 160, 3): "rgb", (3, 210, 160): "rgb"}
        if space.shape not in sizes or actions not in ACTIONS:
            raise MatchError(
                "expected an agent that learned in pongarena/Pong-v0, without wrappers, got one that sees "
                f"{space} and has {actions or 'other'} actions; wrap it in a .py file that converts both"
            )
        is_view = sizes[space.shape] == "difference" and space.dtype == np.uint8
        self.observation = "view" if is_view else sizes[space.shape]

    def decide(self, seen: NDArray[Any], *, greedy: bool) -> dict[str, Any]:
        ordered = seen.transpose(2, 0, 1) if self._shape[0] == _COLOURS else seen.reshape(self._shape)
        policy = self._model.policy
        if hasattr(policy, "get_distribution"):
            shares = policy.get_distribution(policy.obs_to_tensor(ordered)[0]).distribution.probs
            return answer_in(shares.detach().numpy().ravel(), self.actions)
        return answer_in(self._model.predict(ordered, deterministic=greedy), self.actions)


def answer_in(given: object, actions: Sequence[str]) -> dict[str, Any]:
    """Read what `predict` returned: an action number, (action number, state), or probabilities.

    Raises:
        MatchError: When it is none of these.
    """
    wanted = "expected an action's number (0 down, 1 up, 2 stay), or the probabilities of 2 or 3 actions"
    first = given[0] if isinstance(given, tuple) and len(given) == 2 else given
    try:
        values = np.asarray(first, np.float64).ravel()
    except (TypeError, ValueError) as error:
        raise MatchError(f"{wanted}, got {first!r:.80}") from error
    counts = (len(actions),) if actions else tuple(ACTIONS)
    if values.size == 1:
        if values[0] not in range(len(actions) or max(ACTIONS)):
            raise MatchError(f"{wanted}, got {first!r:.80}")
        return {"action": int(values[0])}
    if values.size not in counts or not _are_probabilities(values):
        raise MatchError(f"{wanted}, got {first!r:.80}")
    return {"probabilities": (values / values.sum()).tolist()}


def _are_probabilities(values: NDArray[Any]) -> bool:
    return bool(np.isfinite(values).all() and (values >= 0).all() and abs(values.sum() - 1) <= _SURE)


def _module(path: str) -> Any:  # noqa: ANN401 - modules have what they have
    """Run a Python file, which may import modules from its own folder."""
    sys.path.insert(0, str(Path(path).parent))
    spec = importlib.util.spec_from_file_location("foreign_player", path)
    assert spec is not None and spec.loader is not None, "its name ends in .py"
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _takes(function: Any, name: str) -> bool:  # noqa: ANN401
    """Whether a function has a parameter of this name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    return name in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())
