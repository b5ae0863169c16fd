"""Themes can be read, and leave nothing of another."""

import pytest

from pongarena.jobs.status import State
from pongarena.tui.theme import THEMES
from tests.tui.conftest import screen_text, until


def colours(app):
    """All colours on the screen."""
    strips = app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style]
    found = {style.color.name for style in styles if style.color}
    return found | {style.bgcolor.name for style in styles if style.bgcolor}


@pytest.mark.parametrize("mode", ["home", "library", "training"])
async def test_no_colour_of_another_theme_is_left(app, make_model, mode):
    make_model("deep", state=State.PAUSED)
    make_model("hot", state=State.CRASHED, message="weights not finite")
    own = {
        name: {value.lower() for value in theme.variables.values()} | {theme.warning, theme.error}
        for name, (_, theme) in THEMES.items()
    }
    async with app.run_test(size=(140, 45)) as pilot:
        await app.switch_mode(mode)
        await pilot.pause()
        await until(pilot, lambda: "deep" in screen_text(app))
        for name in ("okabe-ito", "daylight", "phosphor"):
            app.theme = name
            await pilot.pause(0.3)
            others = set().union(*(own[other] for other in own if other != name)) - own[name]
            assert not colours(app) & {each for each in others if each.startswith("#")}


def contrast(one, other):
    """The contrast of two colours as WCAG 2 defines it, 1 to 21."""

    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_can_be_read(name):
    theme = THEMES[name][1]
    colours_of_words = [theme.variables[each] for each in ("left", "right", "ball", "muted")]
    cursors = [theme.variables[f"block-cursor-{each}background"] for each in ("", "blurred-")]
    for colour in (*colours_of_words, theme.foreground, theme.warning, theme.error):
        for ground in (theme.background, theme.surface, theme.panel, *cursors):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
    cursor = theme.variables["block-cursor-background"], theme.variables["block-cursor-foreground"]
    assert contrast(*cursor) >= 4.5
