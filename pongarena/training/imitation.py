"""How well a network imitates: what `cloning` counts; light, for whoever only shows it."""

from dataclasses import dataclass

__all__ = ["Imitation"]


@dataclass(frozen=True)
class Imitation:
    """How well a network imitates, counted on what it did not learn from.

    Attributes:
        agreement: Share of the held-out decisions that its likelier action agrees with, 0..1.
        usual: The same for always the most frequent action: the yardstick.
        held_out: How many that are.
        decisions: All that there were.
    """

    agreement: float
    usual: float
    held_out: int
    decisions: int

    def __str__(self) -> str:
        """In words."""
        return (
            f"agrees in {self.agreement:.0%} of {self.held_out:,} held-out decisions "
            f"(always the most frequent one: {self.usual:.0%}), of {self.decisions:,} in all"
        )
