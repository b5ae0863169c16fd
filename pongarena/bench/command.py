"""``pongarena bench``: the commands that measure and print figures."""

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pongarena.bench.making import box, opponent, reference
from pongarena.bench.scaling_command import cluster
from pongarena.bench.turns import Spread
from pongarena.core.options import FORCE, SEED, Real
from pongarena.training.registry import DEFAULT_RECIPE, RECIPES, recipe
from pongarena.training.settings import parse_settings

if TYPE_CHECKING:
    from pongarena.bench.learning import LearningFigures

__all__ = ["bench"]


_RECIPE = click.option(
    "--recipe",
    "name",
    default=DEFAULT_RECIPE,
    show_default=True,
    type=click.Choice(list(RECIPES)),
    help="Recipe to train with.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Measure the figures that the project claims."""


for _command in (reference, opponent, box, cluster):
    bench.add_command(_command)


@bench.command()
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1, 100), help="Number of turns each."
)
@click.option("--seconds", default=2.0, show_default=True, type=Real(0.1, 600), help="Length of a turn.")
@click.option(
    "--recipe", "name", type=click.Choice(list(RECIPES)), help="Train only with this one.  [default: all]"
)
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="A setting of --recipe; repeatable.")
@click.option("--seed", default=0, show_default=True, type=SEED, help="Seed of all randomness.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def train(  # noqa: PLR0917
    rounds: int, seconds: float, name: str | None, pairs: tuple[str, ...], seed: int, as_json: bool
) -> None:
    """Steps a second of training, its parts and baselines."""
    from pongarena.bench.training import measure_training  # noqa: PLC0415

    if name is None and pairs:
        raise click.UsageError("--set needs --recipe: the recipes have different settings")
    chosen = [recipe(name, **parse_settings(pairs))] if name else [recipe(each) for each in RECIPES]
    with Console(stderr=True).status("measuring …") as status:
        figures = measure_training(chosen, rounds=rounds, seconds=seconds, seed=seed, on_turn=status.update)
    title = f"steps a second, {rounds} turns of {seconds:g} s each, seed {seed}"
    _print(figures, as_json, title, dict(figures.rows()))
    for who, why in figures.objections.items():
        click.echo(f"{who}: {why}", err=True)


