"""Cards that a person opens, while the match waits."""

import pygame

from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from tests.window.script import Script, watch, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_the_lesson_of_a_rally_opens_after_a_point_and_halts_the_match(model):
    match, seen, pictures = Match(HUMAN, model(hidden=8)), [], []
    while sum(match.score) == 0:
        match.step()
    keys = {
        5: [watch(match, seen), pygame.K_c],
        8: [window_picture(pictures)],
        10: [watch(match, seen), pygame.K_c],
        15: [watch(match, seen), window_picture(pictures)],
    }
    play(match, scale=2, log=False, recorder=Script(keys, last=16))
    (before, _), (during, _), (after, _) = seen
    assert before == during < after
    assert (pictures[0] != pictures[1]).mean() > 0.3
