"""``pongarena bench reference``, ``opponent`` and ``box``: make the bundled files from trained models."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pongarena.core import paths
from pongarena.core.errors import InvalidSettingError
from pongarena.core.files import require_new_file
from pongarena.core.options import FORCE, SEED, Whole
from pongarena.core.text import printable
from pongarena.library.models import Library
from pongarena.library.names import check_name

if TYPE_CHECKING:
    from pongarena.bench.box import Teller
    from pongarena.bench.opponents import Made

__all__ = ["box", "opponent", "reference"]

_LIBRARY = click.option(
    "--library",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of the trained models.  [default: yours]",
)


@click.command(hidden=True)
@click.argument("models", nargs=-1, required=True)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path))
@FORCE
@click.option("--made", required=True, help="How the models were made, in a sentence.")
@_LIBRARY
def reference(models: tuple[str, ...], output: Path, force: bool, made: str, folder: Path | None) -> None:
    """Write the curves of trained MODELS of one recipe as reference runs.

    One model per seed; models with changed settings become reference runs for these settings.
    """
    from pongarena.bench.reference import reference_of, save_reference  # noqa: PLC0415

    require_new_file(output, force=force)
    library = Library(folder)
    save_reference(reference_of([library.model(name) for name in models], made), output)
    click.echo(f"wrote {printable(str(output))}")


@click.command(hidden=True)
@click.argument("source", metavar="MODEL@N")
@click.argument("name")
@click.option("--about", required=True, help="A description, one sentence.")
@click.option("--history", metavar="N1,N2,…", default="", help="Earlier checkpoints to keep with it.")
@click.option("--earlier", default=0, type=Whole(0, 40), help="Or how many, denser where it learned fast.")
@click.option(
    "--command",
    "commands",
    multiple=True,
    help="A command that made the model; repeatable.  [default: its training from scratch]",
)
@click.option("--games", default=200, show_default=True, type=Whole(), help="Games per evaluation.")
@click.option("--seed", default=2026, show_default=True, type=SEED, help="Seed of the evaluations.")
@click.option("--greedy", is_flag=True, help="Also evaluate greedy moves.")
@click.option(
    "--steps", default=15, show_default=True, type=Whole(1, 127), help="Per weight: 7 → 0.4 MB, 127 → 1.1."
)
@click.option("--machine", default="", help="Description of the training machine.  [default: this one]")
@_LIBRARY
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder of opponents.  [default: the program's]",
)
def opponent(  # noqa: PLR0917
    source: str,
    name: str,
    about: str,
    history: str,
    earlier: int,
    commands: tuple[str, ...],
    games: int,
    seed: int,
    greedy: bool,
    steps: int,
    machine: str,
    folder: Path | None,
    output: Path | None,
) -> None:
    """Make a bundled opponent of a checkpoint: compact weights, evaluations and a card.

    Evaluations of the same weights that its card already has are kept. ladder.json has the ladder's order.
    """
    from pongarena.bench.opponents import Wanted, earlier_checkpoints, make_opponent  # noqa: PLC0415

    library = Library(folder)
    ref = library.checkpoint(source)
    model = library.model(ref.model)
    numbers = _numbers(history) or earlier_checkpoints(model, ref.episode, earlier)
    wanted = Wanted(
        check_name(name), model, ref.episode, about, numbers, commands, games, seed, greedy, steps, machine
    )
    with _progress() as tell:
        made = make_opponent(wanted, output or paths.assets_dir() / "opponents", tell)
    _print_opponents([made])


@click.command(hidden=True)
@_LIBRARY
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to fill.  [default: the program's assets]",
)
@click.option(
    "--plan",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The plan.  [default: box.json in the program's assets]",
)
def box(folder: Path | None, output: Path | None, path: Path | None) -> None:
    """Rebuild the bundled reference runs and opponents, following a plan.

    Trains what is missing and keeps what exists: after an interruption, repeat the command.
    """
    from pongarena.bench.box import fill_box, read_plan  # noqa: PLC0415

    plan = read_plan(path or paths.assets_dir() / "box.json")
    with _progress() as tell:
        made = fill_box(plan, Library(folder), output or paths.assets_dir(), tell)
    _print_opponents(made)


def _numbers(text: str) -> list[int]:
    try:
        return sorted({int(part) for part in text.split(",") if part.strip()})
    except ValueError:
        raise InvalidSettingError(
            f"expected numbers of checkpoints separated by commas, got {text!r}; for instance 100,300"
        ) from None


@contextmanager
def _progress() -> Iterator["Teller"]:
    """Show a progress bar on a terminal, and print one line per task."""
    console = Console(stderr=True)
    shown = ""
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=1.0)

        def tell(words: str, done: float) -> None:
            nonlocal shown
            topic = words.partition(": game ")[0]
            if topic != shown or (done >= 1.0 and words != topic):
                console.print(words, soft_wrap=True, highlight=False)
            shown = topic
            progress.update(task, description=words, completed=done)

        yield tell


def _print_opponents(made: "Sequence[Made]") -> None:
    table = Table(title=f"{sum(each.size for each in made) / 1e6:.1f} MB")
    for heading in ("opponent", "steps", "benchmark", "match", "checkpoints", "MB"):
        table.add_column(heading, justify="left" if heading == "opponent" else "right", no_wrap=True)
    for each in made:
        scores = [
            f"{found['mean']:+.1f} ({found['standard_deviation']:.1f})".replace("-", "−")
            for setting in ("benchmark", "match")
            for found in each.evaluations
            if found["setting"] == setting and not found["greedy"]
        ]
        table.add_row(
            each.name, f"{each.decisions:,}", *scores, f"{each.checkpoints}", f"{each.size / 1e6:.2f}"
        )
    Console().print(table)
