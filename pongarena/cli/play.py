"""``pongarena play``: two players in a window, or in the terminal."""

from collections.abc import Sequence
from typing import Any

import click

from pongarena.cli.ladder import strongest_first
from pongarena.cli.match_options import BALL, GREEDY, SMALL, points_option, warn_of_code
from pongarena.cli.watch import check_players, show_in_terminal, tell
from pongarena.core.options import SEED
from pongarena.game.types import Ball, SmallPaddles
from pongarena.library.models import Library
from pongarena.library.names import player_label
from pongarena.match.high_scores import best_against, high_scores, new_best
from pongarena.match.ladder import climb
from pongarena.match.match import Match, MatchResult
from pongarena.match.people import keep_names, kept_names
from pongarena.match.player_names import find_player
from pongarena.match.players import PlayerSpec, name_people
from pongarena.match.ratings import fit
from pongarena.match.tournament_results import all_results
from pongarena.match.variant import Variant
from pongarena.tui.services.match_jobs import MatchRequest
from pongarena.window.app import play as play_in_window
from pongarena.window.attract import Attract

__all__ = ["next_players", "play", "scores", "show_in_window", "show_players", "standing", "strength"]


@click.command()
@click.argument("left")
@click.argument("right")
@BALL
@SMALL
@click.option("--seed", type=SEED, default=0, show_default=True, help="Seed of the match.")
@click.option("--scale", type=click.IntRange(1, 24), help="Size of a pixel.  [default: what fits the screen]")
@points_option()
@click.option("--no-overlay", is_flag=True, help="Do not show what the networks think.")
@click.option("--fullscreen", is_flag=True, help="Fill the screen.")
@click.option("--crt/--no-crt", default=None, help="Look like an old television.  [default: as last time]")
@click.option("--mute", is_flag=True, help="Without sound.")
@GREEDY
@click.option(
    "--name",
    "names",
    metavar="NAME",
    multiple=True,
    help="What you are called; twice for two people, left first.  [default: as last time]",
)
@click.option("--terminal", is_flag=True, help="Play in the terminal instead of a window, over ssh too.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")
def play(  # noqa: PLR0917
    left: str,
    right: str,
    ball: str,
    small: str,
    seed: int,
    scale: int | None,
    points: int,
    no_overlay: bool,
    fullscreen: bool,
    crt: bool | None,
    mute: bool,
    greedy: bool,
    names: tuple[str, ...],
    terminal: bool,
    as_json: bool,
) -> None:
    """Play a match: LEFT and RIGHT are human, ai, MODEL, MODEL@GAME, or a file that plays.

    Such a file is a .py with a function make_player (or path.py:another), which returns an object with
    predict(observation); an .onnx; or a .zip of Stable-Baselines3, whose code is run.

    A faster ball or small paddles make it a variant of the game, which does not count for ratings.
    """
    keep_names(names)
    warn_of_code(left, right)
    if terminal:
        request = MatchRequest(
            left, right, ball=ball, small=small, points=points, here=True, seed=seed, greedy=greedy
        )
        check_players(request)
        tell(show_in_terminal(request), as_json=as_json)
        return
    library = Library()
    specs = name_people([find_player(library, spec, greedy=greedy) for spec in (left, right)], kept_names())
    variant = Variant(ball=Ball(ball), small=SmallPaddles(small))
    match = Match(specs[0], specs[1], seed=seed, variant=variant, points=points, sound=True)
    looks = {"scale": scale, "overlay": not no_overlay, "fullscreen": fullscreen, "crt": crt, "mute": mute}
    result = show_in_window(match, library, greedy=greedy, **looks)
    tell(result, as_json=as_json)


def show_in_window(match: Match, library: Library, *, greedy: bool, **looks: Any) -> MatchResult:  # noqa: ANN401
    """Play a match in the window, with the ladder's next rivals, and close it.

    Args:
        match: The match.
        library: The library that holds the rivals.
        greedy: Whether networks take the likelier move.
        looks: See `window.app.play`.
    """
    try:
        return play_in_window(
            match,
            title=True,
            attract=Attract(lambda: show_players(library), lambda: scores(library)),
            next_opponent=lambda result: next_players(library, result, match.specs, greedy=greedy),
            standing=lambda: standing(library),
            strength=strength,
            scores=lambda: scores(library),
            **looks,
        )
    finally:
        match.close()


