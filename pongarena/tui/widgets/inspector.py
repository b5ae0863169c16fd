"""Show what a network thinks, beside the court: P(UP), its history, the votes of the hidden units, its input.

A ``MindGauge`` is a column of seven cells for small terminals, a ``MindPanel`` a panel of 42.
"""

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Region

from pongarena.core.arrays import FloatArray
from pongarena.envs.observation import VIEW_SHAPE, SparseFrames
from pongarena.game.cartridge import Side
from pongarena.game.paddle import Move
from pongarena.game.rules import FRAME_RATE_HZ
from pongarena.match.decision import Decision
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR, sight_words
from pongarena.nn.policy import PolicyNetwork
from pongarena.nn.spec import CLASSIC, AgentSpec
from pongarena.tui.widgets import braille
from pongarena.tui.widgets.canvas import Canvas, Colour, blend, parse_colour

__all__ = ["GAUGE_WIDTH", "PANEL_WIDTH", "MindGauge", "MindPanel"]

GAUGE_WIDTH = 7
PANEL_WIDTH = 42
"""Columns of a panel, with an empty one on each side."""

_WORDS = {Move.UP: "▲ UP", Move.STAY: "■ STAY", Move.DOWN: "▼ DOWN"}
"""Labels of the actions."""

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_SIDEWAYS = " ▏▎▍▌▋▊▉█"
_BLOCKS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""Quarters of a cell: top left 1, top right 2, bottom left 4, bottom right 8."""

_LEVELS = 3
"""Brightness levels of an active unit: few, so that few cells change."""

_DECAY = 0.995
"""Factor by which the scale of activations shrinks at each step."""


class MindGauge(Canvas):
    """A slim column: P(UP) as a gauge and a number, and the action; or a note on a player of another kind."""

    DEFAULT_CSS = "MindGauge { width: 7; height: 1fr; background: $background; }"

    def __init__(self, side: Side) -> None:
        super().__init__(id=f"gauge-{side}")
        self._side = side
        self._decision: Decision | None = None
        self._words: tuple[str, ...] = ()

    def show(self, decision: Decision | None, words: tuple[str, ...] = ()) -> int:
        """Show a network's latest decision, or a note on a player that is no network."""
        self._decision, self._words = decision, words
        return self.publish()

    def paint(self) -> None:
        accent, muted, plain = _inks(self, self._side)
        if self._decision is None:
            top = max(0, (self.lines - len(self._words)) // 2)
            for y, words in enumerate(self._words):
                self.write((GAUGE_WIDTH - len(words)) // 2, top + y, words, accent if y == 0 else muted)
            return
        decision = self._decision
        word = _WORDS[decision.action]
        self.write(1, 0, "P(UP)", muted)
        self.write(1, 1, f"{100 * decision.p_up:3.0f} %", plain)
        self.write(1 if len(word) < 6 else 0, self.lines - 1, word, accent)
        self._paint_gauge(Region(2, 3, 3, max(0, self.lines - 5)), decision)

    def _paint_gauge(self, area: Region, decision: Decision) -> None:
        """Draw P(UP) from below; with three actions P(DOWN) from above, and STAY between them."""
        well = parse_colour(self.app.theme_variables.get("panel", "#19201c"))
        filled = round(8 * area.height * decision.p_up)
        may_stay = len(decision.probabilities) > 2
        down = round(area.height * decision.probabilities[-1]) if may_stay else 0
        for line in range(area.height):
            level = min(max(filled - 8 * (area.height - 1 - line), 0), 8)
            if line < down and not level:
                self.fill(Region(area.x, area.y + line, 3, 1), "▒", self.ink(DOWN_COLOUR, well))
            else:
                self.fill(Region(area.x, area.y + line, 3, 1), _EIGHTHS[level], self.ink(UP_COLOUR, well))
        middle = area.y + area.height // 2
        _, muted, _ = _inks(self, self._side)
        self.write(area.x - 1, middle, "╴", muted)
        self.write(area.right, middle, "╶", muted)


class MindPanel(Canvas):
    """A wide panel that shows as much as its height allows."""

    DEFAULT_CSS = "MindPanel { width: 42; height: 1fr; background: $background; }"

    def __init__(self, side: Side) -> None:
        super().__init__(id=f"mind-{side}")
        self._side = side
        self._decision: Decision | None = None
        self._who = ""
        self._policy: PolicyNetwork | None = None
        self._order = np.zeros(0, np.intp)
        self._top = 0.0

    def show(self, decision: Decision | None, name: str, policy: PolicyNetwork | None) -> int:
        if policy is not self._policy:
            self._policy, self._top = policy, 0.0
            if policy is not None:
                self._order = np.argsort(-policy.votes, kind="stable")
        if decision is not None and decision is self._decision:
            return 0
        self._decision, self._who = decision, name
        return self.publish()

    def paint(self) -> None:
        accent, muted, plain = _inks(self, self._side)
        width = PANEL_WIDTH - 2
        self.write(1, 0, self._who[: width - 12], accent)
        if self._decision is None or self._policy is None:
            self.write(1, 2, "has not decided yet", muted)
            return
        units = f"{self._policy.hidden_units:,} units"
        self.write(1 + width - len(units), 0, units, muted)
        decision = self._decision
        shares = f"P(UP) {100 * decision.p_up:3.0f} %"
        if len(decision.probabilities) > 2:
            _, stay, down = (100 * share for share in decision.probabilities)
            shares = f"UP {100 * decision.p_up:.0f} %  STAY {stay:.0f} %  DOWN {down:.0f} %"
        self.write(1, 2, shares, plain)
        self.write(1 + width - 6, 2, _WORDS[decision.action], accent)
        self._paint_bar(3, decision)
        self._paint_course(5, 4)
        hidden_lines = self._paint_units(10)
        rest = 10 + hidden_lines + 1
        if self.lines - rest >= VIEW_SHAPE[0] // 4 + 1:
            self._paint_seen(rest, decision.seen)

    def _paint_bar(self, y: int, decision: Decision) -> None:
        """Draw P(UP) from the left; with three actions P(DOWN) from the right, and STAY between them."""
        width = PANEL_WIDTH - 2
        well = parse_colour(self.app.theme_variables.get("panel", "#19201c"))
        filled = round(8 * width * decision.p_up)
        bar = "█" * (filled // 8) + (_SIDEWAYS[filled % 8] if filled % 8 else "")
        self.write(1, y, bar.ljust(width), self.ink(UP_COLOUR, well))
        if len(decision.probabilities) > 2:
            down = min(round(width * decision.probabilities[-1]), width - len(bar))
            self.write(1 + width - down, y, "▒" * down, self.ink(DOWN_COLOUR, well))
            return
        middle = 1 + width // 2
        if filled <= 8 * (middle - 1):
            self.write(middle, y, "╷", self.ink(blend(well, (255, 255, 255), 0.5), well))

    def _paint_course(self, y: int, lines: int) -> None:
        """Draw P(UP) of the latest steps, a dot each, the present one at the right."""
        assert self._decision is not None
        _, muted, _ = _inks(self, self._side)
        width, height = 2 * (PANEL_WIDTH - 2), 4 * lines
        values = np.array([p_up for p_up, _ in self._decision.history[-width:]])
        dots = np.zeros((height, width), np.bool_)
        dots[np.rint((1 - values) * (height - 1)).astype(np.intp), np.arange(width - len(values), width)] = (
            True
        )
        for line, text in enumerate(_braille(dots)):
            self.write(1, y + line, text, self.ink(UP_COLOUR))
        seconds = width * self._spec.frame_skip / FRAME_RATE_HZ
        self.write(1, y + lines, f"P(UP) in the last {seconds:.0f} s", muted)

    def _paint_units(self, y: int) -> int:
        """Draw the units, sorted from UP votes to DOWN votes: bright when active, a dot when silent.

        Returns:
            The number of lines.
        """
        assert self._decision is not None and self._policy is not None
        _, muted, _ = _inks(self, self._side)
        hidden = self._decision.hidden
        weights = self._policy.votes_when(hidden)
        contributions = hidden * weights
        for_up, for_down = (
            float(contributions[contributions > 0].sum()),
            float(contributions[contributions < 0].sum()),
        )
        words = f"votes  ▲ {for_up:.2f}  ▼ {-for_down:.2f}  logit {self._decision.logit:+.2f}"
        self.write(1, y, words.replace("-", "−"), muted)
        width = PANEL_WIDTH - 2
        room = max(1, min(8, self.lines - y - 2)) * width
        order = _strongest(self._order, weights, room)
        levels = self._quantise(hidden[order]).tolist()
        ground = parse_colour(self.app.theme_variables.get("background", "#0b0e0c"))
        inks = {
            up: self._unit_inks(colour, ground) for up, colour in ((True, UP_COLOUR), (False, DOWN_COLOUR))
        }
        contributions_up = (weights[order] > 0).tolist()
        glyphs = [
            ("▲" if up else "▼") if level else "·" for up, level in zip(contributions_up, levels, strict=True)
        ]
        colours = [inks[up][level] for up, level in zip(contributions_up, levels, strict=True)]
        places = np.arange(len(order))
        self.scatter(1 + places % width, y + 1 + places // width, glyphs, colours)
        return 1 + -(-len(order) // width)

    def _unit_inks(self, colour: Colour, ground: Colour) -> tuple[int, ...]:
        shades = (0.28, 0.5, 0.75, 1.0)
        return tuple(self.ink(blend(ground, colour, share)) for share in shades)

    def _quantise(self, values: FloatArray) -> NDArray[np.intp]:
        """Convert activations to brightness levels, relative to the recent maximum."""
        self._top = max(float(values.max(initial=0.0)), self._top * _DECAY)
        scaled = values / self._top if self._top > 0 else np.zeros_like(values)
        return np.ceil(np.sqrt(scaled) * _LEVELS - 0.35).clip(0, _LEVELS).astype(np.intp)

    @property
    def _spec(self) -> AgentSpec:
        return CLASSIC if self._policy is None else self._policy.spec

    def _paint_seen(self, y: int, seen: SparseFrames) -> None:
        """Draw the difference frame: blocks for pixels that appeared, dots for those that vanished."""
        _, muted, plain = _inks(self, self._side)
        lit, faded = sight_words(self._spec.fade)
        words = f"sees: ▪ {lit}  ⠶ {faded}"
        if self._side is Side.LEFT:
            words += "  (mirrored)"
        self.write(1, y, words, muted)
        well = parse_colour(self.app.theme_variables.get("surface", "#111613"))
        frame = self._spec.observation.picture(seen.dense()[0])
        came = _braille(frame > 0, blocks=True)
        went = _braille(frame < 0)
        plain, gone = self.ink((236, 236, 236), well), self.ink(DOWN_COLOUR, well)
        for line, (new, old) in enumerate(zip(came, went, strict=True)):
            self.write(1, y + 1 + line, old, gone)
            for x, char in enumerate(new):
                if char != " ":
                    self.write(1 + x, y + 1 + line, char, plain)


def _strongest(order: NDArray[np.intp], weights: FloatArray, room: int) -> NDArray[np.intp]:
    """Choose the units that fit; leave out those with the least weight, in the middle of the order."""
    if len(order) <= room:
        return order
    keep = np.zeros(len(order), np.bool_)
    keep[np.argsort(-np.abs(weights), kind="stable")[:room]] = True
    return order[keep[order]]


def _braille(dots: NDArray[np.bool_], *, blocks: bool = False) -> list[str]:
    """Draw pixels as text, 2 × 4 in each cell; with ``blocks``, two rows share a quarter block."""
    height, width = dots.shape
    cells = dots.reshape(height // 4, 4, width // 2, 2)
    if blocks:
        halves = cells.reshape(height // 4, 2, 2, width // 2, 2).any(axis=2)
        numbers = (halves * np.array([[1, 2], [4, 8]])[None, :, None, :]).sum(axis=(1, 3))
        return ["".join(_BLOCKS[number] for number in row) for row in numbers.tolist()]
    codes = braille.cells(dots)
    return ["".join(" " if code == braille.BLANK else chr(code) for code in row) for row in codes.tolist()]


def _inks(canvas: Canvas, side: Side) -> tuple[int, int, int]:
    """Return the inks for the side's accent, for captions, and for plain text."""
    named = canvas.app.theme_variables
    accent = parse_colour(named.get(side.value, "#d5824a" if side is Side.LEFT else "#5cba5c"))
    muted = parse_colour(named.get("muted", "#8b998e"))
    plain = parse_colour(named.get("foreground", "#d3ddd4"))
    return canvas.ink(accent, bold=True), canvas.ink(muted), canvas.ink(plain, bold=True)
