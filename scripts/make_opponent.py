"""Makes one of the bundled opponents from a trained model's checkpoint, evaluates it and writes its card.

    python scripts/make_opponent.py amber-1@900 challenger --command "pongarena train amber-1 --seed 1"

The weights are stored compactly, and what is evaluated are the stored weights: 100 games and more in the
benchmark's setting and as many in the match setting. The order of the ladder is that of
``assets/opponents/ladder.json``.
"""

import argparse
import json
import platform
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pongarena.agent.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from pongarena.files import write_json_atomically
from pongarena.library.card import FORMAT_VERSION
from pongarena.library.metrics import MetricsTail
from pongarena.library.models import Library, Model, checkpoint_path
from pongarena.match.evaluation import evaluate_in_matches
from pongarena.training.evaluation import Evaluation, evaluate

CURVE_ROWS = 300
OPPONENTS = Path(__file__).parent.parent / "assets" / "opponents"


def main() -> None:
    """Reads the command line, and does it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="MODEL@EPISODE in your library")
    parser.add_argument("name", help="the opponent's name")
    parser.add_argument("--about", required=True, help="a sentence for people")
    parser.add_argument("--command", action="append", required=True, help="what made the model; repeatable")
    parser.add_argument("--games", type=int, default=100)
    parser.add_argument("--greedy", action="store_true", help="evaluate the likelier moves, too")
    parser.add_argument("--seed", type=int, default=2026, help="of the evaluation")
    arguments = parser.parse_args()

    library = Library()
    ref = library.checkpoint(arguments.source)
    model = library.model(ref.model)
    trained = read_checkpoint(ref.path)
    folder = OPPONENTS / arguments.name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    path = checkpoint_path(folder, ref.episode)
    card = replace(trained.card, model=arguments.name, lineage=())
    write_checkpoint(path, Checkpoint(trained.policy, card), compact=True)
    record = json.loads((model.path / "model.json").read_text())
    write_json_atomically(folder / "model.json", {**record, "lineage": []})
    write_curve(model, ref.episode, folder / "metrics.jsonl")

    stored = read_checkpoint(path)
    games, seed = arguments.games, arguments.seed
    benchmark = evaluate(stored.policy, games=games, seed=seed)
    match = evaluate_in_matches(stored, games=games, seed=seed)
    about: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "about": arguments.about,
        "commands": [*arguments.command, shlex.join(["python", *sys.argv])],
        "hours": round(hours(model, ref.episode), 2),
        "machine": f"2 cores ({platform.machine()}), shared with other work",
        "evaluations": [
            {"setting": "benchmark", **summary(benchmark)},
            {"setting": "match", **summary(match)},
        ],
    }
    if arguments.greedy:
        greedy = evaluate(stored.policy, games=games, seed=seed, greedy=True)
        about["evaluations"].append({"setting": "benchmark", **summary(greedy)})
    write_json_atomically(folder / "card.json", about)
    print(json.dumps(about, indent=2), f"\n{path.stat().st_size / 1e6:.2f} MB")


def write_curve(model: Model, episode: int, path: Path) -> None:
    """A short learning curve up to an episode: some games, and the points between them added up."""
    rows = MetricsTail(model.path / "metrics.jsonl").read_new()
    rows = [row for row in rows if row.get("episode", 0) <= episode]
    games = [row for row in rows if row["kind"] == "episode"]
    updates = [row for row in rows if row["kind"] == "update"]
    points = []
    for part in np.array_split(np.arange(len(updates)), max(1, min(len(updates), CURVE_ROWS))):
        if not len(part):
            continue
        last = updates[part[-1]]
        won, lost = (sum(updates[i][name] for i in part) for name in ("won", "lost"))
        names = ("format_version", "kind", "episode", "steps")
        points.append({**{name: last[name] for name in names}, "won": won, "lost": lost})
    chosen = np.unique(np.linspace(0, len(games) - 1, CURVE_ROWS).astype(int)) if games else []
    lines = [json.dumps(row, separators=(",", ":")) for row in [*(games[i] for i in chosen), *points]]
    path.write_text("\n".join(lines) + "\n")


def hours(model: Model, episode: int) -> float:
    """Wall clock of the training up to an episode, without the time between its sessions."""
    rows = MetricsTail(model.path / "metrics.jsonl").read_new()
    spent, last = 0.0, None
    for row in rows:
        if row.get("episode", 0) > episode:
            break
        if last is not None and row["kind"] not in ("start", "resume", "continue"):
            spent += row["time"] - last
        last = row["time"]
    return spent / 3600


def summary(result: Evaluation) -> dict[str, object]:
    """An evaluation without its single games."""
    return {key: value for key, value in result.to_json().items() if key != "scores"}


if __name__ == "__main__":
    main()
