"""The show on a title screen that nobody touches."""

import pygame
import pytest

from pongarena.cli.play import show_players
from pongarena.core.errors import LibraryError
from pongarena.library.models import Library
from pongarena.match.log import read_log
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.window.app import play
from pongarena.window.attract import Attract, is_hand
from tests.window.script import Script, know_the_tour, post, press

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def caption(into):
    return lambda: into.append(pygame.display.get_caption()[0].rpartition(" · ")[0])


@pytest.mark.parametrize("hand", [press(pygame.K_w), post(pygame.JOYBUTTONDOWN, instance_id=0, button=3)])
def test_a_show_begins_on_an_untouched_title_and_any_hand_ends_it(hand, model):
    know_the_tour()
    players, seen = (model(hidden=8), model(1, hidden=8)), []
    attract = Attract(lambda: players, after_s=0.5)
    match = Match(HUMAN, AI)
    keys = {20: [caption(seen), press(pygame.K_F12)]}  # a hand: the waiting begins anew
    keys |= {45: [caption(seen)], 70: [caption(seen), lambda: seen.append(attract.match.frames), hand]}
    keys |= {75: [caption(seen), lambda: seen.append(match.frames), press(pygame.K_w)], 90: [caption(seen)]}
    result = play(match, scale=1, title=True, attract=attract, recorder=Script(keys, last=91))
    assert seen[:3] == ["you – CPU", "you – CPU", "m@100 – m@100"]
    assert seen[3] > 5
    assert seen[4:] == ["you – CPU", 0, "you – CPU"]
    assert result.frames > 10
    assert [each.left for each in read_log().results] == ["human"]


def test_no_show_during_a_match_or_without_players(model):
    know_the_tour()
    attract = Attract(lambda: (model(hidden=8), model(1, hidden=8)), after_s=0.1)
    play(Match(HUMAN, AI), scale=1, log=False, attract=attract, recorder=Script({}, last=40))
    assert attract.driver is None
    for choose in (lambda: None, lambda: (_ for _ in ()).throw(LibraryError("damaged"))):
        attract = Attract(choose, after_s=0.1)
        script = Script({}, last=40)
        play(Match(HUMAN, AI), scale=1, title=True, log=False, attract=attract, recorder=script)
        assert attract.driver is None


def test_after_a_match_of_the_show_comes_another(model):
    attract = Attract(lambda: (AI, model(hidden=8)), after_s=0)
    attract._found = AI, model(hidden=8)
    assert attract.rest()
    first = attract.match.seed
    attract.match.points = 1
    for _ in range(3000):
        attract.rest()
        if attract.match.seed != first:
            break
    assert attract.match.seed == (first + 1) % 2**31
    assert attract.end()
    assert not attract.end()


def test_only_hands_count():
    event = pygame.event.Event
    assert is_hand(event(pygame.KEYDOWN, key=pygame.K_a))
    assert is_hand(event(pygame.JOYAXISMOTION, axis=1, value=-0.9))
    assert not is_hand(event(pygame.JOYAXISMOTION, axis=1, value=0.1))
    assert not is_hand(event(pygame.WINDOWEXPOSED))
    assert not is_hand(event(pygame.QUIT))


def test_the_champion_meets_its_rival():
    players = show_players(Library())
    assert players is not None
    assert [each.name.partition("@")[0] for each in players] == ["champion", "rival"]


def test_the_high_scores_are_shown_before_a_match_of_the_show(model):
    attract = Attract(lambda: None, after_s=0)
    attract._found, attract._rows = (AI, model(hidden=8)), (("21 : 3  Anna", "against CPU"),)
    assert attract.card is None
    assert attract.rest()
    assert attract.card.rows == (("21 : 3  Anna", "against CPU"),)
    while attract.card is not None:
        assert not attract.match.frames
        attract.rest()
    attract.rest()
    assert attract.match.frames
    attract.end()
