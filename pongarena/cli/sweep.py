"""``pongarena sweep``: search for a recipe's best settings."""

from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pongarena.cli.asking import ends_when_asked
from pongarena.cli.scheduler import SCHEDULER, helpers
from pongarena.cli.show import print_json
from pongarena.cli.tables import print_table
from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.core.extras import require
from pongarena.core.files import require_new_file
from pongarena.core.options import FORCE, MOST_MINUTES, Real, Whole
from pongarena.core.text import printable
from pongarena.jobs.executor import TaskExecutor, own_processes
from pongarena.lab.sweep import PIECES, require_optuna, run_sweep
from pongarena.lab.sweep_plan import PRUNERS, Sweep, SweepPlan, create_sweep, find_sweep, parse_axis, sweeps
from pongarena.lab.sweep_report import FEWEST_TRIALS, SweepReport, plot_sweep, read_sweep_report
from pongarena.training import registry
from pongarena.training.settings import check_setting, parse_settings

__all__ = ["sweep"]

_NICENESS = 5
_SHOWN = 10
"""Trials in the table."""


@click.command()
@click.argument("name", metavar="[RECIPE|SWEEP]", required=False)
@click.option("--over", "axes", metavar="SETTING=LOW:HIGH[:log]", multiple=True, help="Vary it; repeatable.")
@click.option(
    "--set", "pairs", metavar="KEY=VALUE", multiple=True, help="The same in all trials; repeatable."
)
@click.option("--trials", type=Whole(1, 100_000), default=20, show_default=True, help="How many trainings.")
@click.option("--minutes", type=Real(0, MOST_MINUTES, above=True), help="Length of each trial.  [default: 1]")
@click.option("--steps", type=Whole(1, 10**10), help="The same in steps: equal on every machine.")
@click.option("--seed", type=Whole(0, 2**63 - 1), default=0, show_default=True, help="Seed of every trial.")
@click.option(
    "--prune", type=click.Choice(PRUNERS), default="median", show_default=True,
    help="End a trial early that is below the median of the others, or below all reference runs.",
)  # fmt: skip
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True,
    help="Trials at once; they share the processor.",
)  # fmt: skip
@SCHEDULER
@click.option("--report", "only_report", is_flag=True, help="Only show the report of a sweep so far.")
@click.option("--png", type=click.Path(path_type=Path, dir_okay=False), help="Also draw the report.")
@FORCE
@click.option("--json", "as_json", is_flag=True, help="The report as JSON, for scripts.")
def sweep(  # noqa: PLR0917
    name: str | None,
    axes: tuple[str, ...],
    pairs: tuple[str, ...],
    trials: int,
    minutes: float | None,
    steps: int | None,
    seed: int,
    prune: str,
    jobs: int,
    scheduler: str | None,
    only_report: bool,
    png: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Search for the best settings of a RECIPE, or continue a stopped SWEEP; without a name, list sweeps.

    Each trial is a new training of the same length on the compiled game. Its score is its share of the last
    points. The results so far decide what is tried next. Ctrl-C stops; finished trials are kept.

    Example: pongarena sweep turbo --over learning_rate=1e-4:1e-2:log --trials 20 --minutes 1
    """
    if name is None:
        _list(as_json)
        return
    require_optuna()
    if png is not None:
        require("matplotlib", "the picture", "leave --png out")
        require_new_file(png, force=force)
    if name in registry.RECIPES:
        plan = _plan(name, axes, pairs, SweepPlan(
            name, (), trials, minutes=0.0 if steps else minutes or 1.0, decisions=steps or 0,
            seed=seed, prune=prune,
        ), both=bool(minutes and steps))  # fmt: skip
        found = None
    else:
        found = find_sweep(name)
        if axes or pairs:
            raise InvalidSettingError(
                f"{name!r} exists and keeps what it varies; leave --over and --set out, or name a recipe"
            )
    if not only_report:
        with helpers(scheduler, workers=jobs, niceness=_NICENESS) as cluster:
            found = found or create_sweep(plan)
            _work(found, cluster, jobs)
    if found is None:
        raise InvalidSettingError(
            f"expected a sweep to report on, got the recipe {name!r}; see: pongarena sweep"
        )
    report = read_sweep_report(found)
    if png is not None:
        plot_sweep(report, png)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, png)


def _plan(
    recipe: str, axes: tuple[str, ...], pairs: tuple[str, ...], plain: SweepPlan, *, both: bool
) -> SweepPlan:
    if not axes:
        raise InvalidSettingError(
            f"expected at least one setting to vary, got none; for example: pongarena sweep {recipe} --over "
            "learning_rate=1e-4:1e-2:log"
        )
    if both:
        raise InvalidSettingError("expected --minutes or --steps, got both; leave one of them out")
    kind = type(registry.recipe(recipe))
    settings = {key: check_setting(kind, key, value) for key, value in parse_settings(pairs).items()}
    return SweepPlan(
        recipe,
        tuple(parse_axis(recipe, text) for text in axes),
        plain.trials,
        settings=settings,
        minutes=plain.minutes,
        decisions=plain.decisions,
        seed=plain.seed,
        prune=plain.prune,
    )


def _list(as_json: bool) -> None:
    names = sweeps()
    if as_json:
        print_json(names)
    elif not names:
        click.echo("there are no sweeps yet; begin: pongarena sweep turbo --over learning_rate=1e-4:1e-2:log")
    else:
        rows = [_about(name) for name in names]
        print_table(("sweep", "varied", "trials"), rows)


def _about(name: str) -> tuple[str, str, str]:
    try:
        plan = find_sweep(name).plan
    except LibraryError as error:
        return name, "damaged", str(error)
    return name, ", ".join(axis.name for axis in plan.axes), f"{plan.trials} × {plan.length}"


def _work(found: Sweep, cluster: TaskExecutor | None, jobs: int) -> None:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[words]}"))
    with (
        ends_when_asked() as asked,
        Progress(*columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task(found.id, total=found.plan.trials * PIECES, words="")

        def tell(pieces: int, words: str) -> None:
            ended = f"{pieces // PIECES} of {found.plan.trials} trials"
            progress.update(task, completed=pieces, words=f"{ended}  {words}" if words else ended)

        with own_processes(cluster, jobs, niceness=_NICENESS) as executor:
            run_sweep(found, executor, on_progress=tell, stopped=asked.is_set)


def _show(report: SweepReport, png: Path | None) -> None:
    found, plan = report.sweep, report.sweep.plan
    ended_early = sum(not each.complete for each in report.trials)
    click.echo(
        f"{found.id}: {len(report.trials)} of {plan.trials} trials of {plan.length}, seed {plan.seed}"
        + (f"; {ended_early} ended early" if ended_early else "")
    )
    if report.trials:
        names = [axis.name for axis in plan.axes]
        print_table(
            ("#trial", "#points won", "95 %", *(f"#{name}" for name in names), ""),
            [
                (
                    str(each.number),
                    f"{each.share:.1%}",
                    f"{each.low:.1%}–{each.high:.1%}",
                    *(f"{each.settings[name]:.4g}" for name in names),
                    each.note or ("the recipe's own" if each.own else ""),
                )
                for each in report.trials[:_SHOWN]
            ],
        )
    if report.importances:
        click.echo("how much each setting explains of the differences between scores:")
        for line in report.bars():
            click.echo(f"  {line}")
    elif report.trials:
        click.echo(f"it takes {FEWEST_TRIALS} complete trials to say which settings mattered")
    click.echo(" ".join(report.claims()))
    if report.best is not None:
        click.echo(f"train with them:      {report.command}\ntrain several seeds:  {report.check}")
    if png is not None:
        click.echo(f"the picture is in {printable(str(png))}")
    if len(report.trials) < plan.trials:
        click.echo(f"continue with: pongarena sweep {found.id}")
