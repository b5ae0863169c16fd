"""``pongarena train``, and the hidden ``session``: the background process."""

import os
import sys
from collections.abc import Callable
from typing import Any

import click
import psutil
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pongarena.cli.show import number
from pongarena.errors import InvalidSettingError
from pongarena.library.models import Library, Model
from pongarena.library.runner import run_session
from pongarena.library.session import start_session
from pongarena.library.status import State, Status
from pongarena.training import recipes

__all__ = ["parse_settings", "session", "train"]

_BACKGROUND_NICENESS = 5
"""A session gives way to the match window, which has to be in time."""


def _with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for every hyperparameter of every recipe."""
    settings = {each.name: each for kind in recipes.RECIPES.values() for each in recipes.settings_of(kind)}
    for each in reversed(settings.values()):
        option = f"--{each.name.replace('_', '-')}"
        text = f"{each.help}  [{each.allowed}; default {each.default:g}]"
        command = click.option(option, each.name, metavar="NUMBER", help=text)(command)
    return command


@click.command()
@click.argument("name", required=False)
@click.option(
    "--recipe",
    type=click.Choice(sorted(recipes.RECIPES)),
    help=f"How to train.  [default: {recipes.DEFAULT_RECIPE}]",
)
@click.option("--seed", type=click.IntRange(min=0), help="Of the weights and all games.  [default: 0]")
@click.option("--episodes", type=click.IntRange(min=1), help="Finish after this many more games.")
@click.option("--background", is_flag=True, help="In a process of its own, which survives the terminal.")
@click.option(
    "--set", "pairs", metavar="KEY=VALUE", multiple=True, help="A setting of the recipe; repeatable."
)
@_with_settings
def train(  # noqa: PLR0917
    name: str | None,
    recipe: str | None,
    seed: int | None,
    episodes: int | None,
    background: bool,
    pairs: tuple[str, ...],
    **options: str | None,
) -> None:
    """Train the model NAME: a new one, or one that exists, from where it ended.

    In the foreground Ctrl-C stops, with a checkpoint.
    """
    settings = {key: value for key, value in options.items() if value is not None} | parse_settings(pairs)
    model = _open_model(name, recipe, seed, settings)
    if background:
        status = start_session(model, episodes=episodes)
        click.echo(
            f"training {model.name} in the background (process {status.pid}); "
            f"watch it with pongarena, or: pongarena sessions · pongarena stop {model.name}"
        )
        return
    status = _train_here(model, episodes)
    click.echo(
        f"{model.name} is {status.state} at episode {status.episode:,} "
        f"(running reward {number(status.running_reward)}); go on with: pongarena train {model.name}"
    )


@click.command(hidden=True)
@click.argument("name")
@click.option("--episodes", type=click.IntRange(min=1))
def session(name: str, episodes: int | None) -> None:
    """The background process: train NAME until asked to stop; started by the app and by train."""
    if os.name == "posix":
        os.nice(_BACKGROUND_NICENESS)
    else:
        psutil.Process().nice(getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 0))
    run_session(name, episodes=episodes, detached=True)


def parse_settings(pairs: tuple[str, ...]) -> dict[str, str]:
    """Read ``--set KEY=VALUE`` options; the values stay text for the recipe to check."""
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise InvalidSettingError(
                f"expected --set KEY=VALUE, got {pair!r}; for instance learning_rate=1e-3"
            )
        settings[key.strip().replace("-", "_")] = value
    return settings


def _open_model(name: str | None, recipe: str | None, seed: int | None, settings: dict[str, str]) -> Model:
    library = Library()
    taken = {model.name.lower(): model.name for model in library.models()}
    if name is None:
        kind = recipe or recipes.DEFAULT_RECIPE
        name = next(free for n in range(1, len(taken) + 2) if (free := f"{kind}-{n}").lower() not in taken)
    if name not in taken.values():
        made = recipes.recipe(recipe or recipes.DEFAULT_RECIPE, **settings)
        return library.create(name, made, 0 if seed is None else seed)
    if settings or recipe is not None or seed is not None:
        raise InvalidSettingError(
            f"{name!r} exists and keeps its recipe, seed and settings; leave them out to go on training it, "
            f"or fork it to change them: pongarena models fork {name} NEW-NAME --set KEY=VALUE"
        )
    return library.model(name)


def _train_here(model: Model, episodes: int | None) -> Status:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        start = model.status().episode
        task = progress.add_task(model.name, total=episodes, numbers="starting")

        def show(_event: object, status: Status) -> None:
            paused = " paused" if status.state is State.PAUSED else ""
            numbers = (
                f"game {status.episode:,}  score {number(status.running_reward)}  "
                f"{number(status.steps_per_s, 0)} steps/s{paused}"
            )
            progress.update(task, completed=status.episode - start, numbers=numbers)

        return run_session(model.name, episodes=episodes, on_event=show)
