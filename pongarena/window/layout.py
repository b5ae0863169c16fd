"""Where everything lies in the window, and how it is drawn: title strip, picture, minds, sheets.

The picture is enlarged by whole numbers. An Atari pixel is wider than high (about 1.7 times on a 4:3 screen),
so at scale 1, 2, 3, 4 it becomes 2×1, 4×2, 5×3, 7×4 pixels.
"""

from dataclasses import dataclass
from functools import partial

import pygame

from pongarena.game.cartridge import Side
from pongarena.match.announcer import Banner
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer, called
from pongarena.window import block_font as lettering
from pongarena.window import paint, screens
from pongarena.window.field import Field, Pane
from pongarena.window.inspector_input import FieldView
from pongarena.window.inspector_pictures import court
from pongarena.window.overlay import PANEL_WIDTH, MindPanel
from pongarena.window.screens import Badge, Sheet, Toast
from pongarena.window.timeline import Timeline, draw_timeline, frame_at

__all__ = [
    "FOOTER",
    "HEADER",
    "MAX_SCALE",
    "Ghost",
    "Layout",
    "View",
    "best_scale",
    "field_size",
    "window_size",
]

MAX_SCALE = 8
"""Beyond this a picture is larger than 8K screens."""

HEADER = 58
"""Height of the strip above the picture."""

FOOTER = 26
"""Height of the strip below it."""

_MARGIN = 12
_PANEL_HEIGHT = 490
"""The least in which all parts of a mind find room."""

_ACCENTS = (paint.ORANGE, paint.GREEN)


@dataclass(frozen=True)
class Ghost:
    """What a network would do with a paddle that a person has taken.

    Attributes:
        side: Whose paddle.
        up: Whether it would go up, else down.
    """

    side: Side
    up: bool


Glass = Banner | Toast | Badge | Ghost | Timeline
"""What may lie over the running game."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What a mind has laid over the field.

    Attributes:
        key: What it depends on.
        picture: With opacity; None for nothing.
    """

    key: tuple[object, ...]
    picture: pygame.Surface | None


@dataclass(frozen=True)
class View:
    """What the window wants to be seen besides the match itself.

    Attributes:
        fps: Frames a second, measured.
        status: Hint or state for the bottom line.
        sheet: Over everything; nothing moves under it.
        glass: Over the running game.
    """

    fps: float = 60.0
    status: str = ""
    sheet: Sheet | None = None
    glass: tuple[Glass, ...] = ()


