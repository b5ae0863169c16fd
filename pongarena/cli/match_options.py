"""The options of all commands that play a match."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pongarena.game.rules import POINTS_TO_WIN
from pongarena.game.types import Ball

__all__ = ["BALL", "GREEDY", "points_option"]

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


def points_option(default: int = POINTS_TO_WIN) -> Callable[[Command], Command]:
    """How many points win a match."""
    return click.option(
        "--points",
        type=click.IntRange(1, POINTS_TO_WIN),
        default=default,
        show_default=True,
        help="How many win.",
    )
