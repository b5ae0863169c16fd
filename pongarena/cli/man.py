"""``pongarena man``: show the manual page, without having to install it."""

import os
import shutil
import subprocess
import sys

import click

from pongarena.core import paths

__all__ = ["man"]


@click.command()
def man() -> None:
    """Show the manual page; into a pipe or file, print its source.

    If "man pongarena" does not find it, run pongarena man > pongarena.1 in the folder man1 of your man path.
    """
    page = paths.assets_dir() / "pongarena.1"
    if not sys.stdout.isatty():
        click.echo(page.read_text(encoding="utf-8"), nl=False)
        return
    reader = shutil.which("man")
    if reader is None:
        raise click.UsageError(
            "the program man is not installed; see pongarena --help and pongarena COMMAND --help, "
            "or make pages for a browser: pongarena docs DIR"
        )
    # man reads a name with a slash as a file, on Linux, BSD and macOS
    command = [reader, str(page.absolute())]
    if os.name == "posix":
        os.execv(reader, command)  # in our place: Ctrl-C is for its pager, which must not outlive us
    raise SystemExit(subprocess.run(command, check=False).returncode)
