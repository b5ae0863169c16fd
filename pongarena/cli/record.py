"""``pongarena record``: film a match as a clip, without a window."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from pongarena.cli.filming import CARDS, LAYOUT, OVERLAY, SCALE, shoot, shown
from pongarena.cli.match_options import BALL, GREEDY, points_option, warn_of_code
from pongarena.cli.show import size_text
from pongarena.core.options import FORCE, SEED, Whole
from pongarena.core.text import printable
from pongarena.game.cartridge import Ball
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.models import Library
from pongarena.match.match import Match
from pongarena.match.player_names import find_player
from pongarena.window.clip import Picture, check_clip, frames_a_picture, has_sound
from pongarena.window.clip_folder import new_clip
from pongarena.window.offscreen import Film, Shown
from pongarena.window.soundtrack import Soundtrack

__all__ = ["record"]


@click.command()
@click.argument("left")
@click.argument("right")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="A .gif or an .mp4.  [default: a new file in your folder of clips]",
)
@points_option(3)
@click.option(
    "--seconds",
    type=Whole(1, 86_400),
    default=120,
    show_default=True,
    help="The longest clip.",
)
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the match.")
@BALL
@SCALE
@LAYOUT
@OVERLAY
@CARDS
@GREEDY
@FORCE
def record(  # noqa: PLR0917
    left: str,
    right: str,
    output: Path | None,
    points: int,
    seconds: int,
    seed: int,
    ball: str,
    scale: int,
    layout: str | None,
    overlay: bool,
    cards: bool,
    greedy: bool,
    force: bool,
) -> None:
    """Film a match without a window: LEFT and RIGHT are ai, MODEL, MODEL@GAME or a file."""
    look = shown(layout, overlay=overlay)
    if output is not None:
        check_clip(output, force=force)
    warn_of_code(left, right)
    library = Library()
    specs = [find_player(library, name, greedy=greedy, people=False) for name in (left, right)]
    with ExitStack() as stack:
        names = (spec.name.partition("@")[0] for spec in specs)
        path = output or stack.enter_context(new_clip("-".join(names)))
        sound = has_sound(path)
        match = Match(specs[0], specs[1], seed=seed, ball=Ball(ball), points=points, sound=sound)
        stack.callback(match.close)
        _film(match, path, scale=scale, look=look, seconds=seconds, cards=cards)
    result = match.result()
    left_early = "" if result.finished else ", stopped before the end (--seconds)"
    click.echo(
        f"wrote {printable(str(path))} ({size_text(path)}): {result.words()}, "
        f"{result.frames / FRAME_RATE_HZ:.0f} s{left_early}"
    )


def _film(match: Match, path: Path, *, scale: int, look: Shown, seconds: int, cards: bool) -> None:
    """Write the clip of a whole match, or of its first seconds."""

    def pictures(sound: Soundtrack | None) -> Iterator[tuple[Picture, float]]:
        film = Film(scale=scale, shown=look, every=frames_a_picture(path), sound=sound)
        last = seconds * FRAME_RATE_HZ
        for picture in film.play(match, last=last, whole=cards):
            yield picture, max(*match.score, match.points * match.frames / last)

    shoot(path, pictures, match.points)
