"""A plot to explore by keys and mouse: a cursor that reads values, zoom, and pan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from textual.binding import BindingType
from textual.events import (
    Click,
    Leave,
    MouseDown,
    MouseEvent,
    MouseMove,
    MouseScrollDown,
    MouseScrollUp,
    MouseUp,
)
from textual.message import Message
from textual.strip import Strip

from pongarena.tui.data.series import Series
from pongarena.tui.keys import key
from pongarena.tui.widgets.plot import Frame, LinePlot
from pongarena.tui.widgets.plot_cells import extent, sample

_ZOOM = 0.6
_CLOSEST = 1 / 4000
"""The closest zoom, as a share of the whole width."""


class ExplorePlot(LinePlot, can_focus=True):
    """Arrows move the cursor, + and − zoom around it, ``<`` and ``>`` pan, 0 shows everything.

    The wheel zooms around the mouse; with shift it pans, as dragging does.
    """

    DEFAULT_CSS = """
    ExplorePlot:focus { background-tint: $foreground 3%; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        key("left", "step(-1)", "", "Curve: previous value", shown_as="←"),
        key("right", "step(1)", "", "Curve: next value", shown_as="→"),
        key("shift+left,ctrl+left", "step(-10)", "", "Curve: ten columns back"),
        key("shift+right,ctrl+right", "step(10)", "", "Curve: ten columns on"),
        key("home", "step(-100000)", "", "Curve: its beginning"),
        key("end", "step(100000)", "", "Curve: its end"),
        key("plus,equals_sign", "zoom(1)", "Zoom", "Curve: zoom in", shown_as="+"),
        key("minus", "zoom(-1)", "Out", "Curve: zoom out", shown_as="−"),
        key("less_than_sign", "pan(-1)", "", "Curve: go left", shown_as="<"),
        key("greater_than_sign", "pan(1)", "", "Curve: go right", shown_as=">"),
        key("0", "whole", "Whole", "Curve: show all of it, without the cursor"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor has moved; None when there is none."""

        cursor: float | None

    def __init__(self, *, x_label: str = "", id: str | None = None, classes: str | None = None) -> None:
        super().__init__(x_label=x_label, id=id, classes=classes)
        self._window: tuple[float, float] | None = None
        self._cursor: float | None = None
        self._dragged_from: int | None = None

    def show(
        self,
        series: Sequence[Series],
        empty: str | None = None,
        y_range: tuple[float, float] | None = None,
        x_label: str | None = None,
    ) -> None:
        """Replace the curves; another ``x_label`` resets zoom and cursor."""
        if x_label is not None and x_label != self._x_label:
            self._x_label = x_label
            self._window = None
            self._read_at(None)
        before = self._extent()
        super().show(series, empty, y_range)
        now = self._extent()
        if self._window is None or before is None or now is None:
            self._window = self._window if now else None
            return
        left, right = self._window
        # a window at the end of the curve follows it as it grows
        right = now[1] if right >= before[1] else right
        self._window = (left, right) if left < now[1] else None

    def forget(self) -> None:
        """Reset zoom and cursor."""
        self._window = None
        self._read_at(None)

    def window(self) -> tuple[float, float] | None:
        """Return the zoomed range of positions; None for all."""
        return self._window

    def cursor(self) -> float | None:
        """Return the position of the cursor; None when there is none."""
        return self._cursor

    def headline(self, shown: Sequence[Series], width: int) -> Strip:
        """Draw the legend, or the values at the cursor when there is one."""
        if self._cursor is None:
            return super().headline(shown, width)
        axis = self._style("axis")
        where = f"{self._x_label} {number_words(self._cursor)}"
        if self._x_label == "games":
            where = f"game {self._cursor:,.0f}"
        for form in (sample, lambda one: str(one.number or sample(one))):  # long form, then short
            segments = [Segment(where, axis)]
            for one in shown:
                found = one.at(self._cursor) if one.name or one.number else None
                if found is None:
                    continue
                value, low, high = found
                segments.append(Segment(f"   {form(one)} ", self.ink(one)))
                band = f" ({number_words(low)} … {number_words(high)})" if np.isfinite(low) else ""
                label = "" if one.number else f"{one.name} "
                segments.append(Segment(f"{label}{number_words(value)}{band}", axis))
            if sum(len(segment.text) for segment in segments) <= width:
                break
        return Strip(segments).adjust_cell_length(width, axis)

    # -- keys

    def action_step(self, by: int) -> None:
        if self._extent() is None:
            return
        frame = self.frame
        if self._cursor is None:
            column = frame.columns - 1 if -frame.columns < by < 0 or by >= frame.columns else 0
        else:
            column = frame.column(self._cursor) + by
        if abs(by) < frame.columns and self._window is not None and not 0 <= column < frame.columns:
            self._slide((frame.right - frame.left) / 4 * (1 if by > 0 else -1))
            frame = self._reframed()
            column = frame.column(self._cursor or frame.left) + by
        self._read_at(frame.position(frame.start + min(max(column, 0), frame.columns - 1)))

    def action_zoom(self, by: int) -> None:
        self._zoom(by, self._cursor)

    def action_pan(self, by: int) -> None:
        self._slide((self.frame.right - self.frame.left) / 4 * by)

    def action_whole(self) -> None:
        self.forget()

    # -- mouse

    def on_mouse_move(self, event: MouseMove) -> None:
        """Move the cursor to the mouse, or drag the curve."""
        if self._extent() is None:
            return
        if self._dragged_from is not None:
            width = self.frame.right - self.frame.left
            self._slide((self._dragged_from - event.x) * width / max(1, self.frame.columns - 1))
            self._dragged_from = event.x
            return
        self._read_at(self.frame.position(event.x))

    def on_leave(self, event: Leave) -> None:
        """Remove the cursor, unless the plot has the focus."""
        if not self.has_focus:
            self._read_at(None)

    def on_mouse_down(self, event: MouseDown) -> None:
        if self._window is not None:
            self._dragged_from = event.x
            self.capture_mouse()

    def on_mouse_up(self, event: MouseUp) -> None:
        self._dragged_from = None
        self.release_mouse()

    def on_click(self, event: Click) -> None:
        """Show everything after a double click."""
        if event.chain == 2:
            self.forget()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: MouseEvent, by: int) -> None:
        if self._extent() is None:
            return
        event.stop()
        event.prevent_default()
        if event.shift:
            self.action_pan(by)
        else:
            self._zoom(by, self.frame.position(event.x))

    # -- the window

    def _read_at(self, cursor: float | None) -> None:
        if cursor != self._cursor:
            self._cursor = cursor
            self.post_message(self.Moved(cursor))
        self.draw_again()

    def _extent(self) -> tuple[float, float] | None:
        shown = [one for one in self._series if len(one.xs)]
        return extent(shown) if shown else None

    def _zoom(self, by: int, about: float | None) -> None:
        whole = self._extent()
        if whole is None:
            return
        left, right = self._window or whole
        about = (left + right) / 2 if about is None or not left <= about <= right else about
        factor = _ZOOM if by > 0 else 1 / _ZOOM
        width = max((right - left) * factor, (whole[1] - whole[0]) * _CLOSEST)
        if width >= whole[1] - whole[0]:
            self._window = None
        else:
            share = (about - left) / ((right - left) or 1.0)
            self._window = self._kept_inside(about - share * width, width)
        self.draw_again()

    def _slide(self, by: float) -> None:
        if self._window is not None:
            left, right = self._window
            self._window = self._kept_inside(left + by, right - left)
            self.draw_again()

    def _kept_inside(self, left: float, width: float) -> tuple[float, float]:
        low, high = self._extent() or (left, left + width)
        left = max(low, min(left, high - width))
        return left, left + width

    def _reframed(self) -> Frame:
        left, right = self._window or (self.frame.left, self.frame.right)
        return replace(self.frame, left=left, right=right)


def number_words(value: float) -> str:
    """Format a number with few decimals and with thousands separators."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    return f"{value:,.{digits}f}".replace("-", "−")
