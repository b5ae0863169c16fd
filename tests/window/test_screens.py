"""The window's screens: title and end."""

import threading

import numpy as np
import pygame
import pytest

from pongarena.core.errors import LibraryError
from pongarena.game.types import Ball, Side, SmallPaddles
from pongarena.library.models import Library
from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.variant import Variant
from pongarena.window import arrangement
from pongarena.window.app import play
from pongarena.window.cards import end_card, title_card
from pongarena.window.display import close_display, open_display
from pongarena.window.guard import counts
from pongarena.window.input_state import InputState
from pongarena.window.inspector_layout import lay_out
from pongarena.window.keys import Bindings
from pongarena.window.own_command import Cloning
from pongarena.window.settings import read_settings
from tests.waiting import PATIENCE_S
from tests.window.script import Script, field_of, know_the_tour, post, press, release, watch, window_picture

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_the_title_waits_for_a_person_and_shows_who_plays(model):
    know_the_tour()
    pictures, match = [], Match(HUMAN, model())
    script = Script(
        {5: [window_picture(pictures)], 20: [pygame.K_w], 21: [window_picture(pictures)]}, last=40
    )
    result = play(match, scale=1, title=True, log=False, recorder=script)
    assert 18 <= result.frames <= 21
    assert (pictures[0] != pictures[1]).any()
    assert match.paddles[0] < 100  # the key that began the match is held


@pytest.mark.parametrize(
    "begin", [post(pygame.JOYBUTTONDOWN, instance_id=0, button=0), press(pygame.K_SPACE)]
)
def test_a_button_or_the_space_bar_begins_as_well(begin):
    know_the_tour()
    assert (
        play(Match(HUMAN, HUMAN), scale=1, title=True, log=False, recorder=Script({5: [begin]})).frames > 40
    )


def test_a_match_without_people_begins_by_itself(model):
    know_the_tour()
    assert play(Match(AI, model()), scale=1, title=True, log=False, recorder=Script({}, last=200)).frames > 10


def test_the_end_screen_and_a_rematch_by_button():
    match, pictures = Match(AI, HUMAN, points=1), []
    while not match.over:
        match.step()
    again = post(pygame.JOYBUTTONDOWN, instance_id=0, button=0)
    keys = {20: [again, window_picture(pictures)], 60: [window_picture(pictures), again]}
    result = play(match, scale=1, log=False, recorder=Script(keys, last=75))
    assert 10 < result.frames < 20
    assert (pictures[0] != pictures[1]).mean() > 0.3


def test_a_clone_is_offered_after_a_person_s_match_and_made_beside_the_window(model):
    """The window does not wait for it, and tells what came of it: here that too little was played."""
    match, threads = Match(AI, HUMAN, points=1), []
    while not match.over:
        match.step()
    see = lambda: threads.append([each for each in threading.enumerate() if isinstance(each, Cloning)])  # noqa: E731
    keys = {5: [pygame.K_i], 8: [see], 100: [pygame.K_i], 103: [see], 104: [pygame.K_i]}
    play(match, scale=1, recorder=Script(keys, last=106))
    early, (cloning,) = threads
    assert not early
    assert cloning.match == match.id
    cloning.join(PATIENCE_S)
    assert cloning.message.startswith("no clone: expected at least 300 steps to imitate")
    assert all(each.bundled for each in Library().models())
    feet = [
        " ".join(end_card(each, (), "", Bindings(), can_go_on=True).foot)
        for each in (match, Match(AI, model()), Match(AI, HUMAN, input_log=match.input_log))
    ]
    assert ["I clone me" in foot for foot in feet] == [True, False, False]


def test_escape_frees_the_mouse_then_pauses_then_goes_on_and_never_leaves():
    match, seen = Match(HUMAN, AI), []
    caught = post(pygame.MOUSEBUTTONDOWN, pos=(100, 150), button=1)
    keys = {n: [watch(match, seen), pygame.K_ESCAPE] for n in (10, 20, 30)}
    script = Script({5: [caught]} | keys | {40: [watch(match, seen)]}, last=50)
    play(match, scale=1, log=False, recorder=script)
    assert script.frames >= 50
    assert [frames for frames, _ in seen] == [10, 20, 20, 30]


@pytest.mark.parametrize(("downs", "leaves"), [(0, False), (6, True)])
def test_the_pause_offers_to_go_on_and_to_leave(downs, leaves):
    match = Match(HUMAN, AI)
    keys = {10: [pygame.K_ESCAPE], 12: [pygame.K_DOWN] * downs, 14: [pygame.K_RETURN]}
    script = Script(keys, last=40)
    play(match, scale=1, log=False, recorder=script)
    assert (script.frames < 20) is leaves
    assert match.frames == 10 if leaves else match.frames > 20


