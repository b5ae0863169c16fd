"""``pongarena export`` and ``pongarena import``, also as ``pongarena models export`` and ``import``."""

import tempfile
from pathlib import Path

import click

from pongarena.cli.show import ancestor_words, checkpoint_words, print_table, strength_words
from pongarena.core.errors import InvalidSettingError
from pongarena.core.options import FORCE
from pongarena.core.text import printable
from pongarena.library.bundle import SUFFIX
from pongarena.library.exchange import export_file, import_file
from pongarena.library.models import Library, Model
from pongarena.library.strength import strength_of
from pongarena.nn.checkpoint import read_card
from pongarena.page.build import is_page, write_page

__all__ = ["export", "import_"]


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("name", required=False)
@click.option("--name", "name_option", help="The new model's name.  [default: one like the file's]")
@click.option("--check", is_flag=True, help="Only see whether the file is whole, and what is in it.")
def import_(path: Path, name: str | None, name_option: str | None, check: bool) -> None:
    """Make a model from a file.

    FILE is a .pongarena bundle, a .npz checkpoint, or weights W1 and W2: the save.p of the original script,
    or numpy's .npz. Nothing in it is ever run. A file that is damaged, or would play otherwise here than
    where it comes from, is refused as a whole.
    """
    if check:
        with tempfile.TemporaryDirectory() as folder:
            model = import_file(Library(Path(folder) / "models", Path(folder)), path, name_option or name)
            _describe(model)
        click.echo(f"{printable(str(path))} is whole; import it without --check")
        return
    model = import_file(Library(), path, name_option or name)
    _describe(model)
    click.echo(f"imported {printable(str(path))} as {model.name}; play it: pongarena play human {model.name}")


@click.command("export")
@click.argument("source", metavar="MODEL[@EPISODE]")
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file.  [default: MODEL.pongarena]")
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a page in which anybody plays against the model, without installing anything.",
)
@click.option("--all", "everything", is_flag=True, help="With all checkpoints, not only the one.")
@FORCE
def export(
    *,
    source: str,
    path: Path | None,
    output: Path | None,
    page: Path | None,
    everything: bool,
    force: bool,
) -> None:
    """Make one file of a model, for others to import.

    A name that ends in .pongarena gives a bundle: the checkpoint (the latest by default), the learning curve,
    the settings, ancestors and notes, each with its SHA-256. One that ends in .npz gives only the checkpoint,
    which numpy can open. One that ends in .html gives a page that plays: open it in a browser, or put it on
    any web space.
    """
    ref = Library().checkpoint(source)
    file = page or output or path or Path(f"{ref.model}{SUFFIX}")
    if page is not None and not is_page(page):
        raise InvalidSettingError(f"expected a page's name that ends in .html, got {page.name}")
    if everything and file.suffix.lower() != SUFFIX:
        raise InvalidSettingError(
            f"expected a file that ends in {SUFFIX} for all checkpoints, got {file.name}, which holds one"
        )
    if is_page(file):
        write_page(ref, file, overwrite=force)
    else:
        export_file(ref, file, overwrite=force, everything=everything)
    size = file.stat().st_size / 1e6
    click.echo(f"wrote {printable(str(file))} ({size:.1f} MB): {ref}")


def _describe(model: Model) -> None:
    card = read_card(model.checkpoint().path)
    assert model.recipe is not None, "a model without a fault has a recipe"
    rows = [
        ("model", model.name),
        ("recipe", f"{model.recipe.name}, {model.recipe.hidden_units} hidden units"),
        ("episodes", f"{card.episode:,}"),
        ("strength", strength_words(strength_of(model), model.name)),
        ("ancestors", ancestor_words(model)),
        ("checkpoints", checkpoint_words(model)),
    ]
    print_table(("", ""), rows)
