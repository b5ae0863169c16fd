"""``pongarena reel``: how a model grew, the same serve by one checkpoint after the other."""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from pongarena.cli.filming import OVERLAY, SCALE, shoot, size_text
from pongarena.core.errors import UnknownNameError
from pongarena.core.options import FORCE, SEED, Whole
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.models import Library, Model
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.window.clip import Picture, check_clip, frames_a_picture
from pongarena.window.offscreen import film

__all__ = ["reel", "spread"]

_BEFORE_SERVE = 48
"""Frames that pass before anything moves; they are not shown."""

_PAUSE_S = 0.7
"""How long the end of a checkpoint's rally is shown."""


@click.command()
@click.argument("model")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A .gif or an .mp4.")
@click.option(
    "--most", type=Whole(2, 10_000), default=8, show_default=True, help="Checkpoints, evenly spread."
)
@click.option("--seconds", type=Whole(1, 86_400), default=6, show_default=True, help="Of play for each.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Of the networks' draws.")
@SCALE
@OVERLAY
@FORCE
def reel(  # noqa: PLR0917
    model: str, output: Path, most: int, seconds: int, seed: int, scale: int, overlay: bool, force: bool
) -> None:
    """Film how a model grew: the same serve of the CPU's, met by its checkpoints from first to last."""
    check_clip(output, force=force)
    found = Library().model(model)
    episodes = spread(found.checkpoints(), most)
    if not episodes:
        raise UnknownNameError(f"{model!r} has no checkpoint yet; train it first: pongarena train {model}")
    every = frames_a_picture(output)
    last = _BEFORE_SERVE + seconds * FRAME_RATE_HZ

    def pictures() -> Iterator[tuple[Picture, float]]:
        for number, episode in enumerate(episodes):
            match = _serve(found, episode, seed)
            status = f"checkpoint {number + 1} of {len(episodes)} · game {episode:,}"
            shown = film(
                match,
                scale=scale,
                overlay=overlay,
                every=every,
                first=_BEFORE_SERVE,
                last=last,
                status=status,
            )
            for picture in shown:
                yield picture, number + match.frames / last
            for _ in range(int(_PAUSE_S * FRAME_RATE_HZ / every)):
                yield picture, number + 1
            match.close()

    shoot(output, pictures(), len(episodes))
    click.echo(
        f"wrote {output} ({size_text(output)}): {model} against the CPU, checkpoints "
        + ", ".join(f"{episode:,}" for episode in episodes)
    )


def spread(episodes: list[int], most: int) -> list[int]:
    """At most so many of them, evenly spread, the first and the last among them.

    Example:
        ``spread([100, 200, 300, 400, 500], 3)`` → ``[100, 300, 500]``
    """
    if len(episodes) <= most:
        return list(episodes)
    return [episodes[i] for i in np.linspace(0, len(episodes) - 1, most).round().astype(int).tolist()]


def _serve(model: Model, episode: int, seed: int) -> Match:
    """One point against the CPU."""
    checkpoint = read_checkpoint(model.checkpoint(episode).path)
    return Match(PlayerSpec.ai(), PlayerSpec.model(checkpoint), seed=seed, points=1)