def test_the_settings_are_in_the_pause():
    keys = {10: [pygame.K_ESCAPE], 12: [pygame.K_DOWN] * 5 + [pygame.K_RETURN]}
    keys |= {14: [pygame.K_DOWN, pygame.K_RETURN]}
    result = play(Match(HUMAN, AI, sound=True), scale=1, log=False, recorder=Script(keys, last=20))
    assert read_settings().volume == 0.7
    assert result.frames == 10


@pytest.mark.parametrize("gone", [pygame.WINDOWFOCUSLOST, pygame.WINDOWMINIMIZED])
def test_a_person_who_cannot_see_the_window_loses_no_point(gone, model):
    for specs, frames in (((HUMAN, AI), 10), ((model(hidden=8), AI), 31)):
        result = play(Match(*specs), scale=1, log=False, recorder=Script({10: [post(gone)]}, last=30))
        assert result.frames == frames


@pytest.mark.parametrize("key", [pygame.K_r, pygame.K_x, pygame.K_q])
@pytest.mark.parametrize("answer", [pygame.K_ESCAPE, pygame.K_RETURN])
def test_a_match_with_points_is_given_up_only_after_a_question(key, answer):
    match = Match(HUMAN, AI)
    while not any(match.score):
        match.step()
    before, seen = match.frames, []
    keys = {5: [key], 8: [lambda: seen.append(match.frames), answer]}
    script = Script(keys, last=30)
    last = play(match, scale=1, recorder=script)
    assert seen == [before + 5]
    if answer == pygame.K_ESCAPE:
        assert last.frames > before + 20
    elif key == pygame.K_q:
        assert script.frames < 12
    else:
        assert last.frames < before


def test_handicap_and_ball_are_chosen_in_the_window_and_begin_a_match_that_is_not_rated(model):
    match = Match(HUMAN, AI, seed=4)
    seen = lambda into: lambda: into.append((match.frames, match.variant, counts(match)))  # noqa: E731
    before, small, both = [], [], []
    keys = {10: [seen(before), pygame.K_d], 12: [seen(small), pygame.K_w], 30: [pygame.K_b], 32: [seen(both)]}
    play(match, scale=1, recorder=Script(keys, last=35))
    assert before == [(10, Variant(), True)]
    assert small == [(0, Variant(small=SmallPaddles.LEFT), False)]
    assert both == [(0, Variant(small=SmallPaddles.LEFT, ball=Ball.FASTER), False)]
    card = title_card(match, Bindings(), InputState(Bindings(), ()), lit=True, can_go_on=False)
    assert "small paddles: left  ·  not rated" in card.facts
    again = Match(HUMAN, AI, input_log=match.input_log)
    play(again, scale=1, log=False, recorder=Script({5: [pygame.K_d]}, last=10))
    assert again.variant == Variant()


@pytest.mark.parametrize("spoiler", ["mute", "take", "past"])
@pytest.mark.parametrize("answer", [pygame.K_ESCAPE, pygame.K_RETURN])
def test_what_spoils_a_match_that_counts_is_asked_once(spoiler, answer, model):
    match = Match(model(hidden=8), HUMAN)
    panel = arrangement.arrange(arrangement.window_size(1, 1), (0,), 1).panels[0]
    places = lay_out(panel.size, arrangement.Scale(0.85), (80, 80))
    click = post(
        pygame.MOUSEBUTTONDOWN,
        pos=(panel.left + places.up.centerx, panel.top + places.up.centery),
        button=1,
    )
    spoil = {"mute": click, "take": press(pygame.K_f), "past": press(pygame.K_p)}[spoiler]
    keys = {40: [pygame.K_LEFT], 45: [release(pygame.K_LEFT)]} if spoiler == "past" else {}
    keys |= {50: [spoil], 53: [answer], 56: [spoil], 60: [release(pygame.K_f)]}
    play(match, scale=1, recorder=Script(keys, last=80))
    (result,) = read_log().results
    spoiled = result.rewound, result.altered[0], result.taken_over[0]
    # after a no, the second try is only another question
    assert any(spoiled) is (answer == pygame.K_RETURN)


def test_a_network_alone_in_a_replay_may_be_muted_without_a_question(model):
    match = Match(model(hidden=8), AI)
    assert counts(match)
    for _ in range(30):
        match.step()
    again = Match(model(hidden=8), AI, input_log=match.input_log.copy(30))
    assert not counts(again)


def test_in_the_past_one_frame_forward_stays_within_what_was_played():
    match, seen = Match(AI, HUMAN), []
    keys = {
        40: [pygame.K_LEFT],
        45: [release(pygame.K_LEFT)],
        47: [watch(match, seen), pygame.K_n],
        49: [watch(match, seen), pygame.K_RIGHT],
        60: [release(pygame.K_RIGHT)],
    }
    play(match, scale=1, recorder=Script(keys, last=65))
    (result,) = read_log().results
    assert not result.rewound
    assert seen[1][0] == seen[0][0] + 1


