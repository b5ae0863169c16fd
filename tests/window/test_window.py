"""A match in the window: taken over, wound back, left, logged."""

import json

import pygame
import pytest

from pongarena.core import paths
from pongarena.game.cartridge import Side
from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window import paint
from pongarena.window.app import play
from tests.window.script import Script, field_of, release, watch, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("rival", ["model", "ai"])
def test_taking_over_and_handing_back(side, rival, model):
    taken = model(hidden=8) if rival == "model" else AI
    other = model(1, hidden=8)
    match = Match(*((taken, other) if side is Side.LEFT else (other, taken)))
    take = pygame.K_f if side is Side.LEFT else pygame.K_j
    up = pygame.K_w if side is Side.LEFT else pygame.K_UP
    index, seen = (0 if side is Side.LEFT else 1), {}

    def note(name):
        return lambda: seen.update({name: (match.is_taken(side), match.paddles[index])})

    keys = {
        65: [take],
        66: [release(take), pygame.K_RETURN],  # asked: it then counts no more
        70: [take, up],
        100: [note("taken"), release(up), release(take)],
        103: [note("back")],
    }
    play(match, scale=1, recorder=Script(keys, last=110))
    assert seen["taken"] == (True, 38)
    assert not seen["back"][0]
    (result,) = read_log().results
    assert result.taken_over[index]
    assert not result.taken_over[1 - index]


def test_the_ghost_shows_what_the_network_would_have_done(model):
    pictures = []
    match = Match(model(hidden=8), model(1, hidden=8))
    asked = {60: [pygame.K_f], 61: [pygame.K_RETURN, release(pygame.K_f)]}
    keys = asked | {70: [window_picture(pictures), pygame.K_f], 72: [window_picture(pictures)]}
    play(match, scale=2, overlay=False, log=False, recorder=Script(keys, last=75))
    place = field_of(2)
    lane = slice(place.left + 2 * 44, place.left + 2 * 66)  # beside the left paddle: only the arrow
    field = slice(place.top + 90, place.bottom - 34)
    assert (pictures[0][lane, field] != pictures[1][lane, field]).any()


def test_left_in_the_past_the_whole_match_is_logged():
    play(Match(AI, HUMAN), scale=1, recorder=Script({100: [pygame.K_LEFT]}, last=120))
    (result,) = read_log().results
    assert result.frames == 100
    assert not result.rewound


def test_rematch_swap_and_next_opponent(model):
    asked = []

    def following(result):
        asked.append(result)
        return (model(3), HUMAN) if len(asked) == 1 else None

    first = Match(HUMAN, AI, seed=4, points=1)
    keys = {
        10: [pygame.K_r],
        20: [pygame.K_x],
        25: [pygame.K_RETURN],
        40: [pygame.K_TAB],
        45: [pygame.K_RETURN],
        60: [pygame.K_TAB],
    }
    script = Script(keys, last=62)
    last = play(first, scale=1, next_opponent=following, recorder=script)
    results = read_log().results
    assert [(each.left, each.right, each.seed) for each in results] == [
        ("human", "ai", 4),
        ("human", "ai", 5),
        ("ai", "human", 6),
        ("m@100", "human", 7),
    ]
    assert asked[0].left == "ai"
    assert last.left == "m@100"
    assert last.points == 1


def test_nobody_else_to_play_ends_nothing():
    result = play(Match(AI, HUMAN), scale=1, log=False, recorder=Script({5: [pygame.K_TAB]}, last=20))
    assert result.frames >= 20


def test_a_checkpoint_deleted_while_it_plays_is_missed_by_nobody(model):
    import dataclasses

    spec = dataclasses.replace(model(hidden=8))
    result = play(Match(spec, HUMAN), scale=1, recorder=Script({20: [pygame.K_r], 40: [pygame.K_x]}, last=60))
    assert result.right == "m@100"
    assert len(read_log().results) == 2


def test_the_log_of_a_left_match_is_one_whole_line():
    play(Match(HUMAN, AI), scale=1, recorder=Script({}, last=5))
    (line,) = paths.matches_log().read_text().splitlines()
    assert json.loads(line)["format_version"] == 2


def test_a_log_that_cannot_be_written_ends_nothing(home, capsys):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    pictures = []
    match = Match(PlayerSpec.ai(), PlayerSpec.human(), points=1)
    script = Script({300: [pygame.K_r], 310: [window_picture(pictures)]}, last=320)
    result = play(match, scale=1, recorder=script)
    assert 0 < result.frames < 30
    error = capsys.readouterr().err
    assert "cannot write" in error
    assert "make the folder writable" in error
    place = field_of(1)
    foot = pictures[0][place.left : place.right, place.bottom - 40 : place.bottom]
    assert (foot == paint.INK).all(axis=2).any()  # the message


HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_scrubbing_back_stepping_and_playing_on(model):
    match, seen = Match(model(hidden=8), HUMAN), []
    keys = {
        100: [pygame.K_LEFT],
        120: [release(pygame.K_LEFT), watch(match, seen)],
        125: [pygame.K_COMMA],
        127: [watch(match, seen), pygame.K_PERIOD],
        130: [watch(match, seen), pygame.K_p],
        132: [watch(match, seen), pygame.K_RETURN],  # asked: it then counts no more
        142: [watch(match, seen)],
    }
    play(match, scale=1, recorder=Script(keys, last=143))
    frames = [frame for frame, _ in seen]
    assert frames[0] == 100 - 2 * 20
    assert frames[1] == frames[0] - 1
    assert frames[2] == frames[0]
    assert frames[3] == frames[0]
    assert frames[4] == frames[0] + 10
    (result,) = read_log().results
    assert result.rewound


def test_looking_back_alone_changes_nothing():
    match = Match(AI, HUMAN)
    keys = {
        100: [pygame.K_LEFT],
        110: [release(pygame.K_LEFT), pygame.K_RIGHT],
        130: [release(pygame.K_RIGHT)],
    }
    play(match, scale=1, recorder=Script(keys, last=135))
    (result,) = read_log().results
    assert not result.rewound
    assert result.frames == 100
