"""Who comes next in the match window, asked as the window asks."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from pongarena.cli.play import next_players, scores, standing, strength
from pongarena.core import paths
from pongarena.library.models import Library
from pongarena.match.ladder import climb
from pongarena.match.match import Match
from pongarena.match.people import kept_names
from pongarena.match.players import PlayerSpec
from tests.cli.running import run


def after(left, right):
    """Who plays after a match of these two."""
    match = Match(left, right)
    match.close()
    specs = next_players(Library(), match.result(), greedy=False)
    assert specs is not None
    return specs


def rivals():
    models = [model for model in Library().models() if model.fault is None]
    return {str(model.checkpoint()) for model in models if model.checkpoints()}


def test_a_person_stays_on_either_side_and_meets_everybody_in_turn():
    for person in (0, 1):
        specs, met = [PlayerSpec.ai(), PlayerSpec.ai()], []
        specs[person] = PlayerSpec.human()
        for _ in range(len(rivals()) + 1):
            specs = after(*specs)
            assert specs[person].kind == "human"
            met.append(specs[1 - person].name)
        assert set(met) == rivals() | {"ai"}
        assert met[-1] == "ai"


def test_without_a_person_the_right_one_stays_and_the_ai_never_meets_itself():
    network = after(PlayerSpec.human(), PlayerSpec.ai())[1]
    specs, met = (PlayerSpec.ai(), network), set()
    for _ in range(len(rivals()) + 1):
        specs = after(*specs)
        assert specs[1].name == network.name
        met.add(specs[0].name)
    assert met == rivals() | {"ai"}
    specs = (network, PlayerSpec.ai())
    for _ in range(len(rivals()) + 1):
        specs = after(*specs)
        assert specs[1].name == "ai"
        assert specs[0].kind == "model"


def won(opponent, theirs=3):
    """The person at this machine wins a whole match, and it is logged."""
    match = Match(PlayerSpec.human(), PlayerSpec.ai(), seed=len(opponent))
    for _ in range(10):
        match.step()
    result = replace(match.result(), right=opponent, score=(21, theirs), winner="left", finished=True)
    match.close()
    result = replace(result, kinds=("human", "ai" if opponent == "ai" else "model"), rallies=())
    path = paths.matches_log()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as log:
        log.write(result.to_line() + "\n")


def test_the_end_of_a_match_celebrates_a_rung_once():
    first = climb([], Library()).rungs[0].player
    won(first)
    lines = standing(Library()).splitlines()
    assert lines[0].startswith("rung 1 of ")
    assert lines[1].startswith("your rating ")
    won(first)
    assert standing(Library()).startswith("your rating ")


def test_strength_is_what_matches_have_shown():
    assert strength("human") == ""
    won("ai")
    assert re.fullmatch(r"rating [\d,]+ ± [\d,]+", strength("human"))


def test_a_person_keeps_the_name_against_the_next_rival():
    match = Match(PlayerSpec.ai(), PlayerSpec("human", "human", nickname="Anna"))
    match.close()
    specs = next_players(Library(), match.result(), greedy=False)
    assert specs[1].nickname == "Anna"


def test_a_new_high_score_is_celebrated_where_no_rung_is_climbed():
    first = climb([], Library()).rungs[0].player
    won(first, 9)
    won(first)
    assert standing(Library()).splitlines()[0] == f"new high score against {first}: 21 : 3!"
    assert strength(first).endswith("high score: you 21 : 3")
    against = f"against {first}, {datetime.now(UTC):%Y-%m-%d}"
    assert scores(Library()) == (("21 : 3   you", against), ("21 : 9   you", against))


def test_names_on_the_command_line_are_kept_and_checked():
    done = run("play", "nobody-at-all", "ai", "--name", "Anna", "--name", "Ben")
    assert done.exit_code == 2
    assert kept_names() == ("Anna", "Ben")
    done = run("play", "human", "ai", "--name", "cpu")
    assert done.exit_code == 2
    assert "choose another name" in done.output