def test_messages_lie_above_cards_and_wait_for_each_other(model):
    pictures = []
    bad = post(pygame.JOYDEVICEREMOVED, instance_id=0)
    moved = post(pygame.JOYAXISMOTION, instance_id=0, axis=1, value=-1.0)
    keys = {
        5: [moved],
        8: [pygame.K_h],
        10: [window_picture(pictures), bad],
        12: [window_picture(pictures), pygame.K_F12],
        14: [window_picture(pictures)],
    }
    play(Match(HUMAN, AI), scale=2, log=False, recorder=Script(keys, last=20))
    field = field_of(2)
    foot = slice(field.left, field.right), slice(field.bottom - 130, field.bottom)
    none, one, two = (picture[foot].astype(int) for picture in pictures)
    first, second = (np.abs(b - a).sum(axis=2) > 0 for a, b in ((none, one), (none, two)))
    assert first.any()
    assert second.sum() > first.sum() * 1.3


def test_the_tour_is_shown_once_and_again_on_demand():
    match, seen = Match(HUMAN, AI), []
    keys = (
        {n: [pygame.K_SPACE] for n in (5, 7, 9)}
        | {10: [pygame.K_ESCAPE]}
        | {12: [watch(match, seen), pygame.K_SPACE]}
    )
    keys |= {20: [watch(match, seen), press(pygame.K_SLASH, "?")], 30: [watch(match, seen)]}
    play(match, scale=1, title=True, log=False, recorder=Script(keys, last=31))
    assert [frames for frames, _ in seen] == [0, 8, 8]
    again = play(
        Match(HUMAN, AI), scale=1, title=True, log=False, recorder=Script({5: [pygame.K_w]}, last=15)
    )
    assert again.frames >= 9


def test_two_people_are_left_and_right_and_one_is_you(model):
    from pongarena.match.announcer import Announcer
    from pongarena.match.result import call

    assert call("human", "human") == ("left", "right")
    assert call("ai", "human") == ("CPU", "you")
    for specs, names in (((HUMAN, HUMAN), {"left", "right"}), ((HUMAN, AI), {"you", "CPU"})):
        match = Match(*specs, seed=1)
        announcer, told = Announcer(match), set()
        while sum(match.score) < 2:
            announcer.hear(match.step())
            if (banner := announcer.banner()) is not None and banner.title == "Point":
                told.add(banner.line.split()[0])
        assert told <= names
        assert told
        match.close()


def test_titles_tell_measured_strength_and_ends_celebrate():
    open_display()
    match = Match(HUMAN, AI, points=1)
    while not match.over:
        match.step()
    card = end_card(
        match, (Side.RIGHT,), "rung 1 of 8 climbed!\nyour rating 900", Bindings(), can_go_on=False
    )
    assert (card.climbed, card.standing) == ("rung 1 of 8 climbed!", "your rating 900")
    match.close()
    close_display()
    pictures = []
    know_the_tour()
    for strength in (lambda player: "", lambda player: f"rating of {player}"):
        script = Script({30: [window_picture(pictures)]}, last=31)
        play(Match(HUMAN, AI), scale=2, title=True, log=False, strength=strength, recorder=script)
    assert (pictures[0] != pictures[1]).any()


def test_a_replay_says_so(model):
    first = Match(model(hidden=8), AI)
    for _ in range(100):
        first.step()
    again = Match(model(hidden=8), AI, input_log=first.input_log.copy(100))
    pictures = []
    for match in (Match(model(hidden=8), AI), again):
        for _ in range(80):
            match.step()
        script = Script({5: [pygame.K_n], 10: [window_picture(pictures)]}, last=11)
        play(match, scale=2, overlay=False, log=False, recorder=script)
    place = field_of(2)
    top = slice(place.left, place.right), slice(place.top + 70, place.top + 110)
    amber = [(picture[top] == (255, 206, 122)).all(axis=2).sum() for picture in pictures]
    assert amber[1] > amber[0]


def test_the_high_scores_are_shown_by_key_and_a_fault_is_told():
    pictures = []
    for scores in (
        lambda: (("21 : 3  Anna", "against CPU"),),
        lambda: (_ for _ in ()).throw(LibraryError("x")),
    ):
        keys = {5: [pygame.K_1], 30: [window_picture(pictures), pygame.K_SPACE]}
        match = Match(HUMAN, AI)
        assert play(match, scale=2, log=False, scores=scores, recorder=Script(keys, last=60)).frames < 60
    middle = tuple(slice(size // 3, 2 * size // 3) for size in pictures[0].shape[:2])
    brown = [(picture[middle] == (144, 72, 17)).all(axis=2).mean() for picture in pictures]
    assert brown[0] < brown[1] - 0.1
