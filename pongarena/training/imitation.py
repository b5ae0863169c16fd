"""How well a network imitates: what `cloning` counts; light, for whoever only shows it."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pongarena.core.records import Count, Meta

__all__ = ["Imitation"]


_Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True)
class Imitation:
    """How well a network imitates, counted on what it did not learn from.

    Attributes:
        agreement: Share of the held-out moments that its likelier action agrees with, 0..1.
        usual: The same for always the most frequent action: the yardstick.
        held_out: How many that are.
        decisions: All that there were.
    """

    agreement: _Share
    usual: _Share
    held_out: Count
    decisions: Count

    def __str__(self) -> str:
        """In words."""
        return (
            f"agrees in {self.agreement:.0%} of {self.held_out:,} held-out moments "
            f"(always the commonest move: {self.usual:.0%}), of {self.decisions:,} in all"
        )
