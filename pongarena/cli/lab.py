"""``pongarena lab``: experiments on learning itself."""

import os
import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pongarena.cli.chart import draw_chart
from pongarena.cli.lazy import LazyGroup
from pongarena.cli.scheduler import SCHEDULER, helpers
from pongarena.cli.show import age, print_json, restore_folder, state_text
from pongarena.cli.tables import print_table
from pongarena.core.errors import LibraryError, SessionError
from pongarena.core.options import Real, Renamed, Whole
from pongarena.core.reading import read_ordinary, reason
from pongarena.core.text import duration, printable
from pongarena.jobs.niceness import step_back
from pongarena.jobs.requests import Verb
from pongarena.jobs.status import State
from pongarena.lab import client as desk
from pongarena.lab.experiments import (
    EXPERIMENTS,
    LENGTHS,
    MOST_DECISIONS,
    MOST_SECONDS,
    MOST_SEEDS,
    experiment,
)
from pongarena.lab.report import read_results, write_report
from pongarena.lab.store import LabRun, delete_run, find_run, lab_runs, trash
from pongarena.tui.data.curves import axes_of_arms, of_arms

__all__ = ["lab"]

_NICENESS = 5
"""Experiments yield the processor to matches."""

_STOP_TIMEOUT_S = 120.0

_WAIT_S = 0.5

_CHART_WIDTH = 100
"""Columns; a wider chart shows no more."""

_LARGEST_REPORT = 4 << 20
"""Bytes; a report usually has some kilobytes."""


@click.group(cls=LazyGroup, lazy={})
def lab() -> None:
    """Experiments on learning itself, in the background, with a report at the end."""


@lab.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def list_all(as_json: bool) -> None:
    """List the experiments and their runs so far."""
    runs = lab_runs()
    if as_json:
        print_json([{"id": run.id, "fault": run.fault, **run.status().to_json()} for run in runs])
        return
    known = desk.speeds()
    print_table(
        ("experiment", "question", *(f"#{each.name}" for each in LENGTHS)),
        [
            (each.name, each.question, *(_about(desk.estimate_s(each, size, known)) for size in each.lengths))
            for each in EXPERIMENTS
        ],
    )
    if not runs:
        click.echo("there are no runs yet; begin: pongarena lab run NAME")
        return
    print_table(
        ("run", "state", "#done", "begun"),
        [(run.id, run.fault or state_text(run.status()), _done(run), age(run.created)) for run in runs],
    )


@lab.command("run")
@click.argument("name")
@click.option(
    "--length", "length_name", type=click.Choice([each.name for each in LENGTHS]), default="short",
    show_default=True, help="A first impression, or enough to tell a difference from chance.",
)  # fmt: skip
@click.option(
    "--steps", "--decisions", "decisions", cls=Renamed, type=Whole(1, MOST_DECISIONS),
    help="Steps of each training, instead of the length's.",
)  # fmt: skip
@click.option(
    "--seconds", type=Real(1, MOST_SECONDS),
    help="The same for who-learns-fastest, whose trainings take equally long.",
)  # fmt: skip
@click.option("--seeds", type=click.IntRange(2, MOST_SEEDS), help="Number of trainings of each variant.")
@SCHEDULER
@click.option("--wait", is_flag=True, help="Stay, show the progress, and print the report.")
def run_one(
    name: str,
    length_name: str,
    *,
    decisions: int | None,
    seconds: float | None,
    seeds: int | None,
    scheduler: str | None,
    wait: bool,
) -> None:
    """Run the experiment NAME, or continue a stopped run, given by its id.

    It runs in the background and survives the terminal; `pongarena lab list` shows its progress.
    """
    known = {each.name for each in EXPERIMENTS}
    stopped = {run.id: run for run in lab_runs()}
    if name in stopped and name not in known:
        run = find_run(name)
        desk.resume(run, scheduler=scheduler)
    else:
        asked = experiment(name)
        length = asked.length(length_name, decisions=decisions, seconds=seconds, seeds=seeds)
        try:
            run = desk.begin(asked, length, scheduler=scheduler)
        except KeyboardInterrupt:
            click.echo("it may have begun in the background; see pongarena jobs", err=True)
            raise
    click.echo(
        f"{run.id} is at work: {len(run.parts())} trainings of {run.length} each; "
        f"see pongarena lab list · pongarena lab report {run.id} · pongarena lab stop {run.id}"
    )
    if scheduler is not None:
        click.echo(run.status().message, err=True)
    if wait:
        try:
            _wait(run)
        except KeyboardInterrupt:
            click.echo(f"{run.id} runs in the background; stop it: pongarena lab stop {run.id}", err=True)
            raise
        _show(run)


