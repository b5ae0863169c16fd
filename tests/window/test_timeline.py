"""Winding with the bar: what it shows, and the mouse on it."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.cli.play import standing
from pongarena.game.cartridge import Side
from pongarena.library.models import Library
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.display import close_display, open_display
from pongarena.window.paint import Scale
from pongarena.window.timeline import Timeline, draw_timeline, frame_at
from tests.waiting import wait_until
from tests.window.script import Script, post, press, release, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


@given(
    first=st.integers(0, 9000), span=st.integers(0, 3700), width=st.integers(120, 2000), share=st.floats(0, 1)
)
def test_the_frame_under_the_mouse_is_within_reach_and_grows_to_the_right(first, span, width, share):
    timeline = Timeline(first, first, first + span, ())
    place = pygame.Rect(37, 400, width, 40)
    x = place.left + round(share * width)
    frame = frame_at(timeline, place, x)
    assert first <= frame <= first + span
    assert frame_at(timeline, place, x + 1) >= frame
    assert frame_at(timeline, place, place.left) == first
    assert frame_at(timeline, place, place.right) == first + span


@pytest.mark.parametrize("size", [(300, 36), (720, 60)])
def test_points_are_told_apart_by_place_not_by_colour_alone(size):
    open_display()
    try:
        bare = pygame.surfarray.array3d(draw_timeline(Timeline(0, 100, 200, ()), size, Scale())).sum(axis=2)
        rows = []
        for side in Side:
            marked = draw_timeline(Timeline(0, 100, 200, ((50, side),)), size, Scale())
            changed = pygame.surfarray.array3d(marked).sum(axis=2) != bare
            rows.append(changed.any(axis=0).nonzero()[0])
        assert rows[0].max() < rows[1].min()
    finally:
        close_display()


def test_dragging_on_the_bar_winds_the_match_and_playing_on_continues_from_there():
    match, pictures, frames = Match(HUMAN, AI, seed=3), [], []

    def at(share, kind):
        """The mouse on the bar, at a share of its width."""

        def act():
            # the bar lies in the middle of the picture's foot
            surface = pygame.display.get_surface()
            width, height = surface.get_size()
            spot = round(width * (0.12 + 0.76 * share)), height - 50
            extra = {"button": 1} if kind == pygame.MOUSEBUTTONDOWN else {"buttons": (1, 0, 0), "rel": (1, 0)}
            post(kind, pos=spot, **extra)()

        return act

    note = lambda: frames.append(match.frames)  # noqa: E731
    script = Script(
        {
            200: [press(pygame.K_LEFT)],
            204: [release(pygame.K_LEFT)],
            206: [window_picture(pictures), note, at(0.5, pygame.MOUSEBUTTONDOWN)],
            210: [note, at(0.1, pygame.MOUSEMOTION)],
            214: [note, window_picture(pictures), pygame.K_p],
            216: [pygame.K_RETURN],  # asked: it then counts no more
            260: [note],
        },
        last=262,
    )
    play(match, scale=2, log=False, recorder=script)
    wound, middle, early, later = frames
    assert early < middle < wound <= 204
    assert early < later < wound
    assert match.rewound
    assert (pictures[0] != pictures[1]).any()


def test_the_end_tells_what_the_match_meant_for_the_person():
    pictures, asked = [], []

    def ask():
        asked.append(standing(Library()))
        return asked[-1]

    match = Match(HUMAN, AI, seed=1, points=1)
    # a person who does nothing loses the first point soon; the end screen comes 45 frames later
    script = Script({1100: [lambda: wait_until(lambda: asked)], 1105: [window_picture(pictures)]}, last=1110)
    result = play(match, scale=2, recorder=script, standing=ask)
    assert result.finished
    assert len(asked) == 1
    assert asked[0].startswith("your rating ")
