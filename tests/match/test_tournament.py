"""Tournaments: who meets whom, what is kept, and that nothing is lost or played twice."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pongarena.core import paths
from pongarena.core.errors import (
    InvalidSettingError,
    LibraryError,
    MatchError,
    SessionError,
    UnknownNameError,
)
from pongarena.game.types import Ball, Serve
from pongarena.library.models import Library
from pongarena.match import tournament_run
from pongarena.match.entrants import enter, every, find_refs, fingerprint, seat
from pongarena.match.eta import Pace, latest_pace, try_pace
from pongarena.match.log import read_recording
from pongarena.match.tournament import Entrant, Tournament, create, delete, find, hold, tournaments, trash
from pongarena.match.tournament_play import Table, play_to_the_end, record_again
from pongarena.match.tournament_results import Game, Results, ResultsWriter, all_results
from pongarena.match.tournament_run import read_run, run, start_in_background, stop
from pongarena.match.variant import Variant
from tests.box import built_in
from tests.waiting import PATIENCE_S


def names(count):
    return tuple(Entrant(f"m{number}@1") for number in range(count))


@pytest.fixture
def made():
    """Three players, to one point: six matches of a second or two."""
    return create(enter(find_refs(Library(), ["ai", "first-steps", "rallier"])), points=1, seed=3)


def outcome(results):
    return [
        (g.number, g.result.left, g.result.right, g.result.score, g.result.frames) for g in ordered(results)
    ]


def ordered(results):
    return [game for _, game in sorted(results.games.items())]


@given(st.integers(2, 9), st.integers(1, 3), st.integers(0, 2**31 - 1))
def test_in_every_round_each_pair_meets_once_on_either_side(count, rounds, seed):
    tournament = Tournament("t", names(count), rounds=rounds, seed=seed)
    orders = [(each.left, each.right) for each in tournament.fixtures]
    assert len(orders) == tournament.matches == rounds * count * (count - 1)
    a_round = count * (count - 1)
    for first in range(0, len(orders), a_round):
        assert len(set(orders[first : first + a_round])) == a_round
    assert all(left != right for left, right in orders)
    assert len({each.seed for each in tournament.fixtures}) == len(orders)
    assert [each.number for each in tournament.fixtures] == list(range(1, len(orders) + 1))


def test_a_tournament_is_sent_without_the_list_of_its_matches():
    tournament = Tournament("t", names(100))
    before = len(pickle.dumps(tournament))
    assert len(tournament.fixtures) == 9900
    assert len(pickle.dumps(tournament)) <= before + 2000  # and its players' names
    assert pickle.loads(pickle.dumps(tournament)).fixtures == tournament.fixtures


@given(st.integers(2, 8), st.permutations(range(8)))
def test_who_else_takes_part_changes_no_match_of_two(count, order):
    few = Tournament("t", names(count), rounds=2, seed=5)
    shuffled = tuple(names(8)[place] for place in order)
    many = Tournament("u", shuffled, rounds=2, seed=5)

    def seeds(tournament):
        found = {}
        for each in tournament.fixtures:
            found.setdefault((each.left, each.right), []).append(each.seed)
        return found

    assert seeds(few).items() <= seeds(many).items()
    assert seeds(Tournament("v", names(count), rounds=2, seed=6)) != seeds(few)


@given(st.sets(st.integers(0, 3000), min_size=1), st.integers(1, 500))
def test_a_lineage_has_one_checkpoint_a_step_and_the_last(episodes, step):
    episodes = sorted(episodes)
    chosen = every(episodes, step)
    assert set(chosen) <= set(episodes)
    assert chosen[-1] == episodes[-1]
    steps = [each // step for each in chosen[:-1]]
    assert len(set(steps)) == len(steps)
    assert {each // step for each in chosen} == {each // step for each in episodes}


def test_words_for_players(home):
    library = Library()
    assert [
        str(each) for each in find_refs(library, ["rallier", "ai", "rallier@latest", "rallier@every5"])
    ] == [
        built_in("rallier"),
        "None",
    ]
    with pytest.raises(MatchError, match="faster than a person"):
        find_refs(library, ["human"])
    with pytest.raises(UnknownNameError, match=r"did you mean 'rallier'.*a player is ai, a model"):
        find_refs(library, ["ralier"])
    with pytest.raises(UnknownNameError, match="at least 1 after"):
        find_refs(library, ["rallier@every0"])


@pytest.mark.parametrize(
    ("entrants", "settings", "error", "words"),
    [
        (names(1), {}, MatchError, "at least two players"),
        ((Entrant("ai"), Entrant("ai")), {}, MatchError, "'ai' twice"),
        (names(2), {"points": 22}, InvalidSettingError, "1 to 21 points"),
        (names(2), {"rounds": 0}, InvalidSettingError, "at least 1 round"),
        (names(2), {"seed": -1}, InvalidSettingError, "a seed of 0"),
        (names(90), {"rounds": 50}, InvalidSettingError, "400,500"),
    ],
)
def test_what_cannot_be_played_is_refused_and_leaves_nothing(home, entrants, settings, error, words):
    with pytest.raises(error, match=words):
        create(entrants, **settings)
    assert not home.exists()


def test_a_tournament_is_found_by_a_part_of_its_id_and_is_the_user_s_own(home):
    tournament = create(names(3), rounds=2, points=5, seed=7)
    assert find() == find(tournament.id[-6:]) == tournament
    assert find().fixtures == tournament.fixtures
    if os.name == "posix":
        assert paths.tournaments_dir().stat().st_mode & 0o077 == 0
        assert tournament.path.stat().st_mode & 0o077 == 0
    with pytest.raises(UnknownNameError, match="none"):
        find("zzz")
    item = delete(tournament)
    assert tournaments() == []
    with pytest.raises(UnknownNameError, match="pongarena tournament start"):
        find()
    with pytest.raises(UnknownNameError, match="deleted just now"):
        delete(tournament)
    trash().bring_back(item)
    assert find() == tournament


def test_a_tournament_that_is_played_is_not_deleted(home, monkeypatch):
    tournament = create(names(2))
    monkeypatch.setattr("pongarena.jobs.lock._PATIENCE_S", 0.1)
    with hold(tournament), pytest.raises(SessionError, match="already playing the tournament"):
        delete(tournament)
    assert find() == tournament


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"format_version": 1}', b'{"format_version": true}', b"[" * 100_000, b"\xff\xfe"],
)
def test_a_damaged_tournament_says_so_and_the_others_are_there(home, content):
    good, bad = create(names(2)), create(names(2))
    (bad.path / "tournament.json").write_bytes(content)
    found = {each.id: each for each in tournaments()}
    assert found[bad.id].fault
    assert not found[good.id].fault
    with pytest.raises(LibraryError, match="is damaged"):
        find(bad.id)
    assert all_results() == []


def test_one_of_a_newer_version_is_refused(home):
    tournament = create(names(2))
    record = tournament.to_json() | {"format_version": 99}
    (tournament.path / "tournament.json").write_text(json.dumps(record))
    assert "a newer pongarena wrote it" in tournaments()[0].fault


def test_a_name_that_would_reach_the_terminal_raw_is_damage(home):
    tournament = create(names(2))
    record = tournament.to_json()
    record["players"][0]["name"] = "\x1b[2J@1"
    (tournament.path / "tournament.json").write_text(json.dumps(record))
    assert "printable" in tournaments()[0].fault


def test_matches_end_alike_however_often_the_tournament_is_stopped(made, monkeypatch, tmp_path):
    played = []
    end = run(made, workers=2, on_game=played.append, stopped=lambda: len(played) >= 2)
    assert not end.running and not end.message
    half = Results.of(made)
    assert 2 <= len(half.games) < 6
    with (made.path / "matches.jsonl").open("ab") as file:
        file.write(b'{"format_version": 1, "kind": "match", "num')  # a power cut
    asked = []
    run(made, workers=1, on_game=asked.append)
    whole = Results.of(made)
    assert whole.complete and whole.strange == 1
    assert {game.number for game in asked} == set(range(1, 7)) - set(half.games)
    assert outcome(half) == [each for each in outcome(whole) if each[0] in half.games]
    assert len((made.path / "matches.jsonl").read_bytes().splitlines()) == 7
    assert run(made) == read_run(made)
    assert len(all_results()) == 6

    monkeypatch.setenv("PONGARENA_HOME", str(tmp_path / "other"))
    again = create(made.entrants, points=1, seed=3)
    run(again, workers=2)
    assert outcome(Results.of(again)) == outcome(whole)
    assert latest_pace().measured == 6


def test_a_killed_player_process_costs_nothing(made):
    def kill_one():
        while not (children := players()):
            time.sleep(0.02)
        children[0].kill()

    threading.Thread(target=kill_one, daemon=True).start()
    run(made, workers=2)
    assert Results.of(made).complete
    assert not players()


def players():
    return [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]


def kill_own_process(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_match_that_kills_its_process_each_time_ends_the_tournament_with_words(made, monkeypatch):
    monkeypatch.setattr(tournament_run, "play_fixture", kill_own_process)
    with pytest.raises(LibraryError, match=rf"match 1 \(ai against {built_in('first-steps')}\) died 3 times"):
        run(made, workers=1)
    assert "died 3 times" in read_run(made).message


def test_players_that_are_gone_or_others_are_left_out_and_named(home):
    library = Library()
    ref = library.checkpoint("first-steps")
    for name in ("gone", "other"):
        library.fork(ref, name)
    entrants = enter(find_refs(library, ["ai", "rallier", "gone", "other"]))
    made = create(entrants, points=1)
    library.delete("gone")
    library.delete("other")
    library.fork(library.checkpoint("scrapper"), "other")
    end = run(made, workers=1)
    assert set(end.missing) == {"gone@0", "other@0"} == set(read_run(made).missing)
    assert "there is no model 'gone'" in end.missing["gone@0"]
    assert "another network of that name" in end.missing["other@0"]
    results = Results.of(made)
    assert {game.result.left for game in results.games.values()} == {"ai", built_in("rallier")}
    assert not results.complete


def test_the_background_process_goes_on_alone_survives_kill_9_and_can_be_stopped(made, home):
    start_in_background(made, workers=2)
    with pytest.raises(SessionError, match="being played already"):
        start_in_background(made)
    pid = read_run(made).pid
    workers = psutil.Process(pid).children()
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    _, alive = psutil.wait_procs([psutil.Process(pid), *workers], timeout=PATIENCE_S)
    assert not alive
    assert "killed" in read_run(made).message
    before = set(Results.of(made).games)
    run(made, workers=1, stopped=lambda: len(Results.of(made).games) > len(before))
    with pytest.raises(SessionError, match="is not being played"):
        stop(made)


def test_who_holds_the_lock_plays_alone(made, monkeypatch):
    monkeypatch.setattr("pongarena.jobs.lock._PATIENCE_S", 0.1)
    code = (
        "import sys, time\nfrom filelock import FileLock\n"
        f"lock = FileLock({str(made.path / 'lock')!r})\nlock.acquire()\n"
        "print('held', flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        try:
            with pytest.raises(SessionError, match="another process is already playing"):
                run(made)
        finally:
            other.kill()


def test_lines_of_other_matches_are_left_out_and_the_first_of_two_counts(made):
    run(made, workers=1, stopped=lambda: bool(Results.of(made).games))
    line = json.loads((made.path / "matches.jsonl").read_text().splitlines()[0])
    strange = [
        line | {"number": line["number"] + 1},
        line | {"number": 7},
        line | {"number": True},
        line | {"seconds": -1},
        line | {"result": line["result"] | {"score": [22, 0]}},
        line | {"result": []},
        {"kind": "match", "format_version": 1},
    ]
    twice = line | {"result": line["result"] | {"frames": 1}}
    with (made.path / "matches.jsonl").open("a") as file:
        file.writelines(json.dumps(each) + "\n" for each in [*strange, twice])
    results = Results.of(made)
    assert results.strange == len(strange)
    assert results.games[line["number"]].result.frames == line["result"]["frames"]


def test_lines_of_a_newer_pongarena_are_refused_in_words_and_their_matches_not_played_again(made):
    result = {"format_version": 9, "what": "ever"}
    lines = [
        {"format_version": 1, "kind": "match", "number": 1, "seconds": 1.0, "result": result},
        {"format_version": 7, "kind": "match", "number": 2},
        {"format_version": 1},
    ]
    path = made.path / "matches.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    before = path.read_bytes()
    results = Results.of(made)
    assert (results.newer, results.strange) == (2, 1)
    words = "left out: 1 line of matches.jsonl that cannot be read; a newer pongarena wrote 2 lines of"
    assert results.complaint.startswith(words)
    with pytest.raises(
        LibraryError, match=r"cannot go on here: .*newer pongarena wrote 2 lines.*pipx upgrade"
    ):
        run(made, workers=1)
    assert path.read_bytes() == before
    assert not read_run(made).running


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 99_999, b'{"format_version": 1, "running": 1}'])
def test_a_damaged_run_file_is_none(made, content):
    (made.path / "run.json").write_bytes(content)
    assert read_run(made) == tournament_run.Run()


def test_a_match_can_be_seen_again_from_its_seed_alone(made):
    run(made, workers=2)
    game = Results.of(made).games[3]
    recording = record_again(made.match_id(3))
    assert (recording.result.score, recording.result.frames) == (game.result.score, game.result.frames)
    assert len(recording.input_log) == game.result.frames
    assert read_recording(made.match_id(3)).result == recording.result
    assert record_again("20200101-000000-abcdef-0001") is None
    assert record_again("nonsense") is None
    with pytest.raises(MatchError, match="was played, got number 99"):
        record_again(f"{made.id}-0099")


def test_a_match_that_does_not_say_how_it_was_served_is_seen_again_as_it_was(home):
    """Its tournament began before the serve's button was let go, and goes on after."""
    entrants = enter(find_refs(Library(), ["first-steps", "rallier"]))
    made = create(entrants, points=2, seed=3, variant=Variant(ball=Ball.FASTER))
    fixture = made.fixtures[0]
    match = Table(made, Library()).match(fixture, serve=Serve.HELD)
    play_to_the_end(match)
    before = match.result()
    match.close()
    writer = ResultsWriter(made)
    writer.add(Game(fixture.number, before, 1.0))
    writer.close()
    file = made.path / "matches.jsonl"
    file.write_text(file.read_text().replace(', "serve": "held"', ""))
    run(made, workers=1)
    games = Results.of(made).games
    assert [games[number].result.serve for number in (1, 2)] == ["held", "released"]
    for number in (1, 2):
        again = record_again(made.match_id(number)).result
        assert (again.frames, again.score) == (games[number].result.frames, games[number].result.score)
        assert read_recording(made.match_id(number)).result.serve == games[number].result.serve


def test_an_estimate_needs_a_trial_and_grows_with_the_matches():
    entrant = enter(find_refs(Library(), ["first-steps"]))[0]
    pace = try_pace(seat(Library(), entrant), seconds=0.05)
    assert pace.measured == 0 and pace.frames_per_s > 0
    assert pace.seconds(20) == pytest.approx(2 * pace.seconds(10))
    assert pace.seconds(20, workers=2) == pytest.approx(pace.seconds(10))
    assert pace.seconds(1, workers=8) == pytest.approx(pace.seconds(1))
    assert Pace.of(()) is None


def test_a_network_is_known_by_its_weights(model):
    policy = model(1).checkpoint.policy
    print_before = fingerprint(policy)
    assert fingerprint(policy.copy()) == print_before
    policy.w2[0, 0] += 1
    assert fingerprint(policy) != print_before
