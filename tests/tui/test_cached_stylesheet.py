"""Style sheets are read once for all colours."""

import pytest
from textual.css.stylesheet import Stylesheet

from pongarena.core import paths
from pongarena.library.preferences import update_preferences
from pongarena.tui.app import PongArenaApp
from pongarena.tui.theme import THEMES
from tests.tui.conftest import screen_text, until


@pytest.mark.parametrize("theme", ["phosphor", "daylight"])
async def test_the_style_sheets_are_read_again_when_the_colours_change_only(home, monkeypatch, theme):
    read = []
    reparse = Stylesheet.reparse
    monkeypatch.setattr(Stylesheet, "reparse", lambda sheet: read.append(len(sheet.source)) or reparse(sheet))
    update_preferences(paths.data_dir(), theme=theme)
    app = PongArenaApp()
    async with app.run_test() as pilot:
        await pilot.press("7")
        await until(pilot, lambda: "Permuted pixels" in screen_text(app))
        assert len(read) <= 1 and sum(read) < 5  # before any screen had its own
        assert app.screen.styles.background.hex.lower() == THEMES[theme][1].background.lower()
        other = "okabe-ito" if theme == "phosphor" else "phosphor"
        app.theme = other
        for key in ("1", "7", "1"):
            await pilot.press(key)
            await pilot.pause()
            assert app.screen.styles.background.hex.lower() == THEMES[other][1].background.lower()
        assert sum(size > 4 for size in read) == 1
