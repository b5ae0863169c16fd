"""Types of command-line options: every number has a range, and NaN is never valid.

Help texts leave out upper bounds that only a typing error exceeds.
"""

import math
from typing import Any

import click

__all__ = ["FORCE", "MOST", "MOST_MINUTES", "SEED", "Real", "Renamed", "Whole"]

MOST = 1_000_000_000
"""Upper bound of every count on the command line."""

MOST_MINUTES = 10_000_000.0
"""Nineteen years."""


FORCE = click.option("--force", is_flag=True, help="Overwrite the file.")


class Renamed(click.Option):
    """An option with older names that still work; only the first name is shown."""

    @property
    def shown(self) -> list[str]:
        """The name shown in help and completion."""
        return self.opts[:1]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the help line without the older names."""
        every, self.opts = self.opts, self.shown
        try:
            return super().get_help_record(ctx)
        finally:
            self.opts = every


class Whole(click.IntRange):
    """An integer from ``least`` to ``most``; the help shows only the lower bound."""

    def __init__(self, least: int = 1, most: int = MOST) -> None:
        super().__init__(min=least)
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """Parse the value.

        Raises:
            BadParameter: When it is not an integer, or out of range.
        """
        found: int = super().convert(value, param, ctx)
        if found > self.most:
            self.fail(f"expected {self.min} to {self.most}, got {str(value)!r:.30}", param, ctx)
        return found


class Real(click.FloatRange):
    """A finite number in a range; see ``click.FloatRange``.

    Args:
        least: Lower bound.
        most: Upper bound.
        above: Whether ``least`` itself is excluded; the help then shows only this bound.
    """

    def __init__(self, least: float, most: float, *, above: bool = False) -> None:
        super().__init__(min=least, max=None if above else most, min_open=above)
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Parse the value.

        Raises:
            BadParameter: When it is not a finite number, or out of range.
        """
        found: float = super().convert(value, param, ctx)
        if not math.isfinite(found) or found > self.most:
            self.fail(f"expected {self.min:g} to {self.most:.15g}, got {str(value)!r:.30}", param, ctx)
        return found


SEED = Whole(0, 2**31 - 1)
"""Seed of matches and measurements."""
