"""``--scheduler``: let other processes, or other machines, do the work."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from pongarena.core.text import printable
from pongarena.jobs.executor import TaskExecutor

__all__ = ["SCHEDULER", "helpers"]


def _checked(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    from pongarena.jobs.cluster import check_scheduler  # noqa: PLC0415

    return check_scheduler(value)


SCHEDULER = click.option(
    "--scheduler",
    metavar="local|tcp://HOST:PORT",
    callback=_checked,
    help="Use the workers of a Dask scheduler, or local ones; needs the extra cluster.",
)


@contextmanager
def helpers(scheduler: str | None, *, workers: int, niceness: int = 0) -> Iterator[TaskExecutor | None]:
    """Open the workers of a scheduler and describe them on stderr; None without a scheduler.

    Args:
        scheduler: The value of `SCHEDULER`.
        workers: How many to start for "local".
        niceness: The niceness of those, 0..19.

    Raises:
        PongArenaError: As `open_cluster`.
    """
    if scheduler is None:
        yield None
        return
    from pongarena.jobs.cluster import open_cluster  # noqa: PLC0415 (slow to load, and seldom needed)

    with open_cluster(scheduler, workers=workers, niceness=niceness) as executor:
        click.echo(printable(str(executor)), err=True)
        yield executor
