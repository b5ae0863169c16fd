"""The result of `cloning`, in a module that is light to import."""

from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pongarena.core.records import Count, Meta

__all__ = ["Imitation"]


_Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]


@dataclass(frozen=True)
class Imitation:
    """How well a network imitates, measured on held-out data.

    Attributes:
        agreement: Share of the held-out frames where its most probable action agrees, 0..1.
        usual: The same for a baseline that always takes the most frequent action.
        held_out: Number of held-out frames.
        decisions: Number of all frames.
    """

    agreement: _Share
    usual: _Share
    held_out: Count
    decisions: Count

    def __str__(self) -> str:
        return (
            f"agrees in {self.agreement:.0%} of {self.held_out:,} held-out moments "
            f"(always the commonest move: {self.usual:.0%}), of {self.decisions:,} in all"
        )
