"""A model's folder in the form of model hubs: a README with the evaluation as `model-index`, and the weights.

Nothing is uploaded: users publish the folder themselves.
"""

import html
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pongarena.core.errors import LibraryError
from pongarena.core.files import make_folder, write_atomically, write_error, write_json_atomically
from pongarena.core.text import printable
from pongarena.exports.weights import layers_of, metadata_of, safetensors_bytes
from pongarena.library.bundle import SUFFIX
from pongarena.library.card import Rating, read_opponent_card
from pongarena.library.evaluations import read_evaluations
from pongarena.library.exchange import export_file
from pongarena.library.model import CheckpointRef, Model
from pongarena.library.notes import read_notes
from pongarena.nn.checkpoint import Checkpoint, read_checkpoint

__all__ = ["CLIP", "ratings_of", "write_model_card"]

CLIP = "replay.gif"

_WEIGHTS = "model.safetensors"

_SETTINGS = {
    "benchmark": ("ALE/Pong-v5", "the benchmark: sticky actions 0.25, frame skip 4"),
    "match": ("pongarena match", "as in pongarena's matches: no sticky actions"),
}
"""Name and description of each setting of an evaluation."""

_USE = '''\
import numpy as np
from safetensors.numpy import load_file

layers = [weights for _, weights in sorted(load_file("model.safetensors").items())]


def probabilities(frame):
    """Return the probabilities of {actions}; `frame` has shape (80, 80): {sees}."""
    x = np.asarray(frame, np.float32).reshape(6400)
    for weights in layers[:-1]:
        x = np.maximum(weights @ x, 0)
    logits = layers[-1] @ x
    {ending}
'''
_COIN = "up = 1 / (1 + np.exp(-logits[0]))\n    return np.array([up, 1 - up])"
_SOFTMAX = "raised = np.exp(logits - logits.max())\n    return raised / raised.sum()"


