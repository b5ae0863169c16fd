"""``pongarena population``: train many seeds of a recipe, and keep the best."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pongarena.cli.asking import ends_when_asked
from pongarena.cli.scheduler import SCHEDULER, helpers
from pongarena.cli.show import number, print_json
from pongarena.cli.tables import print_table
from pongarena.core.errors import DiskFullError, InvalidSettingError, PongArenaError
from pongarena.core.options import MOST_MINUTES, Real, Whole
from pongarena.jobs.executor import TaskExecutor, own_processes
from pongarena.jobs.retry import keep_trying
from pongarena.lab.population import Population, keep_best, train_population
from pongarena.library.card import Rating
from pongarena.library.evaluations import keep_evaluation
from pongarena.library.models import Library, Model
from pongarena.library.names import check_name, fresh_name
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.training import registry
from pongarena.training.evaluation import Evaluation, evaluate
from pongarena.training.recipe import Recipe
from pongarena.training.settings import parse_settings

__all__ = ["population"]

_NICENESS = 5

_FRESH_SEED = 1_000_003
"""Seed of the games that evaluate the best: other games than those that it was chosen by."""


@click.command()
@click.argument("recipe", type=click.Choice(sorted(registry.RECIPES)))
@click.argument("name", required=False)
@click.option("--seeds", type=Whole(2, 10_000), default=5, show_default=True, help="How many trainings.")
@click.option("--seed", type=Whole(0, 2**62), default=0, show_default=True, help="The first seed; then +1.")
@click.option("--minutes", type=Real(0, MOST_MINUTES, above=True), help="Length of each.  [default: 1]")
@click.option("--steps", type=Whole(1, 10**10), help="The same in steps: equal on every machine.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="A setting; repeatable.")
@click.option(
    "--games", type=Whole(0, 100_000), default=100, show_default=True,
    help="New games on the emulator that the best plays at the end; 0 for none.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True,
    help="Trainings at once; they share the processor.",
)  # fmt: skip
@SCHEDULER
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def population(  # noqa: PLR0917
    recipe: str,
    name: str | None,
    seeds: int,
    seed: int,
    minutes: float | None,
    steps: int | None,
    pairs: tuple[str, ...],
    games: int,
    jobs: int,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Train many seeds of RECIPE, and keep the best as the model NAME.

    It also shows the spread of all seeds, because the best of many is partly lucky; new games measure how
    good it is. Ctrl-C ends the running trainings; the best of the finished ones is kept.
    """
    if minutes and steps:
        raise InvalidSettingError("expected --minutes or --steps, got both; leave one of them out")
    library = Library()
    made = registry.recipe(recipe, **parse_settings(pairs))
    name = name or fresh_name(f"best-{recipe}", {model.name.lower() for model in library.models()})
    check_name(name)
    library.require_free(name)
    seconds = 0.0 if steps else 60 * (minutes or 1.0)
    with helpers(scheduler, workers=jobs, niceness=_NICENESS) as cluster:
        with ends_when_asked() as asked:
            with own_processes(cluster, jobs, niceness=_NICENESS) as executor:
                members = range(seed, seed + seeds)
                train = partial(train_population, made, members, executor, stopped=asked.is_set)
                found = _train(partial(train, seconds=seconds, decisions=steps or 0), seeds)
            if found.best is None and asked.is_set():
                click.echo("stopped before a training finished: nothing was kept", err=True)
                return
            if found.best is None:
                raise PongArenaError(
                    "expected at least one training to finish, got none; nothing was kept: train with fewer "
                    "--minutes, or a lower learning rate"
                )
            model = _keep(lambda: keep_best(found, made, name, library), asked.is_set)
        result = _evaluate(model, games, cluster) if games else None
    if as_json:
        print_json(_to_json(found, made, model, result))
    else:
        _show(found, made, model, result, f"{steps:,} steps" if steps else f"{seconds / 60:g} min")


def _keep(keep: Callable[[], Model], asked_to_stop: Callable[[], bool]) -> Model:
    """Keep a model; while the disk is full, wait for room, and say so once."""
    kept: list[Model] = []
    said: list[str] = []

    def tell(error: DiskFullError) -> None:
        if not said:
            click.echo(f"the trainings wait to be kept: {error}; Ctrl-C gives them up", err=True)
        said.append(str(error))

    keep_trying(lambda: kept.append(keep()), tell=tell, asked_to_stop=asked_to_stop)
    return kept[0]


def _train(train: Callable[..., Population], seeds: int) -> Population:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("trainings", total=seeds)
        return train(on_progress=lambda done: progress.update(task, completed=done))


def _evaluate(model: Model, games: int, cluster: TaskExecutor | None) -> Evaluation:
    checkpoint = model.checkpoint()
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{checkpoint}", total=games)
        result = evaluate(
            read_checkpoint(checkpoint.path).policy,
            games=games,
            seed=_FRESH_SEED,
            on_progress=lambda done, _: progress.update(task, completed=done),
            executor=cluster,
        )
    rating = Rating(
        "benchmark", False, games, result.mean, result.standard_deviation, result.wins, result.seed
    )
    keep_evaluation(model, checkpoint.episode, rating)
    return result


def _to_json(found: Population, recipe: Recipe, model: Model, result: Evaluation | None) -> dict[str, Any]:
    low, median, high, deviation = found.spread()
    return {
        "recipe": registry.to_json(recipe),
        "score": "share of the last points won, on the compiled game",
        "members": [
            {
                "seed": each.seed,
                "share": each.value,
                "low": each.share and each.share.low,
                "high": each.share and each.share.high,
                "steps": each.rows[-1].steps if each.rows else 0,
                "diverged": each.diverged,
            }
            for each in found.members
        ],
        "spread": {"low": low, "median": median, "high": high, "standard_deviation": deviation},
        "best": model.name,
        "evaluation": result and result.to_json(),
    }


def _show(found: Population, recipe: Recipe, model: Model, result: Evaluation | None, length: str) -> None:
    print_table(
        ("#seed", "#points won", "95 %", "#steps", ""),
        [
            (
                str(each.seed),
                f"{each.value:.1%}",
                f"{each.share.low:.1%}–{each.share.high:.1%}" if each.share else "–",
                f"{each.rows[-1].steps:,}" if each.rows else "–",
                "diverged" if each.diverged else "kept" if each is found.best else "",
            )
            for each in found.members
        ],
    )
    low, median, high, deviation = found.spread()
    click.echo(
        f"{len(found.members)} seeds of {recipe.name}, {length} each, on the compiled game: points won "
        f"{low:.1%} to {high:.1%}, median {median:.1%}, standard deviation {100 * deviation:.1f} points of a "
        f"hundred. Expect the median of another seed, not the best."
    )
    if result is not None:
        click.echo(
            f"{model.name}, chosen for its score, in {result.games} fresh games on the emulator: "
            f"{number(result.mean, 2)} ± {number(result.standard_error, 2)} points a game, {result.wins} won"
        )
    assert found.best is not None
    click.echo(
        f"the best (seed {found.best.seed}) is kept as {model.name}; play it: pongarena play human "
        f"{model.name} · continue: pongarena train {model.name}"
    )
