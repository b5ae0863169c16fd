"""``pongarena train``, and the hidden ``session``: the background process."""

import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from pongarena.cli.show import START_PATIENCE_S, compiles, number, queued_words, starting_words
from pongarena.core.errors import InvalidSettingError
from pongarena.core.memory import FOR_LIBRARIES, require_memory
from pongarena.core.notification import BELL, notification
from pongarena.core.options import MOST_MINUTES, Real, Renamed, Whole
from pongarena.jobs.niceness import step_back
from pongarena.jobs.status import State, Status
from pongarena.library.models import Library, Model
from pongarena.library.names import fresh_name
from pongarena.library.progress import measure, measure_rating, share_curve
from pongarena.library.reference import has_own_settings, reference_for
from pongarena.library.sessions.client import LEAST_SHARE, Plan
from pongarena.library.sessions.milestones import News
from pongarena.library.sessions.queue import start_or_wait
from pongarena.library.strength import strength_of
from pongarena.library.tensorboard import require_writer
from pongarena.match.player_names import typed_player
from pongarena.training import registry
from pongarena.training.events import Compiling, Event, FellBack, Updated
from pongarena.training.settings import Setting, parse_settings, settings_of
from pongarena.tui.widgets.sparkline import spark

__all__ = ["session", "train"]

_LIVE_EVERY_S, _LOG_EVERY_S, _NUMBERS_EVERY_S = 0.5, 30.0, 0.1
"""How often the verdict is updated on a terminal, and in a file; and how often the numbers are."""

_BACKGROUND_NICENESS = 5
"""Sessions yield the processor to the match window, which must draw in time."""