@lab.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--json", "as_json", is_flag=True, help="The numbers, as JSON.")
def report(run_id: str | None, as_json: bool) -> None:
    """Print the report of a run so far; by default of the latest one."""
    if run_id is None:
        sound = [run for run in lab_runs() if run.fault is None]
        if not sound:
            raise SessionError("there are no runs yet; begin: pongarena lab run NAME")
        run_id = sound[-1].id
    run = find_run(run_id)
    write_report(run)
    if as_json:
        click.echo(_text_of(run.path / "report.json"))
    else:
        _show(run)


@lab.command()
@click.argument("run_id", metavar="RUN")
def stop(run_id: str) -> None:
    """Stop a run; finished trainings are kept, and `pongarena lab run RUN` continues it."""
    run = find_run(run_id)
    desk.ask(run, Verb.STOP)
    status = desk.wait_for(run, (State.STOPPED, State.FINISHED, State.CRASHED), _STOP_TIMEOUT_S)
    click.echo(f"{run.id} is {status.state}, {_done(run)} done; continue with: pongarena lab run {run.id}")


@lab.command()
@click.argument("run_id", metavar="RUN")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(run_id: str, yes: bool) -> None:
    """Delete a run with its report, even a damaged one; `restore` brings it back."""
    run = next((each for each in lab_runs() if each.id == run_id and each.fault), None) or find_run(run_id)
    if not yes:
        click.confirm(f"Delete the run {printable(run.id)} with all that was learned in it?", abort=True)
    item = delete_run(run)
    click.echo(f"{printable(run.id)} is deleted; bring it back: pongarena lab restore {item}")


@lab.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--empty", is_flag=True, help="Remove all deleted runs for good; asks first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def restore(run_id: str | None, empty: bool, as_json: bool) -> None:
    """Restore a deleted run; without a name, list the deleted runs."""
    restore_folder(trash(), run_id, "pongarena lab restore", empty=empty, as_json=as_json)


@lab.command(hidden=True)
@click.argument("run_id")
@SCHEDULER
def session(run_id: str, scheduler: str | None) -> None:
    """The background process itself."""
    step_back(_NICENESS)
    from pongarena.lab.runner import run_lab  # noqa: PLC0415 (it loads the emulator)

    with helpers(scheduler, workers=os.cpu_count() or 1, niceness=_NICENESS) as executor:
        run_lab(run_id, executor)


def _wait(run: LabRun) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:.0f} %"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(run.id, total=run.amount)
        while (status := run.status()).active:
            progress.update(task, completed=status.steps, description=f"{run.id}: {status.message}")
            time.sleep(_WAIT_S)
    if status.state is State.CRASHED:
        raise SessionError(f"the experiment {run.id!r} failed: {status.message}")


def _show(run: LabRun) -> None:
    """Print the report with its chart drawn for the terminal, and its path."""
    before, _, after = _text_of(run.report).partition("![")
    click.echo(before, nl=False)
    console, timed = Console(highlight=False), bool(run.length.seconds)
    series = of_arms(read_results(run).arms, seconds=timed)
    y_range, unit = axes_of_arms(series, seconds=timed)
    label = f"{unit} (points won, %; dots: lowest and highest seed)"
    width = min(console.width, _CHART_WIDTH)
    console.print(draw_chart(series, y_range, label, width=width), soft_wrap=True)
    click.echo(f"{after.partition(')')[2]}({printable(str(run.report))})")


def _done(run: LabRun) -> str:
    if run.fault is not None:
        return "–"
    results = read_results(run)
    played = sum(min(part.amount, run.length.amount) for arm in results.arms for part in arm.parts)
    return f"{played / run.amount:.0%}"


def _about(seconds: float) -> str:
    return f"~{duration(seconds)}"


def _text_of(path: Path) -> str:
    try:
        return read_ordinary(path, limit=_LARGEST_REPORT).decode()
    except (OSError, ValueError) as error:
        raise LibraryError(f"cannot read {path}: {reason(error)}; make it readable") from error
