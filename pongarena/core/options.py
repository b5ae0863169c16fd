"""Numbers that options of the command line take: each has a range, and NaN is in none.

A help text need not speak of the bounds that only a slip of the keyboard passes.
"""

import math
from typing import Any

import click

__all__ = ["FORCE", "MOST", "MOST_MINUTES", "SEED", "Real", "Renamed", "Whole"]

MOST = 1_000_000_000
"""No count on the command line is greater."""

MOST_MINUTES = 10_000_000.0
"""Nineteen years."""


FORCE = click.option("--force", is_flag=True, help="Overwrite the file.")


class Renamed(click.Option):
    """An option that had other names: they go on working, and only the first is shown."""

    @property
    def shown(self) -> list[str]:
        """The name that help and completion offer."""
        return self.opts[:1]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The help's line, without the older names."""
        every, self.opts = self.opts, self.shown
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = every


class Whole(click.IntRange):
    """A whole number from ``least`` to ``most``; the help speaks of the least only."""

    def __init__(self, least: int = 1, most: int = MOST) -> None:
        super().__init__(min=least)
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """The number.

        Raises:
            BadParameter: When it is none, or out of the range.
        """
        found: int = super().convert(value, param, ctx)
        if found > self.most:
            self.fail(f"expected {self.min} to {self.most}, got {str(value)!r:.30}", param, ctx)
        return found


class Real(click.FloatRange):
    """A number in a range, NaN and the infinities not among them; see ``click.FloatRange``.

    Args:
        least: The least one.
        most: The greatest one.
        above: Whether ``least`` itself is out of the range, and the help speaks of it only.
    """

    def __init__(self, least: float, most: float, *, above: bool = False) -> None:
        super().__init__(min=least, max=None if above else most, min_open=above)
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """The number.

        Raises:
            BadParameter: When it is none, or out of the range.
        """
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found) or found > self.most:
            self.fail(f"expected {self.min:g} to {self.most:.15g}, got {str(value)!r:.30}", param, ctx)
        return found


SEED = Whole(0, 2**31 - 1)
"""Of matches and measurements."""
