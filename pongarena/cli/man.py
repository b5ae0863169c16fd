"""``pongarena man``: the manual page, wherever it is installed."""

import shutil
import subprocess
import sys

import click

from pongarena.core import paths

__all__ = ["man"]


@click.command()
def man() -> None:
    """Show the manual page; over a pipe, print its source.

    To find it by "man pongarena" where the installer did not put it: pongarena man > pongarena.1, in a folder
    man1 of your man path.
    """
    page = paths.assets_dir() / "pongarena.1"
    if not sys.stdout.isatty():
        click.echo(page.read_text(encoding="utf-8"), nl=False)
        return
    reader = shutil.which("man")
    if reader is None:
        raise click.UsageError(
            "there is no program man here to show it; see pongarena --help and pongarena COMMAND --help, "
            "or make pages for a browser: pongarena docs DIR"
        )
    # a name with a slash is a file, on Linux, BSD and macOS
    raise SystemExit(subprocess.run([reader, str(page.absolute())], check=False).returncode)
