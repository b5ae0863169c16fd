"""A kind of player from outside: it plays, is named, recorded, played again, driven, shown and rated."""

from dataclasses import replace

import numpy as np
import pytest

from pongarena.core.errors import MatchError, UnknownNameError
from pongarena.game.cartridge import Ball, Side
from pongarena.library.models import Library
from pongarena.match.driver import MatchDriver
from pongarena.match.entrants import find_refs
from pongarena.match.log import log_match, read_log, read_recording
from pongarena.match.match import Match
from pongarena.match.player_names import find_player, find_recorded
from pongarena.match.players import KINDS, PlayerSpec
from pongarena.match.ratings import fit
from pongarena.window.app import play
from pongarena.window.offscreen import Film, studio_lights
from pongarena.window.settings import Settings, write_settings
from tests.match.chaser import CHASER, Chaser
from tests.window.script import Script


@pytest.fixture(autouse=True)
def chaser(monkeypatch):
    """The kind, registered in this process."""
    monkeypatch.setitem(KINDS, "chaser", CHASER)
    return find_player(Library(), "chaser")


def to_the_end(match):
    while not match.over:
        match.step()
    return match


@pytest.mark.parametrize("side", list(Side))
def test_it_plays_on_either_side_and_sees_itself_on_the_right(chaser, side):
    specs = [PlayerSpec.ai(), chaser] if side is Side.RIGHT else [chaser, PlayerSpec.ai()]
    match = to_the_end(Match(*specs, ball=Ball.FASTER, points=1))
    assert match.longest_rally >= 2  # who does not see the ball never returns it
    assert sorted(match.names) == ["ai", "chaser"]
    match.close()


def test_players_themselves_can_be_seated_but_one_cannot_hold_both_paddles(chaser):
    match = Match(PlayerSpec.ai(), Chaser(chaser), points=1)
    assert match.specs[1] is chaser and match.player(Side.RIGHT).side is Side.RIGHT
    match.close()
    one = Chaser(chaser)
    with pytest.raises(MatchError, match="one object of chaser twice"):
        Match(one, one)


def test_its_match_is_recorded_played_again_and_rated(chaser):
    match = to_the_end(Match(PlayerSpec.ai(), chaser, ball=Ball.FASTER, points=1))
    result = log_match(match)
    assert (result.right, result.kinds) == ("chaser", ("ai", "chaser"))
    assert read_log().results == (result,)
    recording = read_recording(result.id)
    library = Library()
    specs = [find_recorded(library, name, kind) for name, kind in zip(match.names, result.kinds, strict=True)]
    again = to_the_end(Match(*specs, ball=Ball.FASTER, points=1, input_log=recording.input_log))
    assert (again.score, again.frames, again.rallies) == (match.score, match.frames, match.rallies)
    rated = fit(read_log().results).of("chaser")
    assert rated is not None and rated.kind == "chaser"
    for each in (match, again):
        each.close()


def test_a_match_of_a_kind_that_is_gone_is_played_again_by_its_moves(chaser, monkeypatch):
    match = to_the_end(Match(PlayerSpec.ai(), chaser, ball=Ball.FASTER, points=1))
    result = log_match(match)
    monkeypatch.delitem(KINDS, "chaser")
    assert read_log().damaged == 0
    gone = find_recorded(Library(), "chaser", "chaser")
    assert (gone.kind, gone.name) == ("recording", "chaser")
    recording = read_recording(result.id)
    again = to_the_end(
        Match(PlayerSpec.ai(), gone, ball=Ball.FASTER, points=1, input_log=recording.input_log)
    )
    assert (again.score, again.frames) == (match.score, match.frames)
    with pytest.raises(MatchError, match="expected a kind of player"):
        PlayerSpec("chaser", "chaser")


def test_the_driver_the_window_and_a_clip_show_it(chaser):
    driver = MatchDriver(Match(PlayerSpec.ai(), chaser), log=False)
    for _ in range(300):
        driver.tick()
    assert driver.state().names == ("ai", "chaser") and driver.name(Side.RIGHT) == "chaser"
    assert driver.state().decisions == (None, None)
    driver.match.close()
    write_settings(Settings(toured=True, asked=2))
    result = play(Match(PlayerSpec.ai(), chaser), scale=1, title=True, recorder=Script({}, last=210))
    assert result.right == "chaser" and result.frames > 10
    with studio_lights():
        match = Match(chaser, PlayerSpec.ai())
        pictures = list(Film(scale=1, every=10).play(match, last=100))
        match.close()
    assert len(pictures) == 10 and (pictures[0] != pictures[-1]).any()


def test_it_is_offered_by_its_word_and_refused_in_words_where_it_cannot_be():
    library = Library()
    with pytest.raises(UnknownNameError, match="a player is human, ai, chaser, a model"):
        find_player(library, "nobody")
    with pytest.raises(MatchError, match="recognise its players"):
        find_refs(library, ["ai", "chaser"])


def test_commands_for_networks_are_refused_in_words(chaser, model):
    match = Match(PlayerSpec.ai(), chaser)
    with pytest.raises(MatchError, match="expected a network on the right, got chaser"):
        match.mute(Side.RIGHT, np.ones(20, np.bool_))
    with pytest.raises(MatchError, match="expected a network on the right, got chaser"):
        match.replace(Side.RIGHT, model().checkpoint)
    match.unmute(Side.RIGHT)
    match.swap()
    assert match.names == ("chaser", "ai")
    match.close()


def test_what_makes_no_player_is_refused(model):
    with pytest.raises(MatchError, match="expected a kind of player, one of human, ai, model"):
        PlayerSpec("alien", "x")
    with pytest.raises(MatchError, match="checkpoint"):
        replace(model(), checkpoint=None)
