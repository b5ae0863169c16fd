"""Clips by key."""

import pygame

from pongarena.core import paths
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from tests.window.script import Script

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_a_clip_of_what_was_just_played_is_saved(home, capsys):
    match = Match(AI, HUMAN)
    play(match, scale=1, log=False, recorder=Script({60: [pygame.K_F9], 61: [pygame.K_F10]}, last=90))
    clips = sorted(paths.clips_dir().iterdir())
    assert len(clips) == 2
    assert clips[0].read_bytes()[:6] == b"GIF89a"
    assert capsys.readouterr().err.count("saved") >= 1
