"""Options and progress bars that the commands which film clips share."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from pongarena.core.text import printable
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.model import CheckpointRef
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.window.clip import Picture, has_sound, write_clip
from pongarena.window.offscreen import Film, Shown, studio_lights
from pongarena.window.soundtrack import Soundtrack

__all__ = [
    "CARDS",
    "LAYOUT",
    "OVERLAY",
    "SCALE",
    "film_against_cpu",
    "progress_bar",
    "shoot",
    "shown",
]

SCALE = click.option(
    "--scale", type=click.IntRange(1, 8), default=2, show_default=True, help="Size of a pixel."
)
OVERLAY = click.option(
    "--overlay/--no-overlay", default=True, show_default=True, help="Show what the networks think."
)
LAYOUT = click.option(
    "--layout",
    type=click.Choice([str(each) for each in Shown]),
    help=f"What is filmed.  [default: {Shown.BOTH}]",
)
CARDS = click.option(
    "--cards/--no-cards", default=True, show_default=True, help="Begin with who plays, end with who won."
)


def shown(layout: str | None, *, overlay: bool) -> Shown:
    """Return what a clip shows; `--no-overlay` is the older option for the layout without minds.

    Raises:
        click.UsageError: When the two contradict each other.
    """
    if layout is None:
        return Shown.BOTH if overlay else Shown.FIELD
    if not overlay and layout != Shown.FIELD:
        raise click.UsageError(
            f"--no-overlay shows no mind, and --layout {layout} does; leave one of them out"
        )
    return Shown(layout)


class _Bar:
    """A progress bar."""

    def __init__(self, progress: Progress, title: str, total: float) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=total)

    def show(self, done: float) -> None:
        """Move the bar."""
        self._progress.update(self._task, completed=done)


@contextmanager
def progress_bar(title: str, total: float) -> Iterator[_Bar]:
    """Show a progress bar on stderr, if that is a terminal."""
    what, percent = TextColumn("{task.description}", markup=False), TextColumn("{task.percentage:>3.0f} %")
    console = Console(stderr=True)
    columns = what, BarColumn(), percent, TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as bar:
        yield _Bar(bar, title, total)


def shoot(
    path: Path, pictures: Callable[[Soundtrack | None], Iterable[tuple[Picture, float]]], total: float
) -> None:
    """Write a clip while showing a progress bar.

    Args:
        path: The clip, which the caller has checked with `check_clip`.
        pictures: Called with the soundtrack to fill, or None for a silent file; yields each picture with the
            progress so far.
        total: The progress at the end.
    """
    with studio_lights(), progress_bar(printable(path.name), total) as bar, ExitStack() as stack:
        sound = stack.enter_context(Soundtrack()) if has_sound(path) else None

        def watched() -> Iterator[Picture]:
            for picture, done in pictures(sound):
                bar.show(done)
                yield picture

        write_clip(path, watched(), sound)
        bar.show(total)


def film_against_cpu(ref: CheckpointRef, path: Path, seconds: int, *, overlay: bool) -> None:
    """Film a few points of a checkpoint against the cartridge's own player.

    Args:
        ref: The checkpoint, on the right.
        path: A .gif.
        seconds: The longest play.
        overlay: Whether to show what the network thinks.
    """
    match = Match(PlayerSpec.ai(), PlayerSpec.model(read_checkpoint(ref.path)), points=3)
    last = seconds * FRAME_RATE_HZ
    try:
        film = Film(scale=2, shown=Shown.BOTH if overlay else Shown.FIELD)
        shoot(
            path, lambda _: ((picture, match.frames / last) for picture in film.play(match, last=last)), 1.0
        )
    finally:
        match.close()