def field_size(scale: int) -> tuple[int, int]:
    """Width and height of the game's picture."""
    return 160 * -(-5 * scale // 3), 210 * scale


def window_size(scale: int, panels: int) -> tuple[int, int]:
    """Width and height that hold the picture and a number of minds."""
    width, height = field_size(scale)
    body = max(height, _PANEL_HEIGHT) if panels else height
    return width + panels * (PANEL_WIDTH + _MARGIN) + 2 * _MARGIN, HEADER + body + FOOTER


def best_scale(room: tuple[int, int], panels: int) -> int:
    """The largest scale that fits, at least 1."""
    for scale in range(MAX_SCALE, 1, -1):
        width, height = window_size(scale, panels)
        if width <= room[0] and height <= room[1]:
            return scale
    return 1


class Layout:
    """Draws a match into the window; keeps what has not changed.

    Attributes:
        overlay: Whether minds are shown.
        crt: Whether the picture looks like an old television's.
    """

    def __init__(
        self, match: Match, window: pygame.Surface, *, overlay: bool, scale: int | None, crt: bool = False
    ) -> None:
        self._match = match
        self._wanted_scale = scale
        self.overlay = overlay
        self.crt = crt
        self._heading: tuple[object, ...] = ()
        self._sheet: Sheet | None = None
        self._layer: Layer | None = None
        self._timeline: Timeline | None = None
        self._game = Field(match, window)
        people = any(spec.is_person for spec in match.specs)
        self._minds = {
            i: MindPanel(
                spec,
                player,
                _PANEL_HEIGHT,
                accent=_ACCENTS[i],
                mute=partial(match.mute, player.side),
                keys_on_click=not people,
            )
            for i, (spec, player) in enumerate(zip(match.specs, match.players, strict=True))
            if isinstance(player, ModelPlayer)
        }
        self._places: dict[int, tuple[int, int]] = {}
        self.lay_out(window)

    @property
    def field(self) -> pygame.Rect:
        """Where the game's picture lies."""
        return self._game.place

    @property
    def networks(self) -> int:
        """How many players have a mind to show."""
        return len(self._minds)

    @property
    def inside(self) -> bool:
        """Whether keys are meant for a mind's panel."""
        return any(mind.focus for mind in self._minds.values())

    def handle(self, event: pygame.event.Event) -> bool:
        """Lets the minds have an event.

        Returns:
            Whether it was for one of them alone.
        """
        meant = False
        for i, place in self._places.items():  # all of them: the mouse that enters one leaves the other
            meant |= self._minds[i].handle(event, place)
        return meant

    def frame_under(self, at: tuple[int, int]) -> int | None:
        """The frame that lies under the mouse on the timeline; None beside it."""
        if self._timeline is None or not self._timeline_place.collidepoint(at):
            return None
        return frame_at(self._timeline, self._timeline_place, at[0])

    def show_contributions(self) -> str:
        """Lays what pushed the decisions over the field: of the left network, the right one, none.

        Returns:
            What is shown now.
        """
        minds = list(self._minds.values())
        shown = next((i for i, m in enumerate(minds) if m.inspection.field_view is not FieldView.NOTHING), -1)
        for i, mind in enumerate(minds):
            mind.inspection.field_view = FieldView.PUSHED if i == shown + 1 else FieldView.NOTHING
        names = [self._match.specs[i].name for i in self._minds]
        return f"what pushes {names[shown + 1]}" if shown + 1 < len(names) else "the field alone"

    def lay_out(self, window: pygame.Surface) -> None:
        """Arranges everything for a window of this size; minds that find no room are left out."""
        self._window = window
        width, height = window.get_size()
        panels = self.networks if self.overlay else 0
        needed = window_size(1, panels)
        if needed[0] > width or needed[1] > height:
            panels = 0
        scale = min(self._wanted_scale or MAX_SCALE, best_scale((width, height), panels))
        size = field_size(scale)
        total = window_size(scale, panels)
        x, y = (width - total[0]) // 2 + _MARGIN, max(0, (height - total[1]) // 2)
        body = total[1] - HEADER - FOOTER
        self._left, self._top, self._span, self._body = x, y, total[0] - 2 * _MARGIN, body
        field_x = x + (PANEL_WIDTH + _MARGIN if panels and 0 in self._minds else 0)
        place = pygame.Rect((field_x, y + HEADER + (body - size[1]) // 2), size)
        self._game.lay(window, place, crt=self.crt)
        self._places.clear()
        for i, mind in self._minds.items() if panels else ():
            mind.lay_out(body)
            self._places[i] = (x if i == 0 else self.field.right + _MARGIN, y + HEADER)
        self.refresh()

    def refresh(self) -> None:
        """Makes the next drawing a complete one."""
        self._complete = True

    def pages(self, sheet: Sheet) -> int:
        """How many pages a card takes in this window."""
        return screens.count_pages(sheet, self.field.size, self._window.get_size())

    def draw(self, view: View) -> list[pygame.Rect]:
        """Brings the window up to date.

        Returns:
            The places that changed, for the caller to show.
        """
        # what lay over the rest is wiped off only by drawing all of it
        complete = self._complete or view.sheet != self._sheet
        if view.sheet is not None and not complete:
            complete = any(self._minds[i].update(self._match.decisions[i]) for i in self._places)
            if not complete:
                return []
        self._complete, self._sheet = False, view.sheet
        if complete:
            self._window.fill(paint.GROUND)
            self._heading = ()
        minds = self._draw_minds(complete)
        self._timeline = next((glass for glass in view.glass if isinstance(glass, Timeline)), None)
        panes = () if view.sheet else (*self._layers(), *(self._pane(glass) for glass in view.glass))
        picture = self._game.draw(panes, complete=complete)
        changed = [*minds, *self._draw_strips(view), *picture]
        if view.sheet is not None:
            self._draw_sheet(view.sheet)
        return [self._window.get_rect()] if complete else changed

    def _draw_minds(self, complete: bool) -> list[pygame.Rect]:
        """Shows what decisions brought; of two that come together one waits for the next frame."""
        for i, place in self._places.items():
            mind = self._minds[i]
            if mind.update(self._match.decisions[i]) or complete:
                drawn = self._window.blit(mind.surface, place)
                if not complete:
                    return [drawn]
        return []

    def _layers(self) -> list[Pane]:
        """What a mind lays over the field; made anew when something about it has changed."""
        for i, mind in self._minds.items():
            looked = mind.inspection
            if looked.field_view is FieldView.NOTHING:
                continue
            if i not in self._places:
                mind.update(self._match.decisions[i])
            place = court(self.field)
            key = self._match.decisions[i], looked.field_view, looked.unit, place.size
            if self._layer is None or self._layer.key != key:
                self._layer = Layer(key, mind.field_layer(place.size))
            return [] if self._layer.picture is None else [(self._layer.picture, place)]
        return []

    def _draw_strips(self, view: View) -> list[pygame.Rect]:
        """Names, score, rally and fps above, the status line below; only when something changed."""
        match = self._match
        heading = (match.score, match.rally, match.ball_speed, round(view.fps), view.status)
        if heading == self._heading:
            return []
        self._heading = heading
        target, width = self._window, self._window.get_width()
        top = pygame.Rect(0, self._top, width, HEADER)
        bottom = pygame.Rect(0, self._top + HEADER + self._body, width, FOOTER)
        target.fill(paint.GROUND, top)
        target.fill(paint.GROUND, bottom)
        self._draw_heading(top)
        right = self._left + self._span
        fps = f"{view.fps:.0f} fps"
        speed = paint.write(target, fps, (right, bottom.centery), 16, paint.DIM, anchor="midright")
        at, room = (self._left, bottom.centery), speed.left - self._left - 12
        paint.write(target, view.status, at, 16, paint.DIM, anchor="midleft", room=room)
        return [top, bottom]

    def _draw_heading(self, top: pygame.Rect) -> None:
        """The players' names, the score in block digits, and what is to be told about the rally."""
        match, target = self._match, self._window
        left, right, middle = self._left, self._left + self._span, self._left + self._span // 2
        line = top.top + 22
        colon = target.blit(*_centred(lettering.blocks(":", 5, paint.DIM), (middle, line)))
        digits = [lettering.blocks(str(points), 5, _ACCENTS[i]) for i, points in enumerate(match.score)]
        target.blit(digits[0], digits[0].get_rect(midright=(colon.left - 10, line)))
        target.blit(digits[1], digits[1].get_rect(midleft=(colon.right + 10, line)))
        room = self._span // 2 - 76
        names = called(match.specs)
        paint.write(target, names[0], (left, line), 26, paint.INK, anchor="midleft", room=room)
        paint.write(target, names[1], (right, line), 26, paint.INK, anchor="midright", room=room)
        words = f"rally {match.rally}  ·  longest {match.longest_rally}  ·  ball speed {match.ball_speed}"
        paint.write(target, words, (middle, top.bottom - 3), 16, paint.DIM, anchor="midbottom")

    def _draw_sheet(self, sheet: Sheet) -> None:
        picture = screens.draw_sheet(sheet, self.field.size, self._window.get_size())
        place = picture.get_rect(center=self.field.center)
        place.clamp_ip(self._window.get_rect())
        self._window.blit(picture, place)

    def _pane(self, glass: Glass) -> Pane:
        """A picture of what lies over the game, and its place."""
        field = self.field
        if isinstance(glass, Ghost):
            return self._ghost(glass)
        if isinstance(glass, Timeline):
            place = self._timeline_place
            return draw_timeline(glass, place.size), place
        picture = screens.draw_banner(glass, field.size)
        edge = field.width // 50
        wall = field.top + field.height * 36 // 210
        if isinstance(glass, Toast):
            bottom = field.bottom if self._timeline is None else self._timeline_place.top
            place = picture.get_rect(midbottom=(field.centerx, bottom - edge))
        elif isinstance(glass, Banner):
            place = picture.get_rect(midtop=(field.centerx, field.top + field.height * 46 // 210))
        elif glass.side is None:
            place = picture.get_rect(midtop=(field.centerx, wall))
        elif glass.side is Side.LEFT:
            place = picture.get_rect(topleft=(field.left + edge, wall))
        else:
            place = picture.get_rect(topright=(field.right - edge, wall))
        return picture, place.clamp(field)

    @property
    def _timeline_place(self) -> pygame.Rect:
        field = self.field
        place = pygame.Rect(0, 0, field.width * 9 // 10, max(36, field.height // 14))
        place.midbottom = field.centerx, field.bottom - field.width // 50
        return place.clamp(field)

    def _ghost(self, ghost: Ghost) -> Pane:
        """An arrow in front of a paddle."""
        field, left = self.field, ghost.side is Side.LEFT
        size = max(6, field.width // 50)
        picture = screens.draw_ghost(ghost.up, size, _ACCENTS[0 if left else 1])
        column = 28 if left else 132
        row = self._match.paddles[0 if left else 1] - 7
        centre = (field.left + column * field.width // 160, field.top + row * field.height // 210)
        return picture, picture.get_rect(center=centre).clamp(field)


def _centred(picture: pygame.Surface, at: tuple[int, int]) -> Pane:
    return picture, picture.get_rect(center=at)
