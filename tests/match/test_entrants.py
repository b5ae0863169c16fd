"""Players from files take part in tournaments, and are known again by what is in the file."""

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pongarena.core.errors import InvalidSettingError, MatchError, PlayerFailedError
from pongarena.library.models import Library
from pongarena.match.entrants import enter, find_refs, seat
from pongarena.match.tournament import create, find, tournaments
from pongarena.match.tournament_play import Table
from pongarena.match.variant import Variant

BOTS = Path(__file__).with_name("bots.py")


@pytest.fixture
def bot(tmp_path):
    return shutil.copy(BOTS, tmp_path / "bot.py")


def made(*words, **settings):
    return create(enter(find_refs(Library(), words)), points=1, **settings)


def test_a_file_plays_in_a_tournament_and_its_matches_can_be_seen_again(bot, home):
    tournament = made("ai", f"{bot}:Chaser")
    name = tournament.players[1]
    assert name.startswith("bot.py:Chaser@")
    record = json.loads((tournament.path / "tournament.json").read_text())
    assert record["format_version"] == 3 and record["players"][1]["source"] == f"{bot}:Chaser"
    assert find() == tournament
    first, second = tournament.fixtures
    game, again = (Table(tournament, Library()).play(first) for _ in range(2))
    result = game.result
    assert result.kinds == ("ai", "foreign") and (result.left, result.right) == ("ai", name)
    assert replace(again.result, time="") == replace(result, time="")
    assert Table(tournament, Library()).player(second.left).kind == "foreign"


def test_who_fails_is_absent_and_so_is_who_has_another_content_now(bot, home):
    tournament = made("ai", f"{bot}:raising")
    absent = Table(tournament, Library()).play(tournament.fixtures[0])
    assert absent.player == tournament.players[1]
    assert absent.reason.startswith("it raised ") and "Traceback" in absent.reason
    Path(bot).write_text("make_player = None")
    with pytest.raises(MatchError, match="as it entered the tournament"):
        seat(Library(), tournament.entrants[1])
    Path(bot).unlink()
    absent = Table(tournament, Library()).play(tournament.fixtures[1])
    assert absent.player == tournament.players[1] and "cannot read" in absent.reason


@pytest.mark.parametrize("variant", [Variant(frame_skip=2), Variant(sticky=0.25)])
def test_a_variant_that_a_file_could_not_obey_is_refused(bot, home, variant):
    with pytest.raises(InvalidSettingError, match=rf"beside players from files.*{variant} and bot.py@"):
        made("ai", str(bot), variant=variant)
    assert tournaments() == []


def test_files_that_are_no_players_are_refused_before_anything_is_made(bot, home, tmp_path):
    with pytest.raises(MatchError, match=r"cannot read .*nobody\.py"):
        made("ai", str(tmp_path / "nobody.py"))
    with pytest.raises(PlayerFailedError, match="expected a function make_it in it"):
        made("ai", f"{bot}:make_it")
    with pytest.raises(MatchError, match="twice"):
        create(enter(find_refs(Library(), [str(bot)])) * 2)
    assert tournaments() == []


def test_an_error_of_a_player_comes_back_from_another_process():
    error = pickle.loads(pickle.dumps(PlayerFailedError("bot.py@abc", "it ended")))
    assert (error.player, error.reason) == ("bot.py@abc", "it ended")
    assert str(error) == "bot.py@abc cannot play: it ended"
