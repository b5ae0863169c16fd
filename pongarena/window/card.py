"""Cards: a title and rows of labels and words, in as many columns and pages as the window needs."""

from dataclasses import dataclass

import pygame

from pongarena.window import block_font as lettering
from pongarena.window import paint
from pongarena.window.paint import Scale

__all__ = ["Card", "count_pages", "draw_card"]

Size = tuple[int, int]

_GUTTER = 36
"""Space between two columns of a card."""

_PAGE = "  ·  page {} of {}"

_STEP = 1.35
"""Distance of rows, as a multiple of the text size."""


@dataclass(frozen=True)
class Card:
    """A list of keys or settings.

    Attributes:
        title: In block letters.
        rows: (label, words); the labels have their own column.
        foot: Text below the rows.
        page: The page to show if the rows need several; wraps around.
        chosen: Index of the marked row; -1 for none.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    foot: str = ""
    page: int = 0
    chosen: int = -1


@dataclass(frozen=True)
class _Layout:
    """How a card's rows are split into columns and pages."""

    letters: int
    step: int
    columns: int
    per_column: int
    pages: int

    @property
    def per_page(self) -> int:
        return self.columns * self.per_column


def _lay_out(card: Card, room: Size, scale: Scale) -> _Layout:
    """Split rows into one or two columns, and as many pages as the window's height requires."""
    letters, gutter = scale.body, scale.px(_GUTTER)
    step = round(letters * _STEP)
    fitting = max(1, (room[1] - _frame_height(card, room, scale) - 8) // step)
    columns = 2 if len(card.rows) > min(fitting, 14) else 1
    if columns == 2 and 2 * sum(_widths(card.rows, letters)) + gutter + scale.px(40) > room[0]:
        columns = 1
    per_column = min(fitting, -(-len(card.rows) // columns))
    pages = -(-len(card.rows) // (columns * per_column))
    return _Layout(letters, step, columns, per_column, pages)


def _widths(rows: tuple[tuple[str, str], ...], letters: int) -> tuple[int, int]:
    """Width of the labels with the gap after them, and of the words."""
    labels = max((paint.text(label, letters).get_width() for label, _ in rows), default=0)
    return labels + letters, max((paint.text(words, letters).get_width() for _, words in rows), default=0)


def _frame_height(card: Card, room: Size, scale: Scale) -> int:
    """Height of a card without its rows."""
    heading = lettering.ROWS * _block(scale)
    lines = len(_foot_lines(f"{card.foot}{_PAGE.format(1, 1)}", room, scale))
    foot = round(_STEP * scale.body) * (lines - 1) + round(1.6 * scale.body)
    return heading + 3 * _pad(scale) + (foot if card.foot else 0)


def _foot_lines(foot: str, room: Size, scale: Scale) -> tuple[str, ...]:
    """A long foot, why an answer will not do for instance, has several lines."""
    if paint.text(foot, scale.body).get_width() <= room[0] - 2 * _pad(scale):
        return (foot,)  # whose spaces stay as they are
    return paint.wrap(foot, scale.body, room[0] - 2 * _pad(scale))


def _block(scale: Scale) -> int:
    """Side of a block of the title's letters, in pixels."""
    return max(3, scale.px(5))


def _pad(scale: Scale) -> int:
    return scale.px(22)


def count_pages(card: Card, room: Size, scale: Scale) -> int:
    """Number of pages that a card needs; see `draw_card`."""
    return _lay_out(card, room, scale).pages


def draw_card(card: Card, room: Size, scale: Scale) -> pygame.Surface:
    """Draw a card, or a page of it.

    Args:
        card: The card.
        room: The window's size, which the card does not exceed.
        scale: Scale of the text.
    """
    lay, pad = _lay_out(card, room, scale), _pad(scale)
    heading = lettering.blocks(card.title, _block(scale))
    page = card.page % lay.pages if card.chosen < 0 else card.chosen // lay.per_page
    starts = range(page * lay.per_page, min((page + 1) * lay.per_page, len(card.rows)), lay.per_column)
    widths = [_widths(card.rows[start : start + lay.per_column], lay.letters) for start in starts]
    gutter = scale.px(_GUTTER)
    inner = sum(map(sum, widths)) + gutter * (len(widths) - 1)
    foot = card.foot if lay.pages == 1 else card.foot + _PAGE.format(page + 1, lay.pages)
    feet = _foot_lines(foot, room, scale) if foot else ()
    foot_width = max((paint.text(line, lay.letters).get_width() for line in feet), default=0)
    width = min(max(inner, heading.get_width(), foot_width) + 2 * pad, room[0])
    picture = pygame.Surface(
        (width, _frame_height(card, room, scale) + lay.per_column * lay.step), pygame.SRCALPHA
    )
    area = picture.get_rect()
    pygame.draw.rect(picture, (*paint.PANEL, 246), area, border_radius=12)
    pygame.draw.rect(picture, paint.FAINT, area, 2, border_radius=12)
    picture.blit(heading, heading.get_rect(midtop=(area.centerx, pad)))
    x, top = max(pad // 2, (width - inner) // 2), heading.get_height() + 2 * pad
    for start, (labels, words) in zip(starts, widths, strict=True):
        place = pygame.Rect(x, top, labels + words, lay.step)
        _draw_rows(picture, card, range(start, min(start + lay.per_column, len(card.rows))), place, labels)
        x = place.right + gutter
    for i, line in enumerate(reversed(feet)):
        at = (area.centerx, area.bottom - pad * 2 // 3 - i * lay.step)
        paint.write(picture, line, at, lay.letters, paint.DIM, anchor="midbottom", room=width - 12)
    return picture


def _draw_rows(picture: pygame.Surface, card: Card, rows: range, first: pygame.Rect, labels: int) -> None:
    """Draw a column of rows; `first` is the place of the first row."""
    letters = round(first.height / _STEP)
    for i, number in enumerate(rows):
        place = first.move(0, i * first.height)
        if number == card.chosen:
            marked = place.inflate(letters, 0)
            pygame.draw.rect(picture, (*paint.FAINT, 120), marked, border_radius=6)
            pygame.draw.rect(picture, paint.AMBER, marked, 2, border_radius=6)
        label, words = card.rows[number]
        paint.write(picture, label, place.midleft, letters, paint.AMBER, anchor="midleft")
        at = place.left + labels, place.centery
        paint.write(picture, words, at, letters, anchor="midleft", room=picture.get_width() - at[0] - 4)
