"""The options that all commands share which play a match."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pongarena.core.options import Real, Whole
from pongarena.core.text import printable
from pongarena.game.rules import MOST_FRAME_SKIP, POINTS_TO_WIN
from pongarena.game.types import Ball, SmallPaddles
from pongarena.match.foreign import code_warning

__all__ = ["BALL", "FRAME_SKIP", "GREEDY", "SMALL", "points_option", "sticky_option", "warn_of_code"]

Command = TypeVar("Command", bound=Callable[..., Any])

BALL = click.option(
    "--ball",
    type=click.Choice([str(ball) for ball in Ball]),
    default=str(Ball.CONSTANT),
    show_default=True,
    help="One speed, or faster with every fourth hit.",
)

GREEDY = click.option(
    "--greedy", is_flag=True, help="Networks take the likelier move instead of sampling it."
)


FRAME_SKIP = click.option(
    "--frame-skip",
    type=Whole(1, MOST_FRAME_SKIP),
    help="Frames that a step of a network lasts.  [default: each network's own]",
)

SMALL = click.option(
    "--small-paddles",
    "small",
    type=click.Choice([str(each) for each in SmallPaddles]),
    default=str(SmallPaddles.NONE),
    show_default=True,
    help="Paddles of half the height: the console's difficulty switches.",
)


def sticky_option(default: str = "0") -> Callable[[Command], Command]:
    """Make the option for how often the console repeats a network's last move."""
    return click.option(
        "--sticky",
        type=Real(0, 0.99),
        help=f"Chance in a frame that a network's last move is repeated.  [default: {default}]",
    )


def points_option(default: int = POINTS_TO_WIN) -> Callable[[Command], Command]:
    """Make the option for how many points win a match."""
    return click.option(
        "--points",
        type=click.IntRange(1, POINTS_TO_WIN),
        default=default,
        show_default=True,
        help="Points that win.",
    )


def warn_of_code(*names: str) -> None:
    """Warn on stderr of players that are files which run code when they are loaded."""
    for words in filter(None, map(code_warning, names)):
        click.echo(printable(words), err=True)
