"""``pongarena reel``: film how a model improved: one checkpoint after the other meets the same serve."""

from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

from pongarena.cli.filming import CARDS, LAYOUT, OVERLAY, SCALE, shoot, shown
from pongarena.cli.show import size_text
from pongarena.core.errors import UnknownNameError
from pongarena.core.options import FORCE, SEED, Whole
from pongarena.core.text import printable
from pongarena.game.cartridge import Side
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.library.models import Library, Model
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec, called
from pongarena.nn.checkpoint import read_checkpoint
from pongarena.window.clip import Picture, check_clip, frames_a_picture
from pongarena.window.offscreen import Film
from pongarena.window.screens import Card, Title
from pongarena.window.soundtrack import Soundtrack

__all__ = ["reel", "spread"]

_BEFORE_SERVE = 48
"""Frames before anything moves; they are not shown."""

_TITLE_S, _END_S = 1.5, 3.0
"""Seconds that the first and the last card are shown."""

_PAUSE_S = 0.7
"""Seconds that the end of a checkpoint's rally is shown."""


@click.command()
@click.argument("model")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="A .gif or an .mp4.")
@click.option(
    "--most", type=Whole(2, 10_000), default=8, show_default=True, help="Checkpoints, evenly spread."
)
@click.option("--seconds", type=Whole(1, 86_400), default=6, show_default=True, help="The longest rally.")
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the sampled moves.")
@SCALE
@LAYOUT
@OVERLAY
@CARDS
@FORCE
def reel(  # noqa: PLR0917
    model: str,
    output: Path,
    most: int,
    seconds: int,
    seed: int,
    scale: int,
    layout: str | None,
    overlay: bool,
    cards: bool,
    force: bool,
) -> None:
    """Film how a model improved: its checkpoints, from first to last, meet the same serve of the CPU."""
    look = shown(layout, overlay=overlay)
    check_clip(output, force=force)
    found = Library().model(model)
    episodes = spread(found.checkpoints(), most)
    if not episodes:
        raise UnknownNameError(f"{model!r} has no checkpoint yet; train it first: pongarena train {model}")
    last = _BEFORE_SERVE + seconds * FRAME_RATE_HZ

    def pictures(sound: Soundtrack | None) -> Iterator[tuple[Picture, float]]:
        film = Film(scale=scale, shown=look, every=frames_a_picture(output), sound=sound)
        results: list[tuple[str, str]] = []
        for number, episode in enumerate(episodes):
            match = _serve(found, episode, seed, sound=sound is not None)
            if cards and not number:
                for picture in film.card(match, _title(match, model, episodes), _TITLE_S):
                    yield picture, 0
            status = f"checkpoint {number + 1} of {len(episodes)} · game {episode:,}"
            for latest in film.play(match, first=_BEFORE_SERVE, last=last, status=status):
                yield latest, number + match.frames / last
            for picture in film.still(latest, _PAUSE_S):
                yield picture, number + 1
            results.append((f"game {episode:,}", _outcome(match)))
            if cards and episode == episodes[-1]:
                for picture in film.card(match, Card("How it grew", tuple(results)), _END_S):
                    yield picture, number + 1
            match.close()

    shoot(output, pictures, len(episodes))
    click.echo(
        f"wrote {printable(str(output))} ({size_text(output)}): {model} against the CPU, checkpoints "
        + ", ".join(f"{episode:,}" for episode in episodes)
    )


def spread(episodes: list[int], most: int) -> list[int]:
    """Choose at most ``most`` of them, evenly spread, including the first and the last.

    Example:
        ``spread([100, 200, 300, 400, 500], 3)`` → ``[100, 300, 500]``
    """
    if len(episodes) <= most:
        return list(episodes)
    return [episodes[i] for i in np.linspace(0, len(episodes) - 1, most).round().astype(int).tolist()]


def _serve(model: Model, episode: int, seed: int, *, sound: bool) -> Match:
    """Begin a match for one point against the cartridge's own player."""
    checkpoint = read_checkpoint(model.checkpoint(episode).path)
    return Match(PlayerSpec.ai(), PlayerSpec.model(checkpoint), seed=seed, points=1, sound=sound)


def _title(match: Match, model: str, episodes: list[int]) -> Title:
    names = called(match.specs)[0], model
    about = f"{len(episodes)} checkpoints, game {episodes[0]:,} to {episodes[-1]:,}"
    return Title(names, ("", about), ("", ""), "the same serve for all of them", call="", foot="")


def _outcome(match: Match) -> str:
    """Describe how a checkpoint met its serve."""
    hits = "1 hit" if match.longest_rally == 1 else f"{match.longest_rally} hits"
    if match.winner is None:
        return f"{hits} in the rally, which goes on"
    return f"{hits} in the rally, {'won' if match.winner is Side.RIGHT else 'lost'}"
