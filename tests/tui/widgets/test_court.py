"""The field in cells: nothing that is on it ever vanishes, at any size."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App

from pongarena.game.cartridge import Side
from pongarena.match.announcer import Banner
from pongarena.match.field import BALL_COLOUR, FIELD_BOTTOM, FIELD_TOP, LEFT_COLOUR, RIGHT_COLOUR, Objects
from pongarena.match.match_state import MatchState
from pongarena.tui.widgets.court import Court

EMPTY = MatchState(
    number=1,
    frames=1,
    objects=Objects(),
    score=(0, 0),
    names=("a", "b"),
    decisions=(None, None),
    banner=None,
    rally=0,
    longest_rally=0,
    over=False,
    winner=None,
    paused=False,
    pace=1.0,
)


class Bare(App):
    """Nothing but the court."""

    def __init__(self, columns, lines):
        super().__init__()
        self.court = Court()
        self.court.styles.width, self.court.styles.height = columns, lines

    def compose(self):
        yield self.court


def cells_of(court, colour):
    """Every cell that shows a colour, in front or behind."""
    found = set()
    for y in range(court.lines):
        for x in range(court.columns):
            front, back, _ = list(court._inks)[court._ink_of[y, x]]
            char = court._chars[y, x]
            if (front == colour and char != " ") or (back == colour and char != "█"):
                found.add((x, y))
    return found


@pytest.mark.parametrize("size", [(66, 20), (31, 9), (97, 36)])
async def test_ball_and_paddles_are_always_there(size):
    app = Bare(*size)
    async with app.run_test(size=(120, 50)) as pilot:
        await pilot.pause()
        court = app.court
        assert (court.columns, court.lines) == size

        @settings(max_examples=80)
        @given(
            st.integers(0, 158),
            st.integers(FIELD_TOP, FIELD_BOTTOM - 1),
            st.integers(1, 4),
            st.integers(FIELD_TOP, FIELD_BOTTOM - 16),
            st.integers(FIELD_TOP, FIELD_BOTTOM - 16),
        )
        def check(x, y, height, left, right):
            ball = (x, x + 2, y, min(y + height, FIELD_BOTTOM))
            court.show(EMPTY)
            assert court.show(replace(EMPTY, objects=Objects(ball=ball))) > 0
            court.show(replace(EMPTY, objects=Objects((left, left + 16), (right, right + 16), ball)))
            for colour, first in ((LEFT_COLOUR, left), (RIGHT_COLOUR, right)):
                cells = cells_of(court, colour)
                assert cells
                middle = (first + 8 - 30) * size[1] / 168
                assert any(abs(cy + 0.5 - middle) <= 1.5 for _, cy in cells)
            # walls have no holes
            assert {cx for cx, cy in cells_of(court, BALL_COLOUR) if cy == 0} == set(range(size[0]))

        check()


async def test_only_what_moved_is_sent_again():
    app = Bare(66, 20)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        first = replace(EMPTY, objects=Objects((100, 116), (60, 76), (80, 82, 100, 104)))
        app.court.show(first)
        assert app.court.show(first) == 0
        moved = replace(EMPTY, objects=Objects((102, 118), (60, 76), (82, 84, 101, 105)))
        assert 0 < app.court.show(moved) <= 16


async def test_the_mouse_points_at_the_paddle_s_middle():
    app = Bare(66, 21)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.court.height_at(0) == pytest.approx(37)
        assert app.court.height_at(21) == pytest.approx(205)


async def test_calls_and_cards_lie_over_the_field():
    app = Bare(66, 20)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()

        def text():
            return "\n".join("".join(row) for row in app.court._chars.tolist())

        app.court.show(replace(EMPTY, banner=Banner("Match point", "champion@946", Side.RIGHT)))
        assert "M A T C H" in text() and "champion@946" in text()
        app.court.show(EMPTY, ("Paused", "space goes on"))
        assert "space goes on" in text()
        app.court.themed = True
        assert not cells_of(app.court, LEFT_COLOUR)
