"""Draw the window's screens over the field: title, end, help and other cards."""

from dataclasses import dataclass
from functools import lru_cache

import pygame

from pongarena.game.cartridge import Side
from pongarena.match.announcer import Banner
from pongarena.window import block_font as lettering
from pongarena.window import card, paint
from pongarena.window.advantages_view import CreditView
from pongarena.window.card import Card
from pongarena.window.paint import Scale

__all__ = [
    "Badge",
    "Card",
    "End",
    "Sheet",
    "Title",
    "Toast",
    "draw_banner",
    "draw_ghost",
    "draw_sheet",
    "forget",
]

Size = tuple[int, int]

_VEIL = (16, 11, 12, 243)
"""Between the field and a screen's text; the game is still faintly visible."""

_STAGE = (26, 18, 16)
"""The title's background: a dark version of the field's brown."""

_GLASS = (17, 15, 18, 190)
"""A banner's background."""

_LESSON = (720, 500)
"""The smallest size for the picture of a rally's credit."""

_COLOURS = {Side.LEFT: paint.ORANGE, Side.RIGHT: paint.GREEN}


@dataclass(frozen=True)
class Title:
    """The title screen.

    Attributes:
        names: Names of left and right.
        about: A line about each player.
        hands: The controls of each player; may be empty.
        facts: The rules of the match.
        call: What to do now.
        foot: Keys.
        lit: Whether the call is bright; it blinks.
        strengths: The rating of each player in words; may be empty.
    """

    names: tuple[str, str]
    about: tuple[str, str]
    hands: tuple[str, str]
    facts: str
    call: str
    foot: str
    lit: bool = True
    strengths: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class End:
    """The end screen.

    Attributes:
        headline: Who has won.
        side: The winner's side; None without a winner.
        names: Names of left and right.
        score: Points of left and right.
        course: The winner of each point, in order.
        facts: Rallies and time.
        standing: What the result means for the user's rank; may be empty.
        foot: Lines of keys.
        climbed: What the user has reached with this match; may be empty.
    """

    headline: str
    side: Side | None
    names: tuple[str, str]
    score: tuple[int, int]
    course: tuple[Side, ...]
    facts: str
    standing: str
    foot: tuple[str, ...]
    climbed: str = ""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A screen that shows what a rally teaches a network.

    Attributes:
        view: Draws the rally's credit.
    """

    view: CreditView


Sheet = Card | Title | End | Lesson
"""A screen that covers everything; nothing moves under it."""


@dataclass(frozen=True)
class Toast:
    """A short message at the foot of the field."""

    words: str


@dataclass(frozen=True)
class Badge:
    """A state shown at the top of the field.

    Attributes:
        words: The state.
        side: The corner; None for the middle.
    """

    words: str
    side: Side | None = None


@lru_cache(maxsize=8)
def draw_sheet(sheet: Sheet, field: Size, room: Size, scale: Scale) -> pygame.Surface:
    """Draw a sheet.

    Args:
        sheet: The sheet.
        field: The field's size; titles and ends cover the field.
        room: The window's size. Cards can be larger than the field, but not larger than the window.
        scale: Scale of the text.
    """
    if isinstance(sheet, Card):
        return card.draw_card(sheet, room, scale)
    if isinstance(sheet, Lesson):
        return _draw_lesson(sheet, field, room, scale)
    width, height = min(max(field[0], 300), room[0]), min(max(field[1], 210), room[1])
    picture = pygame.Surface((width, height), pygame.SRCALPHA)
    if isinstance(sheet, Title):
        picture.fill(_STAGE)
        _draw_title(picture, sheet, scale)
    else:
        picture.fill(_VEIL)
        _draw_end(picture, sheet, scale)
    return picture


def count_pages(sheet: Sheet, room: Size, scale: Scale) -> int:
    """Number of pages of a card; 1 for all other sheets."""
    return card.count_pages(sheet, room, scale) if isinstance(sheet, Card) else 1


@lru_cache(maxsize=32)
def draw_banner(banner: Banner | Toast | Badge, field: Size, scale: Scale) -> pygame.Surface:
    """Draw a banner, a message or a state over the running game."""
    px = scale.px
    if isinstance(banner, Toast):
        return _label(banner.words, scale, paint.INK, field[0] - px(16), lines=4)
    if isinstance(banner, Badge):
        colour = paint.AMBER if banner.side is None else _COLOURS[banner.side]
        room = field[0] - px(16) if banner.side is None else field[0] // 2 - px(8)
        return _label(banner.words, scale, colour, room, lines=2)
    colour = paint.INK if banner.side is None else _COLOURS[banner.side]
    single = len(banner.title) == 1
    size = field[1] / 630
    block = max(2, round((16 if single else 7) * size))
    title = lettering.blocks(banner.title, block, colour)
    if single:
        return title
    line = paint.text(banner.line, max(scale.body, round(18 * size)))
    pad = round(18 * size)
    width = min(max(title.get_width(), line.get_width()) + 2 * pad, field[0])
    height = title.get_height() + line.get_height() + 2 * pad + round(10 * size)
    picture = pygame.Surface((width, height), pygame.SRCALPHA)
    pygame.draw.rect(picture, _GLASS, picture.get_rect(), border_radius=round(10 * size))
    picture.blit(title, title.get_rect(midtop=(width // 2, pad)))
    picture.blit(line, line.get_rect(midbottom=(width // 2, height - pad + round(4 * size))))
    return picture


@lru_cache(maxsize=8)
def draw_ghost(up: bool, size: int, colour: paint.Colour) -> pygame.Surface:
    """Draw an outlined arrow: the move that a network would make."""
    picture = pygame.Surface((4 * size, 4 * size), pygame.SRCALPHA)
    centre, tip = 2 * size, -1 if up else 1
    points = [(0, 2), (1.6, 0), (0.6, 0), (0.6, -2), (-0.6, -2), (-0.6, 0), (-1.6, 0)]
    shape = [(centre + x * size, centre + tip * y * size * 0.9) for x, y in points]
    pygame.draw.polygon(picture, (*paint.GROUND, 150), shape)
    pygame.draw.polygon(picture, colour, shape, max(2, size // 5))
    return picture


def _draw_lesson(lesson: Lesson, field: Size, room: Size, scale: Scale) -> pygame.Surface:
    """Draw a lesson as large as the field; shrink it if the window is smaller than its smallest size."""
    least = [scale.px(each) for each in _LESSON]
    size = max(least[0], min(field[0], room[0])), max(least[1], min(field[1], room[1]))
    picture = pygame.Surface(size, pygame.SRCALPHA)
    lesson.view.draw(picture, scale)
    if size[0] <= room[0] and size[1] <= room[1]:
        return picture
    share = min(room[0] / size[0], room[1] / size[1])
    return pygame.transform.smoothscale(picture, (int(size[0] * share), int(size[1] * share)))


def forget() -> None:
    """Drop cached pictures, which are invalid after pygame's end."""
    draw_sheet.cache_clear()
    draw_banner.cache_clear()
    draw_ghost.cache_clear()


