"""``pongarena jobs``: everything that runs in the background, in one list."""

import click

from pongarena.cli.show import print_json
from pongarena.cli.tables import print_table
from pongarena.core.text import duration
from pongarena.lab.background import JobWatcher, sessions_at_work
from pongarena.library.models import Library

__all__ = ["jobs"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def jobs(as_json: bool) -> None:
    """List what runs in the background: training sessions, tournaments, lab runs."""
    found = [*sessions_at_work(Library()), *JobWatcher().look()]
    if as_json:
        print_json([each.to_json() for each in found])
        return
    if not found:
        click.echo("nothing runs in the background; start something: pongarena train NAME --background")
        return
    print_table(
        ("what", "name", "state", "#done", "how far", "#ready in"),
        [
            (
                each.kind,
                each.name,
                str(each.state),
                "–" if each.done is None else f"{each.done:.0%}",
                each.words,
                "–" if each.seconds_left is None else f"~{duration(each.seconds_left)}",
            )
            for each in found
        ],
    )