def _with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for every hyperparameter of every recipe."""
    settings: dict[str, dict[str, Setting]] = {}
    for kind in registry.RECIPES.values():
        for each in settings_of(kind):
            settings.setdefault(each.name, {})[kind.name] = each
    for name, kinds in reversed(settings.items()):
        first = next(iter(kinds.values()))
        words = [f"--{each.replace('_', '-')}" for each in dict.fromkeys((first.key, name))]
        if all(_is_switch(each) for each in kinds.values()):
            text = f"{first.help}  [short for --set {first.key}=1]"
            switch = click.option(*words, name, cls=Renamed, flag_value="1", default=None, help=text)
            command = switch(command)
            continue
        defaults = ", ".join(f"{each.default:g} {kind}" for kind, each in kinds.items())
        text = f"{first.about}  [{first.allowed}; default {defaults}]"
        command = click.option(*words, name, cls=Renamed, metavar="NUMBER", help=text)(command)
    return command


def _is_switch(setting: Setting) -> bool:
    return setting.type is int and (setting.low, setting.high, setting.default) == (0, 1, 0)


@click.command()
@click.argument("name", required=False)
@click.option(
    "--recipe",
    type=click.Choice(sorted(registry.RECIPES)),
    help=f"How to train.  [default: {registry.DEFAULT_RECIPE}]",
)
@click.option("--seed", type=Whole(0, 2**63 - 1), help="Seed of the weights and all games.  [default: 0]")
@click.option("--episodes", type=Whole(), help="Finish after this many more games.")
@click.option("--minutes", type=Real(0, MOST_MINUTES, above=True), help="Finish after so much training.")
@click.option("--share", type=Real(LEAST_SHARE, 1), help="Share of the processor; 0.5 rests half the time.")
@click.option(
    "--background",
    is_flag=True,
    help="Train in the background; it survives the terminal, and waits in line when enough others train.",
)
@click.option(
    "--tensorboard-log",
    "events",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Also write a log for TensorBoard, in DIR/NAME.",
)
@click.option(
    "--tell",
    is_flag=True,
    help="Ring the terminal's bell and notify you: at the first point, at 25 %, past the CPU, at the end.",
)
@click.option(
    "--tell-command",
    metavar="COMMAND",
    default="",
    help="Run this at these moments, with the news as last argument.  [default: as in the app's settings]",
)
@click.option("--now", is_flag=True, help="With --background: do not wait in line.")
@click.option(
    "--set", "pairs", metavar="KEY=VALUE", multiple=True, help="A setting of the recipe; repeatable."
)
@click.option(
    "--from-matches",
    is_flag=False,
    flag_value="",
    metavar="[IDS]",
    help="Begin by imitating what you did in these matches (ids, commas between), or in your latest ones.",
)
@click.option(
    "--like",
    metavar="PLAYER",
    default="human",
    show_default=True,
    help="With --from-matches: whom to imitate, you, ai or a model.",
)
@_with_settings
def train(  # noqa: PLR0917
    name: str | None,
    recipe: str | None,
    seed: int | None,
    episodes: int | None,
    minutes: float | None,
    share: float | None,
    background: bool,
    events: Path | None,
    tell: bool,
    tell_command: str,
    now: bool,
    pairs: tuple[str, ...],
    from_matches: str | None,
    like: str,
    **options: str | None,
) -> None:
    """Train the model NAME: a new one, or an existing one from where it ended.

    With --from-matches a new model first learns to do what you did in your matches, and says how well it
    imitates you; then it trains by its recipe. In the foreground Ctrl-C stops, with a checkpoint.
    """
    settings = {key: value for key, value in options.items() if value is not None} | parse_settings(pairs)
    require_memory(FOR_LIBRARIES, "training")
    if events is not None:
        require_writer(events)
    plan = Plan(episodes, minutes, share, "" if events is None else str(events.absolute()), tell_command)
    if tell and background:
        raise click.UsageError(
            "--tell is for training in the foreground; use --tell-command, or look at the app"
        )
    if now and not background:
        raise click.UsageError("--now needs --background; training in the foreground never waits")
    if from_matches is None:
        model = _open_model(name, recipe, seed, settings)
    else:
        model = _imitate(name, recipe, seed, settings, from_matches, like)
    if background:
        status = start_or_wait(Library(), model, plan, now=now, patience_s=START_PATIENCE_S, leave=compiles)
        if status.state is State.QUEUED:
            click.echo(queued_words(model.name))
            if tell_command:
                click.echo("its --tell-command is lost while it waits; set one in the app", err=True)
            return
        if status.state is State.STARTING:
            click.echo(f"{model.name} is {starting_words(status)}; it continues by itself")
        click.echo(
            f"training {model.name} in the background (process {status.pid}); "
            f"watch it with pongarena, or: pongarena sessions · pongarena stop {model.name}"
        )
        return
    status = _train_here(model, plan, aloud=tell)
    if status.episode > max(model.checkpoints(), default=0):
        click.echo(f"{model.name}: {status.message}", err=True)  # the disk was full: less was saved
    click.echo(
        f"{model.name} is {status.state} at game {status.episode:,} "
        f"({strength_of(model) or 'too few points to tell how strong'}); "
        f"continue with: pongarena train {model.name}"
    )


@click.command(hidden=True)
@click.argument("name")
@click.option("--episodes", type=Whole())
@click.option("--minutes", type=Real(0, MOST_MINUTES))
@click.option("--share", type=Real(0, 1))
@click.option("--tensorboard-log", "events", default="")
@click.option("--tell-command", default="")
def session(  # noqa: PLR0917
    name: str,
    episodes: int | None,
    minutes: float | None,
    share: float | None,
    events: str,
    tell_command: str,
) -> None:
    """The background process: train NAME until asked to stop; started by the app and by train."""
    step_back(_BACKGROUND_NICENESS)
    from pongarena.library.sessions.session import run_session  # noqa: PLC0415

    run_session(name, plan=Plan(episodes, minutes, share, events, tell_command), detached=True)


def _open_model(name: str | None, recipe: str | None, seed: int | None, settings: dict[str, str]) -> Model:
    library = Library()
    taken = {model.name.lower(): model.name for model in library.models()}
    if name is None:
        kind = recipe or registry.DEFAULT_RECIPE
        name = next(free for n in range(1, len(taken) + 2) if (free := f"{kind}-{n}").lower() not in taken)
    if name not in taken.values():
        made = registry.recipe(recipe or registry.DEFAULT_RECIPE, **settings)
        return library.create(name, made, 0 if seed is None else seed)
    if settings or recipe is not None or seed is not None:
        raise InvalidSettingError(
            f"{name!r} exists and keeps its recipe, seed and settings; leave them out to train it further, "
            f"or fork it to change them: pongarena models fork {name} NEW-NAME --set KEY=VALUE"
        )
    return library.model(name)


def _imitate(  # noqa: PLR0917
    name: str | None, recipe: str | None, seed: int | None, settings: dict[str, str], ids: str, player: str
) -> Model:
    """Make a model from matches, and say how well it imitates."""
    from pongarena.match.demonstrations import clone_matches, find_matches  # noqa: PLC0415 (the emulator)

    library = Library()
    made = registry.recipe(recipe or registry.DEFAULT_RECIPE, **settings)
    name = name or fresh_name("clone", {model.name.lower() for model in library.models()})
    source = find_matches(
        [each.strip() for each in ids.split(",") if each.strip()], typed_player(library, player)
    )
    try:
        with Console(stderr=True).status("reading the matches") as status:
            model = clone_matches(library, name, made, seed or 0, source, on_progress=status.update)
    finally:
        for match, reason in (source.left_out or {}).items():
            click.echo(f"left out match {match}: {reason}", err=True)
    click.echo(f"{name} {model.cloned}")
    return model


def _train_here(model: Model, plan: Plan, *, aloud: bool = False) -> Status:
    """Train in the foreground, with a line of numbers and, below it, the verdict on its learning.

    A file gets the same lines twice a minute. Milestones are always printed; `aloud` adds the terminal's bell
    and notification.
    """
    # it loads the emulator, which a session in the background does not need here
    from pongarena.library.sessions.session import DiskNews, run_session  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[numbers]}"),
        TimeElapsedColumn(),
    )
    numbers = Progress(*columns, console=console)
    start = model.status().episode
    task = numbers.add_task(model.name, total=plan.episodes, numbers="starting: the games are being loaded")
    watch, shown_at = _LearningWatch(model), -math.inf

    def show(event: Event | DiskNews | News, now: Callable[[], Status]) -> None:
        nonlocal shown_at
        if isinstance(event, DiskNews | News):
            words = f"{model.name}: {event}" if isinstance(event, DiskNews) else str(event)
            console.print(words, soft_wrap=True, markup=False, highlight=False)
            if aloud and isinstance(event, News) and console.is_terminal:
                console.file.write(BELL + notification(words, os.environ))
            return
        if isinstance(event, Compiling | FellBack):
            numbers.update(task, numbers=str(event))
            if not console.is_terminal:
                console.print(f"{model.name}: {event}", soft_wrap=True)
            return
        looks = isinstance(event, Updated) and watch.due(
            _LIVE_EVERY_S if console.is_terminal else _LOG_EVERY_S
        )
        if not looks and time.monotonic() < shown_at + _NUMBERS_EVERY_S:
            return
        shown_at, status = time.monotonic(), now()
        paused = " paused" if status.state is State.PAUSED else ""
        words = f"game {status.episode:,}  {status.steps:,} steps  {number(status.steps_per_s, 0)}/s{paused}"
        numbers.update(task, completed=status.episode - start, numbers=words)
        if looks:
            lines = watch.look(status)
            if console.is_terminal:
                live.update(Group(numbers, *lines))
            else:
                console.print(f"{words}  ", *lines, sep="\n  ", soft_wrap=True)

    with Live(numbers, console=console, transient=False, auto_refresh=console.is_terminal) as live:
        status = run_session(model.name, plan=plan, on_event=show)
        numbers.update(task, completed=status.episode - start)
        return status


class _LearningWatch:
    """Reads the model's curve from time to time and describes it."""

    def __init__(self, model: Model) -> None:
        self._tail = model.curve_tail()
        self._reference = reference_for(model)
        self._own_settings = has_own_settings(model)
        self._next = 0.0

    def due(self, every_s: float) -> bool:
        """Whether it is time for the next look."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + every_s
        return True

    def look(self, status: Status) -> list[Text]:
        """Return lines: a sparkline of the share of points won, or of the rating, and the verdict."""
        self._tail.refresh()
        curve = self._tail.curve
        progress = measure(curve.points, self._reference, own_settings=self._own_settings)
        rating = measure_rating(curve.ratings)
        if rating is None:
            _, picture = share_curve(curve.points)
            standing, words = progress.standing(), [progress.verdict(), progress.outlook(status.steps_per_s)]
        else:
            _, picture = curve.ratings
            standing, words = rating.standing(), [rating.check(progress), rating.verdict()]
        line = Text.assemble((spark(picture, 30), "cyan"), "  " if len(picture) else "", standing)
        return [line, *(Text(each[:1].upper() + each[1:], style="dim") for each in words if each)]
