"""People's names: kept, given to their players, and in the log."""

import json

import pytest

from pongarena.core.errors import InvalidNameError
from pongarena.library.preferences import read_preferences
from pongarena.match.log import log_match, read_log
from pongarena.match.match import Match
from pongarena.match.people import keep_names, kept_names
from pongarena.match.players import PlayerSpec, called, name_people
from pongarena.match.result import MatchResult, call

HUMAN, AI = PlayerSpec.human(), PlayerSpec.ai()


def test_names_are_kept_beside_the_other_preferences(home):
    assert kept_names() == ("", "")
    assert keep_names(["  Anna  Maria ", "Ben"]) == ("Anna Maria", "Ben")
    assert keep_names(["Cleo"]) == ("Cleo",)
    assert kept_names() == ("Cleo", "Ben")
    assert keep_names([]) == ()
    assert read_preferences(home).name == "Cleo"
    keep_names([""])
    assert kept_names() == ("", "Ben")


@pytest.mark.parametrize("name", ["a" * 17, "You", "cpu", "a\x1b[2J", "LEFT"])
def test_a_name_that_cannot_be_used_is_refused_and_none_is_kept(name):
    with pytest.raises(InvalidNameError, match="name"):
        keep_names([name])
    assert kept_names() == ("", "")


def test_names_in_a_spoiled_file_are_none(home):
    home.mkdir()
    (home / "preferences.json").write_text(json.dumps({"format_version": 1, "name": "x" * 500}))
    assert kept_names() == ("", "")


def test_people_are_called_by_their_names_and_others_as_before():
    assert called(name_people((HUMAN, AI), ["Anna", "Ben"])) == ("Anna", "CPU")
    assert called(name_people((AI, HUMAN), ["Anna"])) == ("CPU", "Anna")
    assert called(name_people((HUMAN, HUMAN), ["Anna", "Ben"])) == ("Anna", "Ben")
    assert called(name_people((HUMAN, HUMAN), ["", "Ben"])) == ("left", "Ben")
    assert called(name_people((AI, HUMAN), [])) == ("CPU", "you")
    assert call("human", "human") == ("left", "right")


def test_names_go_with_their_people_and_into_the_log():
    match = Match(*name_people((HUMAN, AI), ["Anna"]))
    match.step()
    match.swap()
    match.step()
    assert called(match.specs) == ("CPU", "Anna")
    match.name_people("Ben")
    log_match(match)
    match.close()
    (result,) = read_log().results
    assert (result.right, result.people) == ("human", ("", "Ben"))
    assert result.words() == "CPU 0 : 0 Ben"
    assert MatchResult.from_json(result.to_json()) == result


def test_a_line_without_names_is_as_in_older_logs():
    match = Match(HUMAN, AI)
    match.step()
    assert "people" not in match.result().to_json()
    match.close()