@bench.command()
@_RECIPE
@click.option(
    "--minutes",
    default=3.0,
    show_default=True,
    type=Real(0, 6000, above=True),
    help="Length of each training run.",
)
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1, 100), help="How many to train.")
@click.option("--first-seed", default=1, show_default=True, type=SEED, help="The others follow it.")
@click.option("--set", "pairs", metavar="KEY=VALUE", multiple=True, help="A setting; repeatable.")
@click.option(
    "--evaluate-at",
    "moments",
    metavar="S1,S2,…",
    default="",
    help="Evaluate the weights at these seconds on the emulator, besides the final ones.",
)
@click.option(
    "--games",
    default=100,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Games per evaluation, which takes no training time; 0 for none.",
)
@click.option("--png", type=click.Path(path_type=Path), help="Draw the curves to a file.")
@FORCE
@click.option("--json", "as_json", is_flag=True, help="Print the curves as JSON.")
def learn(  # noqa: PLR0917
    name: str,
    minutes: float,
    seeds: int,
    first_seed: int,
    pairs: tuple[str, ...],
    moments: str,
    games: int,
    png: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Points won over steps and seconds, and scores."""
    from pongarena.bench.learning import measure_learning, require_plotting  # noqa: PLC0415

    chosen = recipe(name, **parse_settings(pairs))
    if png is not None:
        require_plotting(png, force=force)
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("starting", total=1.0)
        figures = measure_learning(
            chosen,
            minutes=minutes,
            seeds=range(first_seed, first_seed + seeds),
            evaluate_at=_moments(moments),
            games=games,
            on_progress=lambda words, done: progress.update(task, description=words, completed=done),
        )
    if as_json:
        click.echo(json.dumps(figures.to_json()))
    else:
        _print_learning(figures, f"{name} recipe, {minutes:g} minutes for each of {seeds} seeds")
    if png is not None:
        from pongarena.bench.learning_plot import plot_learning  # noqa: PLC0415

        plot_learning(figures, png)


def _moments(text: str) -> list[float]:
    """Parse increasing seconds."""
    try:
        moments = sorted({float(part) for part in text.split(",") if part.strip()})
    except ValueError:
        moments = [-1.0]
    if not all(0 < each < math.inf for each in moments):
        raise click.BadParameter(f"expected seconds separated by commas, such as 20,40,180, got {text!r}")
    return moments


def _print_learning(figures: "LearningFigures", title: str) -> None:
    table = Table(title=title)
    table.add_column("figure")
    for heading in ("median", "least", "most", *(f"seed {curve.seed}" for curve in figures.curves)):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in figures.rows():
        table.add_row(row.words, *row.spread, *row.cells)
    Console().print(table)


@bench.command()
@click.option("--seconds", default=60.0, show_default=True, type=Real(2, 3600), help="How long to play.")
@click.option(
    "--hidden", default=200, show_default=True, type=click.IntRange(1, 4096), help="Each network's units."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def window(seconds: float, hidden: int, as_json: bool) -> None:
    """Work, punctuality and input delay of the match window."""
    from pongarena.bench.window import measure_window  # noqa: PLC0415

    figures = measure_window(seconds=seconds, hidden=hidden)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(figures)))
        return
    table = Table(
        title=f"match window, {figures.frames} frames, {figures.driver} driver, overlay with two networks"
    )
    table.add_column("figure")
    table.add_column("measured", justify="right")
    table.add_row("frames a second", f"{figures.rate_hz:.2f}")
    table.add_row("mean work per frame", f"{figures.mean_work_ms:.2f} ms")
    table.add_row("  share of the frame's 16.7 ms", f"{figures.work_share:.1%}")
    table.add_row("work, 99 % of frames below", f"{figures.p99_work_ms:.2f} ms")
    table.add_row("frames within 2 ms of their time", f"{figures.punctual_share:.2%}")
    table.add_row("sound against picture after 36,000 frames", f"{figures.drift_samples} samples")
    table.add_row("key to picture beyond the console's own, median / 99 %", figures.key_delay.words())
    table.add_row("mouse to picture beyond the console's own, median / 99 %", figures.mouse_delay.words())
    table.add_row("memory growth since the first window", f"{figures.memory_growth_mb:+.1f} MB")
    table.add_row("opening ÷ importing pygame, numpy, ale_py", f"{figures.opening_over_imports:.2f}")
    Console().print(table)


@bench.command("match")
@click.option(
    "--rounds", default=5, show_default=True, type=click.IntRange(1, 100), help="Number of turns each."
)
@click.option("--seconds", default=4.0, show_default=True, type=Real(0.1, 600), help="Length of a turn.")
@click.option(
    "--hidden", default=200, show_default=True, type=click.IntRange(1, 4096), help="Each network's units."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def match_command(rounds: int, seconds: float, hidden: int, as_json: bool) -> None:
    """Matches without a window, against the bare emulator."""
    from pongarena.bench.match import measure_match  # noqa: PLC0415

    with Console(stderr=True).status("measuring …") as status:
        figures = measure_match(rounds=rounds, seconds=seconds, hidden=hidden, on_turn=status.update)
    _print(
        figures,
        as_json,
        f"networks of {hidden} units, one core, {rounds} turns of {seconds:g} s each",
        {
            "network against the CPU ÷ bare emulator": figures.against_ai_over_bare,
            "two networks ÷ bare emulator": figures.networks_over_bare,
            "network against the CPU, frames/s": figures.against_ai,
            "two networks, frames/s": figures.networks,
            "bare emulator, frames/s": figures.bare,
        },
    )


@bench.command()
@click.option(
    "--frames",
    default=200_000,
    show_default=True,
    type=click.IntRange(1, 10_000_000_000),
    help="Frames to play on both; about 5,000 per second.",
)
@click.option("--seed", default=0, show_default=True, type=SEED, help="Seed of all randomness.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.pass_context
def same(context: click.Context, frames: int, seed: int, as_json: bool) -> None:
    """Compare the compiled game with the emulator.

    The exit code is 1 if they differ.
    """
    from pongarena.bench.same import measure_same  # noqa: PLC0415

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("starting", total=1.0)
        figures = measure_same(
            frames, seed, lambda words, done: progress.update(task, description=words, completed=done)
        )
    click.echo(json.dumps(dataclasses.asdict(figures)) if as_json else "\n".join(figures.lines()))
    context.exit(int(figures.differing > 0))


@bench.command()
@click.option(
    "--rounds", default=7, show_default=True, type=click.IntRange(1, 100), help="Number of turns each."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def startup(rounds: int, as_json: bool) -> None:
    """Time of the help and of the app's first paint, as ratios."""
    from pongarena.bench.startup import measure_startup  # noqa: PLC0415

    figures = measure_startup(rounds)
    rows = {"--help ÷ importing click": figures.over_click}
    if figures.paint_over_textual is not None:
        rows["app's first paint ÷ importing textual"] = figures.paint_over_textual
    _print(figures, as_json, f"{rounds} turns", rows)


@bench.command()
@click.option(
    "--sessions", default=4, show_default=True, type=click.IntRange(0, 64), help="Sessions training."
)
@click.option("--seconds", default=60.0, show_default=True, type=Real(1, 3600), help="Per place.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def idle(sessions: int, seconds: float, as_json: bool) -> None:
    """Processor use of the idle app while sessions train."""
    from pongarena.bench.idle import measure_idle  # noqa: PLC0415

    with Console(stderr=True).status("measuring …") as status:
        figures = measure_idle(sessions, seconds, status.update)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(figures)))
        return
    table = Table(title=f"the idle app, {sessions} sessions, {seconds:g} s for each place")
    table.add_column("place")
    table.add_column("of a core", justify="right")
    for name, share in figures.share.items():
        table.add_row(name, f"{share:.1%}")
    Console().print(table)
    click.echo(f"memory after a visit to every main screen: {figures.memory_mb:.0f} MB")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.2f}"


