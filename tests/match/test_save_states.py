"""Moments of matches that were saved under a name."""

from dataclasses import replace

import numpy as np
import pytest

from pongarena.core import paths
from pongarena.core.errors import InvalidNameError, LibraryError, MatchError, UnknownNameError
from pongarena.match.log import Recording, pack_recording
from pongarena.match.match import Match
from pongarena.match.players import PlayerSpec
from pongarena.match.ratings import played
from pongarena.match.save_states import (
    Restoration,
    delete_state,
    fresh_state,
    read_state,
    save_state,
    states,
)

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


@pytest.fixture
def begun(model):
    """A match with points, and its players."""
    players = model(hidden=8), HUMAN
    match = Match(*players, seed=4)
    while sum(match.score) < 2:
        match.step()
    yield match, players
    match.close()


def restored(name, players):
    restoration = Restoration(name, read_state(name), players)
    while not restoration.work(0.01):
        assert 0 <= restoration.share <= 1
    return restoration.finish()


def test_a_state_goes_on_exactly_where_it_was_and_is_never_rated(begun):
    match, players = begun
    assert save_state(match, " before the serve ") == "before the serve"
    again = restored("before the serve", players)
    assert (again.frames, again.score, again.rallies) == (match.frames, match.score, match.rallies)
    for _ in range(200):
        match.step()
        again.step()
    assert np.array_equal(again.screen, match.screen)
    assert again.result().rewound
    assert not any(each.counts for each in played([again.result()]))
    assert not match.result().rewound  # saving spoils nothing
    again.close()


def test_states_are_listed_with_what_is_in_them_and_deleted(begun):
    match, _ = begun
    assert states() == []
    name = save_state(match, fresh_state(match))
    assert name == f"m {match.score[0]}-{match.score[1]}"
    assert fresh_state(match) == f"{name} 2"
    (found,) = states()
    assert (found.name, found.result.score, found.fault) == (name, match.score, "")
    delete_state(name)
    delete_state(name)
    assert states() == []
    with pytest.raises(UnknownNameError, match="no saved state"):
        read_state(name)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "con", "x" * 41, "ä", "a.", "a\n"])
def test_a_name_that_is_no_file_s_is_refused(begun, name):
    for use in (
        lambda: save_state(begun[0], name + "!" * name.endswith("\n")),
        lambda: read_state(f"/{name}"),
    ):
        with pytest.raises(InvalidNameError):
            use()
    assert not paths.states_dir().exists()


def test_what_cannot_be_gone_on_with_is_not_saved(begun):
    match, _ = begun
    save_state(match, "one")
    with pytest.raises(InvalidNameError, match="already"):
        save_state(match, "ONE")
    fresh, won = Match(HUMAN, AI), Match(HUMAN, AI, points=1)
    with pytest.raises(MatchError, match="begun"):
        save_state(fresh, "two")
    while not won.over:
        won.step()
    with pytest.raises(MatchError, match="won"):
        save_state(won, "two")
    assert [each.name for each in states()] == ["one"]
    for each in (fresh, won):
        each.close()


def test_a_state_whose_player_is_gone_cannot_go_on(begun):
    save_state(begun[0], "one")
    with pytest.raises(MatchError, match="m@100 is no longer there"):
        Restoration("one", read_state("one"), (PlayerSpec.recording("m@100"), HUMAN))


def test_damaged_and_altered_states_are_refused_in_words(begun):
    match, players = begun
    save_state(match, "one")
    path = paths.states_dir() / "one.npz"
    path.write_bytes(pack_recording(Recording(match.result(), match.input_log.copy(50))))
    with pytest.raises(LibraryError, match="50 inputs for"):
        read_state("one")
    path.write_bytes(b"no archive")
    (found,) = states()
    assert found.result is None
    assert "delete this state" in found.fault
    path.write_bytes(pack_recording(Recording(replace(match.result(), score=(20, 0)), match.input_log)))
    with pytest.raises(MatchError, match=r"expected m@100 20 : 0 .* got m@100 "):
        restored("one", players)
