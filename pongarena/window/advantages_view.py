"""Draw a rally's credit: four lanes over one time line, which ends with the point.

From top to bottom: the decisions, the discounted return, the standardised advantage, and what that makes more
or less likely. The side of the zero line, arrows and words show the sign, not only colours.
"""

import math

import numpy as np
import pygame
from numpy.typing import NDArray

from pongarena.game.rules import FRAME_RATE_HZ, FRAME_SKIP
from pongarena.match.advantages import GAMMA, Credit
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR
from pongarena.window import paint
from pongarena.window.inspector_parts import signed
from pongarena.window.paint import Scale

__all__ = ["CreditView"]

_GAIN, _LOSS = (122, 212, 150), (232, 110, 120)
"""Colours of values above and below zero that do not mean UP and DOWN."""

_FEWEST = 45
"""The fewest decisions that the time line has room for: 3 s."""


class CreditView:
    """Draws the credit of one rally for one network.

    Attributes:
        credit: The numbers, always by the karpathy recipe.
        name: The network's name.
        recipe: The recipe that trained it.
    """

    def __init__(
        self,
        credit: Credit,
        name: str,
        recipe: str,
        *,
        accent: tuple[int, int, int],
        frame_skip: int = FRAME_SKIP,
    ) -> None:
        self.credit = credit
        self.name = name
        self.recipe = recipe
        self._accent = accent
        self._rate_hz = FRAME_RATE_HZ / frame_skip

    def draw(self, target: pygame.Surface, scale: Scale) -> None:
        """Fill a surface of at least 640×420, times the scale."""
        self._scale = scale
        self._small, self._body, self._title = scale.small, scale.body - 1, scale.large
        self._line = round(1.05 * self._small)
        margin = scale.px(18)
        target.fill(paint.GROUND)
        paint.panel(target, target.get_rect(), radius=12)
        inner = target.get_rect().inflate(-2 * margin, -2 * margin)
        top = self._draw_heading(target, inner)
        bottom = self._draw_summary(target, inner)
        self._lay_out_time(inner)
        lanes = self._share(inner, top, bottom)
        self._draw_seconds(target, lanes)
        self._draw_decisions(target, lanes[0])
        self._draw_returns(target, lanes[1])
        self._draw_advantages(target, lanes[2])
        self._draw_logit_gradient(target, lanes[3])
        self._draw_point(target, lanes)

    @property
    def whose(self) -> str:
        """The recipe that trained the network, and the one whose rules the credit follows."""
        if self.recipe == "karpathy":
            return "trained by karpathy, credit by its rules"
        how = "imported" if self.recipe == "imported" else f"trained by {self.recipe}"
        return f"{how}, credit by karpathy's rules"

    def _draw_heading(self, target: pygame.Surface, inner: pygame.Rect) -> int:
        credit, won = self.credit, self.credit.outcome > 0
        name = paint.write(target, self.name, inner.topleft, self._title, self._accent, room=inner.width // 2)
        words = "won the point" if won else "lost the point"
        said = paint.write(target, words, (name.right + self._scale.px(10), inner.top), self._title)
        middle = said.right + self._title // 2 + self._scale.px(10), said.centery - 2
        colour = _GAIN if won else _LOSS
        pygame.draw.circle(target, colour, middle, self._title // 2)
        paint.write(target, signed(credit.outcome, 0), middle, self._small + 1, paint.GROUND, anchor="center")
        seconds = f"{len(credit) / self._rate_hz:.1f} s"
        line = f"rally {credit.rally}, {len(credit)} steps, {seconds}; {self.whose}"
        place = inner.left, said.bottom + self._title // 4
        below = paint.write(target, line, place, self._body, paint.DIM, room=inner.width)
        return below.bottom + self._body // 2 + 3

    def _draw_summary(self, target: pygame.Surface, inner: pygame.Rect) -> int:
        """Draw two lines at the foot: what is learned, and how returns were standardised."""
        credit = self.credit
        how = (
            f"standardised over the {credit.game_decisions:,} steps of this game so far: "
            f"mean {signed(credit.game_mean)}, deviation {credit.game_deviation:.2f}"
        )
        paint.write(
            target, how, inner.bottomleft, self._small, paint.DIM, anchor="bottomleft", room=inner.width
        )
        px = self._scale.px
        y = inner.bottom - self._small - px(6)
        x, line = inner.left, pygame.Rect(inner.left, y - self._body, 0, self._body)
        for more in (True, False):
            label = ("more" if more else "less") + ("" if credit.has_three else " likely")
            x = paint.write(target, label, (x, line.centery), self._body, anchor="midleft").right + px(12)
            for up in (True, False):
                colour = UP_COLOUR if up else DOWN_COLOUR
                paint.arrow(target, (x + px(5), line.centery - 1), px(6), colour, up=up)
                words = f"{credit.counts(up=up, more=more)} {'UP' if up else 'DOWN'}"
                at = x + px(16), line.centery
                x = paint.write(target, words, at, self._body, anchor="midleft").right + px(12)
            if credit.has_three:
                words = f"{credit.stayed(more=more)} STAY"
                x = paint.write(target, words, (x, line.centery), self._body, anchor="midleft").right + px(12)
            x += px(16)
        return line.top - 6

    def _lay_out_time(self, inner: pygame.Rect) -> None:
        """Compute the decisions' x positions; the earliest of a very long rally are left out."""
        labels = 7 * self._small
        self._labels = inner.left
        self._left, self._right = inner.left + labels, inner.right - self._scale.px(26)
        room = self._right - self._left
        self._shown = min(len(self.credit), room)
        self._step = room / max(self._shown, _FEWEST)
        ages = np.arange(self._shown - 1, -1, -1)
        self._xs: list[float] = (self._right - (ages + 1) * self._step).tolist()

    def _share(self, inner: pygame.Rect, top: int, bottom: int) -> list[pygame.Rect]:
        """Split the height into four lanes, with room for the seconds below the last."""
        gap = self._small // 2 + 2
        shares = (0.2, 0.24, 0.28, 0.28)
        free = bottom - top - 3 * gap - self._small
        lanes, y = [], float(top)
        for share in shares:
            lanes.append(pygame.Rect(self._left, round(y), self._right - self._left, int(free * share)))
            y += free * share + gap
        return lanes

    def _draw_seconds(self, target: pygame.Surface, lanes: list[pygame.Rect]) -> None:
        """Draw the lanes' backgrounds, and lines for the seconds before the point."""
        for lane in lanes:
            pygame.draw.rect(target, (23, 21, 25), lane, border_radius=4)
        span = self._shown_seconds()
        every = next(step for step in (1, 2, 5, 10, 20, 60) if span / step <= 12 or step == 60)
        for second in range(0, math.floor(span) + 1, every):
            x = round(self._right - second * self._rate_hz * self._step)
            for lane in lanes:
                target.fill(paint.RAISED, (x, lane.top, 1, lane.height))
            words = "point" if second == 0 else f"−{second} s"
            place = (x, lanes[-1].bottom + 3)
            paint.write(target, words, place, self._small - 1, paint.DIM, anchor="midtop")
        left_out = len(self.credit) - self._shown
        if left_out:
            words = f"{left_out:,} earlier"
            paint.write(target, words, (self._labels, lanes[-1].bottom + 3), self._small - 1, paint.DIM)

    def _shown_seconds(self) -> float:
        return (self._right - self._left) / self._step / self._rate_hz

    def _label(self, target: pygame.Surface, lane: pygame.Rect, words: str, *lines: str) -> None:
        paint.write(target, words, (self._labels, lane.top), self._body)
        y = lane.top + round(1.2 * self._body)
        for line in lines:
            if y + self._small <= lane.bottom:
                paint.write(target, line, (self._labels, y), self._small - 1, paint.DIM)
            y += self._line

    def _draw_decisions(self, target: pygame.Surface, lane: pygame.Rect) -> None:
        """Draw UP marks along the top, DOWN marks along the bottom, and P(UP) as a curve between them."""
        three = self.credit.has_three
        self._label(target, lane, "decided", "marks: action", "curve: P(taken)" if three else "curve: P(UP)")
        chances = self.credit.p_taken if three else self.credit.p_up
        px = self._scale.px
        credit, wide = self.credit, self._step >= px(7)
        mark = px(4) if wide else px(3)
        points = []
        for i, x in zip(range(len(credit) - self._shown, len(credit)), self._xs, strict=True):
            middle = round(x + self._step / 2)
            up = bool(credit.up[i])
            colour = UP_COLOUR if up else DOWN_COLOUR
            y = lane.top + mark + 1 if up else lane.bottom - mark - 2
            if credit.stays[i]:
                width = max(1, int(self._step) - 1)
                target.fill(paint.DIM, (middle - width // 2, lane.centery - 1, width, 3))
            elif wide:
                paint.arrow(target, (middle, y), mark, colour, up=up)
            else:
                target.fill(colour, (middle, y - mark, max(1, int(self._step) - 1), 2 * mark))
            span = lane.height - 4 * mark - 8
            points.append((middle, lane.top + 2 * mark + 4 + round((1 - float(chances[i])) * span)))
        if len(points) > 1:
            pygame.draw.lines(target, paint.INK, False, points, px(1))

    def _draw_returns(self, target: pygame.Surface, lane: pygame.Rect) -> None:
        half = math.log(0.5) / math.log(GAMMA) / self._rate_hz
        self._label(target, lane, "return", f"discount {GAMMA}", f"halves in {half:.1f} s")
        won = self.credit.outcome > 0
        zero = lane.bottom - 4 if won else lane.top + 3
        reach = lane.height - 8 - self._line
        heights = self._latest(self.credit.returns) * reach
        self._draw_bars(target, zero, heights, _GAIN if won else _LOSS, _GAIN if won else _LOSS)
        first = self._latest(self.credit.returns)[0]
        x = max(lane.left + 4, min(round(self._xs[0]), lane.right - 3 * self._small))
        end = zero - round(float(first) * reach)
        anchor = "bottomleft" if won else "topleft"
        paint.write(
            target, signed(float(first)), (x, end + (-2 if won else 4)), self._small - 1, anchor=anchor
        )

    def _draw_advantages(self, target: pygame.Surface, lane: pygame.Rect) -> None:
        self._label(target, lane, "advantage", "above: more of it", "below: less of it")
        values = self._latest(self.credit.advantages)
        self._draw_signed(target, lane, values, (_GAIN, _LOSS))

    def _draw_logit_gradient(self, target: pygame.Surface, lane: pygame.Rect) -> None:
        """Draw each decision's logit gradient; UP above, DOWN below."""
        values = self._latest(self.credit.logit_gradient)
        if self.credit.has_three:
            self._label(target, lane, "logit of taken", "(1 − P)·advantage")
            self._draw_signed(target, lane, values, (_GAIN, _LOSS))
            return
        self._label(target, lane, "made likelier", "(y − P)·advantage")
        self._draw_signed(target, lane, values, (UP_COLOUR, DOWN_COLOUR))
        px = self._scale.px
        x, y = self._labels + px(6), lane.top + round(1.2 * self._body) + self._line + self._line * 2 // 3
        for up in (True, False):
            if y + self._line // 2 <= lane.bottom:
                paint.arrow(target, (x, y), px(5), UP_COLOUR if up else DOWN_COLOUR, up=up)
                words = "UP" if up else "DOWN"
                paint.write(target, words, (x + px(10), y + 1), self._small - 1, paint.DIM, anchor="midleft")
            y += self._line

    def _draw_signed(
        self,
        target: pygame.Surface,
        lane: pygame.Rect,
        values: NDArray[np.float64],
        colours: tuple[tuple[int, int, int], tuple[int, int, int]],
    ) -> None:
        """Draw bars around a zero line that leaves room for both sides, and the extremes as numbers."""
        above, below = max(0.0, float(values.max())), max(0.0, -float(values.min()))
        pad = self._line + 2
        room = lane.height - 2 * pad
        span = above + below or 1.0
        zero = lane.top + pad + round(room * (above / span if above + below else 0.5))
        self._draw_bars(target, zero, values / span * room, *colours)
        target.fill(paint.DIM, (lane.left, zero, lane.width, 1))
        for value, anchor, y in ((above, "midbottom", lane.top + pad), (-below, "midtop", lane.bottom - pad)):
            if value:
                index = int(values.argmax() if value > 0 else values.argmin())
                x = min(max(self._xs[index] + self._step / 2, lane.left + 20), lane.right - 20)
                edge = y - 1 if value > 0 else y + 1
                paint.write(target, signed(value), (round(x), edge), self._small - 1, anchor=anchor)

    def _draw_bars(
        self,
        target: pygame.Surface,
        zero: int,
        heights: NDArray[np.float64],
        above: tuple[int, int, int],
        below: tuple[int, int, int],
    ) -> None:
        """Draw one bar per decision, upwards from zero for positive values."""
        thick = max(1, int(self._step) - (1 if self._step >= 3 else 0))
        for x, height in zip(self._xs, np.rint(heights).astype(int).tolist(), strict=True):
            if height > 0:
                target.fill(above, (round(x), zero - height, thick, height))
            elif height < 0:
                target.fill(below, (round(x), zero + 1, thick, -height))

    def _draw_point(self, target: pygame.Surface, lanes: list[pygame.Rect]) -> None:
        """Draw the end of the rally as a line through all lanes."""
        colour = _GAIN if self.credit.outcome > 0 else _LOSS
        px = self._scale.px
        target.fill(colour, (self._right, lanes[0].top, px(2), lanes[-1].bottom - lanes[0].top))
        middle = self._right + px(14), lanes[1].centery
        paint.write(target, signed(self.credit.outcome, 0), middle, self._body + 2, colour, anchor="center")

    def _latest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return values[len(values) - self._shown :]
