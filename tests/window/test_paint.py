"""Lettering that can be read."""

from itertools import product

import pygame
import pytest

from pongarena.core import paths
from pongarena.match.inspector import DOWN_COLOUR, UP_COLOUR
from pongarena.window import advantages_view, inspector_parts, paint, screens
from pongarena.window.connections import bar_colour

pytestmark = pytest.mark.usefixtures("display")


def luminance(colour):
    parts = [part / 255 for part in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first, second):
    """As WCAG 2 defines it."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


WORDS = [
    *product(
        (paint.INK, paint.DIM, paint.AMBER, paint.ORANGE, paint.GREEN, UP_COLOUR, DOWN_COLOUR),
        (paint.GROUND, paint.PANEL, paint.RAISED, screens._STAGE),
    ),
    (paint.GROUND, paint.AMBER),
    (paint.INK, inspector_parts._DARK_UP),
    (paint.INK, bar_colour(1.0)),
    (paint.INK, bar_colour(-1.0)),
    (paint.INK, inspector_parts._DARK_DOWN),
    (paint.INK, tuple(part * 2 // 5 for part in UP_COLOUR)),
    (paint.INK, tuple(part * 2 // 5 for part in DOWN_COLOUR)),
    (paint.GROUND, advantages_view._GAIN),
    (paint.GROUND, advantages_view._LOSS),
    (advantages_view._LOSS, paint.PANEL),
]


@pytest.mark.parametrize(("words", "ground"), WORDS)
def test_lettering_stands_out(words, ground):
    assert contrast(words, ground) >= 4.5


def test_faint_colours_are_for_marks_only(monkeypatch, model):
    """All that is written while a match is shown, with its colour."""
    from pongarena.match.match import Match
    from pongarena.match.players import PlayerSpec
    from pongarena.window.app import play
    from tests.window.script import Script

    used = set()
    text = paint.text

    def note(words, size, colour=paint.INK):
        used.add(colour)
        return text(words, size, colour)

    note.cache_clear = text.cache_clear
    monkeypatch.setattr(paint, "text", note)
    keys = {5: [104], 8: [27], 20: [27], 22: [27], 30: [118]}  # help, the pause, what pushed
    match = Match(model(hidden=8), PlayerSpec.human())
    play(match, title=False, log=False, recorder=Script(keys, last=90))
    assert len(used) >= 4
    assert not used & {paint.FAINT, paint.RAISED, paint.COOL}


def test_words_are_broken_and_long_ones_cut():
    words = "the clip cannot be saved in /a/very/long/folder/without/any/blank/in/its/name: free some space"
    lines = paint.wrap(words, 14, 160)
    assert len(lines) > 3
    assert all(paint.text(line, 14).get_width() <= 160 for line in lines)
    assert "".join(lines).replace(" ", "") == words.replace(" ", "")
    assert paint.wrap("", 14, 100) == ()


def test_no_letter_is_written_as_an_empty_box():
    def look(letter, *, own=True):
        return pygame.image.tobytes(paint._font(32, own=own).render(letter, True, paint.INK), "RGBA")

    box = look("\u0416")
    for letter in map(chr, range(0x21, 0x2100)):
        if paint._LETTERS.fullmatch(letter) and letter != "\u00ad":
            assert look(letter) != box, letter
    greek = pygame.image.tobytes(paint.text("γ", 32), "RGBA")
    assert greek == look("γ", own=False)


def test_the_typeface_comes_with_its_licence_and_is_small():
    folder = paths.assets_dir() / "font"
    assert "SIL Open Font License, Version 1.1" in (folder / "OFL.txt").read_text()
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 300_000