def next_players(
    library: Library, result: MatchResult, files: Sequence[PlayerSpec] = (), *, greedy: bool
) -> tuple[PlayerSpec, PlayerSpec] | None:
    """Return the players of the next match: one of this match's players and the next rival.

    A person stays; of two others, the right one does. The rivals are the ladder's in order, then the CPU,
    then the user's own models; after the last one they start again.
    """
    names = [result.left, result.right]
    leaves = 0 if result.kinds[1] == "human" or "human" not in result.kinds else 1
    order = [name for name in _rivals(library) if not name == names[1 - leaves] == "ai"]
    if not order:
        return None
    following = order.index(names[leaves]) + 1 if names[leaves] in order else 0
    names[leaves] = order[following % len(order)]
    known = {spec.name: spec for spec in files if spec.traits.from_file}
    specs = [known.get(name) or find_player(library, name, greedy=greedy) for name in names]
    return name_people(specs, (result.people[1 - leaves],))


def show_players(library: Library) -> tuple[PlayerSpec, PlayerSpec] | None:
    """Return the players of the demo match: the ladder's champion and its rival, else its two strongest."""
    rungs = [rung.player for rung in reversed(climb(all_results(), library).rungs)]
    known = {name.partition("@")[0]: name for name in reversed(rungs)}
    names = [known[name] for name in ("champion", "rival") if name in known]
    names = names if len(names) == 2 else rungs[:2]
    if len(names) < 2:
        return None
    return find_player(library, names[0]), find_player(library, names[1])


def standing(library: Library) -> str:
    """Describe the user's rating and next rival; empty before the first point.

    Returns:
        A line; a second one before it when the last match climbed a rung of the ladder.
    """
    results = all_results()
    ladder = climb(results, library)
    if ladder.you is None:
        return ""
    parts = [f"your rating {ladder.you.rating:,.0f} ± {ladder.you.uncertainty:,.0f}"]
    if ladder.plays_like is not None:
        parts.append(f"you play like {player_label(ladder.plays_like.player)}")
    if ladder.next_rival is not None:
        parts.append(f"next rival: {player_label(ladder.next_rival)}")
    line = "  ·  ".join(parts)
    if ladder.height > climb(results[:-1], library).height:
        return f"rung {ladder.height} of {len(ladder.rungs)} climbed!\n{line}"
    if (best := new_best(results)) is not None:
        words = f"{best.score[0]} : {best.score[1]}"
        return f"new high score against {player_label(best.opponent)}: {words}!\n{line}"
    return line


def strength(player: str) -> str:
    """Describe a player's rating and the high score against it, by the matches that count; may be empty."""
    results = all_results()
    parts = []
    if (rated := fit(results).of(player)) is not None:
        parts.append(f"rating {rated.rating:,.0f} ± {rated.uncertainty:,.0f}")
    if (best := best_against(results, player)) is not None:
        parts.append(f"high score: {best.name} {best.score[0]} : {best.score[1]}")
    return "  ·  ".join(parts)


def scores(library: Library) -> tuple[tuple[str, str], ...]:
    """Return the high-score table's rows: score and name, and against whom and when."""
    results = all_results()
    found = high_scores(results, strongest_first(climb(results, library)), most=2)
    return tuple(
        (
            f"{each.score[0]:>2} : {each.score[1]:<2}  {each.name}",
            f"against {player_label(each.opponent)}, {each.time[:10]}",
        )
        for each in found
    )


def _rivals(library: Library) -> list[str]:
    """List the ladder's opponents, weakest first, then the CPU and the user's own models."""
    rungs = [rung.player for rung in climb(all_results(), library).rungs]
    models = [model for model in library.models() if model.fault is None and model.checkpoints()]
    own = [str(model.checkpoint()) for model in models if not model.bundled]
    return list(dict.fromkeys([*rungs, "ai", *own]))
