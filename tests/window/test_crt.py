"""The look of an old television."""

import numpy as np
import pygame
import pytest

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from tests.window.script import Script, field_of, post, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


@pytest.mark.parametrize("crt", [False, True])
def test_frames_under_banners_leave_nothing_behind(crt, model):
    """Countdown and a toast come and go; then the window is as if it were drawn anew."""
    pictures = []
    keys = {30: [pygame.K_LESS], 70: [pygame.K_n], 75: [window_picture(pictures), post(pygame.WINDOWEXPOSED)]}
    script = Script(keys | {78: [window_picture(pictures)]}, last=80)
    play(Match(HUMAN, model(hidden=8)), scale=2, crt=crt, overlay=False, log=False, recorder=script)
    place = field_of(2)
    body = slice(place.top, place.bottom)
    assert np.array_equal(pictures[0][:, body], pictures[1][:, body])


def test_the_old_television_is_darker_bent_and_the_same_game(model):
    pictures = {}
    for crt in (False, True):
        taken = []
        script = Script({70: [pygame.K_n], 74: [window_picture(taken)]}, last=76)
        play(Match(HUMAN, model(hidden=8)), scale=3, crt=crt, overlay=False, log=False, recorder=script)
        place = field_of(3)
        pictures[crt] = taken[0][place.left : place.right, place.top : place.bottom].astype(int)
    sharp, old = pictures[False], pictures[True]
    assert old.mean() < sharp.mean()
    assert not old[0, 0].any()
    assert (old <= sharp.max()).all()
    middle = slice(380, 420), slice(300, 330)
    assert np.abs(old[middle] - sharp[middle]).max() < 130
