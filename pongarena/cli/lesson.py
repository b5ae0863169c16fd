"""``pongarena lesson``: a report of what a class made."""

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from pongarena.cli.filming import film_against_cpu, shoot
from pongarena.cli.lazy import LazyGroup
from pongarena.cli.show import size_text
from pongarena.core import paths
from pongarena.core.errors import PongArenaError, UnknownNameError
from pongarena.core.files import require_new_file
from pongarena.core.options import FORCE
from pongarena.core.reading import read_ordinary
from pongarena.core.text import printable
from pongarena.exports.class_report import Clip, Reply, write_class_report
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.models import Library, Model
from pongarena.match.log import read_log, read_recording, recorded
from pongarena.match.players import PlayerSpec
from pongarena.match.result import MatchResult
from pongarena.school.answers import read_answers
from pongarena.school.book import Chapter, read_book
from pongarena.window.offscreen import Film, Shown

__all__ = ["lesson"]

_CLIP_S = 8
"""Length of a clip in seconds; it takes some 200 kB."""

_LARGEST_CLIP = 8 << 20


@click.group(cls=LazyGroup, lazy={})
def lesson() -> None:
    """For teachers: a report of what a class made."""


@lesson.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help="The file.",
)
@click.option("--clips/--no-clips", default=True, show_default=True, help="With a clip of a match of each.")
@FORCE
def export(names: tuple[str, ...], output: Path, clips: bool, force: bool) -> None:
    """Write a report on models as one HTML file: curves, weights, clips, and the answers given in the school.

    Without a NAME, it covers all your own models. The file needs no network; nothing is sent anywhere.
    """
    require_new_file(output, force=force)
    library = Library()
    models = [library.model(name) for name in dict.fromkeys(names)] or _own(library)
    found = _clips(models) if clips else {}
    book = read_book()
    replies = _replies(book)
    write_class_report(models, output, clips=found, replies=replies, asked=_questions(book), overwrite=force)
    told = ", ".join(model.name for model in models)
    click.echo(f"wrote {printable(str(output))} ({size_text(output)}): {told}")


def _own(library: Library) -> list[Model]:
    own = [model for model in library.models() if not model.bundled]
    if not own:
        raise UnknownNameError(
            "there is no model of your own yet; train one: pongarena train NAME, or name one from the box: "
            "pongarena lesson export champion"
        )
    return own


def _replies(book: Sequence[Chapter]) -> list[Reply]:
    """Return the answers in the order of the book; those to questions of older versions come last."""
    answers = read_answers(paths.data_dir())
    if answers.fault:
        click.echo(answers.fault, err=True)
    chapters = {name: each.title for each in book for name in each.questions}
    order = [
        *(name for name in chapters if name in answers.answers),
        *(answers.answers.keys() - chapters.keys()),
    ]
    return [
        Reply(chapters.get(name, "an older version"), each.question, each.chosen, each.told, each.right)
        for name, each in ((name, answers.answers[name]) for name in order)
    ]


def _questions(book: Sequence[Chapter]) -> int:
    return sum(len(each.questions) for each in book)


# -- clips


def _clips(models: Sequence[Model]) -> dict[str, Clip]:
    found = {}
    results = _recorded_results()
    with tempfile.TemporaryDirectory() as folder:
        for model in models:
            try:
                found[model.name] = _clip(model, results, Path(folder) / f"{model.name}.gif")
            except PongArenaError as error:
                click.echo(f"{model.name}: no clip: {error}", err=True)
    return found


def _recorded_results() -> list[MatchResult]:
    """Return matches that can be played again: those with a person first, then the latest."""
    have = set(recorded())
    latest = [each for each in reversed(read_log().results) if each.id in have]
    return sorted(latest, key=lambda each: "human" not in each.kinds)


def _clip(model: Model, results: Iterable[MatchResult], path: Path) -> Clip:
    """Film the end of the latest match, or else a few points against the cartridge's own player."""
    for result in results:
        if model.name in (side.partition("@")[0] for side in (result.left, result.right)):
            left, right = result.called
            _film_end(result, path)
            return Clip(
                f"{left} {result.score[0]} : {result.score[1]} {right}, the end of the match",
                read_ordinary(path, limit=_LARGEST_CLIP),
            )
    ref = model.checkpoint()
    film_against_cpu(ref, path, _CLIP_S, overlay=False)
    return Clip(f"the cartridge's own player (CPU) against {ref}", read_ordinary(path, limit=_LARGEST_CLIP))


def _film_end(result: MatchResult, path: Path) -> None:
    """Film the last seconds of a recorded match."""
    recording = read_recording(result.id)
    sides = (PlayerSpec.recording(result.left), PlayerSpec.recording(result.right))
    match = recording.match(*sides)
    frames = recording.result.frames
    first = max(0, frames - _CLIP_S * FRAME_RATE_HZ)
    try:
        shown = Film(scale=2, shown=Shown.FIELD).play(match, first=first, last=frames)
        shoot(path, lambda _: ((picture, match.frames) for picture in shown), frames)
    finally:
        match.close()
