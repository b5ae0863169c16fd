"""Show the strongest hidden units as pictures: what each of them looks for on the screen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from pongarena.match.inspector import receptive_field
from pongarena.nn.policy import PolicyNetwork
from pongarena.tui.widgets import palette
from pongarena.tui.widgets.palette import legend, poles_of, pool, strip_of

VIEW = 80
"""Width and height in pixels of what the network sees."""
_POOL = 4
_SIDE = VIEW // _POOL
_CELL_WIDTH = _SIDE + 1
_CELL_HEIGHT = _SIDE // 2 + 2


@dataclass(frozen=True)
class Neurons:
    """The strongest hidden units of a network, strongest first.

    Attributes:
        numbers: The indices of the units.
        outputs: Their output weights: above zero they vote UP, below zero DOWN.
        levels: Their incoming weights as shades, uint8 (n, 20, 20), each scaled to its own maximum.
    """

    numbers: tuple[int, ...]
    outputs: tuple[float, ...]
    levels: NDArray[np.uint8]

    @classmethod
    def of(cls, policy: PolicyNetwork, at_most: int = 200) -> "Neurons":
        """Choose the strongest units, and shrink their pictures: each pixel is the mean of 4 × 4 weights."""
        outputs = policy.votes
        strongest = np.argsort(-np.abs(outputs), kind="stable")[:at_most]
        pictures = [pool(receptive_field(policy, unit), _POOL) for unit in strongest]
        levels = [palette.quantise(picture, float(np.abs(picture).max())) for picture in pictures]
        return cls(
            tuple(int(unit) for unit in strongest),
            tuple(float(outputs[unit]) for unit in strongest),
            np.array(levels),
        )

    @classmethod
    def then_and_now(cls, then: PolicyNetwork, now: PolicyNetwork, at_most: int = 60) -> "Neurons":
        """Choose the units that are the strongest now; each has two pictures, then and now."""
        new = cls.of(now, min(at_most, now.hidden_units))
        numbers = [unit for unit in new.numbers if unit < then.hidden_units]
        pictures, outputs = [], []
        for unit in numbers:
            both = [pool(receptive_field(each, unit), _POOL) for each in (then, now)]
            limit = max(float(np.abs(picture).max()) for picture in both)
            pictures += [palette.quantise(picture, limit) for picture in both]
            outputs += [float(each.votes[unit]) for each in (then, now)]
        return cls(tuple(np.repeat(numbers, 2).tolist()), tuple(outputs), np.array(pictures))


class NeuronWall(Widget):
    """Shows a colour legend, and the pictures of the units below it, as many in a row as fit."""

    COMPONENT_CLASSES = {"neurons--caption"}  # noqa: RUF012 (Textual's name)

    DEFAULT_CSS = """
    NeuronWall { width: 1fr; height: auto; & .neurons--caption { color: $muted; } }
    """

    def __init__(self) -> None:
        super().__init__()
        self._neurons: Neurons | None = None

    def show(self, neurons: Neurons | None) -> None:
        """Replace the pictures; None shows a note that there are none yet."""
        before = len(self._neurons.numbers) if self._neurons else 0
        self._neurons = neurons
        self.refresh(layout=before != (len(neurons.numbers) if neurons else 0))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if self._neurons is None:
            return 1
        across = max(1, width // _CELL_WIDTH)
        return 1 + -(-len(self._neurons.numbers) // across) * _CELL_HEIGHT

    def render_line(self, y: int) -> Strip:
        caption, width = self.get_component_rich_style("neurons--caption"), self.size.width
        if self._neurons is None:
            return Strip(
                [Segment("no weights yet: the first checkpoint brings them", caption)]
            ).adjust_cell_length(width)
        poles = poles_of(self.app.theme_variables)
        if y == 0:
            return Strip(legend(poles, caption)).adjust_cell_length(width, self.rich_style)
        across = max(1, width // _CELL_WIDTH)
        row, line = divmod(y - 1, _CELL_HEIGHT)
        units = range(row * across, min((row + 1) * across, len(self._neurons.numbers)))
        segments: list[Segment] = []
        for index in units:
            if line < _SIDE // 2:
                levels = self._neurons.levels[index]
                segments += [*strip_of(levels[2 * line], levels[2 * line + 1], poles), Segment(" ", caption)]
            else:
                words = self._caption(index) if line == _SIDE // 2 else ""
                segments.append(Segment(words.ljust(_CELL_WIDTH), caption))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _caption(self, index: int) -> str:
        assert self._neurons is not None
        output = self._neurons.outputs[index]
        vote = "UP" if output > 0 else "DOWN"
        return f"#{self._neurons.numbers[index]} {output:+.3f} {vote}".replace("-", "−")
