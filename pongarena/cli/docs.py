"""``pongarena docs``: the documentation as web pages."""

from pathlib import Path

import click

from pongarena.core import paths
from pongarena.core.options import FORCE
from pongarena.core.text import printable

__all__ = ["docs"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@FORCE
def docs(folder: Path, force: bool) -> None:
    """Write the documentation as web pages to DIR, for a browser or a web server."""
    from pongarena.manual.site import write_site  # noqa: PLC0415 - it loads a Markdown parser

    first, *others = write_site(paths.assets_dir(), folder, overwrite=force)
    click.echo(f"wrote {len(others) + 1} pages; open {printable(str(first))}")
