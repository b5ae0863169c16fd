"""Saving a moment in the window, and going on from it."""

import pygame

from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.save_states import states
from pongarena.window.app import play
from pongarena.window.saved_states import StateList
from tests.window.script import Script, press, watch

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()
ENTER, DOWN, UP = pygame.K_RETURN, pygame.K_DOWN, pygame.K_UP


def test_a_moment_is_saved_from_the_menu_and_gone_on_from_unrated():
    match, seen = Match(HUMAN, AI), []
    save = {20: [pygame.K_ESCAPE], 22: [DOWN, DOWN, ENTER], 24: [press(pygame.K_x, "x"), ENTER]}
    play(match, scale=1, recorder=Script(save, last=30))
    (state,) = states()
    assert state.name == "ai 0-0x"
    assert state.result.frames == 20
    other = Match(HUMAN, AI, seed=9)
    load = {10: [pygame.K_ESCAPE], 12: [DOWN, DOWN, DOWN, ENTER], 14: [ENTER]}
    load |= {60: [pygame.K_p], 90: [watch(other, seen)]}
    result = play(other, scale=1, recorder=Script(load, last=91))
    assert (result.seed, result.rewound) == (0, True)
    assert 20 < result.frames < 60
    assert [each.rewound for each in read_log().results] == [False, False, True]


def test_a_moment_that_is_only_looked_at_is_not_logged():
    play(Match(HUMAN, AI), scale=1, recorder=Script({20: [pygame.K_F5], 22: [ENTER]}, last=30))
    load = {10: [pygame.K_F4], 12: [ENTER]}
    result = play(Match(HUMAN, AI, seed=9), scale=1, recorder=Script(load, last=60))
    assert result.rewound
    assert [each.seed for each in read_log().results] == [0, 9]


def test_a_moment_is_deleted_after_a_question():
    play(Match(HUMAN, AI), scale=1, recorder=Script({20: [pygame.K_F5], 22: [ENTER]}, last=30))
    asked = {10: [pygame.K_F4], 12: [pygame.K_DELETE], 14: [pygame.K_ESCAPE]}
    play(Match(HUMAN, AI), scale=1, recorder=Script(asked, last=20))
    assert len(states()) == 1
    play(Match(HUMAN, AI), scale=1, recorder=Script(asked | {14: [ENTER]}, last=20))
    assert states() == []


def test_a_match_with_points_is_left_for_a_moment_only_after_a_question():
    play(Match(HUMAN, AI), scale=1, recorder=Script({20: [pygame.K_F5], 22: [ENTER]}, last=30))
    match, seen = Match(HUMAN, AI, seed=4), []
    while not any(match.score):
        match.step()
    keys = {5: [pygame.K_F4], 7: [ENTER], 9: [pygame.K_ESCAPE], 15: [lambda: seen.append(match.frames)]}
    keys |= {16: [pygame.K_F4], 18: [ENTER], 20: [ENTER]}
    assert play(match, scale=1, log=False, recorder=Script(keys, last=60)).seed == 0
    assert seen[0] > match.frames - 10


def test_the_list_goes_round_and_an_empty_one_says_so():
    empty = StateList([], print, print)
    assert "none is saved" in empty.card().rows[0][1]
    assert empty.press(ENTER, "")