def _label(words: str, scale: Scale, colour: paint.Colour, room: int, *, lines: int) -> pygame.Surface:
    """Draw text on a small dark plate, in at most `lines` lines."""
    pad, size = scale.px(12), scale.body
    broken = paint.wrap(words, size, max(room - 2 * pad, size))
    if len(broken) > lines:
        broken = (*broken[: lines - 1], f"{broken[lines - 1]} …")
    pictures = [paint.text(line, size, colour) for line in broken]
    step = round(1.25 * size)
    width = max((picture.get_width() for picture in pictures), default=0) + 2 * pad
    plate = pygame.Surface((width, step * len(pictures) + pad), pygame.SRCALPHA)
    pygame.draw.rect(plate, (*paint.GROUND, 225), plate.get_rect(), border_radius=scale.px(8))
    for i, picture in enumerate(pictures):
        plate.blit(picture, picture.get_rect(midtop=(width // 2, pad // 2 + i * step)))
    return plate


def _headline(words: str, room: int, largest: int, colour: paint.Colour) -> pygame.Surface:
    """Draw block letters as large as possible, or plain text for letters that have no blocks."""
    block = min(largest, room // max(1, lettering.block_width(words))) if lettering.can_write(words) else 0
    if block >= 2:
        return lettering.blocks(words, block, colour)
    return paint.text(words, max(16, largest * 5), colour)


def _draw_title(picture: pygame.Surface, title: Title, scale: Scale) -> None:
    width, height = picture.get_size()
    size = height / 630
    middle = width // 2
    pong, arena = lettering.block_width("PONG"), lettering.block_width("ARENA")
    block = max(2, round(width * 0.84) // (pong + arena + 1))
    left = middle - (pong + arena + 1) * block // 2
    top = round(height * 0.12)
    picture.blit(lettering.blocks("PONG", block, paint.ORANGE), (left, top))
    picture.blit(lettering.blocks("ARENA", block, paint.GREEN), (left + (pong + 1) * block, top))
    words = max(scale.small, round(15 * size))
    centre = round(height * 0.45)
    for y in range(centre - round(90 * size), centre + round(90 * size), 2 * block):
        picture.fill(paint.RAISED, (middle - block // 4, y, max(1, block // 2), block))
    versus = lettering.blocks("VS", max(2, round(5 * size)), paint.DIM)
    place = versus.get_rect(center=(middle, centre - round(26 * size)))
    picture.fill(_STAGE, place.inflate(8, round(30 * size)))
    picture.blit(versus, place)
    for i, side in enumerate(Side):
        x, room = round(width * (0.26, 0.74)[i]), round(width * 0.38)
        bar = pygame.Rect(0, 0, max(3, round(block * 1.2)), 5 * block)
        bar.center = (round(width * (0.03, 0.97)[i]), centre)
        picture.fill(_COLOURS[side], bar)
        name = _headline(title.names[i], room, max(2, round(6 * size)), _COLOURS[side])
        picture.blit(name, name.get_rect(center=(x, centre - round(26 * size))))
        lines = ((title.about[i], paint.DIM), (title.strengths[i], paint.INK), (title.hands[i], paint.INK))
        broken = [(part, colour) for line, colour in lines for part in paint.wrap(line, words, room)]
        for step, (line, colour) in enumerate(broken):
            at = (x, centre + round(24 * size) + round(1.35 * words) * step)
            paint.write(picture, line, at, words, colour, anchor="center", room=room)
    at = middle, round(height * 0.67)
    paint.write(picture, title.facts, at, words, paint.DIM, anchor="center", room=width - 8)
    colour = paint.AMBER if title.lit else paint.DIM
    call = _headline(title.call, round(width * 0.8), max(2, round(5 * size)), colour)
    picture.blit(call, call.get_rect(center=(middle, round(height * 0.79))))
    paint.write(
        picture, title.foot, (middle, round(height * 0.92)), words, paint.DIM, anchor="center", room=width - 8
    )


def _draw_end(picture: pygame.Surface, end: End, scale: Scale) -> None:
    width, height = picture.get_size()
    size = height / 630
    middle = width // 2
    words = max(scale.small, round(16 * size))
    colour = paint.INK if end.side is None else _COLOURS[end.side]
    headline = _headline(end.headline, round(width * 0.86), max(2, round(9 * size)), colour)
    picture.blit(headline, headline.get_rect(center=(middle, round(height * 0.13))))
    block = max(2, round(11 * size))
    y = round(height * 0.285)
    colon = lettering.blocks(":", block, paint.DIM)
    place = picture.blit(colon, colon.get_rect(center=(middle, y)))
    left = lettering.blocks(str(end.score[0]), block, paint.ORANGE)
    right = lettering.blocks(str(end.score[1]), block, paint.GREEN)
    first = picture.blit(left, left.get_rect(midright=(place.left - 2 * block, y)))
    second = picture.blit(right, right.get_rect(midleft=(place.right + 2 * block, y)))
    _draw_name(picture, end.names[0], (first.left - scale.px(16), y), words, side=Side.LEFT)
    _draw_name(picture, end.names[1], (second.right + scale.px(16), y), words, side=Side.RIGHT)
    if end.climbed:
        climbed = _headline(end.climbed, round(width * 0.8), max(2, round(4 * size)), paint.AMBER)
        picture.blit(climbed, climbed.get_rect(center=(middle, round(height * 0.035))))
    step = round(words * 1.35)
    said = [
        (end.facts, paint.DIM),
        *((line, paint.INK) for line in paint.wrap(end.standing, words, width - 16)),
    ]
    for i, (line, colour) in enumerate(said):
        at = (middle, round(height * 0.385) + i * step)
        paint.write(picture, line, at, words, colour, anchor="center", room=width - 16)
    lines = len(end.foot)
    bottom = height - round(height * 0.05) - lines * step
    top = max(round(height * 0.475), round(height * 0.385) + len(said) * step)
    chart = pygame.Rect(round(width * 0.1), top, round(width * 0.8), 0)
    chart.height = bottom - round(height * 0.05) - chart.top
    if chart.height > 40 and end.course:
        _draw_course(picture, chart, end, scale)
    for i, line in enumerate(end.foot):
        paint.write(
            picture, line, (middle, bottom + i * step), words, paint.AMBER, anchor="midtop", room=width - 8
        )


def _draw_name(picture: pygame.Surface, name: str, beside: tuple[int, int], size: int, *, side: Side) -> None:
    """A player's name beside the score; a long one in two lines."""
    x, y = beside
    room = x - 8 if side is Side.LEFT else picture.get_width() - x - 8
    lines: tuple[str, ...] = (name,)
    if paint.text(name, size).get_width() > room:
        lines = paint.wrap(name.replace("@", " @"), size, room)
    anchor, step = ("midright" if side is Side.LEFT else "midleft"), round(1.2 * size)
    for i, line in enumerate(lines):
        at = x, y + round((i - (len(lines) - 1) / 2) * step)
        paint.write(picture, line, at, size, _COLOURS[side], anchor=anchor)


def _draw_course(picture: pygame.Surface, area: pygame.Rect, end: End, scale: Scale) -> None:
    """Draw both scores over time as stairs; the left player's steps are squares, the right player's discs."""
    top, letters = max(*end.score, 1), scale.small
    room = area.width // 4
    across = (area.width - room) / max(len(end.course), 1)
    pygame.draw.line(picture, paint.FAINT, area.bottomleft, (area.right - room, area.bottom))
    paint.write(picture, "points", area.topleft, letters, paint.DIM)
    ends: list[tuple[int, int]] = []
    for side in Side:
        made, points = 0, [area.bottomleft]
        for i, scorer in enumerate(end.course):
            x = area.left + round((i + 1) * across)
            points.append((x, points[-1][1]))
            if scorer is side:
                made += 1
                points.append((x, area.bottom - round(made * (area.height - 8) / top)))
                _draw_step(picture, points[-1], side, max(3, letters // 5))
        pygame.draw.lines(picture, _COLOURS[side], False, points, scale.px(2))
        ends.append(points[-1])
    # two names that would lie on each other move apart
    apart = max(0, round(1.2 * letters) - abs(ends[0][1] - ends[1][1]))
    for i, side in enumerate(Side):
        above = ends[i][1] < ends[1 - i][1] or (ends[i][1] == ends[1 - i][1] and i == 0)
        at = ends[i][0] + scale.px(8), ends[i][1] + (-apart // 2 if above else -(-apart // 2))
        name = end.names[i].partition("@")[0]
        paint.write(picture, name, at, letters, _COLOURS[side], anchor="midleft", room=room - 12)


def _draw_step(picture: pygame.Surface, at: tuple[int, int], side: Side, size: int) -> None:
    if side is Side.LEFT:
        picture.fill(_COLOURS[side], pygame.Rect(at[0] - size, at[1] - size, 2 * size, 2 * size))
    else:
        pygame.draw.circle(picture, _COLOURS[side], at, size)
