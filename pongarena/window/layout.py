"""Draw a match into the window: title strip, picture, minds, sheets, messages."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pygame

from pongarena.game.cartridge import Side
from pongarena.match.announcer import Banner
from pongarena.match.field import PADDLE_CENTRE
from pongarena.match.match import Match
from pongarena.match.players import ModelPlayer, called
from pongarena.window import block_font as lettering
from pongarena.window import paint, screens
from pongarena.window.arrangement import arrange, arrange_connections
from pongarena.window.connections import ConnectionsPanel
from pongarena.window.field import Field, Pane
from pongarena.window.inspector_input import FieldView
from pongarena.window.inspector_pictures import court
from pongarena.window.look import USUAL_LOOK, Look
from pongarena.window.overlay import MindPanel
from pongarena.window.screens import Badge, Sheet, Toast
from pongarena.window.timeline import Timeline, draw_timeline, frame_at

__all__ = ["ACCENTS", "Ghost", "Layout", "View"]

ACCENTS = (paint.ORANGE, paint.GREEN)

_LEGENDS = {
    FieldView.PUSHED: "amber pushes up, blue down; +5.75: how strongly, in the sum behind P(UP)",
    FieldView.UNIT: "amber: something here excites the unit; blue: calms it",
}


@dataclass(frozen=True)
class Ghost:
    """What a network would do with a paddle that a person has taken.

    Attributes:
        side: The paddle's side.
        up: Whether the network would move it up, else down.
    """

    side: Side
    up: bool


Glass = Banner | Badge | Ghost | Timeline
"""What can cover the running game."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What a mind draws over the field.

    Attributes:
        key: Everything that the picture depends on.
        picture: A surface with opacity; None for nothing.
    """

    key: tuple[object, ...]
    picture: pygame.Surface | None


@dataclass(frozen=True)
class View:
    """What to draw besides the match itself.

    Attributes:
        fps: Measured frames per second; None to show none.
        status: Hint or state for the bottom line.
        sheet: Covers everything; nothing moves under it.
        glass: Covers parts of the running game.
        messages: Drawn over everything, the oldest first.
        still: Whether the match stands still.
    """

    fps: float | None = None
    status: str = ""
    sheet: Sheet | None = None
    glass: tuple[Glass, ...] = ()
    messages: tuple[str, ...] = ()
    still: bool = False


class Layout:
    """Draws a match into the window, and only what has changed.

    Attributes:
        overlay: Whether minds are shown.
        crt: Whether the picture looks like that of an old television.
    """

    def __init__(
        self,
        match: Match,
        window: pygame.Surface,
        *,
        overlay: bool,
        scale: int | None,
        crt: bool = False,
        permit: Callable[[Callable[[], None]], None] | None = None,
        hints: bool = True,
        look: Look = USUAL_LOOK,
    ) -> None:
        self._match = match
        self._wanted_scale = scale
        self.overlay = overlay
        self.crt = crt
        self._heading: tuple[object, ...] = ()
        self._sheet: Sheet | None = None
        self._messages: tuple[str, ...] = ()
        self._layer: Layer | None = None
        self._timeline: Timeline | None = None
        self._game = Field(match, window)
        self._game.set_look(look)
        people = any(spec.is_person for spec in match.specs)
        size = arrange(window.get_size(), ())
        self._minds = {
            i: MindPanel(
                spec,
                player,
                (size.scale.px(248), size.scale.px(500)),
                size.scale,
                accent=ACCENTS[i],
                mute=partial(match.mute, player.side),
                keys_on_click=not people,
                permit=permit,
                hints=hints,
            )
            for i, (spec, player) in enumerate(zip(match.specs, match.players, strict=True))
            if isinstance(player, ModelPlayer)
        }
        self._places: dict[int, tuple[int, int]] = {}
        self._connections: dict[int, ConnectionsPanel] = {}
        self._connected: int | None = None
        self._still = False
        self.lay_out(window)

    @property
    def field(self) -> pygame.Rect:
        """The place of the game's picture."""
        return self._game.place

    def set_look(self, look: Look) -> None:
        """Show the game in other colours, or with a phosphor's trails."""
        self._game.set_look(look)
        self.refresh()

    @property
    def networks(self) -> int:
        """Number of players with a mind to show."""
        return len(self._minds)

    @property
    def minds_shown(self) -> int:
        """Number of minds for which there is room."""
        return len(self._places)

    @property
    def inside(self) -> bool:
        """Whether a mind's panel has the keys."""
        return any(mind.focus for mind in self._minds.values())

    @property
    def legend(self) -> str:
        """What the colours and numbers over the field mean; empty if there are none."""
        shown = next((mind.inspection for mind in self._minds.values() if _lies_on_field(mind)), None)
        return "" if shown is None else _LEGENDS[shown.field_view]

    def handle(self, event: pygame.event.Event) -> bool:
        """Offer an event to the minds.

        Returns:
            Whether one of them took it; nothing else should handle it then.
        """
        meant = False
        for i, place in self._places.items():  # all of them: a mouse that enters one leaves the other
            meant |= self._minds[i].handle(event, place)
        return meant

    def frame_under(self, at: tuple[int, int]) -> int | None:
        """The frame under the mouse on the timeline; None outside of it."""
        if self._timeline is None or not self._timeline_place.collidepoint(at):
            return None
        return frame_at(self._timeline, self._timeline_place, at[0])

    def show_contributions(self) -> str:
        """Draw contributions over the field: in turn of the left network, the right one, none.

        Returns:
            What is shown now, in words.
        """
        minds = list(self._minds.values())
        shown = next((i for i, mind in enumerate(minds) if _lies_on_field(mind)), -1)
        for i, mind in enumerate(minds):
            mind.inspection.field_view = FieldView.PUSHED if i == shown + 1 else FieldView.NOTHING
        names = [self._match.specs[i].name for i in self._minds]
        return f"what pushes {names[shown + 1]}" if shown + 1 < len(names) else "the field alone"

    def show_connections(self) -> str:
        """Show connections: in turn of the left network, the right one, none.

        Returns:
            Why they cannot be shown; empty if they can.
        """
        following = [i for i in self._minds if self._connected is None or i > self._connected]
        self._connected = following[0] if following else None
        self.lay_out(self._window)
        if not self._minds:
            return "no network plays, so there are no connections to show: let a model play"
        if self._connected is not None and not self._at.panels:
            self._connected = None
            self.lay_out(self._window)
            return "no room for the connections: make the window larger"
        return ""

    def hide_connections(self) -> bool:
        """Hide the connections; return whether they were shown. The caller must lay out again."""
        connected, self._connected = self._connected, None
        return connected is not None

    def lay_out(self, window: pygame.Surface) -> None:
        """Arrange everything for a window of this size; minds without room are left out."""
        self._window = window
        size = window.get_size()
        shown = tuple(self._minds) if self.overlay and self._connected is None else ()
        self._at = arrange(size, shown, self._wanted_scale)
        if self._connected is not None:
            self._at = arrange_connections(size, self._connected, self._wanted_scale)
        self._scale = self._at.scale
        self._game.lay(window, self._at.field, crt=self.crt)
        self._places.clear()
        if self._connected is not None and self._at.panels:
            self._lay_connections(self._connected, self._at.panels[0])
        for i, place in zip(shown, self._at.panels, strict=False):
            self._minds[i].lay_out(place.size, self._scale)
            self._places[i] = place.topleft
        self.refresh()

    def _lay_connections(self, i: int, place: pygame.Rect) -> None:
        player = self._match.players[i]
        if i in self._connections:
            self._connections[i].lay_out(place.size, self._scale)
        elif isinstance(player, ModelPlayer):
            spec = self._match.specs[i]
            self._connections[i] = ConnectionsPanel(spec, player, place.size, self._scale, accent=ACCENTS[i])

    def refresh(self) -> None:
        """Make the next drawing a complete one."""
        self._complete = True

    def pages(self, sheet: Sheet) -> int:
        """Number of pages that a card needs in this window."""
        return screens.count_pages(sheet, self._window.get_size(), self._scale)

    def draw(self, view: View) -> list[pygame.Rect]:
        """Update the window.

        Returns:
            The areas that changed, for the caller to show.
        """
        self._still = view.still
        # only a complete drawing removes what covered the rest
        complete = self._complete or view.sheet != self._sheet
        if view.sheet is not None:
            complete |= view.messages != self._messages
        if view.sheet is not None and not complete:
            complete = any(self._update(i) for i in self._places)
            if (panel := self._panel) is not None:
                complete |= panel.update(self._match.decisions[self._connected or 0])
            if not complete:
                return []
        self._complete, self._sheet, self._messages = False, view.sheet, view.messages
        if complete:
            self._window.fill(paint.GROUND)
            self._heading = ()
        minds = self._draw_minds(complete)
        minds += self._draw_connections(complete, sparks=view.sheet is None)
        self._timeline = next((glass for glass in view.glass if isinstance(glass, Timeline)), None)
        panes: tuple[Pane, ...] = ()
        if view.sheet is None:
            glass = (self._pane(each) for each in view.glass)
            panes = (*self._layers(), *glass, *self._message_panes(view.messages))
        picture = self._game.draw(panes, complete=complete)
        changed = [*minds, *self._draw_strips(view), *picture]
        if view.sheet is not None:
            self._draw_sheet(view.sheet)
            self._window.blits(self._message_panes(view.messages))
        return [self._window.get_rect()] if complete else changed

    def _draw_minds(self, complete: bool) -> list[pygame.Rect]:
        """Draw minds with new decisions, at most one per frame."""
        for i, place in self._places.items():
            mind = self._minds[i]
            if self._update(i) or complete:
                drawn = self._window.blit(mind.surface, place)
                if not complete:
                    return [drawn]
        return []

    def _update(self, i: int) -> bool:
        """Let a mind hear its player's latest decision; return whether it was redrawn."""
        return self._minds[i].update(self._match.decisions[i], still=self._still)

    @property
    def _panel(self) -> ConnectionsPanel | None:
        """The connections that are shown, if any."""
        return None if self._connected is None or not self._at.panels else self._connections[self._connected]

    def _draw_connections(self, complete: bool, *, sparks: bool) -> list[pygame.Rect]:
        """Draw the connections of a new decision, and the sparks in every frame."""
        if (panel := self._panel) is None or self._connected is None:
            return []
        place = self._at.panels[0]
        changed: list[pygame.Rect] = []
        if panel.update(self._match.decisions[self._connected]) or complete:
            panel.forget_sparks()
            changed.append(self._window.blit(panel.surface, place))
        return changed + (panel.draw_sparks(self._window, place.topleft) if sparks else [])

    def _layers(self) -> list[Pane]:
        """What a mind draws over the field; redrawn when it has changed."""
        for i, mind in self._minds.items():
            looked = mind.inspection
            if looked.field_view is FieldView.NOTHING:
                continue
            if i not in self._places:
                self._update(i)
            place = court(self.field)
            key = self._match.decisions[i], looked.field_view, looked.unit, place.size
            if self._layer is None or self._layer.key != key:
                self._layer = Layer(key, mind.field_layer(place.size))
            return [] if self._layer.picture is None else [(self._layer.picture, place)]
        return []

    def _draw_strips(self, view: View) -> list[pygame.Rect]:
        """Draw names, score, rally and fps above, and the status line below, if something changed."""
        match, at, scale = self._match, self._at, self._scale
        shares = tuple(_shares_of(match, i) for i in (0, 1))
        fps = "" if view.fps is None else f"{view.fps:.0f} fps"
        heading = (match.score, match.rally, match.ball_speed, fps, view.status, shares)
        if heading == self._heading or not at.header.height:
            return []
        self._heading = heading
        target, bottom = self._window, at.footer
        target.fill(paint.GROUND, at.header)
        target.fill(paint.GROUND, bottom)
        self._draw_heading(at.header)
        place = at.right, bottom.centery
        speed = paint.write(target, fps, place, scale.small, paint.DIM, anchor="midright")
        left, room = (at.left, bottom.centery), speed.left - at.left - scale.px(12)
        paint.write(target, view.status, left, scale.small, paint.DIM, anchor="midleft", room=room)
        return [at.header, bottom]

    def _draw_heading(self, top: pygame.Rect) -> None:
        """Draw the players' names, the score in block digits, and facts about the rally."""
        match, target, scale, at = self._match, self._window, self._scale, self._at
        middle = (at.left + at.right) // 2
        block, gap = scale.px(5), scale.px(10)
        line = top.top + scale.px(22)
        colon = target.blit(*_centred(lettering.blocks(":", block, paint.DIM), (middle, line)))
        digits = [lettering.blocks(str(points), block, ACCENTS[i]) for i, points in enumerate(match.score)]
        target.blit(digits[0], digits[0].get_rect(midright=(colon.left - gap, line)))
        target.blit(digits[1], digits[1].get_rect(midleft=(colon.right + gap, line)))
        room = (at.right - at.left) // 2 - scale.px(70)
        names, size = called(match.specs), round(scale.body * 1.15)
        paint.write(target, names[0], (at.left, line), size, paint.INK, anchor="midleft", room=room)
        paint.write(target, names[1], (at.right, line), size, paint.INK, anchor="midright", room=room)
        words = f"rally {match.rally}  ·  longest {match.longest_rally}  ·  ball speed {match.ball_speed}"
        place = middle, top.bottom - scale.px(1)
        paint.write(target, words, place, scale.small, paint.DIM, anchor="midbottom", room=at.right - at.left)

        for i, (x, anchor) in enumerate(((at.left, "bottomleft"), (at.right, "bottomright"))):
            if said := _shares_of(match, i):
                paint.write(target, said, (x, place[1]), scale.small, ACCENTS[i], anchor=anchor)

    def _draw_sheet(self, sheet: Sheet) -> None:
        picture = screens.draw_sheet(sheet, self.field.size, self._window.get_size(), self._scale)
        place = picture.get_rect(center=self.field.center)
        place.clamp_ip(self._window.get_rect())
        self._window.blit(picture, place)

    def _pane(self, glass: Glass) -> Pane:
        """Draw something that covers the game; return the picture and its place."""
        field = self.field
        if isinstance(glass, Ghost):
            return self._ghost(glass)
        if isinstance(glass, Timeline):
            place = self._timeline_place
            return draw_timeline(glass, place.size, self._scale), place
        picture = screens.draw_banner(glass, field.size, self._scale)
        edge = field.width // 50
        wall = field.top + field.height * 36 // 210
        if isinstance(glass, Banner):
            place = picture.get_rect(midtop=(field.centerx, field.top + field.height * 46 // 210))
        elif glass.side is None:
            place = picture.get_rect(midtop=(field.centerx, wall))
        elif glass.side is Side.LEFT:
            place = picture.get_rect(topleft=(field.left + edge, wall))
        else:
            place = picture.get_rect(topright=(field.right - edge, wall))
        return picture, place.clamp(field)

    def _message_panes(self, messages: tuple[str, ...]) -> tuple[Pane, ...]:
        """Draw messages at the foot of the field, the latest at the bottom."""
        field = self.field
        bottom = field.bottom if self._timeline is None else self._timeline_place.top
        panes: list[Pane] = []
        for words in reversed(messages):
            picture = screens.draw_banner(Toast(words), field.size, self._scale)
            place = picture.get_rect(midbottom=(field.centerx, bottom - field.width // 50))
            panes.append((picture, place.clamp(field)))
            bottom = place.top
        return tuple(panes)

    @property
    def _timeline_place(self) -> pygame.Rect:
        field = self.field
        place = pygame.Rect(0, 0, field.width * 9 // 10, self._scale.px(44))
        place.midbottom = field.centerx, field.bottom - field.width // 50
        return place.clamp(field)

    def _ghost(self, ghost: Ghost) -> Pane:
        """Draw an arrow in front of a paddle."""
        field, left = self.field, ghost.side is Side.LEFT
        size = max(6, field.width // 50)
        picture = screens.draw_ghost(ghost.up, size, ACCENTS[0 if left else 1])
        column = 28 if left else 132
        row = self._match.paddles[0 if left else 1] - PADDLE_CENTRE
        centre = (field.left + column * field.width // 160, field.top + row * field.height // 210)
        return picture, picture.get_rect(center=centre).clamp(field)


def _shares_of(match: Match, i: int) -> str:
    """P(UP) and action of a player from a file, which has no mind to show; empty for others."""
    decision = match.decisions[i]
    if decision is None or not match.specs[i].traits.from_file:
        return ""
    return f"P(UP) {100 * decision.p_up:.0f} %  {decision.action.name}"


def _lies_on_field(mind: MindPanel) -> bool:
    return mind.inspection.field_view is not FieldView.NOTHING


def _centred(picture: pygame.Surface, at: tuple[int, int]) -> Pane:
    return picture, picture.get_rect(center=at)
