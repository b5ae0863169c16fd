"""``pongarena eval``: how good a model is, on the benchmark's settings."""

import sys

import click
from rich.console import Console
from rich.progress import Progress

from pongarena.agent.checkpoint import read_checkpoint
from pongarena.cli.show import number, print_json
from pongarena.library.models import Library
from pongarena.training.evaluation import evaluate as evaluate_policy

__all__ = ["evaluate"]


@click.command("eval")
@click.argument("source", metavar="MODEL[@EPISODE]")
@click.option("--games", type=click.IntRange(min=1), default=100, show_default=True, help="How many to play.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the games.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def evaluate(source: str, games: int, seed: int, as_json: bool) -> None:
    """Play many games against the cartridge's AI, without a window: the mean score and its spread.

    As the benchmark has it: frame skip 4, sticky actions 0.25, a score from −21 to 21.
    """
    ref = Library().checkpoint(source)
    policy = read_checkpoint(ref.path).policy
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"{ref}", total=games)
        result = evaluate_policy(
            policy,
            games=games,
            seed=seed,
            on_progress=lambda done, *_: progress.update(task, completed=done),
        )
    if as_json:
        print_json({"model": ref.model, "episode": ref.episode, **result.to_json()})
        return
    click.echo(
        f"{ref}: {number(result.mean, 2)} ± {number(result.standard_deviation, 2)} points a game "
        f"over {games} games, {result.wins} won (seed {seed})"
    )
