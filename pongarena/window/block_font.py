"""Block letters, as on the cartridge: for titles, banners and the score."""

from functools import lru_cache

import pygame

from pongarena.window import paint

__all__ = ["ROWS", "block_width", "blocks", "can_write", "forget"]

ROWS = 5
"""Height of a letter in blocks."""

_GLYPHS = {
    " ": "../../../../..",
    "0": "####/#..#/#..#/#..#/####",
    "1": ".#/##/.#/.#/.#",
    "2": "####/...#/####/#.../####",
    "3": "####/...#/.###/...#/####",
    "4": "#..#/#..#/####/...#/...#",
    "5": "####/#.../####/...#/####",
    "6": "####/#.../####/#..#/####",
    "7": "####/...#/...#/...#/...#",
    "8": "####/#..#/####/#..#/####",
    "9": "####/#..#/####/...#/####",
    "A": ".##./#..#/####/#..#/#..#",
    "B": "###./#..#/###./#..#/###.",
    "C": ".###/#.../#.../#.../.###",
    "D": "###./#..#/#..#/#..#/###.",
    "E": "####/#.../###./#.../####",
    "F": "####/#.../###./#.../#...",
    "G": ".###/#.../#.##/#..#/.###",
    "H": "#..#/#..#/####/#..#/#..#",
    "I": "#/#/#/#/#",
    "J": "...#/...#/...#/#..#/.##.",
    "K": "#..#/#.#./##../#.#./#..#",
    "L": "#.../#.../#.../#.../####",
    "M": "#...#/##.##/#.#.#/#...#/#...#",
    "N": "#...#/##..#/#.#.#/#..##/#...#",
    "O": ".##./#..#/#..#/#..#/.##.",
    "P": "###./#..#/###./#.../#...",
    "Q": ".##./#..#/#..#/#.#./.#.#",
    "R": "###./#..#/###./#.#./#..#",
    "S": ".###/#.../.##./...#/###.",
    "T": "#####/..#../..#../..#../..#..",
    "U": "#..#/#..#/#..#/#..#/.##.",
    "V": "#...#/#...#/#...#/.#.#./..#..",
    "W": "#...#/#...#/#.#.#/##.##/#...#",
    "X": "#...#/.#.#./..#../.#.#./#...#",
    "Y": "#...#/.#.#./..#../..#../..#..",
    "Z": "####/..#./.#../#.../####",
    ":": "./#/./#/.",
    "-": ".../.../###/.../...",
    ".": "././././#",
    "_": "..../..../..../..../####",
    "@": "####/#..#/#.##/#.../####",
    "'": "#/#/././.",
    "!": "#/#/#/./#",
    "?": "###/..#/.##/.../.#.",
}


def can_write(words: str) -> bool:
    """Whether there is a block letter for every one of these letters."""
    return all(letter in _GLYPHS for letter in words.upper())


def block_width(words: str) -> int:
    """Width in blocks, one empty block between letters."""
    return sum(_glyph_width(letter) + 1 for letter in words.upper()) - 1


@lru_cache(maxsize=64)
def blocks(words: str, size: int, colour: tuple[int, int, int] = paint.INK) -> pygame.Surface:
    """Words in block letters, on a transparent ground.

    Args:
        words: Letters, digits and ``: - . _ @ ! ?``; small letters are written as capitals.
        size: Pixels of a block; a letter is five blocks high.
        colour: Of the lettering.
    """
    picture = pygame.Surface((max(1, block_width(words)) * size, ROWS * size), pygame.SRCALPHA)
    left = 0
    for letter in words.upper():
        for y, row in enumerate(_GLYPHS[letter].split("/")[:ROWS]):
            for x, cell in enumerate(row):
                if cell == "#":
                    picture.fill(colour, ((left + x) * size, y * size, size, size))
        left += _glyph_width(letter) + 1
    return picture


def forget() -> None:
    """Drops the drawn words, which do not outlive pygame's end."""
    blocks.cache_clear()


def _glyph_width(letter: str) -> int:
    return len(_GLYPHS[letter].partition("/")[0])
