"""``pongarena docs``: the documentation as pages for a browser."""

from pathlib import Path

import click

from pongarena.core import paths

__all__ = ["docs"]


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def docs(folder: Path) -> None:
    """Make the documentation's pages in DIR, to read in a browser or to put on any web space."""
    from pongarena.manual.site import write_site  # noqa: PLC0415 - only when it is asked for

    first, *others = write_site(paths.assets_dir(), folder)
    click.echo(f"wrote {len(others) + 1} pages; open {first}")
