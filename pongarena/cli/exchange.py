"""``pongarena export`` and ``pongarena import``, also as ``pongarena models export`` and ``import``."""

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from pongarena.cli.show import ancestor_words, checkpoint_words, size_text, strength_words
from pongarena.cli.tables import print_table
from pongarena.core.errors import InvalidSettingError, LibraryError
from pongarena.core.options import FORCE
from pongarena.core.text import printable
from pongarena.exports.curve_chart import write_chart
from pongarena.exports.curve_table import write_csv
from pongarena.exports.model_card import ratings_of, write_model_card
from pongarena.exports.weights import write_onnx, write_safetensors
from pongarena.library.bundle import SUFFIX
from pongarena.library.exchange import export_file, import_file
from pongarena.library.models import CheckpointRef, Library, Model
from pongarena.library.strength import strength_of
from pongarena.library.tensorboard import export_events
from pongarena.nn.checkpoint import read_card, read_checkpoint
from pongarena.page.build import SUFFIXES, write_page

__all__ = ["export", "import_"]

_PATH = click.Path(path_type=Path)

_ENDINGS = {
    "html": SUFFIXES,
    **{kind: (f".{kind}",) for kind in ("onnx", "safetensors", "csv", "svg", "png")},
}
"""File extensions by kind."""