def _print(figures: Any, as_json: bool, title: str, rows: dict[str, Spread]) -> None:  # noqa: ANN401
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(figures)))
        return
    table = Table(title=title)
    table.add_column("figure")
    for heading in ("median", "least", "most"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, spread in rows.items():
        table.add_row(name, *(_figure(value) for value in (spread.median, spread.least, spread.most)))
    Console().print(table)


@bench.command("library")
@click.option(
    "--models",
    "sizes",
    multiple=True,
    type=click.IntRange(1, 10_000),
    help="Number of models; repeatable.  [1, 100, 1000]",
)
@click.option(
    "--lines",
    "lengths",
    multiple=True,
    type=click.IntRange(1, 20_000_000),
    help="Lines of metrics per model; repeatable.  [10000, 1000000]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def measure_library_command(sizes: tuple[int, ...], lengths: tuple[int, ...], as_json: bool) -> None:
    """Speed and memory of the library with many models."""
    from pongarena.bench.library import measure_library  # noqa: PLC0415

    with Console(stderr=True).status("measuring …") as status:
        figures = measure_library(sizes or (1, 100, 1000), lengths or (10_000, 1_000_000), status.update)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in figures]))
        return
    table = Table(title="seconds until …; milliseconds per look when idle; megabytes")
    for heading in ("models", "lines", "app", "rows", "facts", "curve", "again", "look", "MB", "peak"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in figures:
        seconds = (each.app_s, each.rows_s, each.facts_s, each.curve_s, each.again_s)
        table.add_row(
            f"{each.models:,}",
            f"{each.lines:,}",
            *(f"{value:.2f}" for value in seconds),
            f"{each.look_ms:.1f}",
            f"{each.memory_mb:.0f}",
            f"{each.peak_mb:.0f}",
        )
    Console().print(table)
    click.echo(
        "app: the first rows are shown · rows: all models are listed · facts: points and sizes are known · "
        "curve: a curve is read for the first time · again: the next time"
    )
