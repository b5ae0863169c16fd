"""Make a page's record of an agent: its quantised network, facts, learning curve and notes.

`agent.js` and `network.js` read it.
"""

import base64
from dataclasses import replace
from typing import Any

import numpy as np

from pongarena.core.arrays import FloatArray
from pongarena.core.text import duration, printable
from pongarena.envs.observation import CROPS
from pongarena.library.card import OpponentCard, read_opponent_card
from pongarena.library.curve import Curve
from pongarena.library.model import Model
from pongarena.library.notes import read_notes
from pongarena.library.score import share_of
from pongarena.library.strength import strength_of
from pongarena.nn.checkpoint import MOST_STEPS, Card, Checkpoint
from pongarena.nn.policy import PolicyNetwork

__all__ = ["FORMAT_VERSION", "agent_record"]

FORMAT = "pongarena agent"

FORMAT_VERSION = 1

_STEPS = (MOST_STEPS, 126, 120)
"""Quantisation steps of a unit's largest weight. The last two are multiples of 63 and 15, the steps of the
bundled compact checkpoints, which then lose nothing."""

_MOST_POINTS = 160
"""The most points of the learning curve: more than its chart can show."""

_FEWEST = 200
"""The fewest points played for each place of the curve: a standard error of 3.5 %."""


def agent_record(model: Model, checkpoint: Checkpoint) -> dict[str, Any]:
    """Return a page's record of a checkpoint, as JSON types.

    Args:
        model: The checkpoint's model.
        checkpoint: The network that plays.
    """
    card, notes = checkpoint.card, read_notes(model.path)
    opponent = read_opponent_card(model.path)
    model = replace(model, bundled=opponent is not None)
    name = f"{model.name}@{card.place}"
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": name,
        "about": "" if opponent is None else opponent.about,
        "facts": [list(fact) for fact in _facts(model, checkpoint, opponent)],
        "curve": _curve(model.curve(), card.steps),
        "notes": notes.text,
        "tags": list(notes.tags),
        **_network(checkpoint.policy),
    }


def _network(policy: PolicyNetwork) -> dict[str, Any]:
    """Return the layers; the first has a weight for each pixel of a whole view, 0 for pixels not seen."""
    observation = policy.spec.observation
    return {
        "spec": {
            "fade": observation.fade,
            "crop": list(CROPS[observation.crop]),
            "frame_skip": policy.spec.frame_skip,
            "actions": [int(move) for move in policy.spec.moves],
        },
        "layers": [_quantised(policy.on_view()), *map(_in_full, policy.deeper), _in_full(policy.w2)],
    }


def _quantised(weights: FloatArray) -> dict[str, Any]:
    """Return a layer as int8, with a scale for each unit.

    Args:
        weights: Shape (outputs, inputs).
    """
    largest = np.maximum(np.abs(weights).max(axis=1), np.finfo(np.float32).tiny)
    scales = [largest / np.float32(count) for count in _STEPS]
    rounded = [np.rint(weights.T / scale).astype(np.int8) for scale in scales]
    errors = [np.abs(steps * scale - weights.T).max() for steps, scale in zip(rounded, scales, strict=True)]
    best = int(np.argmin(errors))
    return _layer(weights) | {"scale": _base64(scales[best].astype("<f4")), "weights": _base64(rounded[best])}


def _in_full(weights: FloatArray) -> dict[str, Any]:
    """Return a small layer as float32."""
    return _layer(weights) | {"weights": _base64(weights.T.astype("<f4"))}


def _layer(weights: FloatArray) -> dict[str, Any]:
    return {"inputs": weights.shape[1], "outputs": weights.shape[0]}


def _base64(array: np.ndarray) -> str:
    """Encode an array row by row."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def _facts(model: Model, checkpoint: Checkpoint, opponent: OpponentCard | None) -> list[tuple[str, str]]:
    card = checkpoint.card
    layers = " and ".join(map(str, checkpoint.policy.layers))
    facts = [
        ("recipe", f"{card.recipe}, {layers} hidden units"),
        ("trained", f"{card.steps:,} steps, {card.episode:,} games"),
        ("sees", str(checkpoint.policy.spec).removeprefix("sees ")),
    ]
    if opponent is not None:
        facts.append(("time", opponent.time if opponent.hours < 1 else duration(opponent.hours * 3600)))
    if _is_latest(model, card) and (strength := strength_of(model)) is not None:
        facts.append(("strength", f"{strength} against the cartridge's player"))
    if card.lineage:
        facts.append(("ancestors", " → ".join(card.lineage)))
    facts.append(("saved", card.created[:10]))
    return [(term, printable(words)) for term, words in facts]


def _is_latest(model: Model, card: Card) -> bool:
    return model.checkpoints()[-1:] == [card.place]


def _curve(curve: Curve, until: int) -> dict[str, list[float]]:
    """Return the share of points won by the steps of training, up to the checkpoint."""
    points = curve.points
    if len(points.steps):
        steps, won = points.steps, points.won.astype(np.float64)
        total = won + points.lost
    else:  # old metrics have games only
        steps = curve.steps
        total = curve.games.astype(np.float64)
        won = total * np.array([share_of(float(reward)) for reward in curve.rewards])
    mask = steps <= until
    steps, won, total = steps[mask], won[mask], total[mask]
    enough = _FEWEST if len(points.steps) else 1
    steps_at, shares = _gathered(steps, won, total, max(enough, float(total.sum()) / _MOST_POINTS))
    return {"steps": steps_at, "shares": shares}


def _gathered(
    steps: np.ndarray, won: np.ndarray, total: np.ndarray, enough: float
) -> tuple[list[float], list[float]]:
    """Merge the curve into stretches of `enough` points each, except the last."""
    if not len(steps):
        return [], []
    done = np.cumsum(total)
    stretch = np.minimum(done // enough, max(done[-1] // enough - 1, 0)).astype(np.int64)
    ends = np.flatnonzero(np.append(np.diff(stretch) > 0, True))
    won_by, total_by = (np.diff(np.concatenate([[0.0], np.cumsum(each)[ends]])) for each in (won, total))
    good = (total_by > 0) & (np.diff(steps[ends], prepend=0) > 0)
    return steps[ends][good].tolist(), np.round(won_by[good] / total_by[good], 4).tolist()
