"""``pongarena doctor``."""

import sys
from dataclasses import asdict

import click
from rich.text import Text

from pongarena.cli.show import print_json, print_table
from pongarena.doctor import Level, examine

__all__ = ["doctor"]

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def doctor(as_json: bool) -> None:
    """Check whether everything here works; exit code 1 when something does not."""
    findings = examine()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        rows = [
            (
                Text(each.level, style=_COLOURS[each.level]),
                each.subject,
                each.found + (f"\n→ {each.advice}" if each.advice else ""),
            )
            for each in findings
        ]
        print_table(("", "what", "found"), rows)
    sys.exit(any(each.level is Level.FAIL for each in findings))
