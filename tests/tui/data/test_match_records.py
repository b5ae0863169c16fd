"""A model has one rating: the same in the library, on the ladder and in the list of ratings."""

from pongarena.cli.play import strength
from pongarena.library.models import Library
from pongarena.match.entrants import Entrant
from pongarena.match.log import append_to_log
from pongarena.match.result import MatchResult
from pongarena.match.tournament import create
from pongarena.match.tournament_results import Game, ResultsWriter
from pongarena.tui.data.match_records import StrengthWatcher
from pongarena.tui.data.player_rank import StandingReader


def result(left, right, score, seed):
    kinds = tuple(name if name in {"human", "ai"} else "model" for name in (left, right))
    return MatchResult(
        left=left, right=right, score=score, winner=None, finished=max(score) == 21, frames=9000, seed=seed,
        ball="constant", points=21, longest_rally=12, kinds=kinds,
    )  # fmt: skip


def test_a_match_of_a_tournament_and_one_of_the_log_count_in_every_place(home):
    name, player = "rallier", str(Library().model("rallier").checkpoint())
    watcher, reader = StrengthWatcher(), StandingReader(Library())
    assert watcher.look().of(name) is None
    append_to_log(result("human", player, (21, 3), 1))
    alone = watcher.look().of(name).rating
    tournament = create((Entrant("ai"), Entrant(player)))
    writer = ResultsWriter(tournament)
    for fixture in tournament.fixtures:
        score = (21, 9) if fixture.left == player else (9, 21)
        writer.add(Game(fixture.number, result(fixture.left, fixture.right, score, fixture.seed), 1.0))
    writer.close()
    in_library = watcher.look().of(name)
    (on_ladder,) = [rung.rated for rung in reader.read().ladder.rungs if rung.name == name]
    assert in_library == on_ladder
    assert in_library.rating != alone and in_library.matches == 3
    rated = f"rating {in_library.rating:,.0f} ± {in_library.uncertainty:,.0f}"
    assert strength(player) == f"{rated}  ·  high score: you 21 : 3"
    assert watcher.look() is watcher.look()
