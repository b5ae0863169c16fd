"""Block letters, as on the cartridge: for titles, banners and the score."""

from functools import lru_cache

import pygame

from pongarena.core.block_letters import ROWS, block_width, can_write, rows_of
from pongarena.window import paint

__all__ = ["ROWS", "block_width", "blocks", "can_write", "forget"]


@lru_cache(maxsize=64)
def blocks(words: str, size: int, colour: tuple[int, int, int] = paint.INK) -> pygame.Surface:
    """Draw words in block letters on a transparent background.

    Args:
        words: Letters, digits and ``: - . _ @ ! ?``; lower-case letters become capitals.
        size: Pixels of a block; a letter is five blocks high.
        colour: Colour of the letters.
    """
    picture = pygame.Surface((max(1, block_width(words)) * size, ROWS * size), pygame.SRCALPHA)
    for y, row in enumerate(rows_of(words)):
        for x, cell in enumerate(row):
            if cell == "#":
                picture.fill(colour, (x * size, y * size, size, size))
    return picture


def forget() -> None:
    """Drop cached surfaces, which are invalid after pygame's end."""
    blocks.cache_clear()