_CLIP_S = 12
"""The longest clip of a card, in seconds."""


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("name", required=False)
@click.option("--name", "name_option", help="The new model's name.  [default: one like the file's]")
@click.option("--check", is_flag=True, help="Only check whether the file is whole, and show what is in it.")
def import_(path: Path, name: str | None, name_option: str | None, check: bool) -> None:
    """Make a model from a file.

    FILE is a .pongarena bundle, a .npz checkpoint, or weights W1 and W2: the save.p of the original script,
    or numpy's .npz. No code in it is ever run. A file that is damaged, or would play differently here than
    where it was made, is refused as a whole.
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
@click.argument("source", metavar="MODEL[@GAME]")
@click.argument("path", metavar="[FILE]", required=False, type=_PATH)
@click.option("-o", "--output", type=_PATH, help="The file.  [default: MODEL.pongarena]")
@click.option(
    "--html", metavar="FILE", type=_PATH, help="A page to play against it in a browser; nothing to install."
)
@click.option("--onnx", metavar="FILE", type=_PATH, help="The network as a graph, for any ONNX runtime.")
@click.option("--safetensors", metavar="FILE", type=_PATH, help="The weights, named as in PyTorch.")
@click.option("--csv", metavar="FILE", type=_PATH, help="The training as a table.")
@click.option("--svg", metavar="FILE", type=_PATH, help="The learning curve as a chart; also --png.")
@click.option("--png", metavar="FILE", type=_PATH, help="The same chart as pixels.")
@click.option("--tensorboard", metavar="DIR", type=_PATH, help="The training for TensorBoard, in DIR/MODEL.")
@click.option(
    "--card",
    metavar="DIR",
    type=_PATH,
    help="A folder for a model hub: README, scores, clip, weights.",
)
@click.option("--all", "everything", is_flag=True, help="With all checkpoints, not only one.")
@FORCE
def export(
    *,
    source: str,
    path: Path | None,
    output: Path | None,
    everything: bool,
    force: bool,
    **asked: Path | None,
) -> None:
    """Export a model as one file for others to import, or in formats that other programs open.

    A name that ends in .pongarena makes a bundle: the checkpoint (the latest by default), the learning curve,
    the settings, ancestors and notes, each with its SHA-256. One that ends in .npz makes only the checkpoint,
    which numpy can open. Names that end in .html, .onnx, .safetensors, .csv, .svg and .png do the same as the
    options, and you can give several of these. Nothing is ever sent anywhere.
    """
    ref = Library().checkpoint(source)
    wishes = {kind: place for kind, place in asked.items() if place is not None}
    if (file := output or path or (None if wishes else Path(f"{ref.model}{SUFFIX}"))) is not None:
        kind = next((kind for kind, ends in _ENDINGS.items() if file.suffix.lower() in ends), "file")
        if kind in wishes:
            raise InvalidSettingError(f"expected one file of a kind, got {file.name} and {wishes[kind].name}")
        wishes[kind] = file
    _check_endings(wishes, everything=everything)
    exporter = _Exporter(ref, whole="@" not in source, force=force, everything=everything)
    for kind, place in wishes.items():
        click.echo(f"wrote {printable(str(place))} {getattr(exporter, kind)(place)}: {ref}")


def _check_endings(wishes: Mapping[str, Path], *, everything: bool) -> None:
    for kind, place in wishes.items():
        if kind in _ENDINGS and place.suffix.lower() not in _ENDINGS[kind]:
            raise InvalidSettingError(f"expected a name that ends in {_ENDINGS[kind][0]}, got {place.name}")
    others = [place.name for place in wishes.values() if place.suffix.lower() != SUFFIX]
    if everything and others:
        raise InvalidSettingError(
            f"expected a file that ends in {SUFFIX} for all checkpoints, got {others[0]}, which holds one"
        )


class _Exporter:
    """A method for each kind of file, which writes it and returns a note for the user.

    Args:
        ref: The checkpoint.
        whole: Whether to export the training to its end, not only up to the checkpoint.
        force: Whether files may be overwritten.
        everything: Whether a bundle holds all checkpoints.
    """

    def __init__(self, ref: CheckpointRef, *, whole: bool, force: bool, everything: bool) -> None:
        self._ref, self._force, self._everything = ref, force, everything
        self._folder = ref.path.parent.parent
        self._whole = whole

    def file(self, path: Path) -> str:
        export_file(self._ref, path, overwrite=self._force, everything=self._everything)
        return f"({size_text(path)})"

    def html(self, path: Path) -> str:
        write_page(self._ref, path, overwrite=self._force)
        return f"({size_text(path)})"

    def onnx(self, path: Path) -> str:
        write_onnx(read_checkpoint(self._ref.path), path, overwrite=self._force)
        return f"({size_text(path)})"

    def safetensors(self, path: Path) -> str:
        write_safetensors(read_checkpoint(self._ref.path), path, overwrite=self._force)
        return f"({size_text(path)})"

    def csv(self, path: Path) -> str:
        count = write_csv(self._metrics(), path, until=self._until(), overwrite=self._force)
        return f"({count:,} lines)"

    def svg(self, path: Path) -> str:
        write_chart([self._model()], path, until=self._until(), overwrite=self._force)
        return f"({size_text(path)})"

    png = svg

    def tensorboard(self, folder: Path) -> str:
        run = folder / self._ref.model
        count = export_events(self._metrics(), run, until=self._until(), overwrite=self._force)
        return f"({count:,} events; look: tensorboard --logdir {printable(str(folder))})"

    def card(self, folder: Path) -> str:
        model = self._model()
        files = write_model_card(model, self._ref, folder, film=self._film, overwrite=self._force)
        hint = "" if ratings_of(model, self._ref.episode) else f"; not evaluated: pongarena eval {self._ref}"
        return f"({', '.join(file.name for file in files)}{hint})"

    def _film(self, path: Path) -> None:
        from pongarena.cli.filming import film_against_cpu  # noqa: PLC0415 (it loads pygame)

        film_against_cpu(self._ref, path, _CLIP_S, overlay=True)

    def _model(self) -> Model:
        return Library(self._folder.parent, bundled=self._folder.parent).model(self._folder.name)

    def _metrics(self) -> Path:
        path = self._folder / "metrics.jsonl"
        if not path.is_file():
            raise LibraryError(f"{self._ref.model} has no training to export: it has no metrics.jsonl")
        return path

    def _until(self) -> float:
        return math.inf if self._whole else read_card(self._ref.path).steps


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
