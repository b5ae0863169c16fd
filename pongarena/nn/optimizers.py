"""Steps uphill: how a gradient changes the weights. In place, with their memory open for saving."""

from collections.abc import Mapping

import numpy as np

from pongarena.core.arrays import FloatArray

__all__ = ["RMSProp"]


class RMSProp:
    """Gradient ascent that divides each weight's step by the size of its recent gradients.

    ``square = decay·square + (1 − decay)·gradient²``, then
    ``weight += learning_rate · gradient / (√square + epsilon)``; ε stands outside the root, as in the post.

    Attributes:
        learning_rate: Size of a step; may be changed between two steps.
        squares: The running mean of the squared gradients, by the weights' names.
    """

    def __init__(
        self, parameters: Mapping[str, FloatArray], *, learning_rate: float, decay: float, epsilon: float
    ) -> None:
        """Starts without memory.

        Args:
            parameters: The arrays to change, by name; kept.
            learning_rate: Size of a step.
            decay: Share of the old mean that stays, 0..1.
            epsilon: Added to the root.
        """
        self._parameters = parameters
        self.learning_rate = learning_rate
        self._decay = np.float32(decay)
        self._epsilon = np.float32(epsilon)
        self.squares: dict[str, FloatArray] = {
            name: np.zeros_like(array) for name, array in parameters.items()
        }

    def ascend(self, gradients: Mapping[str, FloatArray]) -> None:
        """Takes one step along the gradients of what is to grow.

        Note: changes the parameters in place.
        """
        for name, gradient in gradients.items():
            square = self.squares[name]
            scratch = np.square(gradient)
            scratch *= 1 - self._decay
            square *= self._decay
            square += scratch
            np.sqrt(square, out=scratch)
            scratch += self._epsilon
            np.divide(gradient, scratch, out=scratch)
            scratch *= np.float32(self.learning_rate)
            weights = self._parameters[name]
            weights += scratch

    def state(self) -> dict[str, FloatArray]:
        """The memory as arrays to save: copies."""
        return {f"square_{name}": square.copy(order="K") for name, square in self.squares.items()}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Takes up the memory that `state` gave.

        Raises:
            KeyError: When an array is missing.
            ValueError: When one is of another shape.
        """
        for name, square in self.squares.items():
            saved = arrays[f"square_{name}"]
            if saved.shape != square.shape:
                raise ValueError(f"square_{name}: expected shape {square.shape}, got {saved.shape}")
            square[...] = saved
