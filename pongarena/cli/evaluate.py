"""``pongarena eval``: how good a model is, on the benchmark's settings."""

import sys

import click
from rich.console import Console
from rich.progress import Progress

from pongarena.cli.show import number, print_json
from pongarena.core.errors import InvalidSettingError
from pongarena.core.options import Whole
from pongarena.library.card import Rating
from pongarena.library.evaluations import keep_evaluation
from pongarena.library.models import Library
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.training.evaluation import evaluate as evaluate_policy

__all__ = ["evaluate"]


@click.command("eval")
@click.argument("source", metavar="MODEL[@EPISODE]")
@click.option("--games", type=Whole(), default=100, show_default=True, help="How many to play.")
@click.option("--seed", type=Whole(0, 2**63 - 1), default=0, show_default=True, help="Of the games.")
@click.option(
    "--setting",
    type=click.Choice(["benchmark", "match"]),
    default="benchmark",
    show_default=True,
    help="Sticky actions 0.25, as ALE's v5 environments have it; or as in the match window, without.",
)
@click.option("--greedy", is_flag=True, help="Take the likelier move instead of sampling it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def evaluate(source: str, games: int, seed: int, setting: str, greedy: bool, as_json: bool) -> None:  # noqa: PLR0917
    """Play many games against the cartridge's AI, without a window: the mean score and its spread.

    A score from −21 to 21. Of one's own models it is kept: in the benchmark setting, with sampled
    moves, it is the strength that is shown from then on, until the model trains further.
    """
    if greedy and setting == "match":
        raise InvalidSettingError(
            "expected sampled moves in the match setting, got --greedy: nothing would be left to chance, and "
            "all games would be one; leave --greedy away, or use --setting benchmark"
        )
    library = Library()
    ref = library.checkpoint(source)
    checkpoint = read_checkpoint(ref.path)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"{ref}", total=games)

        def show(done: int, _all: int) -> None:
            progress.update(task, completed=done)

        if setting == "match":
            from pongarena.match.evaluation import evaluate_in_matches  # noqa: PLC0415

            result = evaluate_in_matches(checkpoint, games=games, seed=seed, on_progress=show)
        else:
            result = evaluate_policy(
                checkpoint.policy, games=games, seed=seed, greedy=greedy, on_progress=show
            )
    rating = Rating(
        setting, greedy, result.games, result.mean, result.standard_deviation, result.wins, result.seed
    )
    keep_evaluation(library.model(ref.model), ref.episode, rating)
    if as_json:
        print_json({"model": ref.model, "episode": ref.episode, "setting": setting, **result.to_json()})
        return
    click.echo(
        f"{ref}: {number(result.mean, 2)} ± {number(result.standard_error, 2)} points a game (standard "
        f"deviation {number(result.standard_deviation, 2)}) over {games} games, {result.wins} won "
        f"({setting} setting, {'greedy' if greedy else 'sampled'} moves, seed {seed})"
    )
