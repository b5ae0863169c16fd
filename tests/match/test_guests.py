"""A folder of students' files plays a tournament, and the library stays as it was."""

import json

import pytest

from pongarena.core import paths
from pongarena.core.errors import LibraryError
from pongarena.library.exchange import export_file
from pongarena.library.models import Library
from pongarena.match.entrants import enter
from pongarena.match.guests import home_of_match, invite
from pongarena.match.tournament import create, delete, trash
from pongarena.match.tournament_play import Table, record_again
from pongarena.match.tournament_results import ResultsWriter


@pytest.fixture
def folder(tmp_path):
    """Two good files, one of them with a name that is no model's, and one that was altered."""
    library, place = Library(), tmp_path / "class"
    place.mkdir()
    export_file(library.checkpoint("first-steps"), place / "Ada.pongarena")
    export_file(library.checkpoint("first-steps"), place / "Zoë & Ben.pongarena")
    whole = (place / "Ada.pongarena").read_bytes()
    (place / "cut.pongarena").write_bytes(whole[: len(whole) // 2])
    (place / "notes.txt").write_text("no model")
    return place


def test_files_play_without_entering_the_library(home, folder):
    library = Library()
    with invite(folder, library) as guests:
        assert [each.model for each in guests.refs] == ["Ada", "Zo----Ben"]
        (refused,) = guests.refused
        assert refused.file == "cut.pongarena"
        assert refused.reason
        made = create(enter(guests.refs), points=1, guests=guests.folder)
    assert [path.name for path in library.folders() if path.parent == library.root] == []
    assert [path.name for path in paths.tournaments_dir().iterdir()] == [made.id]
    writer = ResultsWriter(made)
    writer.add(Table(made, library).play(made.fixtures[0]))
    writer.close()
    name = made.match_id(1)
    assert record_again(name) is not None
    player = home_of_match(name, made.players[0], library).checkpoint(made.players[0])
    assert player.path.is_relative_to(made.path)
    item = delete(made)
    assert not made.path.exists()
    trash().bring_back(item)
    assert Table(made, library).player(made.players[1]).name == made.players[1]


def test_a_guest_has_no_namesake_in_the_library(folder):
    library = Library()
    (folder / "Ada.pongarena").rename(folder / "champion.pongarena")
    with invite(folder, library) as guests:
        assert guests.refs[-1].model == "champion-2"


def test_what_is_no_folder_of_models_is_refused(home, tmp_path):
    for place, words in ((tmp_path, "there is no .pongarena file"), (tmp_path / "none", "expected a folder")):
        with pytest.raises(LibraryError, match=words), invite(place, Library()):
            pass
    assert not list(home.glob("tournaments/*"))


def test_on_the_command_line_a_bad_file_is_named_and_left_out(folder):
    from tests.cli.running import run as command

    order = ("tournament", "start", "--from", folder, "--points", 1, "--jobs", 1)
    result = command(*order, "--json")
    assert result.exit_code == 0, result.stderr
    assert "left out: cut.pongarena: " in result.stderr
    assert json.loads(result.stdout)["state"] == "finished"
    (folder / "Ada.pongarena").unlink()
    alone = command(*order)
    assert alone.exit_code == 2
    assert "at least two players" in alone.stderr
