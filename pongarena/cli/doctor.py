"""``pongarena doctor``."""

import sys
from dataclasses import asdict

import click
from rich.text import Text

from pongarena.cli.show import print_json
from pongarena.cli.tables import print_table
from pongarena.core.errors import PongArenaError
from pongarena.core.text import printable
from pongarena.doctor import Finding, Level, examine
from pongarena.library.models import Library
from pongarena.library.repairs import Backup, Repair, needed_repairs, perform

__all__ = ["doctor"]

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@click.command()
@click.option("--fix", is_flag=True, help="Repair what can be, after asking; originals are kept.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def doctor(fix: bool, yes: bool, as_json: bool) -> None:
    """Check whether everything here works; exit code 1 when something does not."""
    if yes and not fix:
        raise click.UsageError("expected --yes together with --fix; without it nothing is changed")
    if fix and as_json and not yes:
        raise click.UsageError("--json cannot ask: expected --yes, too")
    if fix:
        _fix(yes, quiet=as_json)
    findings = examine()
    _show(findings, as_json)
    sys.exit(any(each.level is Level.FAIL for each in findings))


def _fix(yes: bool, *, quiet: bool) -> None:
    """Offer and perform the repairs; report one that fails, and do the others."""
    repairs = needed_repairs(Library())
    if not repairs:
        click.echo("there is nothing to repair", err=quiet)
        return
    if not quiet:
        print_table(("what", "found", "what will be done"), [_row(each) for each in repairs])
    things = "this" if len(repairs) == 1 else f"these {len(repairs)} things"
    backup = Backup()
    place = printable(str(backup.folder))
    if not (yes or click.confirm(f"Repair {things}? The originals are kept in {place}")):
        return
    done = 0
    for repair in repairs:
        try:
            perform(repair, backup)
            done += 1
        except PongArenaError as error:
            click.echo(f"not done: {error}", err=True)
    kept = f"; the originals are in {place}" if backup.folder.exists() else ""
    click.echo(f"{done} of {len(repairs)} repaired{kept}", err=quiet)


def _row(repair: Repair) -> tuple[str, str, str]:
    return repair.subject, repair.found, repair.remedy


def _show(findings: list[Finding], as_json: bool) -> None:
    if as_json:
        print_json([asdict(finding) for finding in findings])
        return
    rows = [
        (
            Text(each.level, style=_COLOURS[each.level]),
            each.subject,
            each.found + (f"\n→ {each.advice}" if each.advice else ""),
        )
        for each in findings
    ]
    print_table(("", "what", "found"), rows)
