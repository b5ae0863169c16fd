"""``pongarena bench cluster``: scaling with the number of workers."""

import json
from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.table import Table

from pongarena.core.options import Real

__all__ = ["cluster"]

_WRITING_S = 3.5e-3
"""Seconds to write one result and flush it to the disk on a busy machine."""


@click.command()
@click.option("--rounds", type=click.IntRange(1, 100), default=1, show_default=True, help="20 matches each.")
@click.option("--points", type=click.IntRange(1, 21), default=5, show_default=True, help="To win a match.")
@click.option("--turns", type=click.IntRange(1, 100), default=3, show_default=True, help="Of each kind.")
@click.option(
    "--state-mb", type=Real(0, 10_000), default=57.0, show_default=True, help="A training's state (turbo's)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def cluster(rounds: int, points: int, turns: int, state_mb: float, as_json: bool) -> None:
    """Speed-up with workers: measured here, simulated up to 1,000."""
    from pongarena.bench.scaling import WORKERS, Work, measure_scaling, simulate  # noqa: PLC0415

    with Console(stderr=True).status("measuring …") as status:
        figures = measure_scaling(rounds, points, turns, on_progress=status.update)
    works = (
        Work(f"400 matches to {points}", 400, figures.match_s, 10e3, _WRITING_S),
        Work(f"100,000 matches to {points}", 100_000, figures.match_s, 10e3, _WRITING_S),
        Work("sweep of 1,000 one-minute trials", 10_000, (6.0,), 2 * state_mb * 1e6, _WRITING_S),
    )
    simulated = {work.name: [simulate(work, count) for count in WORKERS] for work in works}
    if as_json:
        found = {name: [vars(each) for each in several] for name, several in simulated.items()}
        click.echo(json.dumps({**figures.to_json(), "simulated": found}, indent=2))
        return
    _print(("measured", f"{figures.matches} matches to {points}"), list(figures.rows().items()))
    for name, several in simulated.items():
        rows = [
            (f"{each.workers:,}", f"{each.seconds:,.1f}", f"{each.speedup:,.1f}", each.bottleneck)
            for each in several
        ]
        _print((f"workers, {name}", "seconds", "speed-up", "bottleneck"), rows)


def _print(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
