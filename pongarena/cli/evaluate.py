"""``pongarena eval``: measure a model, in the benchmark's setting or in a variant of the game."""

import os
import sys

import click
from rich.console import Console
from rich.progress import Progress

from pongarena.cli.match_options import BALL, FRAME_SKIP, SMALL, sticky_option
from pongarena.cli.scheduler import SCHEDULER, helpers
from pongarena.cli.show import number, print_json
from pongarena.core.options import Whole
from pongarena.game.types import Ball, SmallPaddles
from pongarena.library.card import Rating
from pongarena.library.evaluations import keep_evaluation
from pongarena.library.models import Library
from pongarena.match.variant import Variant
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.training.evaluation import evaluate as evaluate_policy

__all__ = ["evaluate"]

_STICKY = {"benchmark": 0.25, "match": 0.0}
"""Sticky actions of each setting: they differ in nothing else."""


@click.command("eval")
@click.argument("source", metavar="MODEL[@GAME]")
@click.option("--games", type=Whole(), default=100, show_default=True, help="How many to play.")
@click.option("--seed", type=Whole(0, 2**63 - 1), default=0, show_default=True, help="Seed of the games.")
@click.option(
    "--setting",
    type=click.Choice(["benchmark", "match"]),
    default="benchmark",
    show_default=True,
    help="Sticky actions 0.25, as in ALE's v5 environments; or none, as in the match window.",
)
@FRAME_SKIP
@sticky_option("0.25 in the benchmark's setting, else 0")
@BALL
@SMALL
@click.option("--greedy", is_flag=True, help="Take the likelier move instead of sampling it.")
@SCHEDULER
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def evaluate(  # noqa: PLR0917
    source: str,
    games: int,
    seed: int,
    setting: str,
    frame_skip: int | None,
    sticky: float | None,
    ball: str,
    small: str,
    greedy: bool,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Play many games against the cartridge's CPU, without a window: the mean score and its spread.

    A score is from −21 to 21. It is stored for your own models. In the benchmark setting, with sampled moves,
    it is the strength shown from then on, until the model trains further.

    Another frame skip, stickiness, ball or paddle is a variant of the setting. It shows whether a model
    generalises, is named in the result, and never counts as the strength.
    """
    library = Library()
    ref = library.checkpoint(source)
    checkpoint = read_checkpoint(ref.path)
    usual = Variant(checkpoint.policy.spec.frame_skip, _STICKY[setting])
    variant = Variant(
        frame_skip or usual.frame_skip,
        usual.sticky if sticky is None else sticky,
        Ball(ball),
        SmallPaddles(small),
    )
    differs = variant.beside(usual)
    played = f"{setting} + {differs}" if differs else setting
    with (
        helpers(scheduler, workers=os.cpu_count() or 1) as executor,
        Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress,
    ):
        task = progress.add_task(f"{ref}", total=games)

        def show(done: int, _all: int) -> None:
            progress.update(task, completed=done)

        if variant != usual or setting == "match":
            from pongarena.match.evaluation import evaluate_in_matches  # noqa: PLC0415

            result = evaluate_in_matches(
                checkpoint,
                games=games,
                seed=seed,
                variant=variant,
                greedy=greedy,
                on_progress=show,
                executor=executor,
            )
        else:
            result = evaluate_policy(
                checkpoint.policy,
                games=games,
                seed=seed,
                greedy=greedy,
                on_progress=show,
                executor=executor,
            )
    rating = Rating(
        played, greedy, result.games, result.mean, result.standard_deviation, result.wins, result.seed
    )
    keep_evaluation(library.model(ref.model), ref.episode, rating)
    if as_json:
        about = {"model": ref.model, "episode": ref.episode, "setting": setting}
        print_json({**about, "variant": differs, "ball": ball, "small_paddles": small, **result.to_json()})
        return
    click.echo(
        f"{ref}: {number(result.mean, 2)} ± {number(result.standard_error, 2)} points a game (standard "
        f"deviation {number(result.standard_deviation, 2)}) over {games} games, {result.wins} won "
        f"({setting} setting{f' but {differs}' if differs else ''}, "
        f"{'greedy' if greedy else 'sampled'} moves, seed {seed})"
    )
