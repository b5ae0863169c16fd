"""``pongarena record``: film a match as a clip, without a window."""

from collections.abc import Iterator
from pathlib import Path

import click

from pongarena.cli.filming import CARDS, LAYOUT, OVERLAY, SCALE, shoot, shown
from pongarena.cli.match_options import BALL, GREEDY, points_option, warn_of_code
from pongarena.cli.show import size_text
from pongarena.core.options import FORCE, SEED, Whole
from pongarena.game.cartridge import Ball
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.models import Library
from pongarena.match.match import Match
from pongarena.match.player_names import find_player
from pongarena.window.clip import Picture, check_clip, frames_a_picture, has_sound
from pongarena.window.offscreen import Film
from pongarena.window.soundtrack import Soundtrack

__all__ = ["record"]


@click.command()
@click.argument("left")
@click.argument("right")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A .gif or an .mp4.")
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
    output: Path,
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
    check_clip(output, force=force)
    warn_of_code(left, right)
    library = Library()
    specs = [find_player(library, name, greedy=greedy, people=False) for name in (left, right)]
    match = Match(specs[0], specs[1], seed=seed, ball=Ball(ball), points=points, sound=has_sound(output))

    def pictures(sound: Soundtrack | None) -> Iterator[tuple[Picture, float]]:
        film = Film(scale=scale, shown=look, every=frames_a_picture(output), sound=sound)
        last = seconds * FRAME_RATE_HZ
        for picture in film.play(match, last=last, whole=cards):
            yield picture, max(*match.score, points * match.frames / last)

    try:
        shoot(output, pictures, points)
    finally:
        match.close()
    result = match.result()
    left_early = "" if result.finished else ", stopped before the end (--seconds)"
    click.echo(
        f"wrote {output} ({size_text(output)}): {result.words()}, "
        f"{result.frames / FRAME_RATE_HZ:.0f} s{left_early}"
    )
