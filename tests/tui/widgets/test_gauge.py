"""An instrument says what its values mean only where that is not cut off."""

import numpy as np
import pytest
from textual.app import App

from pongarena.tui.theme import DEFAULT_THEME, THEMES, rich_styles
from pongarena.tui.widgets.gauge import KINDS, GaugeView
from tests.tui.conftest import screen_text, until

(ENTROPY,) = (kind for kind in KINDS if kind.key == "entropy")


class Instrument(App):
    def __init__(self):
        super().__init__()
        self.console.push_theme(rich_styles(THEMES[DEFAULT_THEME][1]))

    def compose(self):
        yield GaugeView(ENTROPY)

    def get_theme_variable_defaults(self):
        return dict(THEMES[DEFAULT_THEME][1].variables)


@pytest.mark.parametrize(("width", "note"), [(34, ""), (60, ENTROPY.short)])
async def test_its_meaning_is_whole_or_not_there(width, note):
    async with Instrument().run_test(size=(width, 8)) as pilot:
        steps = np.arange(1.0, 9.0)
        pilot.app.query_one(GaugeView).show((steps, 0.4 + steps / 100))
        await until(pilot, lambda: "entropy 0.480" in screen_text(pilot.app))
        first = screen_text(pilot.app).splitlines()[0].strip()
        assert first == f"entropy 0.480  {note}".strip()
        await pilot.resize_terminal(94 - width, 8)
        await until(pilot, lambda: (ENTROPY.short in screen_text(pilot.app)) is not bool(note))