def write_model_card(
    model: Model,
    ref: CheckpointRef,
    folder: Path,
    *,
    film: Callable[[Path], None] | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write the folder.

    Args:
        model: The checkpoint's model.
        ref: The checkpoint.
        folder: The folder; created if missing.
        film: Writes a clip of the network to a .gif path; None for no clip.
        overwrite: Whether to replace files in the folder.

    Returns:
        The files.

    Raises:
        InvalidSettingError: When safetensors is not installed.
        CheckpointError: When the checkpoint is damaged.
        LibraryError: When the folder is not empty, or cannot be written.
    """
    checkpoint = read_checkpoint(ref.path)
    weights = safetensors_bytes(checkpoint)
    ratings = ratings_of(model, ref.episode)
    try:
        make_folder(folder)
        if any(folder.iterdir()) and not overwrite:
            raise LibraryError(
                f"expected an empty folder or a new one, got {folder} with files in it; choose another, or "
                "overwrite files of the same names with --force"
            )
    except OSError as error:
        raise write_error(folder, error) from error
    bundle = folder / f"{ref.model}{SUFFIX}"
    files = [folder / _WEIGHTS, folder / "config.json", bundle, *([folder / CLIP] if film else [])]
    write_atomically(files[0], weights)
    write_json_atomically(files[1], _config(checkpoint))
    export_file(ref, bundle, overwrite=overwrite)
    if film:
        film(folder / CLIP)
    readme = folder / "README.md"
    text = f"---\n{_front(ref, ratings)}---\n\n{_body(model, ref, checkpoint, ratings, clip=bool(film))}"
    write_atomically(readme, text.encode())
    return [readme, *files]


def ratings_of(model: Model, number: int) -> list[Rating]:
    """Return a checkpoint's evaluations: for each setting the one with the most games."""
    own: Sequence[Rating] = [each for each in read_evaluations(model.path) if each.checkpoint == number]
    opponent = read_opponent_card(model.path)
    if not own and opponent is not None and model.checkpoints()[-1:] == [number]:
        own = opponent.ratings
    best: dict[tuple[str, bool], Rating] = {}
    for each in own:
        known = best.get((each.setting, each.greedy))
        if known is None or each.games >= known.games:
            best[each.setting, each.greedy] = each
    return list(best.values())


def _config(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the content of `metadata_of` as numbers and lists."""
    spec, said = checkpoint.policy.spec, metadata_of(checkpoint)
    return {
        **said,
        "fade": spec.fade,
        "frame_skip": spec.frame_skip,
        "actions": said["actions"].split(","),
        "layers": [list(each.shape) for each in layers_of(checkpoint.policy)],
        "card": checkpoint.card.to_json(),
    }


def _front(ref: CheckpointRef, ratings: Sequence[Rating]) -> str:
    """Return the README's front matter in YAML; JSON strings are valid YAML."""
    lines = [
        "library_name: pongarena",
        "pipeline_tag: reinforcement-learning",
        "tags:",
        *(f"- {tag}" for tag in ("reinforcement-learning", "atari", "pong", "ALE/Pong-v5", "pongarena")),
    ]
    if ratings:
        lines += ["model-index:", f"- name: {json.dumps(str(ref))}", "  results:"]
    for each in ratings:
        name = _SETTINGS.get(each.setting, (each.setting, ""))[0]
        score = f"{each.mean:.2f} +/- {each.standard_deviation:.2f}"
        moves = "likelier" if each.greedy else "drawn"
        lines += [
            "  - task:",
            "      type: reinforcement-learning",
            "      name: reinforcement-learning",
            "    dataset:",
            f"      type: {json.dumps(name)}",
            f"      name: {json.dumps(f'{name}, {moves} moves')}",
            "    metrics:",
            "    - type: mean_reward",
            f"      name: {json.dumps(f'mean points won - lost over {each.games} games')}",
            f"      value: {json.dumps(score)}",
            "      verified: false",
        ]
    return "\n".join(lines) + "\n"


def _body(
    model: Model, ref: CheckpointRef, checkpoint: Checkpoint, ratings: Sequence[Rating], *, clip: bool
) -> str:
    card, spec = checkpoint.card, checkpoint.policy.spec
    layers = " → ".join(str(each.shape[1]) for each in layers_of(checkpoint.policy))
    facts = [
        ("recipe", card.recipe),
        ("trained", f"{card.steps:,} steps, {card.episode:,} games, on {card.trained_on}"),
        ("network", f"{layers} → {spec.outputs}, ReLU, no biases"),
        ("agent", f"{spec}; it sees itself on the right"),
        ("saved", f"{card.created[:10]}, pongarena {card.pongarena}"),
    ]
    if card.lineage:
        facts.append(("ancestors", " → ".join(card.lineage)))
    parts = [
        f"# {_plain(str(ref))}\n",
        "A neural network that plays Atari Pong, trained with pongarena.\n",
        f"![It plays the cartridge's own player]({CLIP})\n" if clip else "",
        _table("", "", [(term, _plain(words)) for term, words in facts]),
        _evaluations(ratings),
        _notes(model),
        f"## Use it\n\nPlay against it: `pip install pongarena`, `pongarena import {ref.model}{SUFFIX}`, "
        f"`pongarena play human {ref.model}`.\n\nThe weights alone, with numpy:\n\n"
        f"```python\n{_use(checkpoint)}```\n",
    ]
    return "\n".join(part for part in parts if part)


def _evaluations(ratings: Sequence[Rating]) -> str:
    if not ratings:
        return "Not evaluated.\n"
    rows = [
        (
            _plain(_SETTINGS.get(each.setting, ("", each.setting))[1]),
            f"{each.mean:+.2f} ± {each.standard_deviation:.2f}, {each.wins:,} of {each.games:,} won, "
            f"{'likelier' if each.greedy else 'drawn'} moves, seed {each.seed}",
        )
        for each in ratings
    ]
    title = "## Evaluation\n\nPoints won − lost a game to 21 against the cartridge's own player, with their "
    return title + "standard deviation, on the emulator:\n\n" + _table("setting", "score", rows)


def _notes(model: Model) -> str:
    notes = read_notes(model.path)
    lines = [f"> {_plain(line)}".rstrip() for line in notes.text.splitlines()]
    return "## Notes\n\n" + "\n".join(lines) + "\n" if lines else ""


def _use(checkpoint: Checkpoint) -> str:
    spec = checkpoint.policy.spec
    return _USE.format(
        actions=", ".join(move.name for move in spec.moves),
        sees=f"what is lit now (1 or 0) minus {spec.fade:g} of what was lit a step before",
        ending=_COIN if spec.outputs == 1 else _SOFTMAX,
    )


def _table(first: str, second: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = [f"| {term} | {words.replace('|', '/')} |" for term, words in rows]
    return "\n".join([f"| {first} | {second} |", "|---|---|", *lines]) + "\n"


def _plain(text: str) -> str:
    """Escape text for Markdown."""
    return html.escape(printable(text), quote=False).replace("`", "'").replace("[", "&#91;")
